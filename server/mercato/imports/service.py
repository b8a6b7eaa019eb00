"""Agents look at their backends, report what they find, and it becomes resources."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, insert, update

from mercato.access import queries as access
from mercato.access.rules import Actor
from mercato.catalog import queries as catalog
from mercato.imports import queries
from mercato.imports.states import REQUEST
from mercato.imports.tables import backend_resource_requests, backend_resources
from mercato.kernel.db import Tx
from mercato.kernel.errors import Conflict, NotFound, invalid
from mercato.kernel.ids import new_uuid
from mercato.orders import costs
from mercato.orders import service as orders
from mercato.orders.service import Wish
from mercato.resources import queries as resource_queries
from mercato.resources import rules as resource_rules
from mercato.resources import service as resources
from mercato.resources.service import NewResource
from mercato.resources.tables import resources as resource_table
from mercato.schemas.access import Scope
from mercato.schemas.catalog import OfferingState
from mercato.schemas.facts import BackendFound, BackendRequested
from mercato.schemas.imports import BackendProblem, NewBackendRequest, NewBackendResource, RequestState
from mercato.schemas.orders import OrderType
from mercato.schemas.permissions import Permission as P
from mercato.tenants import queries as tenants


def _must(tx: Tx, actor: Actor, row: Any) -> Any:
    """What belongs to an offering whose backend the actor may look after."""
    if row is None:
        raise NotFound
    scopes = [(Scope.OFFERING, row.offering_id), (Scope.CUSTOMER, row.provider_id)]
    access.must(tx.conn, actor, P.OFFERING_MANAGE_BACKEND_RESOURCES, scopes, tx.now)
    return row


def _offering(tx: Tx, actor: Actor, uuid: str) -> Any:
    row = catalog.offering_row(tx.conn, uuid)
    if row is None:
        raise invalid("offering", "Offering is not found.", code="unknown_offering")
    scopes = catalog.offering_scopes(row)
    access.must(tx.conn, actor, P.OFFERING_MANAGE_BACKEND_RESOURCES, scopes, tx.now)
    return row


# -- requests to look --------------------------------------------------------------------------


def ask(tx: Tx, actor: Actor, data: NewBackendRequest) -> str:
    """Ask the offering's agent what it could import; the request's uuid."""
    offering = _offering(tx, actor, data.offering.hex)
    made = new_uuid()
    row = {
        "uuid": made,
        "created": tx.now,
        "modified": tx.now,
        "offering_id": offering.id,
        "state": RequestState.SENT.value,
    }
    tx.conn.execute(insert(backend_resource_requests), row)
    _tell_request(tx, made, offering.uuid, RequestState.SENT, f"{offering.name}: what could be imported?")
    return made


def _tell_request(tx: Tx, uuid: str, offering: str, state: RequestState, message: str) -> None:
    fact = BackendRequested(object=uuid, offering=offering, state=state.value)
    tx.emit(fact, event="backend_resource_request_updated", message=message)


def move(tx: Tx, actor: Actor, uuid: str, action: str, problem: BackendProblem | None = None) -> None:
    """start_processing, set_done or set_erred. 409 where the state does not allow it."""
    row = _must(tx, actor, queries.request_row(tx.conn, uuid))
    state = REQUEST.step(RequestState(row.state), action, None)
    values: dict[str, Any] = {"state": state.value, "modified": tx.now}
    values["started" if state is RequestState.PROCESSING else "finished"] = tx.now
    if problem is not None:
        values |= {"error_message": problem.error_message, "error_traceback": problem.error_traceback}
    table = backend_resource_requests
    tx.conn.execute(update(table).where(table.c.id == row.id), values)
    message = f"{row.offering_name}: the search for what could be imported is {state.value.lower()}."
    _tell_request(tx, uuid, row.offering_uuid, state, message)


# -- what was found ----------------------------------------------------------------------------


def _tell(tx: Tx, row: Any, event: str, message: str) -> None:
    fact = BackendFound(object=row.uuid, offering=row.offering_uuid, project=row.project_uuid)
    tx.emit(fact, event=event, message=message)


def report(tx: Tx, actor: Actor, data: NewBackendResource) -> str:
    """What the backend has for a project without our knowing; its uuid."""
    offering = _offering(tx, actor, data.offering.hex)
    project = tenants.project_row(tx.conn, data.project.hex)
    if project is None:
        raise invalid("project", "Project is not found.", code="unknown_project")
    if data.backend_id and queries.is_reported(tx.conn, offering.id, project.id, data.backend_id):
        raise invalid("backend_id", "This backend resource has been reported already.", code="reported")
    made = new_uuid()
    tx.conn.execute(
        insert(backend_resources),
        {
            "uuid": made,
            "created": tx.now,
            "modified": tx.now,
            "name": data.name,
            "offering_id": offering.id,
            "project_id": project.id,
            "backend_id": data.backend_id,
            "backend_metadata": data.backend_metadata,
        },
    )
    message = f"{offering.name} has {data.name} for {project.name}, which could be imported."
    _tell(tx, queries.found_row(tx.conn, made), "backend_resource_created", message)
    return made


def forget(tx: Tx, actor: Actor, uuid: str) -> None:
    row = _must(tx, actor, queries.found_row(tx.conn, uuid))
    _tell(tx, row, "backend_resource_deleted", f"{row.name} of {row.offering_name} is not to be imported.")
    tx.conn.execute(delete(backend_resources).where(backend_resources.c.id == row.id))


def become(tx: Tx, actor: Actor, uuid: str, plan: str | None) -> str:
    """Make a resource, OK from the start and billed from now on, of what was found; its uuid."""
    row = _must(tx, actor, queries.found_row(tx.conn, uuid))
    offering = catalog.offering_by_id(tx.conn, row.offering_id)
    if offering.state not in (OfferingState.ACTIVE, OfferingState.PAUSED):
        raise Conflict("The offering takes no resources.", code="offering_not_available")
    project = tenants.project_by_id(tx.conn, row.project_id)
    orders.check_open(tx, project)
    same = (resource_table.c.offering_id == offering.id, resource_table.c.backend_id == row.backend_id)
    if row.backend_id and resource_queries.is_used(tx.conn, *same):
        raise Conflict("A resource with this backend id exists already.", code="imported_already")
    chosen = orders.plan_for(tx, offering, plan)
    components = catalog.components_of(tx.conn, offering.id)
    limits = _limits(components, row.backend_metadata)
    number = resources.create(
        tx,
        NewResource(
            name=row.name,
            offering_id=offering.id,
            plan_id=chosen.id if chosen else None,
            project_id=project.id,
            attributes={"name": row.name},
            options={},
            limits=limits,
        ),
    )
    made = resource_queries.resource_by_id(tx.conn, number)
    resources.backend_said(tx, made, backend_id=row.backend_id, metadata=row.backend_metadata, endpoints=[])
    wish = Wish(
        type=OrderType.CREATE,
        offering=offering,
        plan=chosen,
        old_plan=None,
        project=project,
        resource_id=number,
        attributes={"name": row.name},
        limits=limits,
        cost=costs.order_cost(tx, chosen, components, limits, OrderType.CREATE),
    )
    orders.done_already(tx, actor, wish)
    _tell(tx, row, "backend_resource_imported", f"{row.name} of {row.offering_name} has been imported.")
    tx.conn.execute(delete(backend_resources).where(backend_resources.c.id == row.id))
    return str(made.uuid)


def _limits(components: list[Any], metadata: dict[str, Any]) -> dict[str, int]:
    """The limits that hold at the backend; of what it does not tell, each component's default."""
    told = metadata.get("limits")
    told = told if isinstance(told, dict) else {}
    found: dict[str, int] = {}
    for component in components:
        given = told.get(component.type)
        value = resource_rules.whole(given) if isinstance(given, (int, float, str)) else None
        if value is not None and value >= 0 and component.billing_type in ("limit", "usage"):
            found[component.type] = value
        elif component.billing_type == "limit":
            found[component.type] = component.default_limit or 0
    return found
