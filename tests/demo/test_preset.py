"""What stands in the demo's preset, and that it is a preset like any other."""

from __future__ import annotations

import json

import pytest

from mercato.demo import bundled
from mercato.demo.build import PRESET

pytestmark = pytest.mark.pure


@pytest.fixture(scope="module")
def document():
    return json.loads(bundled(PRESET).read_text(encoding="utf-8"))


def test_a_bundled_preset_is_found_by_name():
    assert bundled("marketplace").name == "marketplace.json"


@pytest.mark.parametrize("name", ["nothing", "../demo/marketplace", "", "/etc/passwd"])
def test_other_names_find_nothing(name):
    assert bundled(name) is None


def test_what_there_is_of_each_kind(document):
    counts = {kind: len(rows) for kind, rows in document.items()}
    assert counts["service_providers"] == 3
    assert counts["offerings"] == 12
    assert counts["projects"] == 9
    assert len(document["customers"]) - counts["service_providers"] == 4
    assert [row["title"] for row in document["categories"]] == [
        "Compute",
        "Storage",
        "HPC",
        "Databases",
        "Other",
    ]


def test_nobody_has_a_password_or_a_key(document):
    assert document["auth_tokens"] == []
    assert not [row["username"] for row in document["users"] if row.get("password")]


def test_one_offering_is_private_one_a_draft_one_paused(document):
    assert [row["name"] for row in document["offerings"] if not row["shared"]] == ["Campus Virtual Server"]
    states = [row["state"] for row in document["offerings"]]
    assert (states.count(1), states.count(2), states.count(3)) == (1, 10, 1)


def test_taxes_and_time_zones_differ(document):
    buyers = document["customers"][:4]
    assert len({row["time_zone"] for row in buyers}) >= 2
    assert len({row["default_tax_percent"] for row in buyers}) >= 2


# Specification 003, "Realistic Service Examples": name, billing type, period of the limit.
EXAMPLES = {
    "Virtual Private Cloud": [
        ("CPU cores", "limit", "month"),
        ("RAM", "limit", "month"),
        ("Storage", "usage", "month"),
        ("Network traffic", "usage", "month"),
    ],
    "Managed Kubernetes": [
        ("Worker node hours", "usage", "month"),
        ("Master node", "fixed", None),
        ("Load balancer", "fixed", None),
        ("Storage volumes", "limit", "total"),
        ("Management fee", "fixed", None),
    ],
    "Borealis HPC Allocation": [
        ("CPU hours", "limit", "annual"),
        ("GPU hours", "limit", "annual"),
        ("Storage quota", "limit", "total"),
        ("Priority queue access", "one", None),
    ],
    "Numeris Statistics Suite": [
        ("User licenses", "limit", "quarterly"),
        ("Admin seats", "limit", "quarterly"),
        ("Support hours", "limit", "quarterly"),
        ("Implementation services", "one", None),
        ("Training licenses", "usage", "quarterly"),
    ],
}


def _offering(document, name):
    return next(row["uuid"] for row in document["offerings"] if row["name"] == name)


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_specification_s_services_have_exactly_their_components(document, name):
    uuid = _offering(document, name)
    found = [
        (row["name"], row["billing_type"], row.get("limit_period"))
        for row in document["offering_components"]
        if row["offering_uuid"] == uuid
    ]
    assert found == EXAMPLES[name]


def test_every_billing_type_limit_period_and_kind_of_field_is_there(document):
    parts = document["offering_components"]
    assert {row["billing_type"] for row in parts} == {"fixed", "usage", "limit", "one", "few"}
    periods = {row["limit_period"] for row in parts if row["billing_type"] == "limit"}
    assert periods == {"month", "quarterly", "annual", "total"}
    assert {row["unit"] for row in document["plans"]} >= {"month", "quarter", "day", "hour"}
    forms = [row["options"]["options"] for row in document["offerings"] if "options" in row]
    kinds = {field["type"] for form in forms for field in form.values()}
    assert kinds == {
        "boolean", "integer", "string", "text", "money", "date", "time", "select_string", "select_string_multi",
    }  # fmt: skip


def test_basic_professional_and_enterprise(document):
    plans = {
        row["name"]: row
        for row in document["plans"]
        if row["offering_uuid"] == _offering(document, "Research Compute Pool")
    }
    prices = {
        name: {
            r["component_type"]: r["price"]
            for r in document["plan_components"]
            if r["plan_uuid"] == row["uuid"]
        }
        for name, row in plans.items()
    }
    assert list(plans) == ["Basic", "Professional", "Enterprise"]
    assert prices["Basic"] == {"cpu": "0.05", "ram": "0.10", "storage": "0.01", "switch": "25.00"}
    assert (prices["Professional"]["cpu"], prices["Professional"]["storage"]) == ("0.04", "0.008")
    assert set(prices["Enterprise"].values()) == {"0"}
    assert "on request" in plans["Enterprise"]["description"]
    assert "volume discount" in plans["Enterprise"]["description"]
