"""Presets: a whole marketplace from one document, all of it or nothing."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from mercato.commands import preset
from mercato.commands.acts import load_preset
from mercato.kernel.errors import Invalid
from world import World

pytestmark = pytest.mark.http

EXAMPLE = json.loads((Path(__file__).parents[1] / "data" / "preset.json").read_text())
TABLES = ("users", "tokens", "customers", "projects", "categories", "category_groups", "service_providers", "offerings",
          "components", "plans", "plan_components", "grants", "offering_users", "audit", "facts")  # fmt: skip
PROVIDER, BUYER = "c1" + "0" * 29 + "1", "c2" + "0" * 29 + "1"
OFFERING, PLAN = "0f" + "0" * 29 + "1", "0b" + "0" * 29 + "1"


async def counts(world: World) -> dict[str, int]:
    def count(conn: Any) -> dict[str, int]:
        return {t: int(conn.execute(text(f"SELECT count(*) FROM {t}")).scalar_one()) for t in TABLES}

    return await world.market.db.read(count)


async def loaded(world: World) -> World:
    document = copy.deepcopy(EXAMPLE)
    document["users"][0]["username"] = "chief"  # the small world has its own staff
    await load_preset(world.market, document=document)
    for row in document["auth_tokens"]:
        world.tokens[row["key"].rstrip("0")] = row["key"]
    return world


async def test_the_example_loads_and_everything_given_is_kept(world: World) -> None:
    await loaded(world)
    assert (await world.must("provider", "GET", "/api/users/me/"))["uuid"] == "a" + "0" * 30 + "2"
    seen = await world.must("provider", "GET", f"/api/marketplace-provider-offerings/{OFFERING}/")
    assert (seen["state"], seen["customer_uuid"], seen["plans"][0]["uuid"]) == ("Active", PROVIDER, PLAN)
    assert seen["plans"][0]["prices"] == {"cpu": "0.05", "ram": "0.1", "storage": "0.01", "setup": "25"}
    assert [c["uuid"] for c in seen["components"]] == [f"c{n:031}" for n in (1, 2, 3, 4)]
    body = {"username": "buyer", "password": "buyer-Passw0rd-long"}
    assert (await world.post(None, "/api-auth/password/", body)).status_code == 200
    order = {
        "offering": OFFERING,
        "plan": PLAN,
        "project": "b1" + "0" * 29 + "1",
        "limits": {"cpu": 1000, "ram": 256, "storage": 500},
    }
    made = await world.must("buyer", "POST", "/api/marketplace-orders/", order, 201)
    assert (made["state"], made["cost"]) == ("pending-provider", "105.6")
    assert (await world.act("provider", made, "approve_by_provider")).status_code == 200


async def test_loading_twice_changes_nothing(world: World) -> None:
    await loaded(world)
    before = await counts(world)
    path = f"/api/marketplace-provider-offerings/{OFFERING}/"
    await world.must("provider", "POST", path + "pause/", status=200)
    after_pause = await counts(world)
    await loaded(world)
    assert await counts(world) == after_pause
    assert (await world.must("provider", "GET", path))["state"] == "Paused"
    assert {name: n for name, n in before.items() if name not in ("audit", "facts")} == {
        name: n for name, n in after_pause.items() if name not in ("audit", "facts")
    }


async def test_what_people_removed_since_stays_removed(world: World) -> None:
    await loaded(world)
    await world.must("staff", "DELETE", f"/api/marketplace-provider-offerings/{OFFERING}/", status=204)
    await world.must("staff", "DELETE", "/api/projects/b1" + "0" * 29 + "1/", status=204)
    await world.must("staff", "DELETE", f"/api/customers/{BUYER}/", status=204)
    before = await counts(world)
    await loaded(world)
    assert await counts(world) == before


FORM = {"order": ["x"], "options": {"x": {"type": "hologram"}}}
BAD: list[tuple[str, int, dict[str, Any], str]] = [
    ("users", 1, {"uuid": "nonsense"}, "users, row 2: user 'nonsense' is not a UUID"),
    ("users", 2, {"username": "provider"}, "users, row 3: username: User with this username already exists."),
    ("users", 2, {"email": "nonsense"}, "users, row 3: email"),
    ("auth_tokens", 0, {"user_uuid": "f" * 32}, "auth_tokens, row 1: there is no user " + "f" * 32),
    ("customers", 1, {"default_tax_percent": "500"}, "customers, row 2: default_tax_percent"),
    ("customers", 0, {"name": "x" * 151}, "customers, row 1: name"),
    ("projects", 0, {"customer_uuid": "f" * 32}, "projects, row 1: customer"),
    ("projects", 0, {"start_date": "soon"}, "projects, row 1"),
    ("categories", 0, {"group_uuid": "f" * 32}, "categories, row 1: there is no category group"),
    ("service_providers", 0, {"customer_uuid": "x"}, "service_providers, row 1: customer"),
    ("offerings", 0, {"category_uuid": "f" * 32}, "offerings, row 1: category"),
    ("offerings", 0, {"state": 9}, "offerings, row 1"),
    ("offerings", 0, {"type": "Marketplace.Unknown"}, "offerings, row 1: type"),
    ("offerings", 0, {"options": FORM}, "offerings, row 1: "),
    ("offering_components", 1, {"billing_type": "gift"}, "offering_components, row 2"),
    ("offering_components", 1, {"type": "cpu"}, "offering_components, row 2: type"),
    (
        "offering_components",
        2,
        {"overage_component_uuid": "f" * 32},
        "offering_components, row 3: there is no component",
    ),
    ("plans", 0, {"unit": "decade"}, "plans, row 1"),
    ("plan_components", 3, {"price": "-1"}, "plan_components, row 4: prices"),
    ("plan_components", 3, {"component_uuid": "", "component_type": "x"}, "plan_components, row 4: prices"),
    ("plan_components", 0, {"plan_uuid": "f" * 32}, "plan_components, row 1: there is no plan"),
    ("user_roles", 0, {"role_name": "CUSTOMER.KING"}, "user_roles, row 1: role: Role is not found."),
    ("user_roles", 1, {"scope_type": "structure.planet"}, "user_roles, row 2"),
    ("user_roles", 1, {"scope_uuid": "f" * 32}, "user_roles, row 2: there is no structure.customer"),
]


async def test_a_bad_row_is_named_and_nothing_at_all_is_loaded(world: World) -> None:
    before = await counts(world)
    wrong = {}
    for kind, index, change, message in BAD:
        document = copy.deepcopy(EXAMPLE)
        document["users"][0]["username"] = "chief"
        document[kind][index] |= change
        try:
            await load_preset(world.market, document=document)
        except Invalid as error:
            said = error.detail
        else:
            said = "loaded"
        if not said.startswith(message):
            wrong[message] = said
        assert await counts(world) == before, message
    assert wrong == {}


@pytest.mark.parametrize(
    ("document", "where"),
    [
        ([], "Expected `object`"),
        ({"users": {}}, "$.users"),
        ({"users": [{"uuid": "x"}]}, "$.users[0]"),
        ({"users": [{"uuid": "x", "username": "y", "is_staff": "perhaps"}]}, "$.users[0].is_staff"),
        ({"plans": [{"uuid": "x", "name": "y", "offering_uuid": 5}]}, "$.plans[0].offering_uuid"),
    ],
)
def test_a_document_that_is_no_preset(document: Any, where: str) -> None:
    with pytest.raises(Invalid) as caught:
        preset.parse(document)
    assert where in caught.value.detail


async def test_organizations_live_in_the_installations_zone(filled_url: str, tmp_path: Path) -> None:
    world = await World.open(filled_url, tmp_path, time_zone="Europe/Tallinn")
    document = {
        "customers": [{"uuid": "1" * 32, "name": "A"}, {"uuid": "2" * 32, "name": "B", "time_zone": "UTC"}]
    }
    try:
        await load_preset(world.market, document=document)
        rows = await world.must("staff", "GET", "/api/customers/?o=created&field=time_zone")
    finally:
        await world.close()
    assert [row["time_zone"] for row in rows[-2:]] == ["Europe/Tallinn", "UTC"]


async def test_an_empty_preset_is_fine(world: World) -> None:
    before = await counts(world)
    assert set((await load_preset(world.market, document={"_metadata": {}, "unknown": [1]})).values()) <= {0}
    assert await counts(world) == before


async def test_the_rarer_rows(world: World) -> None:
    """Overage, archived plans, groups, offering roles with an end, accounts, dashed uuids, draft offerings."""
    dashed = "0f000000-0000-0000-0000-000000000001"
    document = {
        "category_groups": [{"uuid": "e" * 32, "title": "Group"}],
        "categories": [{"uuid": "d" * 32, "title": "Grouped", "group_uuid": "e" * 32}],
        "offerings": [
            {
                "uuid": dashed,
                "name": "Metered",
                "type": "Marketplace.Slurm",
                "state": 1,
                "category_uuid": "d" * 32,
                "customer_uuid": world.ids["provider"],
                "options": {"order": [], "options": {}},
            }
        ],
        "offering_components": [
            {
                "uuid": "1" * 32,
                "offering_uuid": dashed,
                "type": "hours",
                "name": "Hours",
                "billing_type": "usage",
                "is_prepaid": True,
                "overage_component_uuid": "2" * 32,
            },
            {
                "uuid": "2" * 32,
                "offering_uuid": dashed,
                "type": "more",
                "name": "More",
                "billing_type": "usage",
            },
            {
                "uuid": "3" * 32,
                "offering_uuid": dashed,
                "type": "fee",
                "name": "Fee",
                "billing_type": "fixed",
            },
        ],
        "plans": [
            {"uuid": "4" * 32, "name": "Old", "offering_uuid": dashed, "unit": "day", "archived": True}
        ],
        "plan_components": [{"plan_uuid": "4" * 32, "component_type": "fee", "price": 2, "amount": 3}],
        "user_roles": [
            {
                "user_uuid": world.ids["stranger"],
                "role_name": "OFFERING.MANAGER",
                "scope_type": "marketplace.offering",
                "scope_uuid": dashed,
                "expiration_time": "2099-01-01T00:00:00Z",
            }
        ],
        "offering_users": [{"offering_uuid": dashed, "user_uuid": world.ids["member"], "username": "mm"}],
    }
    made = await load_preset(world.market, document=document)
    assert {k: v for k, v in made.items() if v} == {
        "category_groups": 1, "categories": 1, "offerings": 1, "offering_components": 3, "plans": 1,
        "plan_components": 1, "user_roles": 1, "offering_users": 1,
    }  # fmt: skip
    seen = await world.must("stranger", "GET", f"/api/marketplace-provider-offerings/{dashed}/")
    assert (seen["state"], seen["type"]) == ("Draft", "Marketplace.Slurm")
    assert seen["components"][0]["overage_component"] == "2" * 32
    [plan] = seen["plans"]
    assert (plan["archived"], plan["unit_price"], plan["quotas"]["fee"]) == (True, "6", 3)
    before = await counts(world)
    assert set((await load_preset(world.market, document=document)).values()) <= {0}
    assert await counts(world) == before


async def test_organizations_and_projects_whole(world: World) -> None:
    a, b, c, d = (letter * 32 for letter in "abcd")
    document = {
        "customers": [
            {"uuid": a, "name": "Org", "country": "EE", "street": "Liivi", "house_nr": "2", "latitude": 58.4,
             "notification_emails": "a@x.example", "bank_name": "Bank"},
        ],
        "project_types": [{"uuid": b, "name": "Research"}],
        "projects": [
            {"uuid": c, "name": "One", "customer_uuid": a, "type_uuid": b, "is_industry": True,
             "oecd_fos_2007_code": "1.2", "staff_notes": "x"},
        ],
        "access_subnets": [{"uuid": d, "inet": "192.0.2.0/24", "customer_uuid": a, "applies_to_portal": True}],
    }  # fmt: skip
    for made in (1, 0):
        found = await world.market.db.write(preset.load, preset.parse(document))
        assert {found[kind] for kind in document} == {made}
    seen = await world.must("staff", "GET", f"/api/customers/{a}/")
    assert (seen["country_name"], seen["street"], seen["latitude"]) == ("Estonia", "Liivi", 58.4)
    assert (seen["notification_emails"], seen["access_subnets"]) == ("a@x.example", "192.0.2.0/24")
    project = await world.must("staff", "GET", f"/api/projects/{c}/")
    assert (project["type_name"], project["is_industry"], project["staff_notes"]) == ("Research", True, "x")
