"""Changes of projects that providers who keep a copy of them elsewhere are asked to take over (contract §16).

Such a provider is a marketplace of its own: what its offering delivers lives in a project there.
"""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import ColumnElement, and_, bindparam, exists, func, insert, or_, select, update

from mercato.access import queries as access
from mercato.access.rules import Actor
from mercato.catalog.tables import offerings
from mercato.identity.tables import users
from mercato.kernel.db import Tx
from mercato.kernel.errors import Conflict, NotFound
from mercato.kernel.filters import equals
from mercato.kernel.ids import new_uuid
from mercato.kernel.listing import Listing, Shape, converted, omit
from mercato.kernel.wiresql import json_text
from mercato.resources.tables import project_updates as updates
from mercato.resources.tables import resources
from mercato.schemas.access import Scope
from mercato.schemas.facts import ProjectChanged, ProjectUpdateMoved
from mercato.schemas.permissions import Permission as P
from mercato.schemas.project_acts import ProjectUpdate, ReviewState
from mercato.schemas.resources import ResourceState
from mercato.tenants import queries as tenants
from mercato.tenants.fos import label
from mercato.tenants.queries import provided_by
from mercato.tenants.tables import customers, projects

# Offerings of these types deliver from another marketplace.
ELSEWHERE = ("Waldur.RemoteOffering",)
_EVENTS = {
    ReviewState.PENDING: "project_update_request_created",
    ReviewState.APPROVED: "project_update_request_approved",
    ReviewState.REJECTED: "project_update_request_rejected",
    ReviewState.CANCELED: "project_update_request_rejected",
}


def on_project(tx: Tx, fact: ProjectChanged) -> None:
    """Ask every provider elsewhere that the project uses; what is open already is asked anew, and forgotten where the
    change was taken back."""
    if not fact.before:
        return
    project = tenants.project_by_id(tx.conn, fact.id)
    before = msgspec.to_builtins(fact.before)
    after = {name: _plain(getattr(project, name)) for name in before}
    used = exists().where(
        resources.c.offering_id == offerings.c.id,
        resources.c.project_id == fact.id,
        resources.c.state != ResourceState.TERMINATED.value,
    )
    concerned = select(offerings).where(
        offerings.c.type.in_(ELSEWHERE), offerings.c.removed_at.is_(None), used
    )
    for offering in tx.conn.execute(concerned.order_by(offerings.c.id)).fetchall():
        _ask(tx, project, offering, before, after)


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


def _ask(tx: Tx, project: Any, offering: Any, before: dict[str, Any], after: dict[str, Any]) -> None:
    found = select(updates).where(
        updates.c.project_id == project.id,
        updates.c.offering_id == offering.id,
        updates.c.state == ReviewState.PENDING.value,
    )
    there = tx.conn.execute(found).first()
    if there is None:
        made = new_uuid()
        row = {
            "uuid": made,
            "created": tx.now,
            "project_id": project.id,
            "offering_id": offering.id,
            "created_by_id": tx.who,
            "state": ReviewState.PENDING.value,
            "before": before,
            "after": after,
        }
        tx.conn.execute(insert(updates), row)
        text = (
            f"{offering.name} is asked to take over changes of {project.name}: {', '.join(sorted(before))}."
        )
        _tell(tx, made, project, offering, ReviewState.PENDING, text)
        return
    old, new = {**before, **there.before}, {**there.after, **after}
    new = {name: value for name, value in new.items() if value != old[name]}
    old = {name: old[name] for name in new}
    state = ReviewState.PENDING if new else ReviewState.CANCELED
    values = {"before": old, "after": new, "state": state.value}
    tx.conn.execute(update(updates).where(updates.c.id == there.id), values)
    text = f"{offering.name} has nothing to take over of {project.name} any more."
    if new:
        text = f"{offering.name} is asked to take over changes of {project.name}: {', '.join(sorted(new))}."
    _tell(tx, there.uuid, project, offering, state, text)


def _tell(tx: Tx, uuid: str, project: Any, offering: Any, state: ReviewState, text: str) -> None:
    fact = ProjectUpdateMoved(object=uuid, project=project.uuid, offering=offering.uuid, state=state.value)
    tx.emit(fact, event=_EVENTS[state], message=text)


_ROW = (
    select(updates, projects.c.uuid.label("project"), projects.c.name.label("project_name"))
    .add_columns(
        offerings.c.uuid.label("offering"), offerings.c.name.label("offering_name"), offerings.c.customer_id
    )
    .join(projects, projects.c.id == updates.c.project_id)
    .join(offerings, offerings.c.id == updates.c.offering_id)
    .where(updates.c.uuid == bindparam("uuid"))
)


def review(tx: Tx, actor: Actor, uuid: str, state: ReviewState, comment: str) -> None:
    """The provider takes the change over, or does not. 409 for what is not open."""
    row = tx.conn.execute(_ROW, {"uuid": uuid}).first()
    if row is None:
        raise NotFound
    scopes = [(Scope.OFFERING, row.offering_id), (Scope.CUSTOMER, row.customer_id)]
    access.must(tx.conn, actor, P.OFFERING_UPDATE, scopes, tx.now)
    if row.state != ReviewState.PENDING:
        raise Conflict(f"The request is {row.state} already.", code="not_pending")
    values = {
        "state": state.value,
        "reviewed_at": tx.now,
        "reviewed_by_id": tx.who,
        "review_comment": comment,
    }
    tx.conn.execute(update(updates).where(updates.c.id == row.id), values)
    text = f"Changes of {row.project_name} have been {state.value} for {row.offering_name}."
    fact = ProjectUpdateMoved(object=uuid, project=row.project, offering=row.offering, state=state.value)
    tx.emit(fact, event=_EVENTS[state], message=text)


_by = users.alias("reviewed_by")


def _visible(kind: str) -> ColumnElement[bool] | None:
    """Those whose project it is, and those who deliver to it."""
    if kind == access.EVERYTHING:
        return None
    return or_(
        access.sees_project(projects.c.id, projects.c.customer_id),
        access.provides(offerings.c.id, offerings.c.customer_id),
    )


def _flag(value: Any) -> bool | None:
    """As the databases give a JSON flag's text."""
    return None if value is None else str(value).lower() in ("1", "true")


def _both(name: str, show: Any = None) -> dict[str, Shape | ColumnElement[Any]]:
    """The field before and after; null, or left out, where it has not changed."""
    pair = {
        f"{when}_{name}": json_text(updates.c[of], name) for when, of in (("old", "before"), ("new", "after"))
    }
    return {key: show(value) if show else value for key, value in pair.items()}


_CODE = "oecd_fos_2007_code"
# Clients want somebody here also while nobody has looked at it yet.
NOBODY = "0" * 32

UPDATES = Listing(
    ProjectUpdate,
    table=updates,
    source=updates.join(projects, projects.c.id == updates.c.project_id)
    .join(customers, customers.c.id == projects.c.customer_id)
    .join(offerings, offerings.c.id == updates.c.offering_id)
    .outerjoin(_by, _by.c.id == updates.c.reviewed_by_id),
    visible=_visible,
    where=and_(projects.c.removed_at.is_(None), offerings.c.removed_at.is_(None)),
    columns={
        "uuid": updates.c.uuid,
        "state": updates.c.state,
        "created": updates.c.created,
        "project_uuid": projects.c.uuid,
        "project_name": projects.c.name,
        "customer_uuid": customers.c.uuid,
        "customer_name": customers.c.name,
        "offering_uuid": offerings.c.uuid,
        "offering_name": offerings.c.name,
        "created_by": updates.c.created_by_id,
        "reviewed_at": updates.c.reviewed_at,
        "reviewed_by_full_name": func.coalesce(_by.c.full_name, ""),
        "reviewed_by_uuid": func.coalesce(_by.c.uuid, NOBODY),
        "review_comment": updates.c.review_comment,
        **_both("name", omit),
        **_both("description", omit),
        **_both("end_date"),
        **_both(_CODE),
        "old_oecd_fos_2007_label": converted(json_text(updates.c.before, _CODE), label),
        "new_oecd_fos_2007_label": converted(json_text(updates.c.after, _CODE), label),
        **_both("is_industry", lambda value: converted(value, _flag)),
    },
    filters={
        "uuid": equals(updates.c.uuid),
        "state": equals(updates.c.state),
        "project_uuid": equals(projects.c.uuid),
        "customer_uuid": equals(customers.c.uuid),
        "offering_uuid": equals(offerings.c.uuid),
        "provider_uuid": provided_by(offerings.c.customer_id),
    },
    order={"created": updates.c.created},
    default_order=("-created",),
)
