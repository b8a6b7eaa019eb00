"""A running marketplace that sells a cluster; everybody acts over HTTP with tokens of their own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx

from agent.cluster import OFFERING, until
from live import ROOT, Live

PROJECT = "b1000000000000000000000000000001"
PLAN = "0b000000000000000000000000000001"
PEOPLE = {"staff": 1, "provider": 2, "buyer": 3, "keeper": 4, "mia": 5, "noa": 6}


def uuid_of(person: str) -> str:
    return f"a{PEOPLE[person]:031}"


def token_of(person: str) -> str:
    return person.ljust(40, "0")


def _component(number: int, type_: str, billing: str, unit: str, **more: Any) -> dict[str, Any]:
    return {
        "uuid": f"c{number:031}",
        "offering_uuid": OFFERING,
        "type": type_,
        "name": type_,
        "billing_type": billing,
        "measured_unit": unit,
        **more,
    }


def preset() -> dict[str, Any]:
    """The example with a cluster in it: `keeper` manages the offering, `mia` is a member, `noa` none yet."""
    document: dict[str, Any] = json.loads((ROOT / "tests" / "data" / "preset.json").read_text())
    for name in ("keeper", "mia", "noa"):
        user = {"uuid": uuid_of(name), "username": name, "email": f"{name}@example.org", "is_active": True}
        document["users"].append({**user, "first_name": name.capitalize(), "last_name": "Example"})
        document["auth_tokens"].append(
            {"key": token_of(name), "user_uuid": uuid_of(name), "user_username": name}
        )
    for number, (name, role, kind, scope) in enumerate(
        [
            ("keeper", "OFFERING.MANAGER", "marketplace.offering", OFFERING),
            ("mia", "PROJECT.MEMBER", "structure.project", PROJECT),
        ],
        start=3,
    ):
        grant = {
            "uuid": f"d{number:031}",
            "user_uuid": uuid_of(name),
            "user_username": name,
            "is_active": True,
        }
        document["user_roles"].append({**grant, "role_name": role, "scope_type": kind, "scope_uuid": scope})
    [offering] = document["offerings"]
    offering["type"] = "Marketplace.Slurm"
    offering["plugin_options"] = {
        "service_provider_can_create_offering_user": True,
        "offering_user_auto_deletion": True,
        "username_generation_policy": "waldur_username",
    }
    document["offering_components"] = [
        _component(1, "cpu", "limit", "k-Hours", limit_period="month"),
        _component(2, "mem", "usage", "gb-Hours"),
    ]
    document["plan_components"] = [
        {
            "plan_uuid": PLAN,
            "component_uuid": f"c{n:031}",
            "component_type": type_,
            "price": price,
            "amount": 0,
        }
        for n, type_, price in ((1, "cpu", "10"), (2, "mem", "0.10"))
    ]
    return document


class Market:
    """The running server."""

    def __init__(self, folder: Path) -> None:
        self.live = Live(folder / "data")
        self.live.data.mkdir(parents=True)
        file = folder / "preset.json"
        file.write_text(json.dumps(preset()))
        self.live.command("preset", "load", str(file))
        self.live.start()

    def ask(self, who: str, method: str, path: str, json: Any = None) -> Any:
        headers = {"Authorization": f"Token {token_of(who)}"}
        answer = httpx.request(method, self.live.url + path, json=json, headers=headers, timeout=30)
        assert answer.is_success, (method, path, answer.status_code, answer.text)
        return answer.json() if answer.content else None

    def order(self, name: str = "first", cpu: int = 3) -> dict[str, Any]:
        body = {
            "offering": OFFERING,
            "project": PROJECT,
            "plan": PLAN,
            "limits": {"cpu": cpu},
            "attributes": {"name": name},
        }
        return dict(self.ask("buyer", "POST", "/api/marketplace-orders/", body))

    def order_of(self, uuid: str) -> dict[str, Any]:
        return dict(self.ask("buyer", "GET", f"/api/marketplace-orders/{uuid}/"))

    def done(self, order: str, within: float = 60) -> dict[str, Any]:
        """The order when its agent has done it; AssertionError when it failed or takes too long."""

        def ended() -> dict[str, Any] | None:
            seen = self.order_of(order)
            return seen if seen["state"] in ("done", "erred", "canceled", "rejected") else None

        found: dict[str, Any] = until(ended, within, lambda: str(self.order_of(order)))
        assert found["state"] == "done", found["error_message"]
        return found

    def resource(self, uuid: str) -> dict[str, Any]:
        return dict(self.ask("buyer", "GET", f"/api/marketplace-resources/{uuid}/"))

    def act(self, resource: str, what: str, body: Any = None) -> str:
        """Order something for a resource: update_limits, terminate; the order's uuid."""
        path = f"/api/marketplace-resources/{resource}/{what}/"
        return str(self.ask("buyer", "POST", path, body or {})["order_uuid"])

    def member(self, who: str, what: str) -> None:
        """add_user or delete_user."""
        body = {"user": uuid_of(who), "role": "PROJECT.MEMBER"}
        self.ask("buyer", "POST", f"/api/projects/{PROJECT}/{what}/", body)

    def events(self, kind: str) -> int:
        return int(self.ask("staff", "GET", f"/api/events/count/?event_type={kind}")["count"])
