"""A small real marketplace for the app's tests, made through the server's own API, in process.

Provider `Aurora Computing` (manager Petra), customer `Acme Research` (owner Olga, project Alpha with manager
Max and member Mia), staff Stella. Four offerings, and what was ordered of them.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from mercato.config import Settings
from mercato.identity.service import first_administrator
from mercato.kernel.db import open_database
from mercato.market import Market
from mercato.schemas import (
    Nothing,
    access,
    catalog,
    identity,
    orders,
    providers,
    resource_acts,
    taxonomy,
    tenants,
    usage,
)
from mercato.schemas.catalog import BillingType as B
from mercato.schemas.catalog import LimitPeriod, NewComponent, Option, Options, OptionType
from mercato.schemas.plans import NewPlan, Unit
from mercato.web.app import create_app
from mercato_tui.api import Api

PASSWORD = "Correct-horse-battery-9"
BASE = "http://testserver.local"


@dataclass
class Place:
    """The running marketplace: its HTTP client, tokens by user name, uuids by a short name."""

    market: Market
    client: httpx.AsyncClient
    transport: httpx.ASGITransport
    folder: str
    tokens: dict[str, str] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)

    def api(self, username: str) -> Api:
        return Api(self.client, self.tokens[username])

    async def close(self) -> None:
        await self.client.aclose()
        await self.market.close()


async def open_place(folder: Path, *, worker: bool = True) -> Place:
    """The marketplace whose data are in `folder`."""
    settings = Settings(data_dir=str(folder), base_url=BASE, allowed_hosts="testserver.local")
    market = Market(open_database(settings.database), settings)
    app = create_app(market)
    await market.prepare()
    if worker:
        await market.start_worker()
    transport = httpx.ASGITransport(app=app)
    return Place(market, httpx.AsyncClient(transport=transport, base_url=BASE), transport, str(folder))


async def fill(place: Place) -> None:
    """Everybody and everything."""
    token = await place.market.db.write(first_administrator, "stella", PASSWORD, "stella@example.org")
    place.tokens["stella"] = token
    await _people(place)
    await _offerings(place)
    await _history(place)


async def _people(place: Place) -> None:
    staff = place.api("stella")
    for username, first, last in (
        ("olga", "Olga", "Owner"),
        ("max", "Max", "Manager"),
        ("mia", "Mia", "Member"),
        ("petra", "Petra", "Provider"),
    ):
        user = identity.NewUser(
            username=username,
            email=f"{username}@example.org",
            first_name=first,
            last_name=last,
            password=PASSWORD,
        )
        place.ids[username] = (await staff(identity.USER_CREATE, user)).uuid
        answer = await Api(place.client)(
            identity.PASSWORD, identity.SignIn(username=username, password=PASSWORD)
        )
        place.tokens[username] = answer.token
    for name, title, short in (("acme", "Acme Research", "ACME"), ("aurora", "Aurora Computing", "AUR")):
        made = await staff(
            tenants.CUSTOMER_CREATE,
            tenants.NewCustomer(
                name=title, abbreviation=short, default_tax_percent="24", email=f"{name}@example.org"
            ),
        )
        place.ids[name] = made.uuid
    project = tenants.NewProject(
        name="Alpha", customer=place.ids["acme"], description="Protein folding on everything that computes"
    )
    place.ids["alpha"] = (await staff(tenants.PROJECT_CREATE, project)).uuid
    for endpoints, scope, user, role in (
        (access.CUSTOMER_MEMBERS, "acme", "olga", "CUSTOMER.OWNER"),
        (access.CUSTOMER_MEMBERS, "aurora", "petra", "CUSTOMER.OWNER"),
        (access.PROJECT_MEMBERS, "alpha", "max", "PROJECT.MANAGER"),
        (access.PROJECT_MEMBERS, "alpha", "mia", "PROJECT.MEMBER"),
    ):
        member = access.NewMember(user=place.ids[user], role=role)
        await staff(endpoints[1], member, uuid=place.ids[scope])
    await staff(providers.PROVIDER_CREATE, providers.NewServiceProvider(customer=place.ids["aurora"]))
    for title in ("Compute", "Storage", "HPC", "Databases", "Other"):
        made_category = await staff(taxonomy.CATEGORY_CREATE, taxonomy.NewCategory(title=title))
        place.ids[title] = made_category.uuid


def _limit(kind: str, name: str, unit: str, **more: Any) -> NewComponent:
    return NewComponent(
        type=kind, name=name, billing_type=B.LIMIT, limit_period=LimitPeriod.MONTH, measured_unit=unit,
        min_value=0, max_value=100000, **more,
    )  # fmt: skip


HPC_OPTIONS = Options(
    order=[
        "partition",
        "region",
        "nodes",
        "budget",
        "software",
        "from",
        "at",
        "exclusive",
        "purpose",
        "contact",
    ],
    options={
        "partition": Option(
            type=OptionType.SELECT_STRING,
            label="Partition",
            choices=["small", "large", "gpu"],
            default="small",
        ),
        "region": Option(
            type=OptionType.SELECT_STRING,
            label="Region",
            choices=["EU-North", "EU-West", "EU-South", "US-East", "US-West"],
        ),
        "nodes": Option(type=OptionType.INTEGER, label="Nodes", min=1, max=64, default=1),
        "budget": Option(type=OptionType.MONEY, label="Budget", help_text="Tell us what you can spend"),
        "software": Option(
            type=OptionType.SELECT_STRING_MULTI, label="Software", choices=["GROMACS", "LAMMPS", "PyTorch"]
        ),
        "from": Option(type=OptionType.DATE, label="Needed from"),
        "at": Option(type=OptionType.TIME, label="Best time"),
        "exclusive": Option(type=OptionType.BOOLEAN, label="Exclusive", help_text="Nobody else on the nodes"),
        "purpose": Option(type=OptionType.TEXT, label="Purpose"),
        "contact": Option(type=OptionType.STRING, label="Contact", required=True),
    },
)

PUHTI_TEXT = """A supercomputer partition for **simulation and learning**.

- CPU and GPU nodes with fast interconnect
- 24/7 support from people who run codes like yours
"""

STARTED = "# Welcome to {resource_name}\n\nConnect with:\n```\nssh {backend_id}@login.aurora.example\n```\n"


async def _offerings(place: Place) -> None:
    petra = place.api("petra")
    hpc = catalog.NewOffering(
        name="Puhti HPC", category=place.ids["HPC"], type="Marketplace.Basic", customer=place.ids["aurora"],
        description="A national supercomputer by the hour", full_description=PUHTI_TEXT,
        terms_of_service="Be fair to the other users of the queue.", options=HPC_OPTIONS, getting_started=STARTED,
        documentation_url="https://docs.aurora.example/puhti",
        components=[_limit("cpu", "CPU hours", "hours", default_limit=1000),
                    _limit("ram", "RAM", "GB", default_limit=256), _limit("storage", "Storage", "GB")],
        plans=[NewPlan(name="Basic", prices={"cpu": "0.05", "ram": "0.10", "storage": "0.01"}),
               NewPlan(name="Professional", prices={"cpu": "0.04", "ram": "0.08", "storage": "0.008"}),
               NewPlan(name="Enterprise", description="On request", prices={})],
    )  # fmt: skip
    vm = catalog.NewOffering(
        name="Cloud VM", category=place.ids["Compute"], type="Marketplace.Basic", customer=place.ids["aurora"],
        description="A virtual machine in five minutes",
        components=[NewComponent(type="base", name="Machine", billing_type=B.FIXED, measured_unit="pcs"),
                    NewComponent(type="setup", name="Setup", billing_type=B.ONE_TIME),
                    NewComponent(type="traffic", name="Traffic", billing_type=B.USAGE, measured_unit="GB")],
        plans=[NewPlan(name="Small", prices={"base": "20", "setup": "10", "traffic": "0.02"}, quotas={"base": 1}),
               NewPlan(name="Large", prices={"base": "80", "setup": "10", "traffic": "0.01"}, quotas={"base": 1})],
    )  # fmt: skip
    disk = catalog.NewOffering(
        name="Block storage", category=place.ids["Storage"], type="Marketplace.Slurm", customer=place.ids["aurora"],
        description="Terabytes that stay where they are",
        components=[_limit("storage", "Storage", "GB")],
        plans=[NewPlan(name="Standard", unit=Unit.DAY, prices={"storage": "0.001"})],
    )  # fmt: skip
    for name, new in (("puhti", hpc), ("vm", vm), ("disk", disk)):
        made = await petra(catalog.OFFERING_CREATE, new)
        place.ids[name] = made.uuid
        await petra(catalog.OFFERING_ACTIVATE, Nothing(), uuid=made.uuid)
    draft = catalog.NewOffering(
        name="Quantum notebook", category=place.ids["Other"], type="Marketplace.Basic",
        customer=place.ids["aurora"], description="Not yet for anybody",
        components=[NewComponent(type="seat", name="Seat", billing_type=B.FIXED)],
        plans=[NewPlan(name="One", prices={"seat": "1"}, quotas={"seat": 1})],
    )  # fmt: skip
    place.ids["draft"] = (await petra(catalog.OFFERING_CREATE, draft)).uuid


async def order(
    place: Place, who: str, what: str, name: str, limits: dict[str, Any] | None = None, **attributes: Any
) -> orders.Order:
    """Order an offering's first plan for the project Alpha."""
    api = place.api(who)
    offering = await api(catalog.PUBLIC_OFFERING, uuid=place.ids[what])
    project = await api(tenants.PROJECT, uuid=place.ids["alpha"])
    return await api(
        orders.ORDER_CREATE,
        orders.NewOrder(
            offering=offering.url,
            project=project.url,
            plan=offering.plans[0].url,
            attributes={"name": name, **attributes},
            limits=limits or {},
            accepting_terms_of_service=True,
        ),
    )


async def settled(place: Place, uuid: str, *states: str) -> orders.Order:
    """The order once it is in one of these states."""
    for _attempt in range(300):
        found = await place.api("stella")(orders.ORDER, uuid=uuid)
        if found.state in states:
            return found
        await asyncio.sleep(0.02)
    raise AssertionError(f"order {uuid} stays {found.state}")


async def _history(place: Place) -> None:
    petra = place.api("petra")
    lab = await order(
        place, "olga", "puhti", "Lab cluster", {"cpu": 1000, "ram": 256, "storage": 500}, contact="olga"
    )
    await petra(orders.APPROVE_BY_PROVIDER, orders.Approval(), uuid=lab.uuid)
    done = await settled(place, lab.uuid, "done")
    place.ids["lab"] = str(done.marketplace_resource_uuid)
    await petra(
        resource_acts.SET_ENDPOINTS,
        resource_acts.Endpoints(
            endpoints=[
                catalog.NewLink(name="SSH", url="ssh://login.aurora.example"),
                catalog.NewLink(name="Dashboard", url="https://dash.aurora.example"),
            ]
        ),
        uuid=place.ids["lab"],
    )
    used = [
        usage.UsageItem(type=kind, amount=amount)
        for kind, amount in (("cpu", "456"), ("ram", "128"), ("storage", "490"))
    ]
    await petra(usage.SET_USAGE, usage.UsageReport(usages=used, resource=place.ids["lab"]))
    refused = await order(place, "olga", "vm", "Refused machine")
    await petra(
        orders.REJECT_BY_PROVIDER,
        orders.Rejection(provider_rejection_comment="No capacity this month"),
        uuid=refused.uuid,
    )
    place.ids["refused"] = refused.uuid
    place.ids["waiting"] = (await order(place, "olga", "vm", "Web server")).uuid
    place.ids["asked"] = (await order(place, "max", "vm", "Notebook server")).uuid
