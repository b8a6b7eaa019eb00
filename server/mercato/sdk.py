"""Everything a plugin may import. An offering type is one class in one folder beside its `plugin.toml`.

A plugin's verbs run outside any transaction and may be repeated: after a crash the same order comes again
with the same `order` uuid, so look before you create, or send that uuid as idempotency key. What takes more
than one call is best said in named steps (`step`): a step that was done is not done again. A verb must be short
(seconds; its time limit is the manifest's) and must not block: what waits for the backend raises `Retry`, and is
asked again. Work that only blocks goes through `asyncio.to_thread`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from typing import Any, Protocol, TypeVar

from msgspec import Struct

T = TypeVar("T")

__all__ = [
    "ActionRequired",
    "Component",
    "Failed",
    "Link",
    "Manifest",
    "OfferingType",
    "OrderFacts",
    "ResourceFacts",
    "Result",
    "Retry",
    "Seen",
    "step",
]


class Component(Struct, frozen=True, kw_only=True):
    """A component that every offering of this type starts with."""

    name: str
    billing_type: str
    measured_unit: str = ""
    limit_period: str | None = None


class Manifest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`plugin.toml`: readable without running the plugin's code."""

    id: str
    """The offering type on the wire, like `Marketplace.Basic`."""
    name: str
    api: int
    version: str = "0"
    description: str = ""
    components: dict[str, Component] = {}
    time_limit: float = 300.0
    """Seconds that one call of a verb may take."""
    patience: float = 86_400.0
    """Seconds that an order may be asked about again (`Retry`) before it has failed."""


class OrderFacts(Struct, frozen=True, kw_only=True):
    """An order as its plugin sees it. `limits` are whole numbers per component type, -1 unlimited."""

    order: str
    type: str
    resource: str
    resource_name: str
    resource_slug: str
    backend_id: str
    backend_metadata: Mapping[str, Any]
    attributes: Mapping[str, Any]
    limits: Mapping[str, int]
    old_limits: Mapping[str, int]
    plan: str
    offering: str
    project: str
    project_name: str
    customer: str
    customer_name: str
    settings: Mapping[str, Any]
    """The offering's plugin options and secret options together."""


class ResourceFacts(Struct, frozen=True, kw_only=True):
    """A resource as its plugin sees it when it is asked what became of it."""

    resource: str
    resource_name: str
    resource_slug: str
    backend_id: str
    backend_metadata: Mapping[str, Any]
    state: str
    limits: Mapping[str, int]
    attributes: Mapping[str, Any]
    plan: str
    offering: str
    project: str
    project_name: str
    customer: str
    customer_name: str
    settings: Mapping[str, Any]
    """The offering's plugin options and secret options together."""


class Link(Struct, frozen=True):
    """An access endpoint: any address."""

    name: str
    url: str


class Result(Struct, frozen=True, kw_only=True):
    """What came of it. `done=False`: somebody outside will report the end (`set_state_done`)."""

    done: bool = True
    backend_id: str = ""
    metadata: Mapping[str, Any] = {}
    endpoints: tuple[Link, ...] = ()
    message: str = ""


class Seen(Struct, frozen=True, kw_only=True):
    """What the backend says of a resource now. `well=False`: it is broken there, and `message` says how;
    `gone=True`: it is not there any more. Empty means nothing new."""

    well: bool = True
    gone: bool = False
    message: str = ""
    metadata: Mapping[str, Any] = {}
    endpoints: tuple[Link, ...] = ()


class Retry(Exception):
    """Not yet: ask again after this many seconds."""

    def __init__(self, after: float, message: str = "") -> None:
        super().__init__(message)
        self.after = after


class ActionRequired(Exception):
    """Somebody must act before it can go on; the message says what."""


class Failed(Exception):
    """It will not work; the message is for the customer."""


class Progress(Protocol):
    """Who remembers the steps of the order that is being executed."""

    async def step(self, name: str, work: Callable[[], Awaitable[Any]]) -> Any: ...


PROGRESS: ContextVar[Progress | None] = ContextVar("progress", default=None)


async def step(name: str, work: Callable[[], Awaitable[T]]) -> T:
    """Do a named part of the order once: its result (what JSON can hold) is kept, and given without doing it again
    when the order is asked about again, by whichever process. People see the names on the order's page.

    `network = await step("make the network", lambda: backend.network(key=order.order))`. When the process dies
    between the work and the note of it, the work is done again: send the order's uuid as idempotency key.
    """
    progress = PROGRESS.get()
    if progress is None:
        return await work()
    found: T = await progress.step(name, work)
    return found


class OfferingType(Protocol):
    """The verbs. `create` and `terminate` are required; `update` if limits or plans can change. Optional are:

    - `async def validate(self, order: OrderFacts) -> None`: asked first; raises Failed for what will not work, and
      then nothing was begun.
    - `async def undo(self, order: OrderFacts) -> None`: remove what a failed creation has left behind. Without it
      `terminate` is asked where the creation has told a backend id.
    - `async def pull(self, resource: ResourceFacts) -> Seen`: what the backend says of a resource, about hourly and
      on request.
    - `async def links(self, resource: ResourceFacts) -> tuple[Link, ...]`: its access endpoints, all of them.
    - `async def usage(self, resource: ResourceFacts) -> Mapping[str, int | float | str]`: what it used this month so
      far, by component type, at most two decimals.
    - `async def sync(self, settings) -> Mapping[str, Seen]`: the same as `pull` for a whole offering in one call, by
      backend id; who is not among them is gone.
    - `async def check(self, settings) -> None`: looks whether the backend can be reached with the offering's settings
      (its plugin options and secret options together) and raises Failed, saying why, when it cannot.
    """

    async def create(self, order: OrderFacts) -> Result:
        """Make the resource; of an order of type `Restore` take up again what `backend_id` named before it ended.
        Raises Retry, ActionRequired or Failed."""
        ...

    async def update(self, order: OrderFacts) -> Result:
        """Bring the resource to the order's limits and plan."""
        ...

    async def terminate(self, order: OrderFacts) -> Result:
        """Remove the resource; one that is gone already counts as removed."""
        ...
