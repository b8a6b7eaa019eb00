"""What agents, providers and staff note about resources: ids, looks, ends, flags, reports, members, moves."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from mercato.kernel import tables
from mercato.resources.naming import filled
from world import BASE, World

pytestmark = pytest.mark.http

MINE = "/api/marketplace-provider-resources/"
THEIRS = "/api/marketplace-resources/"
FORM = {"order": ["os", "size"], "options": {"os": {"type": "string"}, "size": {"type": "integer", "max": 9}}}


async def events(world: World) -> int:
    count = select(func.count()).select_from(tables.facts)
    return int(await world.market.db.read(lambda conn: conn.execute(count).scalar_one()))


async def changed(world: World) -> list[str]:
    """What the last fact about a resource says has changed."""
    last = (
        select(tables.facts.c.payload)
        .where(tables.facts.c.topic == "ResourceChanged")
        .order_by(tables.facts.c.id.desc())
    )
    payload = await world.market.db.read(lambda conn: conn.execute(last.limit(1)).scalar_one())
    return list(payload["changed"])


async def keeper(world: World, **change: Any) -> dict[str, Any]:
    """A resource of an offering that `keeper` manages: what an agent's own account may do."""
    offering = await world.offering(**change)
    await world.keep(offering)
    return await world.resource(offering)


async def test_an_offering_manager_does_what_an_agent_does(world: World) -> None:
    resource = await keeper(world)
    path = f"{MINE}{resource['uuid']}/"
    for action, body in (
        ("set_backend_id", {"backend_id": "a"}),
        ("set_backend_metadata", {"backend_metadata": {"qos": "x"}}),
        ("set_effective_id", {"effective_id": "remote-1"}),
        ("set_endpoints", {"endpoints": [{"name": "Web", "url": "x"}]}),
        ("set_limits", {"limits": {"cpu": 7}}),
        ("set_as_erred", {"error_message": "x"}),
        ("set_as_ok", None),
        ("refresh_last_sync", None),
    ):
        answer = await world.post("keeper", path + action + "/", body)
        assert answer.status_code == 200, (action, answer.text)
    seen = await world.reload(resource["uuid"])
    assert (seen["backend_id"], seen["effective_id"], seen["limits"]["cpu"]) == ("a", "remote-1", 7)
    assert (seen["state"], seen["backend_metadata"]) == ("OK", {"qos": "x"})
    told = await world.must("seller", "POST", path + "set_state_ok/", None, 200)
    assert told == {"status": "Resource state has been set to OK."}


async def test_a_look_is_noted_and_told_to_nobody(world: World) -> None:
    resource = await world.resource(await world.offering())
    assert "last_sync" not in resource
    before = await events(world)
    with world.at("2026-05-10 12:00"):
        await world.must("seller", "POST", f"{MINE}{resource['uuid']}/refresh_last_sync/", None, 200)
    seen = await world.reload(resource["uuid"])
    assert (seen["last_sync"], seen["modified"]) == ("2026-05-10T12:00:00.000000Z", resource["modified"])
    assert await events(world) == before


@pytest.mark.parametrize(
    ("action", "body"),
    [
        ("set_backend_id", {"backend_id": "a"}),
        ("set_backend_metadata", {"backend_metadata": {"qos": {"deep": [1]}}}),
        ("set_effective_id", {"effective_id": "b"}),
        ("set_endpoints", {"endpoints": [{"name": "Web", "url": "x"}, {"name": "ssh", "url": "y"}]}),
        ("set_limits", {"limits": {"cpu": 7}}),
        ("set_end_date", {"end_date": "2040-01-01"}),
        ("submit_report", {"report": [{"header": "h", "body": "b"}]}),
        ("set_paused", {"paused": True}),
    ],
)
async def test_agents_that_repeat_themselves_change_nothing(
    world: World, action: str, body: dict[str, Any]
) -> None:
    resource = await world.resource(await world.offering())
    path = f"{MINE}{resource['uuid']}/{action}/"
    before = await events(world)
    await world.must("seller", "POST", path, body, 200)
    first, seen = await events(world), await world.reload(resource["uuid"])
    assert first > before
    [name] = [name for name in body if name in seen]
    assert name in await changed(world)
    await world.must("seller", "POST", path, body, 200)
    assert await events(world) == first
    assert await world.reload(resource["uuid"]) == seen


# -- ends --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("where", "action", "who"),
    [
        (THEIRS, "set_end_date", "owner"),
        (THEIRS, "set_end_date_by_staff", "staff"),
        (MINE, "set_end_date", "seller"),
        (MINE, "set_end_date_by_provider", "vendor"),
        (MINE, "set_end_date_by_staff", "staff"),
    ],
)
async def test_an_end_date_and_who_asked_for_it(world: World, where: str, action: str, who: str) -> None:
    resource = await world.resource(await world.offering())
    path = f"{where}{resource['uuid']}/{action}/"
    with world.at("2026-05-10 12:00"):
        assert (await world.post(who, path, {"end_date": "2026-05-10"})).status_code == 200
        seen = await world.reload(resource["uuid"])
        assert (seen["end_date"], seen["end_date_updated_at"][:10]) == ("2026-05-10", "2026-05-10")
        assert seen["end_date_requested_by"] == f"{BASE}/api/users/{world.ids[who]}/"
        refused = await world.post(who, path, {"end_date": "2026-05-09"})
        assert (refused.status_code, list(refused.json())) == (400, ["end_date"])
        assert (await world.post(who, path, {"end_date": None})).status_code == 200
    assert (await world.reload(resource["uuid"]))["end_date"] is None


async def test_the_end_that_comes_first_counts(world: World) -> None:
    resource = await world.resource(await world.offering())
    path, project = f"{THEIRS}{resource['uuid']}/", f"/api/projects/{world.ids['alpha']}/"

    async def end() -> Any:
        return (await world.reload(resource["uuid"]))["resource_effective_end_date"]

    assert await end() is None
    await world.must("owner", "PATCH", project, {"end_date": "2040-02-01"})
    assert await end() == "2040-02-01"
    await world.must("owner", "PATCH", path, {"end_date": "2040-01-15"})
    assert await end() == "2040-01-15"
    await world.must("owner", "PATCH", path, {"end_date": "2040-03-01"})
    assert await end() == "2040-02-01"


@pytest.mark.parametrize("where", [THEIRS, MINE])
async def test_put_wants_a_name_and_keeps_the_rest(world: World, where: str) -> None:
    resource = await world.resource(await world.offering())
    path, who = f"{where}{resource['uuid']}/", "owner" if where == THEIRS else "seller"
    first = await world.ask(who, "PATCH", path, {"description": "ours"})
    if where == MINE:
        assert first.status_code == 200
    seen = await world.must(who, "PUT", path, {"name": "web"})
    assert (seen["name"], seen["description"]) == ("web", "ours")
    missing = await world.ask(who, "PUT", path, {"description": "x"})
    assert missing.json() == {"name": ["This field is required."]}


# -- flags, slugs, reports ----------------------------------------------------------------------


@pytest.mark.parametrize("flag", ["paused", "downscaled", "restrict_member_access"])
@pytest.mark.parametrize(("where", "who"), [(MINE, "seller"), (MINE, "staff"), (THEIRS, "owner")])
async def test_holding_a_resource_back(world: World, flag: str, where: str, who: str) -> None:
    offering = await world.offering()
    resource = await world.resource(offering)
    path = f"{where}{resource['uuid']}/set_{flag}/"
    for value in (True, False):
        told = await world.must(who, "POST", path, {flag: value}, 200)
        assert told == {"status": f"Resource {flag} flag has been updated."}
        assert (await world.reload(resource["uuid"]))[flag] is value
        assert await changed(world) == [flag]
        found = await world.must(who, "GET", f"{where}?{flag}={str(value).lower()}&field=uuid")
        assert found == [{"uuid": resource["uuid"]}]
    for nobody in ("manager", "keeper"):
        assert (await world.post(nobody, path, {flag: True})).status_code in (403, 404)


async def test_customers_do_not_lift_what_is_the_providers(world: World) -> None:
    resource = await world.resource(await world.offering())
    assert (await world.post("owner", f"{MINE}{resource['uuid']}/set_paused/", {})).status_code == 404
    assert (await world.post("seller", f"{THEIRS}{resource['uuid']}/set_paused/", {})).status_code == 403


async def test_staff_give_slugs(world: World) -> None:
    offering = await world.offering()
    resource, other = await world.resource(offering), await world.resource(offering)
    path = f"{THEIRS}{resource['uuid']}/set_slug/"
    assert await world.must("staff", "POST", path, {"slug": "hpc-1"}, 200) == {
        "status": "Resource slug has been changed."
    }
    assert (await world.reload(resource["uuid"]))["slug"] == "hpc-1"
    for wrong in ("", "a b", "x" * 51, "ü", other["slug"], "a/b"):
        answer = await world.post("staff", path, {"slug": wrong})
        assert (answer.status_code, list(answer.json())) == (400, ["slug"]), wrong
    assert (await world.post("owner", path, {"slug": "mine"})).status_code == 403


async def test_a_report_in_sections(world: World) -> None:
    resource = await world.resource(await world.offering())
    assert "report" not in resource
    path = f"{MINE}{resource['uuid']}/submit_report/"
    sections = [{"header": "State", "body": "[b]well[/b]"}, {"header": "Next", "body": "more"}]
    assert await world.must("vendor", "POST", path, {"report": sections}, 200) == {
        "status": "Report is submitted."
    }
    assert (await world.reload(resource["uuid"]))["report"] == sections
    for wrong in ([{"header": " ", "body": "x"}], [{"header": "x", "body": ""}]):
        assert (await world.post("vendor", path, {"report": wrong})).status_code == 400


# -- options -----------------------------------------------------------------------------------


async def test_options_by_the_provider_at_once(world: World) -> None:
    resource = await world.resource(await world.offering(resource_options=FORM))
    path = f"{MINE}{resource['uuid']}/update_options_direct/"
    await world.must("seller", "POST", path, {"options": {"os": "linux", "size": 3}}, 200)
    await world.must("seller", "POST", path, {"options": {"size": None}}, 200)
    assert (await world.reload(resource["uuid"]))["options"] == {"os": "linux"}
    for wrong, text in (
        ({"ghost": 1}, "ghost: this option is not known."),
        ({"size": 10}, "size: Ensure this value is less than or equal to 9."),
    ):
        answer = await world.post("seller", path, {"options": wrong})
        assert (answer.status_code, answer.json()) == (400, {"options": [text]})
    assert (await world.post("keeper", path, {"options": {}})).status_code in (403, 404)


# -- members -----------------------------------------------------------------------------------


async def test_how_far_members_have_got(world: World) -> None:
    resource = await keeper(world, plugin_options={"enable_membership_sync_status": True})
    path = f"{MINE}{resource['uuid']}/set_membership_sync_statuses/"

    def entry(**change: Any) -> dict[str, Any]:
        return {"scope_type": "resource", "role_name": "PROJECT.ADMIN", "state": "synced", **change}

    first = [
        entry(username="admin"),
        entry(user_uuid=world.ids["manager"], state="error", message="no quota"),
        entry(username="nobody"),
        entry(user_uuid="0" * 32),
    ]
    done = await world.must("keeper", "POST", path, {"statuses": first}, 200)
    assert done == {"stored": 2, "skipped": ["nobody", "0" * 32]}

    async def seen(query: str = "") -> list[tuple[str, str, str]]:
        for where, who in ((MINE, "seller"), (THEIRS, "owner")):
            rows = await world.must(who, "GET", f"{where}{resource['uuid']}/membership_sync_statuses/{query}")
        return [(row["user_username"], row["state"], row["message"]) for row in rows]

    assert await seen() == [("admin", "synced", ""), ("manager", "error", "no quota")]
    assert await seen("?state=error") == [("manager", "error", "no quota")]
    await world.must("keeper", "POST", path, {"statuses": [entry(username="admin", state="pending")]}, 200)
    assert await seen() == [("admin", "pending", "")]
    unknown = await world.post("keeper", path, {"statuses": [entry(username="admin", state="x")]})
    assert unknown.status_code == 400


async def test_members_are_reported_only_where_that_is_wanted(world: World) -> None:
    resource = await keeper(world)
    refused = await world.post(
        "keeper", f"{MINE}{resource['uuid']}/set_membership_sync_statuses/", {"statuses": []}
    )
    assert (refused.status_code, refused.json()["code"]) == (409, "not_asked_for")
    assert "detail" in refused.json()


# -- letting go --------------------------------------------------------------------------------


@pytest.mark.parametrize("where", [THEIRS, MINE])
async def test_staff_let_go_and_nothing_more_is_billed(world: World, where: str) -> None:
    with world.at("2026-05-01"):
        resource = await world.resource(await world.offering())
    path = f"{where}{resource['uuid']}/unlink/"
    with world.at("2026-05-10 12:00"):
        assert (await world.post("owner", path)).status_code in (403, 404)
        for _ in range(2):
            answer = await world.post("staff", path)
            assert (answer.status_code, answer.content) == (204, b"")
        [invoice] = await world.invoices()
        assert {item["end"][:10] for item in invoice["items"]} == {"2026-05-10"}
    assert (await world.reload(resource["uuid"]))["state"] == "Terminated"


async def test_letting_go_voids_what_was_under_way(world: World) -> None:
    offering = await world.offering(type="Marketplace.Slurm")
    order = await world.order(offering)
    await world.post("staff", f"{THEIRS}{order['marketplace_resource_uuid']}/unlink/")
    assert await world.order_state(order) == "canceled"
    order = await world.order(offering)
    assert (await world.act("seller", order, "approve_by_provider")).status_code == 200
    await world.drain()
    await world.post("staff", f"{THEIRS}{order['marketplace_resource_uuid']}/unlink/")
    assert await world.order_state(order) == "erred"
    seen = await world.must("owner", "GET", f"/api/marketplace-orders/{order['uuid']}/")
    assert seen["error_message"] == "The resource was unlinked."
    assert (await world.reload(order["marketplace_resource_uuid"]))["state"] == "Terminated"
    assert await world.invoices() == []


# -- moving ------------------------------------------------------------------------------------


async def another(world: World, customer: str, name: str = "Beta") -> str:
    body = {"name": name, "customer": world.ids[customer]}
    return str((await world.must("staff", "POST", "/api/projects/", body, 201))["uuid"])


@pytest.mark.parametrize("form", ["link", "object"])
async def test_a_resource_moves_within_its_organization(world: World, form: str) -> None:
    with world.at("2026-05-01"):
        resource = await world.resource(await world.offering())
        beta = await another(world, "buyer")
        link = f"{BASE}/api/projects/{beta}/"
        body = {"project": link if form == "link" else {"url": link}}
        path = f"{THEIRS}{resource['uuid']}/move_resource/"
        assert (await world.post("owner", path, body)).status_code == 403
        moved = await world.must("staff", "POST", path, body, 200)
        assert (moved["project_uuid"], moved["project_name"]) == (beta, "Beta")
        [order] = await world.must("owner", "GET", "/api/marketplace-orders/")
        assert order["project_uuid"] == beta
        [invoice] = await world.invoices()
        assert {item["project_name"] for item in invoice["items"]} == {"Beta"}
        assert invoice["price"] == "80.60"
        again = await world.post("staff", path, body)
        assert (again.status_code, again.json()) == (
            400,
            {"project": ["The resource belongs to this project already."]},
        )


async def test_a_resource_moves_to_another_organization_with_this_months_cost(world: World) -> None:
    """Earlier months stay where they were; later ones are the new organization's (contract 8.15)."""
    with world.at("2026-03-15"):
        resource = await world.resource(await world.offering())
    for moment in ("2026-04-01 01:00", "2026-05-01 01:00"):
        with world.at(moment):
            await world.tick()
    with world.at("2026-05-10 12:00"):
        target = await another(world, "provider")
        path = f"{THEIRS}{resource['uuid']}/move_resource/"
        await world.must("staff", "POST", path, {"project": target}, 200)
        assert [(i["month"], i["price"]) for i in await world.invoices()] == [
            (3, "44.21"),
            (4, "80.60"),
            (5, "0.00"),
        ]
        assert [(i["month"], i["price"]) for i in await world.invoices("seller")] == [(5, "80.60")]
        limits = await world.must(
            "seller", "POST", f"{THEIRS}{resource['uuid']}/update_limits/", {"limits": {"cpu": 2000}}, 200
        )
        await world.done(limits["order_uuid"])
    with world.at("2026-06-01 01:00"):
        await world.tick()
    theirs = [(i["month"], i["price"]) for i in await world.invoices("seller")]
    assert theirs == [(5, "116.09"), (6, "130.60")]
    mine = [(i["month"], i["price"]) for i in await world.invoices()]
    assert mine == [(3, "44.21"), (4, "80.60"), (5, "0.00")]


async def test_where_a_resource_cannot_go(world: World) -> None:
    private = await world.offering(shared=False, customer=world.ids["provider"])
    offering = await world.offering()
    resource = await world.resource(offering)
    path = f"{THEIRS}{resource['uuid']}/move_resource/"
    beta = await another(world, "buyer")

    async def refused(project: str, where: str = path) -> Any:
        answer = await world.post("staff", where, {"project": project})
        assert answer.status_code == 400, answer.text
        return answer.json()

    assert await refused("0" * 32) == {"project": ["Project is not found."]}
    await world.must("staff", "POST", f"{THEIRS}{resource['uuid']}/terminate/", {}, 200)
    assert (await refused(beta))["detail"] == "Pending order for resource already exists."
    mine = await another(world, "provider", "Gamma")
    order = await world.order(private, "seller", project=mine)
    there = f"{THEIRS}{order['marketplace_resource_uuid']}/move_resource/"
    assert await refused(beta, there) == {"project": ["The offering is not available to this project."]}
    await world.must("staff", "PATCH", f"/api/customers/{world.ids['buyer']}/", {"blocked": True})
    assert await refused(beta, there) == {"project": ["Customer is not available."]}


# -- looking -----------------------------------------------------------------------------------


async def test_what_can_be_done_now_and_by_whom(world: World) -> None:
    plans = [{"name": name, "prices": {"cpu": 1}} for name in ("A", "B")]
    offering = await world.offering(plans=plans, resource_options=FORM)
    resource = await world.resource(offering)

    async def seen(who: str, where: str = THEIRS) -> tuple[list[str], bool]:
        found = await world.must(who, "GET", f"{where}{resource['uuid']}/")
        return found["available_actions"], found["can_terminate"]

    everything = ["update_limits", "switch_plan", "update_options", "terminate"]
    assert await seen("owner") == (everything, True)
    assert await seen("staff") == (everything, True)
    assert await seen("manager") == (["update_limits", "switch_plan", "terminate"], True)
    assert await seen("seller", MINE) == (["update_options", "terminate"], True)
    for who in ("member", "reader", "support"):
        assert await seen(who) == ([], False), who
    made = await world.must("owner", "POST", f"{THEIRS}{resource['uuid']}/terminate/", {}, 200)
    assert await seen("owner") == ([], False)
    await world.done(made["order_uuid"])
    assert await seen("owner") == (["restore"], False)


async def test_the_offering_of_a_resource_even_if_it_is_sold_no_more(world: World) -> None:
    offering = await world.offering()
    resource = await world.resource(offering)
    where = f"/api/marketplace-provider-offerings/{offering['uuid']}/archive/"
    await world.must("seller", "POST", where, status=200)
    for base, who in ((THEIRS, "owner"), (MINE, "seller")):
        found = await world.must(who, "GET", f"{base}{resource['uuid']}/offering/")
        assert (found["uuid"], found["state"]) == (offering["uuid"], "Archived")
    assert (await world.get("stranger", f"{THEIRS}{resource['uuid']}/offering/")).status_code == 404


async def test_what_the_backend_says(world: World) -> None:
    resource = await world.resource(await world.offering())
    path = f"{MINE}{resource['uuid']}/set_backend_metadata/"
    await world.must("seller", "POST", path, {"backend_metadata": {"qos": 1, "runtime_state": "ACTIVE"}}, 200)
    found = await world.must("owner", "GET", f"{THEIRS}{resource['uuid']}/details/")
    assert found["backend_metadata"]["qos"] == 1
    for state, n in (("ACTIVE", 1), ("SHUTOFF", 0)):
        rows = await world.must("owner", "GET", f"{THEIRS}?runtime_state={state}")
        assert len(rows) == n


async def test_time_on_each_plan(world: World) -> None:
    metered = {"type": "hours", "name": "Hours", "billing_type": "usage", "measured_unit": "h"}
    plans = [{"name": name, "prices": {"hours": 1}} for name in ("A", "B")]
    offering = await world.offering(components=[metered], plans=plans)
    usage = "/api/marketplace-component-usages/set_usage/"
    with world.at("2026-05-01"):
        resource = await world.resource(offering, limits={})
        report = {"resource": resource["uuid"], "usages": [{"type": "hours", "amount": "2.5"}]}
        await world.must("seller", "POST", usage, report, 201)
    with world.at("2026-06-10 12:00"):
        other = next(p for p in offering["plans"] if p["uuid"] != resource["plan_uuid"])
        made = await world.must(
            "owner", "POST", f"{THEIRS}{resource['uuid']}/switch_plan/", {"plan": other["url"]}, 200
        )
        await world.done(made["order_uuid"])
        await world.must("seller", "POST", usage, report, 201)
    path = f"{THEIRS}{resource['uuid']}/plan_periods/"
    first, second = await world.must("owner", "GET", path)
    assert [(p["plan_name"], p["start"][:10], p["end"] and p["end"][:10]) for p in (first, second)] == [
        (resource["plan_name"], "2026-05-01", "2026-06-10"),
        (other["name"], "2026-06-10", None),
    ]
    assert [c["usage"] for c in first["components"]] == ["2.50"]
    assert [c["date"][:10] for c in second["components"]] == ["2026-06-10"]
    assert len({first["uuid"], second["uuid"]}) == 2
    assert len(first["uuid"]) == 32
    [provided, _] = await world.must("seller", "GET", f"{MINE}{resource['uuid']}/plan_periods/")
    assert provided == first


async def test_resources_are_found_by_more(world: World) -> None:
    offering = await world.offering()
    await world.keep(offering)
    resource = await world.resource(offering)
    [provider] = await world.must("staff", "GET", "/api/marketplace-service-providers/")
    ids = {**world.ids, "offering": offering["uuid"], "sp": provider["uuid"], "base": BASE}
    yes = (
        "provider_uuid={sp}",
        "provider_uuid={provider}",
        "offering={base}/api/marketplace-public-offerings/{offering}/",
        "offering={offering}",
        "customer={base}/api/customers/{buyer}/",
        "offering_slug=hpc&offering_slug=other",
        "offering_shared=true",
        "offering_billable=true",
        "project_name=alph",
        "service_manager_uuid={keeper}",
        "service_manager_uuid={vendor}",
        "order_state=done&order_state=erred",
        "has_terminate_date=false",
        "limit_based=true",
        "only_limit_based=true",
        "usage_based=false",
        "component_count=3",
        "limit_component_count=3.0",
        "visible_to_username=admin",
        "visible_to_username=owner",
        "created=2020-01-01T00:00:00",
        "modified=2020-01-01T00:00:00",
    )
    no = (
        "provider_uuid={buyer}",
        "offering={alpha}",
        "customer={provider}",
        "offering_slug=other",
        "offering_shared=false",
        "service_manager_uuid={owner}",
        "order_state=erred",
        "has_terminate_date=true",
        "only_usage_based=true",
        "usage_based=true",
        "component_count=2",
        "component_count=2.5",
        "visible_to_username=stranger",
        "created_before=2020-01-01T00:00:00",
        "modified_before=2020-01-01T00:00:00",
    )
    for query in yes + no:
        found = await world.must("staff", "GET", f"{THEIRS}?field=uuid&{query.format(**ids)}")
        assert found == ([{"uuid": resource["uuid"]}] if query in yes else []), query
    wrong = await world.get("staff", f"{THEIRS}?order_state=sleeping")
    assert wrong.status_code == 400


# -- names -------------------------------------------------------------------------------------


async def test_a_name_for_the_next_resource(world: World) -> None:
    offering = await world.offering()
    question = {"project": world.ids["alpha"], "offering": offering["uuid"]}
    path = f"{THEIRS}suggest_name/"
    assert await world.must("manager", "POST", path, question, 200) == {"name": "alpha-hpc-1"}
    await world.resource(offering)
    assert await world.must("manager", "POST", path, question, 200) == {"name": "alpha-hpc-2"}
    pattern = {"resource_name_pattern": "{customer_slug}/{plan_name}/{attributes[os]}-{counter}"}
    other = await world.offering("Other", plugin_options=pattern)
    question = {
        "project": world.ids["alpha"],
        "offering": other["uuid"],
        "plan": other["plans"][0]["uuid"],
        "attributes": {"os": "linux"},
    }
    assert await world.must("owner", "POST", path, question, 200) == {"name": "buyer-org/Standard/linux-1"}
    hidden = await world.post("stranger", path, question)
    assert hidden.status_code == 400


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ("{a}-{b}", "x-{b}"),
        ("{a.__class__}{a!r}{a:>99999999}", "{a.__class__}{a}{a}"),
        ("{attributes[k]}{attributes[none]}{attributes[k].real}", "v{attributes[k].real}"),
        ("{{a}} {a}", "{a} x"),
        ("{a", "{a"),
        ("", ""),
        ("y" * 200, "y" * 150),
    ],
)
def test_a_pattern_is_data(pattern: str, name: str) -> None:
    assert filled(pattern, {"a": "x"}, {"k": "v"}) == name
