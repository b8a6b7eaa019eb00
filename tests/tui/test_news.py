"""What happened without somebody stands on top of their home until they have read it."""

from __future__ import annotations

import pytest

from mercato.identity import service as identity
from mercato.kernel.db import Tx
from mercato.notices.service import tell
from mercato.schemas import notices
from tui.looking import entered, screen_text, until, until_text
from tui.marketplace import Place

pytestmark = pytest.mark.pilot

WORDS = "The order for vm (Cloud) was canceled. Project Alpha was removed."


async def told(place: Place, *objects: str) -> None:
    def unit(tx: Tx) -> None:
        row = identity.find_user(tx, username="olga")
        for uuid in objects:
            tell(tx, [row.id], "order_canceled", WORDS, object_type="order", object_uuid=uuid)

    await place.market.db.write(unit)


async def unread(place: Place) -> int:
    answer = await place.api("olga")(notices.NOTICES, notices.NoticeQuery(is_read=False))
    return len(answer)


async def test_without_news_there_is_no_place_for_them(place: Place) -> None:
    async with entered(place, "olga") as (app, pilot):
        await until_text(pilot, "Waits for you")
        assert "Happened without you" not in screen_text(app)
        assert "Mark as read" not in screen_text(app)


async def test_x_marks_as_read(place: Place) -> None:
    await told(place, place.ids["asked"])
    async with entered(place, "olga") as (app, pilot):
        await until_text(pilot, "Happened without you", WORDS, "Mark as read")
        await pilot.press("x")
        await until(pilot, lambda: "Happened without you" not in screen_text(app))
        assert await unread(place) == 0


async def test_enter_opens_what_it_is_about(place: Place) -> None:
    await told(place, place.ids["asked"])
    async with entered(place, "olga") as (app, pilot):
        await until_text(pilot, WORDS)
        await pilot.press("enter")
        await until(pilot, lambda: "Waits for the approval" in screen_text(app))
        assert await unread(place) == 0
