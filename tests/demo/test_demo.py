"""The built demo: what is in it, who may come in, and that it is built once, whole."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path

import httpx
import pytest

from demo.conftest import NOW
from mercato.billing.jobs import turn_months
from mercato.commands import preset
from mercato.commands.running import being_server, describe
from mercato.config import Settings
from mercato.demo import bundled
from mercato.demo.build import PRESET, ensure
from mercato.kernel import clock
from mercato.kernel.db import Database, Tx, open_database
from mercato.market import Market
from mercato.resources.queries import billed_resources
from mercato.schemas.access import RoleName
from mercato.schemas.orders import OrderState
from mercato.schemas.resources import ResourceState
from mercato.server_files import personas_file
from mercato.web.app import create_app

pytestmark = pytest.mark.scenario

KEYS = {"owner", "manager", "provider", "staff"}


class Rows:
    """Looks into a database file."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __call__(self, query: str):
        conn = sqlite3.connect(self.file)
        try:
            return conn.execute(query).fetchall()
        finally:
            conn.close()


@pytest.fixture(scope="module")
def rows(place: Path) -> Rows:
    return Rows(place / "mercato.db")


# -- the preset alone --------------------------------------------------------------------------


async def test_it_loads_like_any_preset_and_twice_changes_nothing(db: Database):
    document = json.loads(bundled(PRESET).read_text(encoding="utf-8"))
    market = Market(db, Settings())
    await market.prepare()
    first = await db.write(preset.load, preset.parse(document))
    again = await db.write(preset.load, preset.parse(document))
    assert (first["users"], first["offerings"], first["user_roles"]) == (25, 12, len(document["user_roles"]))
    assert set(again.values()) == {0}


# -- what is in it -----------------------------------------------------------------------------


def test_everybody_and_everything_is_there(rows):
    tables = ("service_providers", "categories", "offerings", "customers", "projects")
    assert [rows(f"SELECT count(*) FROM {table}")[0][0] for table in tables] == [3, 5, 12, 3 + 4, 9]


def test_every_role_is_held_and_there_are_staff_and_support(rows):
    held = rows("SELECT DISTINCT r.name FROM grants g JOIN roles r ON r.id = g.role_id WHERE g.is_active")
    assert {name for (name,) in held} == {role.value for role in RoleName}
    assert rows("SELECT sum(is_staff), sum(is_support) FROM users") == [(1, 1)]


def test_people_have_been_looked_at_in_time(rows):
    closed = rows(
        "SELECT count(*), count(DISTINCT reviewer_id) FROM permission_reviews WHERE closed IS NOT NULL"
    )
    assert closed[0][0] >= 14
    assert closed[0][1] == 7
    assert rows("SELECT count(*) FROM permission_reviews WHERE closed IS NULL")[0][0] <= 7


def test_projects_are_of_types_and_organizations_have_networks(rows):
    assert rows("SELECT count(*) FROM projects WHERE type_id IS NULL") == [(0,)]
    assert rows("SELECT count(*), sum(applies_to_portal) FROM access_subnets") == [(3, 0)]


def test_orders_and_resources_in_every_state(rows):
    assert {s for (s,) in rows("SELECT DISTINCT state FROM orders")} == {s.value for s in OrderState}
    assert {s for (s,) in rows("SELECT DISTINCT state FROM resources")} == {s.value for s in ResourceState}


def test_refusals_and_failures_say_why(rows):
    (message,) = rows("SELECT error_message FROM orders WHERE state = 'erred'")[0]
    assert "GPU hours left" in message
    comments = rows(
        "SELECT consumer_rejection_comment || provider_rejection_comment FROM orders WHERE state = 'rejected'"
    )
    assert len(comments) == 2
    assert all(comment for (comment,) in comments)


def test_limits_rise_and_fall_plans_change_things_end(rows):
    kinds = dict(rows("SELECT kind, count(*) FROM resource_history GROUP BY kind"))
    assert (kinds["plan"], kinds["terminated"]) == (2, 2)
    assert kinds["limits"] > 10


def test_one_project_starts_later_one_ends(rows):
    dates = rows("SELECT name, start_date, end_date FROM projects WHERE start_date OR end_date ORDER BY name")
    assert dates == [
        ("Coastal Drone Survey", None, "2027-04-29"),
        ("Ocean Twin 2.0", "2026-12-14", None),
    ]


def test_what_was_delivered_can_be_reached(rows):
    addresses = [url for (url,) in rows("SELECT url FROM resource_endpoints")]
    assert any(url.startswith("ssh ") for url in addresses)
    assert any(url.startswith("ssh ") for (url,) in rows("SELECT url FROM offering_endpoints"))
    unreachable = rows(
        "SELECT name FROM resources r WHERE state IN ('OK', 'Updating') AND"
        " NOT EXISTS (SELECT 1 FROM resource_endpoints e WHERE e.resource_id = r.id)"
    )
    assert unreachable == []


def test_nobody_has_a_password(rows):
    assert rows("SELECT count(*) FROM users WHERE password_hash IS NOT NULL") == [(0,)]


# -- invoices ----------------------------------------------------------------------------------


def test_fourteen_months_of_invoices(rows):
    months = rows("SELECT year * 100 + month, count(*), min(total) FROM invoices GROUP BY 1 ORDER BY 1")
    assert [month for month, _, _ in months] == [202510, 202511, 202512, *range(202601, 202612)]
    assert all(count >= 4 and least > 0 for _, count, least in months)
    states = rows("SELECT DISTINCT state, year = 2026 AND month = 11 FROM invoices")
    assert sorted(states) == [("created", 0), ("pending", 1)]


def test_invoices_are_the_sums_of_their_lines(rows):
    wrong = rows(
        "SELECT uuid FROM invoices i WHERE total != price + tax OR price !="
        " (SELECT sum(price) FROM invoice_items WHERE invoice_id = i.id)"
    )
    assert wrong == []


def test_lines_of_every_kind(rows):
    assert {k for (k,) in rows("SELECT DISTINCT billing_type FROM invoice_items")} >= {
        "fixed", "limit", "usage", "one", "few", "quarterly", "total",
    }  # fmt: skip


def test_the_journey_s_example_costs_what_the_specification_says(rows):
    """1000 CPU hours, 256 GB RAM, 500 GB storage: 50.00 + 25.60 + 5.00 = 80.60 a month."""
    prices = rows(
        "SELECT t.price FROM invoice_items t JOIN invoices i ON i.id = t.invoice_id"
        " WHERE t.resource_name = 'snow-model-tests' AND i.year = 2026 AND i.month = 10 ORDER BY t.price"
    )
    assert [price for (price,) in prices] == [500, 2560, 5000]


async def test_the_month_s_end_again_changes_nothing(place, rows, tmp_path):
    file = tmp_path / "mercato.db"
    shutil.copyfile(place / "mercato.db", file)
    market = Market(open_database(f"sqlite:///{file}"), Settings(data_dir=str(tmp_path)))

    def settle_all(tx: Tx) -> int:
        found = [r for c in range(1, 8) for r in billed_resources(tx.conn, c)]
        for resource in found:
            market.billing.settle(tx, resource)
        return len(found)

    with clock.replaying(NOW):
        due = await turn_months(market.db, market.billing)
        settled = await market.db.write(settle_all)
    await market.close()
    again = Rows(file)
    assert (due, settled) == (0, 26)  # every living resource; two of the story have ended
    for table in ("invoices", "invoice_items", "facts", "audit"):
        query = f"SELECT * FROM {table} ORDER BY id"
        assert again(query) == rows(query)


# -- who comes in ------------------------------------------------------------------------------


def test_the_personas_are_for_their_owner_s_eyes_only(place):
    file = personas_file(place)
    personas = json.loads(file.read_text())
    assert file.stat().st_mode & 0o777 == 0o600
    assert place.stat().st_mode & 0o077 == 0
    assert {persona["key"] for persona in personas} >= KEYS
    assert all(set(p) == {"key", "name", "title", "description", "token"} for p in personas)
    assert len({persona["token"] for persona in personas}) == len(personas)


async def test_every_persona_comes_in_and_finds_work(place, tmp_path):
    file = tmp_path / "mercato.db"
    shutil.copyfile(place / "mercato.db", file)
    personas = {p["key"]: p for p in json.loads(personas_file(place).read_text())}
    market = Market(open_database(f"sqlite:///{file}"), Settings(data_dir=str(tmp_path)))
    transport = httpx.ASGITransport(app=create_app(market), client=("127.0.0.1", 5000))
    waiting = {}
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
        for key, persona in personas.items():
            client.headers["Authorization"] = f"Token {persona['token']}"
            me = (await client.get("/api/users/me/")).json()
            assert me["full_name"] == persona["name"]
            for side in ("consumer", "provider"):
                found = await client.get(f"/api/marketplace-orders/?can_approve_as_{side}=true")
                waiting[key, side] = len(found.json())
        client.headers["Authorization"] = f"Token {personas['manager']['token']}"
        mine = (await client.get("/api/marketplace-resources/?state=OK")).json()
    await market.close()
    assert waiting["owner", "consumer"] >= 2
    assert waiting["provider", "provider"] >= 3
    assert len(mine) >= 3


# -- built once, whole -------------------------------------------------------------------------


def _stamp(place: Path):
    return [(place / name).stat().st_mtime_ns for name in ("mercato.db", "personas.json")]


def test_it_is_built_once(place):
    before = _stamp(place)
    ensure(place)
    assert _stamp(place) == before
    left = {file.name for file in place.iterdir()}
    assert left <= {"mercato.db", "personas.json", "demo.lock", "server.lock"}


def test_a_database_in_use_is_left_alone(tmp_path):
    (tmp_path / "mercato.db").write_text("somebody's")
    with being_server(tmp_path):
        describe(tmp_path, "http://127.0.0.1:1")
        ensure(tmp_path)
    assert (tmp_path / "mercato.db").read_text() == "somebody's"
    assert not personas_file(tmp_path).exists()


# What does not depend on random uuids and keys.
TELLING = (
    "SELECT o.created, o.modified, o.type, o.state, o.cost, r.name, r.state, r.limits FROM orders o"
    " JOIN resources r ON r.id = o.resource_id ORDER BY o.id",
    "SELECT customer_id, year, month, state, price, tax, total FROM invoices ORDER BY id",
    "SELECT name, quantity, unit_price, price, start FROM invoice_items ORDER BY id",
    "SELECT resource_id, billing_period, hundredths FROM component_usages ORDER BY id",
)


def test_two_at_once_replace_a_half_built_one_and_tell_the_same_story(rows, contested):
    assert [builder.wait(60) for builder in contested.builders] == [0, 0]
    again = Rows(contested.place / "mercato.db")
    for query in TELLING:
        assert again(query) == rows(query)
    assert (contested.place / "mercato.db.replaced").read_text() == "half built"
    assert (contested.place / "mercato.db.replaced-wal").read_text() == "its log"
    left = {file.name for file in contested.place.iterdir()}
    assert left == {
        "mercato.db", "mercato.db.replaced", "mercato.db.replaced-wal", "personas.json", "demo.lock", "server.lock",
    }  # fmt: skip
