"""Where the story is told: the real marketplace, at the moments at which things happened.

Everything passes through the services that the web calls, by a person who may do it there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, NamedTuple

from mercato.access import queries as access
from mercato.access.rules import Actor
from mercato.catalog.listings import PUBLIC
from mercato.commands import preset
from mercato.identity.service import find_user
from mercato.jobs.engine import anything_due
from mercato.kernel import clock
from mercato.kernel.db import Tx
from mercato.kernel.errors import MercatoError
from mercato.market import Market
from mercato.orders import queries as orders

KINDS = ("customers", "projects", "offerings")


class Act(NamedTuple):
    """What somebody did, and when."""

    at: datetime
    who: str
    do: Callable[[Stage, Tx, Actor], None]


class Stage:
    """The marketplace, what its people and things are called, and what has been ordered so far."""

    def __init__(self, market: Market, document: dict[str, Any]) -> None:
        self.market = market
        self.document = document
        self._uuids = {(kind, row["name"]): row["uuid"] for kind in KINDS for row in document[kind]}
        names = {row["uuid"]: row["name"] for row in document["offerings"]}
        self._plans = {(names[row["offering_uuid"]], row["name"]): row["uuid"] for row in document["plans"]}
        self._people = {row["username"]: row["uuid"] for row in document["users"]}
        self._actors: dict[str, Actor] = {}
        self._orders: dict[str, str] = {}
        self._resources: dict[str, str] = {}

    # -- names -----------------------------------------------------------------------------

    def person(self, username: str) -> str:
        return str(self._people[username])

    def customer(self, name: str) -> str:
        return str(self._uuids["customers", name])

    def project(self, name: str) -> str:
        return str(self._uuids["projects", name])

    def offering(self, name: str) -> str:
        return str(self._uuids["offerings", name])

    def plan(self, offering: str, name: str) -> str:
        return str(self._plans[offering, name])

    def order(self, resource: str) -> str:
        """The latest order about the resource of that name."""
        return self._orders[resource]

    def resource(self, name: str) -> str:
        return self._resources[name]

    def note(self, tx: Tx, resource: str, order: str) -> None:
        """Remember an order by the name of its resource."""
        self._orders[resource] = order
        self._resources[resource] = orders.order_row(tx.conn, order).resource_uuid

    def sees(self, tx: Tx, actor: Actor) -> Callable[[str], bool]:
        """Which offerings this person can see in the catalogue."""
        looker = access.looker(actor, "", tx.now)
        return lambda uuid: PUBLIC.count(tx.conn, looker, None, uuid=uuid) > 0

    # -- time ------------------------------------------------------------------------------

    async def open(self, moment: datetime) -> None:
        """Set the marketplace up as its preset says."""
        with clock.replaying(moment):
            await self.market.prepare()
            await self.market.db.write(preset.load, preset.parse(self.document))

    async def tell(self, acts: Iterable[Act], turns: Iterable[datetime]) -> None:
        """Let everything happen in its order. At `turns` the clock's own work is done, before all else."""
        moments: dict[datetime, list[Act]] = {turn: [] for turn in turns}
        clockwork = set(moments)
        for act in acts:
            moments.setdefault(act.at, []).append(act)
        for moment in sorted(moments):
            with clock.replaying(moment):
                if moment in clockwork:
                    await self.market.schedule.run_due()
                    await self._work()
                if moments[moment]:
                    await self.market.db.write(self._perform, moments[moment])
                    await self._work()

    async def _work(self) -> None:
        if await self.market.db.read(anything_due):
            await self.market.engine.drain()

    def _perform(self, tx: Tx, acts: list[Act]) -> None:
        for act in acts:
            actor = self._actor(tx, act.who)
            tx.who = actor.id
            try:
                act.do(self, tx, actor)
            except (MercatoError, KeyError) as error:
                error.add_note(f"when {act.who} acted at {act.at}: {act.do.__qualname__}")
                raise

    def _actor(self, tx: Tx, username: str) -> Actor:
        if username not in self._actors:
            row = find_user(tx, username=username)
            self._actors[username] = Actor(
                row.id, row.uuid, row.username, row.full_name, row.is_staff, row.is_support, token_id=0
            )
        return self._actors[username]
