"""A small real marketplace for tests: everybody, one provider, one buyer, and the web in process.

`Seller Org` provides; `Buyer Org` buys in project `Alpha`. People by name: staff, support; owner, reader
(organization roles at the buyer); admin, manager, member (roles in Alpha); seller, vendor (owner and manager of
the provider), keeper (manager of one offering, once there is one); stranger holds nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

import httpx
import msgspec

from mercato.access import queries as access
from mercato.access import service as roles
from mercato.catalog import taxonomy
from mercato.config import Settings
from mercato.identity import service as identity
from mercato.kernel import clock
from mercato.kernel.db import Tx, open_database
from mercato.market import Market
from mercato.orders.schedule import SYSTEM
from mercato.schemas.access import Scope
from mercato.schemas.identity import NewUser
from mercato.schemas.providers import NewServiceProvider
from mercato.schemas.taxonomy import NewCategory
from mercato.schemas.tenants import NewCustomer, NewProject
from mercato.tenants import providers
from mercato.tenants import service as tenants
from mercato.web.app import create_app

BASE = "http://testserver.local"
PASSWORD = "Correct-horse-battery-9"
ROLES = {
    "owner": ("CUSTOMER.OWNER", "buyer"),
    "reader": ("CUSTOMER.SUPPORT", "buyer"),
    "admin": ("PROJECT.ADMIN", "alpha"),
    "manager": ("PROJECT.MANAGER", "alpha"),
    "member": ("PROJECT.MEMBER", "alpha"),
    "seller": ("CUSTOMER.OWNER", "provider"),
    "vendor": ("CUSTOMER.MANAGER", "provider"),
}
COMPONENTS: list[dict[str, Any]] = [
    {
        "type": "cpu",
        "name": "CPU hours",
        "billing_type": "limit",
        "measured_unit": "h",
        "limit_period": "month",
    },
    {"type": "ram", "name": "RAM", "billing_type": "limit", "measured_unit": "GB", "limit_period": "month"},
    {
        "type": "storage",
        "name": "Storage",
        "billing_type": "limit",
        "measured_unit": "GB",
        "limit_period": "month",
    },
]
PRICES = {"cpu": "0.05", "ram": "0.10", "storage": "0.01"}


class _House:
    """A web application that outlives its marketplaces: building one costs more than most tests.

    It stands where the application expects a market, and leads to the market that lives in it now.
    """

    _free: ClassVar[dict[tuple[str, Settings], list[_House]]] = {}
    _lets = 0

    def __init__(self, market: Market, kind: tuple[str, Settings]) -> None:
        self.market, self.kind, self.settings = market, kind, market.settings
        self.let = 0
        self.app = create_app(self)  # type: ignore[arg-type]

    @classmethod
    def rented(cls, market: Market) -> _House:
        settings = msgspec.structs.replace(market.settings, data_dir="", database_url="")
        kind = (market.db.dialect, settings)
        free = cls._free.setdefault(kind, [])
        house = free.pop() if free else cls(market, kind)
        cls._lets += 1
        house.market, house.let = market, cls._lets
        return house

    def leave(self) -> None:
        self._free[self.kind].append(self)

    @property
    def db(self) -> _House:
        return self

    @property
    def versions(self) -> _House:
        return self

    def worker_health(self) -> str:
        return self.market.worker_health()

    def __getitem__(self, room: str) -> tuple[int, int]:
        """A room's version, never that of an earlier tenant: no page of theirs is found again."""
        return self.let, self.market.db.versions[room]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.market.db, name)


class World:
    """The marketplace with its people; `tokens` and `ids` by short name."""

    def __init__(self, market: Market, house: _House) -> None:
        self.market, self._house = market, house
        transport = httpx.ASGITransport(app=house.app, client=("127.0.0.1", 5000))
        self.client = httpx.AsyncClient(transport=transport, base_url=BASE)
        self.tokens: dict[str, str] = {}
        self.ids: dict[str, str] = {}

    @classmethod
    async def open(cls, url: str, folder: Path, **settings: Any) -> World:
        chosen = Settings(data_dir=str(folder), database_url=url, base_url=BASE, **settings)
        market = Market(open_database(url, durable=False), chosen)
        await market.prepare()
        world = cls(market, _House.rented(market))
        await market.db.write(world._people)
        return world

    def _people(self, tx: Tx) -> None:
        for name in ("staff", "support", "keeper", "stranger", *ROLES):
            new = NewUser(
                username=name,
                email=f"{name}@example.org",
                first_name=name.capitalize(),
                last_name="Example",
                is_staff=name == "staff",
                is_support=name == "support",
            )
            self.ids[name] = identity.create_user(tx, new)
            row = identity.find_user(tx, uuid=self.ids[name])
            self.tokens[name] = identity.make_token(tx, row.id, name="test", keeps=True)
        self.ids["provider"] = tenants.create_customer(tx, NewCustomer(name="Seller Org"))
        self.ids["buyer"] = tenants.create_customer(tx, NewCustomer(name="Buyer Org"))
        providers.register(tx, SYSTEM, NewServiceProvider(customer=self.ids["provider"]))
        alpha = NewProject(name="Alpha", customer=self.ids["buyer"])
        self.ids["alpha"] = tenants.create_project(tx, SYSTEM, alpha)
        self.ids["category"] = taxonomy.create_category(tx, NewCategory(title="Compute"))
        for person, (role, place) in ROLES.items():
            self._grant(tx, person, role, place)

    def _grant(self, tx: Tx, person: str, role: str, place: str) -> None:
        scope = Scope(role.split(".", maxsplit=1)[0].lower())
        row = access.scope_row(tx.conn, scope, self.ids[place])
        assert row is not None
        who = roles.find_person(tx, self.ids[person])
        roles.give(tx, who, roles.find_role(tx, role, scope), row)

    async def close(self) -> None:
        self._house.leave()
        await self.client.aclose()
        await self.market.close()

    # -- asking ----------------------------------------------------------------------------

    async def ask(
        self, who: str | None, method: str, path: str, json: Any = None, **kw: Any
    ) -> httpx.Response:
        """A request as the person; None asks without token."""
        headers = {**kw.pop("headers", {})}
        if who is not None:
            headers["Authorization"] = f"Token {self.tokens[who]}"
        return await self.client.request(method, path, json=json, headers=headers, **kw)

    async def get(self, who: str | None, path: str, **kw: Any) -> httpx.Response:
        return await self.ask(who, "GET", path, **kw)

    async def post(self, who: str | None, path: str, json: Any = None, **kw: Any) -> httpx.Response:
        return await self.ask(who, "POST", path, json, **kw)

    async def must(self, who: str | None, method: str, path: str, json: Any = None, status: int = 0) -> Any:
        """The JSON of a request that must succeed."""
        answer = await self.ask(who, method, path, json)
        assert answer.status_code == status if status else answer.is_success, (
            answer.status_code,
            answer.text,
        )
        return answer.json() if answer.content else None

    async def drain(self) -> int:
        """Run the jobs that are due."""
        return await self.market.engine.drain()

    @staticmethod
    @contextmanager
    def at(moment: str) -> Iterator[None]:
        """Let everything happen at this moment: a day (its midnight) or a day and time, in UTC unless it says."""
        when = datetime.fromisoformat(moment)
        with clock.replaying(when if when.tzinfo else when.replace(tzinfo=UTC)):
            yield

    async def tick(self) -> None:
        """Run what the schedule finds due now, and the jobs that come of it."""
        await self.market.schedule.run_due()
        await self.drain()

    # -- building --------------------------------------------------------------------------

    async def offering(self, name: str = "HPC", *, activate: bool = True, **change: Any) -> dict[str, Any]:
        """An offering of the provider, active, with one plan; as its provider sees it."""
        body: dict[str, Any] = {
            "name": name,
            "category": self.ids["category"],
            "customer": self.ids["provider"],
            "type": "Marketplace.Basic",
            "components": COMPONENTS,
            "plans": [{"name": "Standard", "unit": "month", "prices": PRICES}],
        }
        made = await self.must(
            "seller", "POST", "/api/marketplace-provider-offerings/", {**body, **change}, 201
        )
        if activate:
            path = f"/api/marketplace-provider-offerings/{made['uuid']}/"
            await self.must("seller", "POST", path + "activate/", status=200)
        return dict(made)

    async def keep(self, offering: dict[str, Any]) -> None:
        """Make `keeper` the manager of this offering."""
        path = f"/api/marketplace-provider-offerings/{offering['uuid']}/add_user/"
        role = {"user": self.ids["keeper"], "role": "OFFERING.MANAGER"}
        await self.must("staff", "POST", path, role, 201)

    def order_body(self, offering: dict[str, Any], /, **change: Any) -> dict[str, Any]:
        body: dict[str, Any] = {
            "offering": f"{BASE}/api/marketplace-public-offerings/{offering['uuid']}/",
            "project": f"{BASE}/api/projects/{self.ids['alpha']}/",
            "attributes": {"name": "thing"},
            "limits": {"cpu": 1000, "ram": 256, "storage": 500},
        }
        if offering["plans"]:
            body["plan"] = offering["plans"][0]["url"]
        return {**body, **change}

    async def order(self, offering: dict[str, Any], who: str = "owner", /, **change: Any) -> dict[str, Any]:
        body = self.order_body(offering, **change)
        return dict(await self.must(who, "POST", "/api/marketplace-orders/", body, 201))

    async def act(
        self, who: str, order: str | dict[str, Any], action: str, json: Any = None
    ) -> httpx.Response:
        """approve_by_provider and the like."""
        uuid = order if isinstance(order, str) else order["uuid"]
        return await self.post(who, f"/api/marketplace-orders/{uuid}/{action}/", json)

    async def order_state(self, order: dict[str, Any]) -> str:
        path = f"/api/marketplace-orders/{order['uuid']}/?field=state"
        return str((await self.must("staff", "GET", path))["state"])

    async def resource(self, offering: dict[str, Any], **change: Any) -> dict[str, Any]:
        """A resource that is OK."""
        order = await self.order(offering, **change)
        assert (await self.act("seller", order, "approve_by_provider")).status_code == 200
        await self.drain()
        return await self.reload(order["marketplace_resource_uuid"])

    async def reload(self, resource: str) -> dict[str, Any]:
        return dict(await self.must("staff", "GET", f"/api/marketplace-resources/{resource}/"))

    async def done(self, order_uuid: str) -> None:
        """The provider approves and the work is done."""
        assert (await self.act("seller", order_uuid, "approve_by_provider")).status_code == 200
        await self.drain()

    async def invoices(self, who: str = "owner") -> list[dict[str, Any]]:
        return list(await self.must(who, "GET", "/api/invoices/?o=year&o=month"))
