"""The life of an offering (specification 000; contract §4.3)."""

from __future__ import annotations

from typing import NamedTuple

from mercato.kernel.states import Machine, Row
from mercato.schemas.catalog import OfferingState as S


class OfferingFacts(NamedTuple):
    """What the arrows ask about an offering."""

    billable: bool
    has_plan: bool


def can_be_sold(facts: OfferingFacts) -> bool:
    """What costs something needs a price."""
    return facts.has_plan or not facts.billable


_ARROWS: list[Row[S, OfferingFacts]] = [
    Row(S.DRAFT, "activate", S.ACTIVE, can_be_sold),
    Row(S.PAUSED, "activate", S.ACTIVE, can_be_sold),
    Row(S.ACTIVE, "pause", S.PAUSED),
    Row(S.PAUSED, "unpause", S.ACTIVE),
    Row(S.ACTIVE, "make_unavailable", S.UNAVAILABLE),
    Row(S.UNAVAILABLE, "make_available", S.ACTIVE),
    Row(S.DRAFT, "archive", S.ARCHIVED),
    Row(S.ACTIVE, "archive", S.ARCHIVED),
    Row(S.PAUSED, "archive", S.ARCHIVED),
    Row(S.UNAVAILABLE, "archive", S.ARCHIVED),
    Row(S.ACTIVE, "draft", S.DRAFT),
    Row(S.PAUSED, "draft", S.DRAFT),
    Row(S.ARCHIVED, "draft", S.DRAFT),
    Row(S.UNAVAILABLE, "draft", S.DRAFT),
]

OFFERING: Machine[S, OfferingFacts] = Machine("Offering", _ARROWS)
