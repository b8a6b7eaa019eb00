"""What people do in the story: each function gives an act that calls the service which the web calls."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from mercato.access.rules import Actor
from mercato.catalog import pricing
from mercato.catalog import service as catalog
from mercato.demo.lives import Change, Life
from mercato.demo.stage import Stage
from mercato.kernel.db import Tx
from mercato.orders import reviews, service
from mercato.resources import service as resources
from mercato.schemas.catalog import NewLink, OverviewChange
from mercato.schemas.orders import Failure, NewLimits, NewOrder, Rejection, Termination
from mercato.schemas.resources import ResourceChange
from mercato.schemas.tenants import ProjectChange
from mercato.schemas.usage import UsageItem
from mercato.tenants import reviews as people
from mercato.tenants import service as tenants
from mercato.usage import service as usage

Do = Callable[[Stage, Tx, Actor], None]


# -- orders ------------------------------------------------------------------------------------


def ordered(life: Life, start: date | None = None) -> Do:
    def do(stage: Stage, tx: Tx, actor: Actor) -> None:
        new = NewOrder(
            offering=stage.offering(life.offering),
            project=stage.project(life.project),
            plan=stage.plan(life.offering, life.plan),
            attributes={"name": life.name, **life.form},
            limits=dict(life.limits),
            accepting_terms_of_service=True,
            request_comment=life.comment or None,
            start_date=start,
        )
        order = service.create_order(tx, actor, new, sees_offering=stage.sees(tx, actor))
        stage.note(tx, life.name, order)

    return do


def changed(life: Life, change: Change) -> Do:
    """Other limits, another plan, or the end."""

    def do(stage: Stage, tx: Tx, actor: Actor) -> None:
        resource = stage.resource(life.name)
        if change.limits:
            wish = NewLimits(limits=dict(change.limits), request_comment=change.comment or None)
            order = service.order_limits(tx, actor, resource, wish)
        elif change.plan:
            order = service.order_plan(tx, actor, resource, stage.plan(life.offering, change.plan))
        else:
            end = Termination(termination_comment=change.comment)
            order = service.order_end(tx, actor, resource, end)
        stage.note(tx, life.name, order)

    return do


def _on_order(act: Callable[..., Any], resource: str, *data: Any) -> Do:
    def do(stage: Stage, tx: Tx, actor: Actor) -> None:
        act(tx, actor, stage.order(resource), *data)

    return do


def approved_by_customer(resource: str) -> Do:
    return _on_order(reviews.approve_by_consumer, resource)


def approved_by_provider(resource: str) -> Do:
    return _on_order(reviews.approve_by_provider, resource, {})


def rejected_by_customer(resource: str, comment: str) -> Do:
    return _on_order(reviews.reject_by_consumer, resource, Rejection(consumer_rejection_comment=comment))


def rejected_by_provider(resource: str, comment: str) -> Do:
    return _on_order(reviews.reject_by_provider, resource, Rejection(provider_rejection_comment=comment))


def cancelled(resource: str) -> Do:
    return _on_order(reviews.cancel, resource)


def done(resource: str) -> Do:
    """Said by the agent that has done the work."""
    return _on_order(reviews.set_done, resource)


def failed(resource: str, message: str, trace: str) -> Do:
    """Said by the agent that could not do the work."""
    return _on_order(reviews.set_erred, resource, Failure(error_message=message, error_traceback=trace))


# -- resources ---------------------------------------------------------------------------------


def handed_over(life: Life) -> Do:
    """The provider says where the resource is and how it is reached."""

    def do(stage: Stage, tx: Tx, actor: Actor) -> None:
        uuid = stage.resource(life.name)
        resources.set_backend_id(tx, actor, uuid, life.backend)
        if life.found:
            resources.set_backend_metadata(tx, actor, uuid, life.found)
        links = [NewLink(name=name, url=address) for name, address in life.endpoints]
        resources.provider_endpoints(tx, actor, uuid, links)

    return do


def reported(name: str, amounts: dict[str, str]) -> Do:
    def do(stage: Stage, tx: Tx, actor: Actor) -> None:
        items = [UsageItem(type=type_, amount=amount) for type_, amount in amounts.items()]
        usage.report(tx, actor, stage.resource(name), items, None)

    return do


def broken(name: str, message: str, trace: str) -> Do:
    def do(stage: Stage, tx: Tx, actor: Actor) -> None:
        resources.set_failed(tx, actor, stage.resource(name), message, trace)

    return do


def described(name: str, change: ResourceChange) -> Do:
    def do(stage: Stage, tx: Tx, actor: Actor) -> None:
        resources.change(tx, actor, stage.resource(name), change)

    return do


# -- catalogue and projects --------------------------------------------------------------------


def published(offering: str, texts: OverviewChange, endpoints: dict[str, str]) -> Do:
    """Addresses that an offering has as a whole."""

    def do(stage: Stage, tx: Tx, actor: Actor) -> None:
        uuid = stage.offering(offering)
        catalog.change_overview(tx, actor, uuid, texts)
        for name, address in endpoints.items():
            catalog.add_endpoint(tx, actor, uuid, NewLink(name=name, url=address))

    return do


def moved(offering: str, action: str, reason: str = "") -> Do:
    """Paused or unpaused."""

    def do(stage: Stage, tx: Tx, actor: Actor) -> None:
        catalog.move_offering(tx, actor, stage.offering(offering), action, reason)

    return do


def repriced(offering: str, plan: str, prices: dict[str, str | int | float]) -> Do:
    def do(stage: Stage, tx: Tx, actor: Actor) -> None:
        pricing.update_prices(tx, actor, stage.plan(offering, plan), prices)

    return do


def people_reviewed(stage: Stage, tx: Tx, actor: Actor) -> None:
    """Whoever may has looked who belongs to the organization, where it was time to."""
    for uuid in people.waiting(tx, actor):
        people.close(tx, actor, uuid)


def planned(project: str, change: ProjectChange) -> Do:
    def do(stage: Stage, tx: Tx, actor: Actor) -> None:
        tenants.change_project(tx, actor, stage.project(project), change)

    return do
