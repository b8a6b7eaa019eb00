"""Networks of organizations: who names them, who signs in from where, which services they reach."""

from __future__ import annotations

from typing import Any

import pytest

from contract.judge import complaints
from mercato.networks.rules import network, too_wide
from world import PASSWORD, World

pytestmark = pytest.mark.http

SUBNETS = "/api/access-subnets/"
HERE = "127.0.0.1"


async def add(world: World, inet: str, who: str = "owner", **more: Any) -> Any:
    body = {"inet": inet, "customer": f"/api/customers/{world.ids['buyer']}/", **more}
    return await world.post(who, SUBNETS, body)


async def sign_in(world: World, who: str, password: str = PASSWORD) -> Any:
    return await world.post(None, "/api-auth/password/", {"username": who, "password": password})


async def with_password(world: World, *people: str) -> None:
    for who in people:
        path = f"/api/users/{world.ids[who]}/change_password/"
        await world.must("staff", "POST", path, {"new_password": PASSWORD}, 200)


async def test_a_network_comes_changes_and_goes(world: World) -> None:
    made = (await add(world, " 192.0.2.77/24 ", description="Campus")).json()
    assert (made["inet"], made["description"]) == ("192.0.2.0/24", "Campus")
    assert (made["applies_to_portal"], made["is_staff_managed"], made["offerings"]) == (False, False, [])
    assert made["scoped_offerings"] == []
    path = f"{SUBNETS}{made['uuid']}/"
    seen = await world.must("owner", "PATCH", path, {"inet": "2001:db8::/32"})
    assert seen["inet"] == "2001:db8::/32"
    seen = await world.must("owner", "PUT", path, {**seen, "description": "Other"})
    assert (seen["inet"], seen["description"]) == ("2001:db8::/32", "Other")
    await world.must("owner", "DELETE", path, status=204)
    assert (await world.get("owner", path)).status_code == 404
    events = await world.must("staff", "GET", "/api/events/?page_size=100&o=created")
    kinds = [row["event_type"] for row in events if row["event_type"].startswith("access_subnet")]
    assert sorted(kinds) == [
        "access_subnet_creation_succeeded",
        "access_subnet_deletion_succeeded",
        "access_subnet_update_succeeded",
        "access_subnet_update_succeeded",
    ]


@pytest.mark.parametrize("inet", ["", "campus", "192.0.2.0/33", "192.0.2.0/24, 198.51.100.0/24", "300.1.1.1"])
async def test_what_is_no_network(world: World, inet: str) -> None:
    answer = await add(world, inet)
    assert (answer.status_code, list(answer.json())) == (400, ["inet"])
    assert network(inet) is None


async def test_the_same_network_twice_and_too_wide_ones(world: World) -> None:
    await add(world, "192.0.2.0/24")
    assert (await add(world, "192.0.2.9/24")).json() == {
        "inet": ["The organization has this network already."]
    }
    for inet in ("10.0.0.0/8", "2001::/16"):
        wide = await add(world, inet)
        assert (wide.status_code, list(wide.json())) == (400, ["inet"])
        found = network(inet)
        assert found is not None
        assert too_wide(found)
    assert (await add(world, "10.0.0.0/8", "staff")).status_code == 201


async def test_who_may_name_networks(world: World) -> None:
    made = (await add(world, "192.0.2.0/24")).json()
    path = f"{SUBNETS}{made['uuid']}/"
    assert (await add(world, "198.51.100.0/24", "reader")).status_code == 403
    assert list((await add(world, "198.51.100.0/24", "seller")).json()) == ["customer"]
    assert (await world.ask("reader", "PATCH", path, {"description": "x"})).status_code == 403
    for who in ("member", "seller", "stranger"):
        assert (await world.get(who, path)).status_code == 404, who
    by_staff = (await add(world, "203.0.113.0/24", "staff")).json()
    assert by_staff["is_staff_managed"] is True
    for method in ("PATCH", "DELETE"):
        refused = await world.ask("owner", method, f"{SUBNETS}{by_staff['uuid']}/", {"description": "x"})
        assert (refused.status_code, refused.json()["code"]) == (403, "staff_managed")


async def test_people_sign_in_from_their_organizations_networks_only(world: World) -> None:
    await with_password(world, "owner", "member", "seller", "staff")
    assert (await sign_in(world, "member")).status_code == 200
    made = (await add(world, "192.0.2.0/24", "staff", applies_to_portal=True)).json()
    path = f"/api/customers/{world.ids['buyer']}/"
    assert (await world.must("owner", "GET", path))["access_subnets"] == "192.0.2.0/24"
    for who in ("owner", "member"):
        refused = await sign_in(world, who)
        assert (refused.status_code, refused.json()["code"]) == (403, "wrong_network")
        assert "Buyer Org" in refused.json()["detail"]
        assert HERE in refused.json()["detail"]
    # Others are not concerned, and a wrong password learns nothing of networks.
    assert (await sign_in(world, "seller")).status_code == 200
    assert (await sign_in(world, "staff")).status_code == 200
    assert (await sign_in(world, "member", "wrong")).status_code == 401
    failures = await world.must("staff", "GET", "/api/events/?event_type=auth_login_failed_with_username")
    assert any("was refused at 127.0.0.1" in row["message"] for row in failures)
    await add(world, "127.0.0.0/16", "staff", applies_to_portal=True)
    assert (await sign_in(world, "member")).status_code == 200
    await world.must("staff", "PATCH", f"{SUBNETS}{made['uuid']}/", {"applies_to_portal": False})
    assert (await world.must("owner", "GET", path))["access_subnets"] == "127.0.0.0/16"


async def test_a_network_that_is_not_for_the_portal_keeps_nobody_out(world: World) -> None:
    await with_password(world, "member")
    await add(world, "192.0.2.0/24")
    assert (await sign_in(world, "member")).status_code == 200


async def test_nobody_shuts_themselves_out(world: World) -> None:
    refused = await add(world, "192.0.2.0/24", applies_to_portal=True)
    assert (refused.status_code, list(refused.json())) == (400, ["applies_to_portal"])
    assert await world.must("owner", "GET", SUBNETS) == []
    mine = (await add(world, "127.0.0.0/24", applies_to_portal=True)).json()
    assert (await add(world, "192.0.2.0/24", applies_to_portal=True)).status_code == 201
    path = f"{SUBNETS}{mine['uuid']}/"
    assert (await world.ask("owner", "DELETE", path)).status_code == 400
    assert (await world.ask("owner", "PATCH", path, {"inet": "198.51.100.0/24"})).status_code == 400
    assert (await world.must("owner", "GET", path))["inet"] == "127.0.0.0/24"


async def restricted(world: World, **options: Any) -> dict[str, Any]:
    return await world.offering(plugin_options={"enable_resource_access_subnets": True, **options})


async def test_networks_for_services_that_the_organization_uses(world: World) -> None:
    closed, open_ = await restricted(world), await world.offering("Open")
    link = f"http://x/api/marketplace-public-offerings/{closed['uuid']}/"
    unused = await add(world, "192.0.2.0/24", offerings=[link])
    assert (unused.status_code, list(unused.json())) == (400, ["offerings"])
    resource = await world.resource(closed)
    await world.resource(open_)
    lax = await add(world, "192.0.2.0/24", offerings=[open_["uuid"]])
    assert lax.json() == {"offerings": ["Open lets in everybody: it takes no networks."]}
    made = (await add(world, "192.0.2.0/24", offerings=[closed["uuid"], closed["uuid"]])).json()
    assert made["offerings"] == [closed["uuid"]]
    assert made["scoped_offerings"] == [{"uuid": closed["uuid"], "name": "HPC", "has_live_resources": True}]
    order = await world.must(
        "owner", "POST", f"/api/marketplace-resources/{resource['uuid']}/terminate/", {}, 200
    )
    await world.done(order["order_uuid"])
    seen = await world.must("owner", "GET", f"{SUBNETS}{made['uuid']}/")
    assert seen["scoped_offerings"][0]["has_live_resources"] is False


async def test_providers_see_the_networks_that_reach_their_services(world: World) -> None:
    mine = await restricted(world)
    await world.resource(mine)
    made = (await add(world, "192.0.2.0/24", offerings=[mine["uuid"]])).json()
    await add(world, "198.51.100.0/24")
    for who in ("seller", "vendor"):
        seen = await world.must(who, "GET", SUBNETS + f"?offering_uuid={mine['uuid']}")
        assert [(row["uuid"], row["offerings"]) for row in seen] == [(made["uuid"], [mine["uuid"]])]
        assert len(await world.must(who, "GET", SUBNETS)) == 1
    refused = await world.ask("seller", "PATCH", f"{SUBNETS}{made['uuid']}/", {"description": "x"})
    assert refused.status_code == 403
    await world.must("owner", "PATCH", f"{SUBNETS}{made['uuid']}/", {"offerings": []})
    assert await world.must("seller", "GET", SUBNETS) == []


async def test_what_a_firewall_needs(world: World) -> None:
    mine = await restricted(world)
    await world.resource(mine)
    for inet in ("192.0.2.0/25", "2001:db8::/48", "192.0.2.128/25", "192.0.2.7"):
        await add(world, inet, description=inet, offerings=[mine["uuid"]])
    await add(world, "198.51.100.0/24")
    path = f"/api/marketplace-provider-offerings/{mine['uuid']}/access_subnets/"
    found = await world.must("seller", "GET", path)
    assert (found["packed"], found["defaults"]) == (["192.0.2.0/24", "2001:db8::/48"], [])
    assert [row["inet"] for row in found["expanded"]] == [
        "192.0.2.0/25",
        "2001:db8::/48",
        "192.0.2.128/25",
        "192.0.2.7/32",
    ]
    assert {row["customer_name"] for row in found["expanded"]} == {"Buyer Org"}
    assert list(complaints(found, "OfferingAccessSubnets")) == []
    assert (await world.get("owner", path)).status_code == 404


async def test_networks_are_found(world: World) -> None:
    await add(world, "192.0.2.0/24", description="Campus")
    await add(world, "127.0.0.0/16", "staff", applies_to_portal=True)
    for question, count in (
        ("inet=192.0", 1),
        ("description=camp", 1),
        ("applies_to_portal=true", 1),
        ("is_staff_managed=false", 1),
        (f"customer_uuid={world.ids['buyer']}", 2),
        (f"customer=http://x/api/customers/{world.ids['buyer']}/", 2),
        (f"customer_uuid={world.ids['provider']}", 0),
    ):
        assert len(await world.must("owner", "GET", f"{SUBNETS}?{question}")) == count, question


async def test_an_organization_that_goes_takes_its_networks_along(world: World) -> None:
    await with_password(world, "member")
    await add(world, "192.0.2.0/24", "staff", applies_to_portal=True)
    await world.must("staff", "DELETE", f"/api/projects/{world.ids['alpha']}/", status=204)
    await world.must("staff", "DELETE", f"/api/customers/{world.ids['buyer']}/", status=204)
    assert await world.must("staff", "GET", SUBNETS) == []
    assert (await sign_in(world, "member")).status_code == 200
