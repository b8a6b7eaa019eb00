"""Waldur's own site agent, unmodified, for an offering manager of ours, beside an emulated SLURM cluster.

Agents and server are processes of their own; both are killed (SIGKILL) and started again on the way.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent.cluster import OFFERING, Agent, Site, install, until
from agent.marketplace import PROJECT, Market, token_of

pytestmark = pytest.mark.real


@pytest.fixture(scope="session")
def programs() -> Path:
    return install(Path(sys.prefix) / "site-agent")


@pytest.fixture
def market(tmp_path: Path) -> Iterator[Market]:
    made = Market(tmp_path)
    yield made
    made.live.stop()


@pytest.fixture
def site(tmp_path: Path, programs: Path, market: Market) -> Iterator[Site]:
    made = Site(tmp_path / "site", programs, market.live.url, token_of("keeper"))
    yield made
    made.close()


def told(*agents: Agent) -> str:
    return "\n".join(trouble for agent in agents for trouble in agent.troubles())


def test_polling(market: Market, site: Site) -> None:
    """An agent looks every five minutes, so each step has one of its own, killed as soon as the work is done."""
    order = market.order()
    resource = order["marketplace_resource_uuid"]
    agent = site.agent("order_process")
    assert market.done(order["uuid"])["state"] == "done", told(agent)
    agent.kill()
    seen = market.resource(resource)
    assert (seen["state"], seen["backend_id"], seen["limits"]["cpu"]) == ("OK", "a_first", 3)
    assert "a_first" in site.accounts()
    assert "cpu=180000" in site.limits("a_first")

    membership(market, site)
    usage(market, site, resource)

    update = market.act(resource, "update_limits", {"limits": {"cpu": 5}})
    agent = site.agent("order_process")
    market.done(update)
    agent.kill()
    assert market.resource(resource)["limits"]["cpu"] == 5
    assert "cpu=300000" in site.limits("a_first")
    end = market.act(resource, "terminate")
    agent = site.agent("order_process")
    market.done(end)
    agent.kill()
    assert market.resource(resource)["state"] == "Terminated"
    assert "a_first" not in site.accounts()


def membership(market: Market, site: Site) -> None:
    """Who is in the project has an account on the cluster, who has left has none."""
    agent = site.agent("membership_sync")
    until(lambda: site.accounts()["a_first"] == ["mia"], 30, lambda: told(agent))
    agent.kill()
    market.member("noa", "add_user")
    market.member("mia", "delete_user")
    agent = site.agent("membership_sync")
    until(lambda: site.accounts()["a_first"] == ["noa"], 30, lambda: told(agent))
    agent.kill()
    assert "Traceback" not in agent.said, told(agent)


def usage(market: Market, site: Site, resource: str) -> None:
    """What is used on the cluster is on the resource, by user, and on the invoice."""
    site.work("a_first", "noa", 10)
    agent = site.agent("report")
    where = f"?resource_uuid={resource}"

    def reported() -> bool:
        rows = market.ask("buyer", "GET", f"/api/marketplace-component-usages/{where}")
        return {"cpu", "mem"} <= {row["type"] for row in rows}

    until(reported, 30, lambda: told(agent))
    rows = market.ask("buyer", "GET", f"/api/marketplace-component-usages/{where}")
    amounts = {row["type"]: float(row["usage"]) for row in rows}
    assert amounts == {"cpu": 0.64, "mem": 5120}

    def by_user() -> list[dict[str, object]]:
        found = market.ask("provider", "GET", f"/api/marketplace-component-user-usages/{where}")
        return [row for row in found if row["username"] == "noa"]

    until(lambda: len(by_user()) == 2, 30, lambda: told(agent))
    agent.kill()
    assert sorted(float(str(row["usage"])) for row in by_user()) == [0.64, 5120]
    [invoice] = market.ask("buyer", "GET", "/api/invoices/")
    items = market.ask("buyer", "GET", f"/api/invoices/{invoice['uuid']}/")["items"]
    assert [float(item["price"]) for item in items if "mem" in item["name"]] == [512]
    assert "Traceback" not in agent.said, told(agent)


def test_events(market: Market, site: Site) -> None:
    """The same by live events, though agent and server are killed in between."""
    site.configure(market.live.url, token_of("keeper"), stomp_enabled=True)
    agent = site.agent("event_process")
    until(
        lambda: "Successfully subscribed" in agent.said or "Started unified" in agent.said,
        30,
        lambda: told(agent),
    )
    order = market.order()
    resource = order["marketplace_resource_uuid"]
    assert market.done(order["uuid"], within=20)["state"] == "done", told(agent)
    assert "cpu=180000" in site.limits("a_first")
    until(lambda: site.accounts()["a_first"] == ["mia"], 20, lambda: told(agent))
    market.member("noa", "add_user")
    until(lambda: sorted(site.accounts()["a_first"]) == ["mia", "noa"], 20, lambda: told(agent))
    market.member("mia", "delete_user")
    until(lambda: site.accounts()["a_first"] == ["noa"], 20, lambda: told(agent))

    agent.kill()
    update = market.act(resource, "update_limits", {"limits": {"cpu": 5}})
    agent = site.agent("event_process")
    market.done(update, within=20)
    assert "cpu=300000" in site.limits("a_first")
    until(lambda: "Started unified STOMP connection" in agent.said, 30, lambda: told(agent))

    market.live.kill()
    market.live.start(port=int(market.live.url.rsplit(":", 1)[1]))
    end = market.act(resource, "terminate")
    market.done(end, within=40)
    assert market.resource(resource)["state"] == "Terminated"
    assert "a_first" not in site.accounts()


def test_what_the_cluster_lost_or_had_before(market: Market, site: Site) -> None:
    """Restoring lost accounts, and importing such as were there before us, both on request by live events."""
    # Whoever imports must see the projects of others.
    site.configure(market.live.url, token_of("staff"), stomp_enabled=True, resource_import_enabled=True)
    order = market.order()
    agent = site.agent("event_process")
    market.done(order["uuid"], within=30)
    until(lambda: "Started unified STOMP connection" in agent.said, 30, lambda: told(agent))
    site.lose("a_first")
    assert "a_first" not in site.accounts()
    market.ask("keeper", "POST", f"/api/marketplace-provider-offerings/{OFFERING}/sync_resources/")
    until(lambda: "a_first" in site.accounts(), 30, lambda: told(agent))

    site.account("a_older", parent="p_alpha")
    wish = {"offering": OFFERING}
    asked = market.ask("keeper", "POST", "/api/backend-resource-requests/", wish)["uuid"]

    def answered() -> bool:
        return bool(
            market.ask("keeper", "GET", f"/api/backend-resource-requests/{asked}/")["state"] == "Done"
        )

    until(answered, 30, lambda: told(agent))
    [found] = market.ask("keeper", "GET", "/api/backend-resources/?backend_id=a_older")
    path = f"/api/backend-resources/{found['uuid']}/import_resource/"
    made = market.ask("keeper", "POST", path, {})
    assert (made["state"], made["backend_id"], made["project_uuid"]) == ("OK", "a_older", PROJECT)


@pytest.mark.parametrize("mode", ["order_process", "event_process"])
def test_two_agents_do_an_order_once(market: Market, site: Site, mode: str) -> None:
    site.configure(market.live.url, token_of("keeper"), stomp_enabled=mode == "event_process")
    if mode == "order_process":
        order = market.order()
        agents = [site.agent(mode), site.agent(mode)]
    else:
        agents = [site.agent(mode), site.agent(mode)]
        until(
            lambda: all("Started unified STOMP" in agent.said for agent in agents), 30, lambda: told(*agents)
        )
        order = market.order()
    market.done(order["uuid"], within=30)
    finished = "has been successfully processed"
    until(lambda: any(finished in agent.said for agent in agents), 20, lambda: told(*agents))
    assert sum(agent.said.count("Creating resource in the backend with ID: a_first") for agent in agents) == 1
    assert sum(agent.said.count(finished) for agent in agents) == 1
    assert (market.events("marketplace_order_completed"), market.events("marketplace_order_failed")) == (1, 0)
    assert list(site.accounts()) == ["root", "c_buyer-org", "p_alpha", "a_first"]


def test_commands(market: Market, site: Site) -> None:
    """What administrators run by hand, on a site where work has been done."""
    order = market.order()
    agent = site.agent("order_process")
    market.done(order["uuid"])
    until(lambda: "No users to add" in agent.said or "successfully processed" in agent.said, 20)
    agent.kill()
    today = datetime.now(UTC)
    for command in (
        ["waldur_site_diagnostics", "-c", "agent.yaml"],
        ["waldur_site_load_components", "-c", "agent.yaml"],
        ["waldur_sync_offering_users", "-c", "agent.yaml"],
        ["waldur_sync_resource_limits", "-c", "agent.yaml"],
        ["waldur_site_create_homedirs", "-c", "agent.yaml"],
        ["waldur_site_healthz", "--config-file", "agent.yaml"],
        [
            "waldur_site_load_historical_usage",
            "-c",
            "agent.yaml",
            "-o",
            OFFERING,
            "-t",
            token_of("staff"),
            "-s",
            f"{today:%Y-%m-01}",
            "-e",
            f"{today:%Y-%m-%d}",
        ],
    ):
        said = site.run(*command)
        assert "Traceback" not in said, (command, said)
        assert '"level": "error"' not in said, (command, said)


def test_another_providers_token_sees_nothing(market: Market, site: Site) -> None:
    """An agent with the token of somebody who has no part in the offering gets nowhere and breaks nothing."""
    order = market.order()
    site.configure(market.live.url, token_of("buyer"))
    agent = site.agent("order_process")
    until(lambda: "Unable to process the offering" in agent.said, 30, lambda: agent.said[-2000:])
    assert market.order_of(order["uuid"])["state"] == "pending-provider"
    assert site.accounts() == {"root": ["root"]}
    assert market.ask("staff", "GET", "/api/marketplace-site-agent-identities/") == []
