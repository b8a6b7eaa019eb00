"""Whose turn it is at a provider's backends."""

from __future__ import annotations

from typing import NamedTuple

from mercato.kernel.db import Tx


class AtOnce(NamedTuple):
    """Asked how many jobs the backends of one provider work on at once (the operator decides)."""


def lane(tx: Tx, provider_id: int, resource: str) -> str:
    """The lock of a job at the backend of a resource (by uuid).

    Jobs of one resource share it, so they come one after the other; and a provider (an organization) has only so
    many, so that one whose backend hangs never takes all hands.
    """
    lanes = max(tx.ask(AtOnce()), default=1)
    return f"provider:{provider_id}:{int(resource[-8:], 16) % lanes}"
