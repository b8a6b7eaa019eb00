"""Upkeep of what site agents left behind, and the server's own tasks for them."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from mercato.schemas import DetailQuery, Endpoint


class Cleanup(Struct, kw_only=True):
    """A dry run says what would go."""

    dry_run: bool = True
    older_than_hours: Annotated[int, Meta(ge=1, le=1_000_000)] = 24


class CleanedUp(Struct, kw_only=True):
    uuid: str
    name: str
    offering_name: str
    created: dt.datetime
    modified: dt.datetime
    identity_name: str | UnsetType = UNSET
    state: str | UnsetType = UNSET


class CleanupResult(Struct, kw_only=True):
    """`deleted_count`: how many went, or in a dry run would go."""

    deleted_count: int
    dry_run: bool
    items: list[CleanedUp]


class ActiveTask(Struct, kw_only=True):
    id: str
    name: str
    worker: str
    args: list[str]


class ScheduledTask(Struct, kw_only=True):
    id: str
    name: str
    eta: str


class ReservedTask(Struct, kw_only=True):
    id: str
    name: str


class TaskStatistics(Struct, kw_only=True):
    """Tasks at work, those whose time has not come, and those that wait for a worker."""

    active_tasks: list[ActiveTask]
    scheduled_tasks: list[ScheduledTask]
    reserved_tasks: list[ReservedTask]


CLEANUP_ORPHANED = Endpoint(
    "POST",
    "/api/marketplace-site-agent-identities/cleanup_orphaned/",
    Cleanup,
    CleanupResult,
    200,
    "Forget agents in which nothing runs any more",
)
CLEANUP_STALE = Endpoint(
    "POST",
    "/api/marketplace-site-agent-services/cleanup_stale/",
    Cleanup,
    CleanupResult,
    200,
    "Forget services that have long been silent",
)
TASKS = Endpoint(
    "GET",
    "/api/marketplace-site-agent-task-stats/",
    DetailQuery,
    TaskStatistics,
    200,
    "The server's tasks for site agents",
)
