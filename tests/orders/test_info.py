"""What goes with an order: its resource and offering, files, words to one another; and orders that hang."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from mercato.files.tables import blobs, files
from world import BASE, World

pytestmark = pytest.mark.http

ORDERS = "/api/marketplace-orders/"
PDF = b"%PDF-1.7 \x00\xff"


async def upload(world: World, who: str, path: str, field: str, name: str, data: bytes) -> Any:
    return await world.ask(who, "POST", path, files={field: (name, data)})


async def stored(world: World) -> tuple[int, int]:
    def count(conn: Any) -> tuple[int, int]:
        counts = [conn.execute(select(func.count()).select_from(t)).scalar_one() for t in (files, blobs)]
        return counts[0], counts[1]

    return await world.market.db.read(count)


async def test_the_resource_and_the_offering_of_an_order(world: World) -> None:
    order = await world.order(await world.offering())
    path = f"{ORDERS}{order['uuid']}/"
    for who in ("owner", "seller", "staff"):
        resource = await world.must(who, "GET", path + "resource/")
        assert (resource["uuid"], resource["state"]) == (order["marketplace_resource_uuid"], "Creating")
        assert (await world.must(who, "GET", path + "offering/?field=uuid")) == {
            "uuid": order["offering_uuid"]
        }
    for what in ("resource/", "offering/"):
        assert (await world.get("stranger", path + what)).status_code == 404


async def test_a_file_goes_with_an_order(world: World) -> None:
    order = await world.order(await world.offering())
    path = f"{ORDERS}{order['uuid']}/"
    assert order["attachment"] is None
    assert (await world.get("owner", path + "attachment/")).status_code == 404
    told = await upload(world, "manager", path + "update_attachment/", "attachment", "Größe.pdf", PDF)
    link = f"{BASE}{path}attachment/"
    assert (told.status_code, told.json()) == (200, {"attachment": link})
    assert (await world.must("owner", "GET", path))["attachment"] == link
    for who in ("owner", "seller", "support"):
        got = await world.get(who, path + "attachment/")
        assert (got.content, got.headers["Content-Type"]) == (PDF, "application/pdf"), who
    assert got.headers["Content-Disposition"] == "attachment; filename*=UTF-8''Gr%C3%B6%C3%9Fe.pdf"
    assert (got.headers["X-Content-Type-Options"], "sandbox" in got.headers["Content-Security-Policy"]) == (
        "nosniff",
        True,
    )
    same = await world.get("owner", path + "attachment/", headers={"If-None-Match": got.headers["ETag"]})
    assert (same.status_code, same.content) == (304, b"")
    assert (await world.get("stranger", path + "attachment/")).status_code == 404
    assert (await world.get(None, path + "attachment/")).status_code == 401


async def test_another_file_takes_its_place_and_none_removes_it(world: World) -> None:
    order = await world.order(await world.offering())
    path = f"{ORDERS}{order['uuid']}/"
    for data in (PDF, b"words"):
        await upload(world, "owner", path + "update_attachment/", "attachment", "a", data)
        assert await stored(world) == (1, 1)
    got = await world.get("owner", path + "attachment/")
    assert (got.content, got.headers["Content-Type"]) == (b"words", "text/plain")
    gone = await world.post("owner", path + "delete_attachment/")
    assert (gone.status_code, gone.content) == (204, b"")
    assert await stored(world) == (0, 0)
    assert (await world.must("owner", "GET", path))["attachment"] is None
    in_json = {"attachment": {"name": "a.txt", "data": "d29yZHM="}}
    assert (await world.post("owner", path + "update_attachment/", in_json)).status_code == 200
    assert (await world.get("owner", path + "attachment/")).content == b"words"
    await world.must("owner", "POST", path + "update_attachment/", {"attachment": None}, 200)
    assert await stored(world) == (0, 0)


async def test_who_attaches_what_and_when(world: World) -> None:
    order = await world.order(await world.offering())
    path = f"{ORDERS}{order['uuid']}/update_attachment/"
    for who, status in (("member", 403), ("seller", 403), ("support", 403), ("stranger", 404)):
        assert (await upload(world, who, path, "attachment", "a", PDF)).status_code == status, who
    empty = await upload(world, "owner", path, "attachment", "a", b"")
    assert (empty.status_code, list(empty.json())) == (400, ["attachment"])
    large = await upload(world, "owner", path, "attachment", "a", b"x" * (10 * 1024 * 1024 + 1))
    assert large.json() == {"attachment": ["The file is larger than 10 MB."]}
    assert (await world.act("owner", order, "cancel")).status_code == 202
    closed = await upload(world, "owner", path, "attachment", "a", PDF)
    assert (closed.status_code, closed.json()["code"]) == (409, "wrong_state")
    assert await stored(world) == (0, 0)


async def test_other_limits_with_a_purchase_order(world: World) -> None:
    resource = await world.resource(await world.offering())
    path = f"/api/marketplace-resources/{resource['uuid']}/update_limits/"
    form = {
        "limits": (None, b'{"cpu": 20}', "application/json"),
        "request_comment": (None, b"please"),
        "attachment": ("po.pdf", PDF, "application/pdf"),
    }
    made = await world.ask("owner", "POST", path, files=form)
    assert made.status_code == 200, made.text
    order = await world.must("seller", "GET", f"{ORDERS}{made.json()['order_uuid']}/")
    assert (order["limits"]["cpu"], order["request_comment"]) == (20, "please")
    assert (await world.get("seller", order["attachment"])).content == PDF
    refused = await world.ask("owner", "POST", path, files={**form, "attachment": ("x", b"")})
    assert refused.status_code == 400


async def test_customer_and_provider_tell_one_another(world: World) -> None:
    order = await world.order(await world.offering())
    path = f"{ORDERS}{order['uuid']}/"
    with world.at("2026-05-10 12:00"):
        told = await world.post(
            "manager", path + "set_consumer_info/", {"consumer_message": "Which [b]room[/b]?"}
        )
        assert (told.status_code, told.json()) == (200, {"detail": "Consumer info has been updated."})
        body = {"provider_message": "B 12", "provider_message_url": "https://example.org"}
        await world.must("seller", "POST", path + "set_provider_info/", body, 200)
        sent = await upload(
            world,
            "seller",
            path + "set_provider_info/",
            "provider_message_attachment",
            "plan.png",
            b"\x89PNG\r\n\x1a\n",
        )
        assert sent.status_code == 200
    seen = await world.must("owner", "GET", path)
    assert (seen["consumer_message"], seen["provider_message"], seen["provider_message_url"]) == (
        "Which [b]room[/b]?",
        "B 12",
        "https://example.org",
    )
    assert seen["provider_message_updated_at"] == "2026-05-10T12:00:00.000000Z"
    got = await world.get("owner", seen["provider_message_attachment"])
    assert (got.headers["Content-Type"], got.headers["Content-Disposition"][:6]) == ("image/png", "inline")
    for who, action in (
        ("seller", "set_consumer_info"),
        ("owner", "set_provider_info"),
        ("member", "set_consumer_info"),
    ):
        assert (await world.post(who, f"{path}{action}/", {})).status_code == 403
    assert (await world.act("owner", order, "cancel")).status_code == 202
    late = await world.post("manager", path + "set_consumer_info/", {"consumer_message": "x"})
    assert late.status_code == 409


async def test_what_an_order_is_called_on_the_backend(world: World) -> None:
    order = await world.order(await world.offering())
    path = f"{ORDERS}{order['uuid']}/set_backend_id/"
    told = await world.post("seller", path, {"backend_id": "b-1"})
    assert (told.status_code, told.json()) == (200, {"status": "Order backend ID has been changed."})
    assert (await world.must("owner", "GET", f"{ORDERS}{order['uuid']}/"))["backend_id"] == "b-1"
    long = await world.post("seller", path, {"backend_id": "x" * 256})
    assert (long.status_code, list(long.json())) == (400, ["backend_id"])


# -- orders that hang --------------------------------------------------------------------------


async def test_staff_remove_an_order_that_waits(world: World) -> None:
    order = await world.order(await world.offering())
    path = f"{ORDERS}{order['uuid']}/"
    await upload(world, "owner", path + "update_attachment/", "attachment", "a", PDF)
    for who, status in (("owner", 403), ("seller", 403), ("stranger", 403)):
        assert (await world.post(who, path + "unlink/")).status_code == status
    gone = await world.post("staff", path + "unlink/")
    assert (gone.status_code, gone.content) == (204, b"")
    assert (await world.get("staff", path)).status_code == 404
    assert await stored(world) == (0, 0)
    assert (await world.reload(order["marketplace_resource_uuid"]))["state"] == "Terminated"


async def test_staff_remove_an_order_that_hangs(world: World) -> None:
    offering = await world.offering(type="Marketplace.Slurm")
    order = await world.order(offering)
    assert (await world.act("seller", order, "approve_by_provider")).status_code == 200
    await world.drain()
    await world.act("seller", order, "set_state_done")
    uuid = order["marketplace_resource_uuid"]
    made = await world.must(
        "owner", "POST", f"/api/marketplace-resources/{uuid}/update_limits/", {"limits": {"cpu": 5}}, 200
    )
    assert (await world.act("seller", made["order_uuid"], "approve_by_provider")).status_code == 200
    assert (await world.reload(uuid))["state"] == "Updating"
    assert (await world.post("staff", f"{ORDERS}{made['order_uuid']}/unlink/")).status_code == 204
    await world.drain()
    seen = await world.reload(uuid)
    assert (seen["state"], seen["order_in_progress"]) == ("Erred", None)
    assert (
        await world.post("seller", f"/api/marketplace-provider-resources/{uuid}/set_as_ok/")
    ).status_code == 200


# -- looking -----------------------------------------------------------------------------------


async def test_orders_are_found_by_more(world: World) -> None:
    offering = await world.offering()
    await world.keep(offering)
    order = await world.order(offering)
    [provider] = await world.must("staff", "GET", "/api/marketplace-service-providers/")
    ids = {
        **world.ids,
        "offering": offering["uuid"],
        "sp": provider["uuid"],
        "base": BASE,
        "resource": order["marketplace_resource_uuid"],
        "slug": order["slug"],
    }
    yes = (
        "offering={base}/api/marketplace-public-offerings/{offering}/",
        "offering_slug=hpc&offering_slug=x",
        "provider_uuid={sp}",
        "provider_uuid={provider}",
        "service_provider_uuid={sp}",
        "service_manager_uuid={keeper}",
        "resource={base}/api/marketplace-resources/{resource}/",
        "resource_name=THI",
        "slug={slug}",
        "created=2020-01-01T00:00:00&modified=2020-01-01T00:00:00",
    )
    no = (
        "offering={alpha}",
        "offering_slug=x",
        "provider_uuid={buyer}",
        "service_manager_uuid={owner}",
        "resource={alpha}",
        "resource_name=other",
        "slug=other",
        "created_before=2020-01-01T00:00:00",
    )
    for query in yes + no:
        found = await world.must("staff", "GET", f"{ORDERS}?field=uuid&{query.format(**ids)}")
        assert found == ([{"uuid": order["uuid"]}] if query in yes else []), query


async def test_orders_in_the_order_of_their_cost(world: World) -> None:
    offering = await world.offering()
    for cpu in (200, 1000, 50):
        await world.order(offering, limits={"cpu": cpu})
    for sign, expected in (("", ["2.5", "10", "50"]), ("-", ["50", "10", "2.5"])):
        rows = await world.must("owner", "GET", f"{ORDERS}?o={sign}cost&field=cost")
        assert [row["cost"] for row in rows] == expected


async def test_what_an_order_costs_besides(world: World) -> None:
    parts = [
        {"type": "setup", "name": "Setup", "billing_type": "one"},
        {"type": "fee", "name": "Fee", "billing_type": "fixed"},
    ]
    plans = [{"name": "P", "prices": {"setup": "25", "fee": "3.50"}}]
    order = await world.order(await world.offering(components=parts, plans=plans), limits={})
    assert (order["fixed_price"], order["activation_price"], order["can_terminate"]) == (3.5, 25, True)
    assert (await world.act("owner", order, "cancel")).status_code == 202
    assert (await world.must("owner", "GET", f"{ORDERS}{order['uuid']}/"))["can_terminate"] is False
    put = await world.ask("owner", "PUT", f"{ORDERS}{order['uuid']}/", {"request_comment": "x"})
    assert put.status_code == 409
