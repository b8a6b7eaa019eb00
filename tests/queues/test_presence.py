"""Of several readers of a queue the first is served, then the next."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mercato.queues.presence import Octets, Presence, Reader

pytestmark = pytest.mark.pure


def reader(number: int) -> Reader:
    return Reader(number, "127.0.0.1", datetime(2026, 1, 1, tzinfo=UTC), Octets())


def test_the_first_to_come_is_served() -> None:
    presence = Presence()
    presence.enter(7, reader(1))
    presence.enter(7, reader(2))
    presence.enter(8, reader(2))
    assert [presence.is_first(7, n) for n in (1, 2)] == [True, False]
    assert presence.is_first(8, 2)
    assert sorted(presence.queues) == [7, 8]
    presence.leave(7, 1)
    assert [presence.is_first(7, n) for n in (1, 2)] == [False, True]
    assert [r.connection for r in presence.readers(7)] == [2]
    presence.leave(7, 2)
    presence.leave(7, 2)
    assert presence.queues == [8]
    assert not presence.is_first(7, 2)
