"""Reviews of who belongs to an organization: they come due by themselves, its owners close them (contract §13, §16)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, insert, select, update

from mercato.access import queries as access
from mercato.access.rules import Actor
from mercato.access.tables import grants
from mercato.identity.tables import users
from mercato.kernel.db import Tx
from mercato.kernel.errors import Conflict, NotFound
from mercato.kernel.filters import equals, since, whether
from mercato.kernel.ids import new_uuid
from mercato.kernel.listing import Listing
from mercato.kernel.wiresql import link
from mercato.schemas.access import Scope
from mercato.schemas.facts import ReviewChanged
from mercato.schemas.organizations import Review
from mercato.schemas.permissions import Permission as P
from mercato.tenants import rules
from mercato.tenants.tables import customers
from mercato.tenants.tables import permission_reviews as reviews

_pending = reviews.c.closed.is_(None)
_reviewer = users.alias("reviewer")


def _visible(kind: str) -> ColumnElement[bool] | None:
    return None if kind == access.EVERYTHING else access.in_customer(customers.c.id)


REVIEWS = Listing(
    Review,
    table=reviews,
    source=reviews.join(customers, customers.c.id == reviews.c.customer_id).outerjoin(
        _reviewer, _reviewer.c.id == reviews.c.reviewer_id
    ),
    visible=_visible,
    where=customers.c.removed_at.is_(None),
    columns={
        "url": link("/api/customer-permissions-reviews/{}/", reviews.c.uuid),
        "uuid": reviews.c.uuid,
        "customer_uuid": customers.c.uuid,
        "customer_name": customers.c.name,
        "is_pending": _pending,
        "created": reviews.c.created,
        "closed": reviews.c.closed,
        "reviewer_full_name": _reviewer.c.full_name,
        "reviewer_uuid": _reviewer.c.uuid,
    },
    filters={
        "uuid": equals(reviews.c.uuid),
        "closed": since(reviews.c.closed),
        "customer_uuid": equals(customers.c.uuid),
        "is_pending": whether(_pending),
        "reviewer_uuid": equals(_reviewer.c.uuid),
    },
    order={"created": reviews.c.created, "closed": reviews.c.closed},
    default_order=("-created",),
)

# Who has anybody in it at all; an organization without people has nothing to review.
_peopled = exists().where(
    grants.c.scope_type == Scope.CUSTOMER.value, grants.c.scope_id == customers.c.id, access.ACTIVE
)
_last = (
    select(func.max(func.coalesce(reviews.c.closed, reviews.c.created)))
    .where(reviews.c.customer_id == customers.c.id)
    .correlate(customers)
    .scalar_subquery()
)


def begin_due(tx: Tx) -> int:
    """Ask for the reviews that are due: 90 days after the last was closed, or after the organization came; where one
    is open nothing more is asked. How many. Safe to run at any time."""
    under_way = exists().where(reviews.c.customer_id == customers.c.id, _pending)
    found = select(
        customers.c.id, customers.c.uuid, customers.c.name, customers.c.created, _last.label("last")
    )
    candidates = found.where(
        and_(customers.c.removed_at.is_(None), ~customers.c.blocked, ~customers.c.archived),
        ~under_way,
        _peopled,
    )
    begun = 0
    for row in tx.conn.execute(candidates.order_by(customers.c.id), {"now": tx.now}).fetchall():
        if rules.review_due(row.last or row.created, tx.now):
            _begin(tx, row)
            begun += 1
    return begun


def _begin(tx: Tx, customer: Any) -> None:
    made = new_uuid()
    row = {"uuid": made, "created": tx.now, "customer_id": customer.id}
    tx.conn.execute(insert(reviews), row)
    text = f"It is time to look who belongs to {customer.name}."
    fact = ReviewChanged(object=made, customer=customer.uuid, closed=False)
    tx.emit(fact, event="customer_permission_review_created", message=text)


def waiting(tx: Tx, actor: Actor) -> list[str]:
    """The open reviews that the actor may close, the oldest first."""
    found = select(reviews.c.uuid, reviews.c.customer_id).where(_pending).order_by(reviews.c.id)
    return [
        row.uuid
        for row in tx.conn.execute(found).fetchall()
        if access.holds(
            tx.conn, actor, P.CUSTOMER_LIST_PERMISSION_REVIEWS, [(Scope.CUSTOMER, row.customer_id)], tx.now
        )
    ]


def close(tx: Tx, actor: Actor, uuid: str) -> None:
    """Somebody who may has looked. 409 if somebody else did before."""
    found = (
        select(reviews, customers.c.uuid.label("customer_uuid"), customers.c.name)
        .join(customers, customers.c.id == reviews.c.customer_id)
        .where(reviews.c.uuid == uuid)
    )
    row = tx.conn.execute(found).first()
    if row is None:
        raise NotFound
    scopes = [(Scope.CUSTOMER, row.customer_id)]
    access.must(tx.conn, actor, P.CUSTOMER_LIST_PERMISSION_REVIEWS, scopes, tx.now)
    if row.closed is not None:
        raise Conflict("The review is closed already.", code="closed")
    values = {"closed": tx.now, "reviewer_id": tx.who}
    tx.conn.execute(update(reviews).where(reviews.c.id == row.id), values)
    fact = ReviewChanged(object=uuid, customer=row.customer_uuid, closed=True)
    text = f"The people of {row.name} have been reviewed."
    tx.emit(fact, event="customer_permission_review_closed", message=text)
