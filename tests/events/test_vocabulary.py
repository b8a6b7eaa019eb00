"""Every event that is emitted has a name that clients know, or one of ours; every fact knows its place."""

from __future__ import annotations

import pytest
from waldur_api_client.models.event_types_enum import EventTypesEnum

from mercato.events.places import NOWHERE, place_audit
from mercato.kernel.tables import PLACED
from mercato.schemas import facts
from mercato.schemas.events import EVENTS, OWN_EVENTS, WALDUR_EVENTS, EventGroup

pytestmark = pytest.mark.pure

KNOWN = {kind.value for kind in EventTypesEnum}


def kinds(of: type = facts.Fact) -> set[type]:
    return {kind for child in of.__subclasses__() for kind in (child, *kinds(child))}


def test_waldurs_names_are_waldurs() -> None:
    assert {name for names in WALDUR_EVENTS.values() for name in names} <= KNOWN


def test_ours_are_not_waldurs() -> None:
    assert KNOWN.isdisjoint(name for names in OWN_EVENTS.values() for name in names)


def test_every_group_can_be_asked_for() -> None:
    assert {group.value for group in EventGroup} == set(EVENTS)


def test_every_fact_is_somewhere_or_nowhere_on_purpose() -> None:
    """What a new kind of fact concerns is said in `events/places.py`."""
    place_audit()
    ours = {kind for kind in kinds() if kind.__module__ == facts.__name__}
    assert ours == set(PLACED) | NOWHERE
    assert NOWHERE.isdisjoint(PLACED)


def test_what_a_place_reads_is_in_the_fact() -> None:
    for kind, placed in PLACED.items():
        assert set(placed.names) <= set(kind.__struct_fields__), kind
