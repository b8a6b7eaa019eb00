"""A running marketplace without its web: the database, its plugins, its jobs and its schedule."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from mercato.access.service import ensure_roles, revoke_expired
from mercato.accounts import members as accounts
from mercato.billing.jobs import month_end
from mercato.billing.service import Billing, Terms
from mercato.catalog.authoring import CHECK, PULL_ALL
from mercato.catalog.jobs import check_is_dead, checker
from mercato.config import Settings
from mercato.jobs.engine import Engine
from mercato.jobs.schedule import Entry, Schedule, clean_up
from mercato.jobs.worker import Worker
from mercato.kernel.db import Database, Tx
from mercato.kernel.queue import QUEUES, SYSTEM_QUEUE
from mercato.notices.reminders import reminder
from mercato.orders import holds, progress
from mercato.orders import jobs as orders
from mercato.orders import schedule as dates
from mercato.orders.moves import EXECUTE, WAKE
from mercato.plugins import Registry, discover, folders
from mercato.queues import messages
from mercato.queues import service as queues
from mercato.site_agents import logs as agent_logs
from mercato.site_agents import service as site_agents
from mercato.tenants import reviews
from mercato.tenants.science import ensure_fields
from mercato.usage import pulls
from mercato.wiring import wire


def _sweep(tx: Tx) -> None:
    """Roles past their end are recorded as revoked; executing orders without a job get one."""
    revoke_expired(tx)
    orders.resume_executing(tx)


def _reviews(tx: Tx) -> None:
    """Organizations look from time to time who belongs to them."""
    reviews.begin_due(tx)


def _accounts(tx: Tx) -> None:
    """People with access to resources whose offering wants them to have accounts get those."""
    accounts.reconcile(tx)


class Market:
    """Everything behind the web; also what commands and the demo work with."""

    def __init__(self, db: Database, settings: Settings, plugins: Registry | None = None) -> None:
        self.db = db
        self.settings = settings
        self.plugins = discover(folders(settings.plugins)) if plugins is None else plugins
        issuer = {
            "name": settings.issuer_name or settings.site_name,
            "address": settings.issuer_address,
            "vat_code": settings.issuer_vat_code,
        }
        self.billing = Billing(
            Terms(settings.currency_name, settings.payment_interval, issuer, settings.time_zone)
        )
        wire(db, settings, self.billing, self.plugins)
        self.engine = Engine(db)
        self.engine.add(EXECUTE, orders.executor(self.plugins), queue="provision", on_dead=_order_is_dead)
        self.engine.add(WAKE, orders.wake, queue="provision")
        self.engine.add(holds.RELEASED, messages.released)
        self.engine.add(CHECK, checker(self.plugins), queue="provision", on_dead=check_is_dead)
        self.engine.add(pulls.PULL, pulls.puller(self.plugins), queue="provision", retry=pulls.TRIES)
        self.engine.add(PULL_ALL, pulls.all_puller(self.plugins), queue="provision", retry=pulls.TRIES)
        self.schedule = Schedule(self.engine)
        for entry in (
            Entry("start dates", 1, dates.start_dates),
            Entry("end dates", 15, dates.end_dates),
            Entry("month end", 60, month_end(self.billing)),
            Entry("reminders", 60, reminder(stale=settings.enable_stale_resource_notifications)),
            Entry("pulls", 60, pulls.due(self.plugins)),
            Entry("sweep", 5, _sweep),
            Entry("accounts", 15, _accounts),
            Entry("reviews", 60, _reviews),
            Entry("live events", 1, queues.sweep),
            Entry("site agents", 5, self._look_at_agents),
            clean_up(self.engine),
        ):
            self.schedule.add(entry)
        self.worker: Worker | None = None
        # Other processes run the jobs (`mercato worker`).
        self.worked_elsewhere = False

    def _look_at_agents(self, tx: Tx) -> None:
        site_agents.note_idle(tx)
        agent_logs.trim(tx, self.settings.site_agent_log_max_rows_per_identity)

    async def prepare(self) -> None:
        """What every database must hold before anybody comes in."""
        await self.db.write(ensure_roles)
        await self.db.write(ensure_fields)

    async def start_worker(self, *, queues: Collection[str] = QUEUES, concurrency: int | None = None) -> None:
        """Run the jobs of these queues, and the schedule where the system's own are among them."""
        schedule = self.schedule if SYSTEM_QUEUE in queues else None
        self.worker = Worker(
            self.engine,
            schedule=schedule,
            queues=queues,
            concurrency=concurrency or self.settings.worker_concurrency,
            lease=self.settings.worker_lease,
        )
        await self.worker.start()

    async def close(self) -> None:
        if self.worker is not None:
            await self.worker.stop()
            self.worker = None
        await self.db.close()

    def worker_health(self) -> str:
        """`ok`, or what is wrong with the parts of the worker of this process."""
        if self.worker is None:
            return "ok" if self.worked_elsewhere else "not running"
        lame = [part for part in self.worker.health() if not part.running]
        return "; ".join(f"{part.name}: {part.last_error}" for part in lame) or "ok"


async def _order_is_dead(db: Database, _name: str, ids: dict[str, Any], error: BaseException) -> None:
    await db.write(progress.give_up, ids["order"], f"{type(error).__name__}: {error}")
