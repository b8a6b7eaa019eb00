"""Accounts that come and go with people's access to resources; what offerings are told about people."""

from __future__ import annotations

from typing import Any

from mercato.access import queries as access
from mercato.accounts import queries, rules, service
from mercato.catalog import queries as catalog
from mercato.identity.queries import user_id_of
from mercato.kernel.db import Tx
from mercato.resources import queries as resources
from mercato.schemas.access import Scope
from mercato.schemas.accounts import AccountState as S
from mercato.schemas.facts import Granted, ResourceBilled, UserChanged

# Making has begun and cannot be undone any more; the account is deleted when it is there.
_UNDER_WAY = (S.CREATING, S.PENDING_ACCOUNT_LINKING, S.PENDING_ADDITIONAL_VALIDATION, S.ERROR_CREATING)


def on_granted(tx: Tx, fact: Granted) -> None:
    """Somebody joined or left a project: accounts at the offerings whose resources it uses follow."""
    if fact.scope_type != Scope.PROJECT.value:
        return
    project = access.scope_row(tx.conn, Scope.PROJECT, fact.scope)
    user = user_id_of(tx.conn, fact.object)
    if project is None or user is None:
        return
    for offering in queries.offerings_in(tx.conn, project.id):
        if fact.granted:
            _gained(tx, offering, user)
        else:
            _lost(tx, offering, user)


def on_resource(tx: Tx, fact: ResourceBilled) -> None:
    """A resource came to life or ended: its team needs accounts, or needs them no longer."""
    if fact.kind not in ("created", "terminated"):
        return
    row = resources.resource_by_id(tx.conn, fact.id)
    offering = catalog.offering_by_id(tx.conn, row.offering_id)
    act = _gained if fact.kind == "created" else _lost
    if not (rules.makes_accounts if act is _gained else rules.deletes_accounts)(offering.plugin_options):
        return
    for user in queries.people_in(tx.conn, row.project_id, tx.now):
        act(tx, offering, user)


def _gained(tx: Tx, offering: Any, user: int) -> None:
    if not rules.makes_accounts(offering.plugin_options):
        return
    row = queries.living_account(tx.conn, offering.id, user)
    if row is None:
        service.add(tx, offering, user)
    elif row.leaving:
        service.stays(tx, row)


def _lost(tx: Tx, offering: Any, user: int) -> None:
    """Request the deletion of an account without access; one that nobody has begun to make is forgotten."""
    if not rules.deletes_accounts(offering.plugin_options):
        return
    row = queries.living_account(tx.conn, offering.id, user)
    if row is None or queries.backends_in_reach(tx.conn, offering.id, user, tx.now):
        return
    if row.state == S.OK:
        service.move(tx, row, "request_deletion")
    elif row.state == S.REQUESTED:
        service.forget(tx, row)
    elif row.state in _UNDER_WAY:
        service.leaves(tx, row)


def on_user(tx: Tx, fact: UserChanged) -> None:
    """Offerings hear of changes to what they see of a person."""
    if not fact.changed:
        return
    user = user_id_of(tx.conn, fact.object)
    if user is None:
        return
    for row in queries.accounts_of(tx.conn, user):
        exposed = rules.exposed(queries.config_of(tx.conn, row.offering_id))
        changed = rules.touched(fact.changed, exposed)
        if changed:
            text = f"Attributes of {row.user_username} have changed: {', '.join(changed)}."
            event = service.UPDATED
            service.tell(tx, row, "attribute_update", event, text, changed_attributes=changed)


def reconcile(tx: Tx) -> int:
    """Make the accounts that are missing, as after an offering began to want them; how many."""
    made = 0
    for offering in queries.offerings_in_use(tx.conn):
        if rules.makes_accounts(offering.plugin_options):
            for user in queries.without_account(tx.conn, offering.id, tx.now):
                service.add(tx, offering, user)
                made += 1
    return made
