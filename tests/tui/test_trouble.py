"""When the server is gone, slow or unwilling: nothing crashes, nothing typed is lost, one is told what to do."""

from __future__ import annotations

import httpx
import pytest
from textual.widgets import Input

from mercato_tui import entry
from mercato_tui.api import Api, ApiError, read_error
from mercato_tui.screens.configure import ConfigurePage
from mercato_tui.screens.order import OrderPage
from mercato_tui.widgets.form import Form
from tui.looking import Disturbed, entered, go, quiet, screen_text, until, until_text, write
from tui.marketplace import PASSWORD, Place

pytestmark = pytest.mark.pilot


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trying again does not take seconds here."""
    monkeypatch.setattr(entry, "RETRY", (0.05,))


async def test_a_server_that_goes_and_comes_back(place: Place) -> None:
    way = Disturbed(place)
    async with entered(place, "olga", transport=way) as (app, pilot):
        await quiet(pilot)
        way.gone()
        await go(app, pilot, "orders")
        await until_text(pilot, "○ offline", "The server does not answer.", "The app keeps trying.")
        way.well()
        await until_text(pilot, "● online", "The server is back.", "Web server")
        assert "does not answer" not in screen_text(app)


async def test_an_order_sent_into_silence_is_sent_once(place: Place) -> None:
    way = Disturbed(place)
    async with entered(place, "olga", transport=way) as (app, pilot):
        app.nav.open(f"configure/{place.ids['vm']}")
        await until_text(pilot, "Once, with the order")
        write(app, "#attributes-name-field Input", "Only once")

        def swallow(request: httpx.Request) -> httpx.Response | None:
            if request.method == "POST":
                raise httpx.ReadTimeout("lost", request=request)
            return None

        way.trouble = swallow
        await pilot.press("ctrl+s")
        await until_text(pilot, "The server does not answer.")
        assert isinstance(app.screen, ConfigurePage)
        assert app.screen.query_one("#attributes-name-field Input", Input).value == "Only once"
        way.well()
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(app.screen, OrderPage))
        keys = [request.headers["Idempotency-Key"] for request in way.seen if request.method == "POST"]
        assert len(keys) == 2
        assert keys[0] == keys[1]


async def test_another_order_has_another_key(place: Place) -> None:
    way = Disturbed(place)
    async with entered(place, "olga", transport=way) as (app, pilot):
        app.nav.open(f"configure/{place.ids['vm']}")
        await until_text(pilot, "Once, with the order")
        way.answer(500, {"detail": "no"}, method="POST")
        for name in ("One", "Two"):
            write(app, "#attributes-name-field Input", name)
            await pilot.press("ctrl+s")
            await until(pilot, lambda: "✖ no" in screen_text(app))
        keys = [request.headers["Idempotency-Key"] for request in way.seen if request.method == "POST"]
        assert len(set(keys)) == len(keys) == 2


async def test_an_ended_session_is_renewed_on_top_of_the_form(place: Place) -> None:
    way = Disturbed(place)
    async with entered(place, "olga", transport=way) as (app, pilot):
        app.nav.open(f"configure/{place.ids['vm']}")
        await until_text(pilot, "Once, with the order")
        write(app, "#attributes-name-field Input", "Still here")
        way.answer(401, {"detail": "Token has expired."}, only="marketplace-orders", method="POST")
        await pilot.press("ctrl+s")
        await until_text(pilot, "Sign in again", "Your session has ended.", "olga")
        way.well()
        write(app, "#password-field Input", PASSWORD)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(app.screen, ConfigurePage))
        assert app.screen.query_one("#attributes-name-field Input", Input).value == "Still here"
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(app.screen, OrderPage))


@pytest.mark.parametrize(
    ("status", "body", "said", "advice"),
    [
        (403, {"detail": "You do not have permission [x]."}, "permission [x].", "Ask an owner"),
        (404, {"detail": "Not found."}, "Not found.", "It may have been removed"),
        (409, {"detail": "It is done already."}, "It is done already.", "Press r to see"),
        (429, {"detail": "Slow down."}, "Slow down.", "Wait a moment"),
        (500, {"detail": "Oops"}, "Oops", "Press r to try again."),
        (200, {"nonsense": True}, "speaks another language", "Press r to try again."),
    ],
)
async def test_every_refusal_says_what_to_do(
    place: Place, status: int, body: object, said: str, advice: str
) -> None:
    way = Disturbed(place)
    async with entered(place, "olga", transport=way) as (app, pilot):
        await quiet(pilot)
        way.answer(status, body, only="marketplace-resources")
        await go(app, pilot, "resources")
        await until_text(pilot, said, advice)
        way.well()
        await pilot.press("r")
        await until_text(pilot, "Lab cluster")
        assert said not in screen_text(app)


async def test_a_page_of_garbage_is_no_crash(place: Place) -> None:
    way = Disturbed(place)
    async with entered(place, "olga", transport=way) as (app, pilot):
        await quiet(pilot)
        way.trouble = lambda request: httpx.Response(502, content=b"<html>bad gateway</html>")
        await go(app, pilot, "invoices")
        await until_text(pilot, "The server answered with an error (502).")


async def test_the_form_shows_a_bug_and_stays(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    async with entered(place, "olga") as (app, pilot):
        app.nav.open(f"configure/{place.ids['vm']}")
        await until_text(pilot, "Once, with the order")

        async def broken() -> None:
            raise KeyError("[oops")

        monkeypatch.setattr(app.screen, "fetch", broken)
        app.screen.load()  # type: ignore[attr-defined]
        await until_text(pilot, "Something went wrong in the app", "[oops")
        assert app.screen.query_one(Form).fields


def test_error_bodies_of_every_shape() -> None:
    def fields(body: bytes) -> tuple[str, dict[str, list[str]], str]:
        found = read_error(400, body)
        return found.detail, found.fields, found.code

    assert fields(b'{"detail": "No.", "code": "bad"}') == ("No.", {}, "bad")
    assert fields(b'{"non_field_errors": ["A", "B"]}') == ("A B", {}, "")
    assert fields(b'["A"]') == ("A", {}, "")
    assert fields(b'{"name": ["Too long."], "code": "x"}')[1] == {"name": ["Too long."]}
    assert fields(b'{"limits": {"cpu": ["Too much."]}}')[1] == {"limits": ["cpu: Too much."]}
    assert fields(b'"text"') == ("text", {}, "")


async def test_a_list_without_its_count_counts_its_rows() -> None:
    from mercato.schemas import tenants

    client = httpx.AsyncClient(
        transport=httpx.MockTransport(lambda request: httpx.Response(200, json=[])), base_url="http://x"
    )
    found = await Api(client).page(tenants.PROJECTS, tenants.ProjectQuery(page=1))
    assert found.total == 0
    await client.aclose()


async def test_what_a_query_sends() -> None:
    from mercato.schemas import orders

    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json=[], headers={"X-Result-Count": "41"})

    client = httpx.AsyncClient(transport=httpx.MockTransport(answer), base_url="http://x")
    api = Api(client, "key")
    query = orders.OrderQuery(
        state=[orders.OrderState.DONE, orders.OrderState.ERRED], can_approve_as_consumer=True
    )
    assert await api.count(orders.ORDERS, query) == 41
    assert seen[0].headers["Authorization"] == "Token key"
    params = seen[0].url.params
    assert params.get_list("state") == ["done", "erred"]
    assert params["can_approve_as_consumer"] == "true"
    assert params["page_size"] == "1"
    await client.aclose()


async def test_nobody_answering_is_status_nought() -> None:
    from mercato.schemas import system

    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectTimeout("slow", request=request)

    client = httpx.AsyncClient(transport=httpx.MockTransport(refuse), base_url="http://x")
    with pytest.raises(ApiError) as caught:
        await Api(client)(system.VERSION)
    assert caught.value.offline
    await client.aclose()
