"""Lists as Waldur's clients read them: bare arrays, counts, pages, fields, order, filters."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import pytest

from mercato.config import Settings
from mercato.web.app import all_routes
from world import BASE, World

pytestmark = pytest.mark.http

LISTS = [r.endpoint.path for r in all_routes(Settings()) if r.kind == "list"]
OWNERS = {"customers": "buyer", "projects": "alpha", "marketplace-resource-offerings": "category"}


async def some_categories(world: World, n: int) -> None:
    for i in range(n):
        await world.must("staff", "POST", "/api/marketplace-categories/", {"title": f"Shelf {i:03}"}, 201)


def links(answer: Any) -> dict[str, str]:
    found = re.findall(r'<([^>]*)>; rel="(\w+)"(?:, |$)', answer.headers["Link"])
    return {rel: url for url, rel in found}


async def test_a_list_is_a_bare_array_with_its_count(world: World) -> None:
    answer = await world.get(None, "/api/marketplace-categories/")
    assert [c["title"] for c in answer.json()] == ["Compute"]
    assert answer.headers["X-Result-Count"] == "1"
    assert answer.headers["Content-Type"] == "application/json"


async def test_ten_to_a_page_and_the_way_to_the_others(world: World) -> None:
    await some_categories(world, 24)
    where = "/api/marketplace-categories/"
    sizes, follow = [], BASE + where
    while follow:
        answer = await world.get(None, follow)
        sizes.append(len(answer.json()))
        assert answer.headers["X-Result-Count"] == "25"
        follow = links(answer).get("next", "")
    assert sizes == [10, 10, 5]


async def test_links_stand_in_the_order_that_old_clients_count_on(world: World) -> None:
    await some_categories(world, 4)
    answer = await world.get(None, "/api/marketplace-categories/?page_size=2&page=2&o=title")
    where = f"{BASE}/api/marketplace-categories/?page_size=2&o=title&page="
    assert answer.headers["Link"] == ", ".join(
        f'<{where}{page}>; rel="{rel}"' for rel, page in [("first", 1), ("prev", 1), ("next", 3), ("last", 3)]
    )
    first = links(await world.get(None, "/api/marketplace-categories/?page_size=2"))
    last = links(await world.get(None, "/api/marketplace-categories/?page_size=2&page=3"))
    assert (list(first), list(last)) == (["first", "next", "last"], ["first", "prev", "last"])


async def test_a_page_holds_at_most_300(world: World) -> None:
    answer = await world.get(None, "/api/marketplace-categories/?page_size=100000")
    assert answer.status_code == 200
    from mercato.kernel.listing import MAX_PAGE_SIZE

    assert MAX_PAGE_SIZE == 300


@pytest.mark.parametrize("page", ["2", "0", "-1", "9223372036854775807"])
async def test_past_the_end_there_is_no_page(world: World, page: str) -> None:
    answer = await world.get(None, f"/api/marketplace-categories/?page={page}")
    assert (answer.status_code, answer.json()["detail"]) == (404, "Invalid page.")


async def test_the_first_page_of_nothing_is_empty(world: World) -> None:
    answer = await world.get("stranger", "/api/projects/")
    assert (answer.status_code, answer.json(), answer.headers["X-Result-Count"]) == (200, [], "0")


@pytest.mark.parametrize("path", LISTS)
async def test_every_list_can_be_counted(world: World, path: str) -> None:
    offering = await world.offering()
    kind = path.split("/")[2]
    if kind == "marketplace-service-providers":
        owner = (await world.must("staff", "GET", f"/api/{kind}/"))[0]["uuid"]
    elif "resources" in kind and "{uuid}" in path:
        owner = (await world.resource(offering))["uuid"]
    elif kind == "marketplace-slurm-periodic-usage-policies" and "{uuid}" in path:
        policy = {"scope": offering["url"], "actions": "request_downscaling", "apply_to_all": True}
        policy["component_limits_set"] = [{"type": "cpu", "limit": 10}]
        owner = (await world.must("seller", "POST", f"/api/{kind}/", policy, 201))["uuid"]
    else:
        owner = world.ids[OWNERS[kind]] if kind in OWNERS else offering["uuid"]
    place = path.replace("{uuid}", owner)
    listed = await world.get("staff", place)
    counted = await world.ask("staff", "HEAD", place)
    assert (counted.status_code, counted.content) == (200, b"")
    assert counted.headers["X-Result-Count"] == listed.headers["X-Result-Count"]
    assert int(counted.headers["X-Result-Count"]) == len(listed.json()) or len(listed.json()) == 10


async def test_only_the_fields_that_were_asked_for(world: World) -> None:
    rows = await world.must("staff", "GET", "/api/projects/?field=uuid&field=name&field=nonsense")
    assert rows == [{"uuid": world.ids["alpha"], "name": "Alpha"}]
    one = await world.must("staff", "GET", f"/api/projects/{world.ids['alpha']}/?field=slug")
    assert one == {"slug": "alpha"}
    assert await world.must("staff", "GET", "/api/projects/?field=nonsense") == [{}]


async def test_order_both_ways_and_by_what_does_not_exist(world: World) -> None:
    await some_categories(world, 2)

    async def titles(order: str) -> list[str]:
        rows = await world.must(None, "GET", f"/api/marketplace-categories/?o={order}")
        return [row["title"] for row in rows]

    assert await titles("title") == ["Compute", "Shelf 000", "Shelf 001"]
    assert await titles("-title") == ["Shelf 001", "Shelf 000", "Compute"]
    assert await titles("nonsense") == ["Compute", "Shelf 000", "Shelf 001"]


async def test_equal_rows_keep_their_order_from_page_to_page(world: World) -> None:
    for _ in range(5):
        await world.must("staff", "POST", "/api/marketplace-categories/", {"title": "Same"}, 201)
    seen = []
    for page in range(1, 7):
        rows = await world.must(None, "GET", f"/api/marketplace-categories/?o=-title&page_size=1&page={page}")
        seen += [row["uuid"] for row in rows]
    assert len(set(seen)) == 6


async def test_a_repeated_filter_means_any_of_them(world: World) -> None:
    offering = await world.offering()
    await world.order(offering, "manager")
    done = await world.order(offering)
    await world.act("seller", done, "reject_by_provider")
    where = "/api/marketplace-orders/?field=state&o=created"
    both = await world.must("staff", "GET", where + "&state=rejected&state=pending-consumer")
    assert both == [{"state": "pending-consumer"}, {"state": "rejected"}]
    assert await world.must("staff", "GET", where + "&state=rejected") == [{"state": "rejected"}]


async def test_a_value_that_is_no_choice_is_refused_by_name(world: World) -> None:
    answer = await world.get("staff", "/api/marketplace-orders/?state=Finished")
    assert answer.status_code == 400
    assert answer.json() == {
        "state": ["Select a valid choice. Finished is not one of the available choices."]
    }
    assert answer.headers["X-Mercato-Code"] == "invalid_choice"


@pytest.mark.parametrize("query", ["nonsense=1", "state__in=x&name=", "page_size="])
async def test_unknown_filters_and_empty_values_are_ignored(world: World, query: str) -> None:
    rows = await world.must("staff", "GET", f"/api/projects/?{query}")
    assert len(rows) == 1


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("customer_uuid=nonsense", "customer_uuid"),
        ("page=first", "page"),
        ("name=%00", "name"),
    ],
)
async def test_a_wrong_value_names_its_filter(world: World, query: str, field: str) -> None:
    answer = await world.get("staff", f"/api/projects/?{query}")
    assert answer.status_code == 400
    assert list(answer.json()) == [field]


async def test_a_number_that_no_database_can_hold_finds_nothing(world: World) -> None:
    answer = await world.get("staff", f"/api/invoices/?year={10**30}")
    assert answer.status_code in (200, 400)
    assert answer.status_code == 400 or answer.json() == []


async def test_uuids_may_have_dashes_in_paths_and_filters(world: World) -> None:
    dashed = str(UUID(world.ids["alpha"]))
    assert (await world.must("staff", "GET", f"/api/projects/{dashed}/"))["uuid"] == world.ids["alpha"]
    buyer = world.ids["buyer"]
    for spelled in (buyer, str(UUID(buyer)), buyer.upper()):
        assert len(await world.must("staff", "GET", f"/api/projects/?customer_uuid={spelled}")) == 1


@pytest.mark.parametrize("where", ["projects", "invoices", "marketplace-orders", "marketplace-plans"])
async def test_what_is_no_uuid_is_not_there(world: World, where: str) -> None:
    answer = await world.get("staff", f"/api/{where}/nonsense/")
    assert (answer.status_code, answer.json()["detail"]) == (404, "Not found.")


async def test_customers_may_be_named_by_hyperlink_in_filters(world: World) -> None:
    await world.offering()
    provider, buyer = world.ids["provider"], world.ids["buyer"]
    for link in (provider, str(UUID(provider)), f"https://elsewhere.example/api/customers/{provider}/"):
        rows = await world.must("staff", "GET", f"/api/marketplace-public-offerings/?customer={link}")
        assert len(rows) == 1
    assert await world.must("staff", "GET", f"/api/marketplace-public-offerings/?customer={buyer}") == []
    assert await world.must("staff", "GET", "/api/marketplace-public-offerings/?customer=nonsense") == []


async def test_searching_takes_words_as_they_are(world: World) -> None:
    for title in ("100% green", "Über_alles", "a\\b", "ÄMTER"):
        await world.must("staff", "POST", "/api/marketplace-categories/", {"title": title}, 201)

    async def found(words: str) -> list[str]:
        answer = await world.get(None, "/api/marketplace-categories/", params={"title": words})
        return [row["title"] for row in answer.json()]

    assert await found("100%") == ["100% green"]
    assert await found("%") == ["100% green"]
    assert await found("r_a") == ["Über_alles"]
    assert await found("\\") == ["a\\b"]
    assert await found("COMPUTE") == ["Compute"]
    assert await found("Über") == ["Über_alles"]
    assert await found("über") == ["Über_alles"]
    assert await found("Ämter") == ["ÄMTER"]


async def test_links_start_with_the_host_that_was_asked_if_it_is_ours(world: World) -> None:
    async def link(host: str) -> str:
        rows = await world.ask("staff", "GET", "/api/projects/?field=url", headers={"Host": host})
        assert rows.headers["Link"].startswith(f"<{rows.json()[0]['url'].split('/api')[0]}/api/projects/?")
        return str(rows.json()[0]["url"])

    path = f"/api/projects/{world.ids['alpha']}/"
    assert await link("localhost:8123") == "http://localhost:8123" + path
    assert await link("[::1]:8123") == "http://[::1]:8123" + path
    assert await link("evil.example") == BASE + path
    assert await link("testserver.local.evil.example") == BASE + path


async def test_documents_that_are_kept_follow_every_change(world: World) -> None:
    offering = await world.offering(name="Before")
    path = "/api/marketplace-public-offerings/?field=name&field=url"
    assert [row["name"] for row in (await world.get("owner", path + "&n=1")).json()].count("Before") == 1
    renamed = f"/api/marketplace-provider-offerings/{offering['uuid']}/update_overview/"
    await world.must("seller", "POST", renamed, {"name": "After"})
    names = [row["name"] for row in (await world.get("owner", path + "&n=2")).json()]
    assert (names.count("Before"), names.count("After")) == (0, 1)


async def test_documents_that_are_kept_name_the_host_that_was_asked(world: World) -> None:
    await world.offering()
    urls = []
    for host in ("localhost:1234", "127.0.0.1:99"):
        answer = await world.ask("owner", "GET", "/api/marketplace-public-offerings/", headers={"Host": host})
        urls.append(answer.json()[0]["url"].split("/api/")[0])
    assert urls == ["http://localhost:1234", "http://127.0.0.1:99"]
