"""The acts on accounts at offerings (specification 004). One function is one act: change, audit and fact."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import UNSET
from sqlalchemy import delete, insert, update

from mercato.access import queries as access
from mercato.access.rules import Actor
from mercato.accounts import attributes, queries, rules
from mercato.accounts.states import GOING, OFFERING_USER, PENDING
from mercato.accounts.tables import offering_users
from mercato.catalog import queries as catalog
from mercato.kernel.db import Tx
from mercato.kernel.errors import Conflict, Invalid, NotFound, invalid
from mercato.kernel.ids import new_uuid, uuid_of_link
from mercato.schemas.access import Scope
from mercato.schemas.accounts import (
    AccountState,
    Comments,
    CommentsChange,
    NewOfferingUser,
    NewRuntimeState,
    OfferingUserChange,
    Remark,
)
from mercato.schemas.facts import AccountChanged
from mercato.schemas.permissions import Permission as P
from mercato.tenants import queries as tenants

_INSERT = insert(offering_users)
_NO_REMARK = {"service_provider_comment": "", "service_provider_comment_url": ""}
UPDATED = "marketplace_offering_user_updated"


def _scopes(row: Any) -> list[tuple[Scope, int]]:
    return [(Scope.OFFERING, row.offering_id), (Scope.CUSTOMER, row.provider_id)]


def _mine(tx: Tx, actor: Actor, uuid: str, permission: P) -> Any:
    """The account for somebody who may do this to it. 404, 403."""
    row = queries.offering_user_row(tx.conn, uuid)
    if row is None:
        raise NotFound
    access.must(tx.conn, actor, permission, _scopes(row), tx.now)
    return row


# -- making ------------------------------------------------------------------------------------


def create(tx: Tx, actor: Actor, data: NewOfferingUser, *, sees_offering: Callable[[str], bool]) -> str:
    """Request an account for somebody; with a name it is OK at once. The account's uuid."""
    offering = catalog.offering_row(tx.conn, _named(data.offering, data.offering_uuid))
    if offering is None or not sees_offering(offering.uuid):
        raise invalid("offering", "Offering is not found.", code="unknown_offering")
    access.must(tx.conn, actor, P.OFFERING_CREATE_USER, catalog.offering_scopes(offering), tx.now)
    person = queries.person_by_uuid(tx.conn, _named(data.user, data.user_uuid))
    if person is None:
        raise invalid("user", "User is not found.", code="unknown_user")
    if queries.living_account(tx.conn, offering.id, person["id"]) is not None:
        raise Invalid("The fields offering, user must make a unique set.", code="account_exists")
    return add(tx, offering, person["id"], username=_checked_name(data.username or ""))


def _named(link: str, uuid: Any) -> str:
    return uuid.hex if uuid is not None else uuid_of_link(link) or ""


def add(
    tx: Tx,
    offering: Any,
    user_id: int,
    *,
    username: str = "",
    uuid: str = "",
    state: AccountState | None = None,
    **values: Any,
) -> str:
    """A new account, named by whoever names them at this offering; its uuid. Asks nobody.

    One that comes with a `state` is taken as it stands: no name is made up.
    """
    name = username or ("" if state else _generated(tx, offering, user_id))
    if state is None:
        state = AccountState.OK if name else AccountState.REQUESTED
    made = uuid or new_uuid()
    row = {
        "uuid": made,
        "created": tx.now,
        "modified": tx.now,
        "offering_id": offering.id,
        "user_id": user_id,
        "username": name,
        "state": state.value,
        "is_restricted": False,
        **values,
    }
    tx.conn.execute(_INSERT, row)
    after = queries.offering_user_row(tx.conn, made)
    text = f"Account of {after.user_username} at {after.offering_name} has been requested."
    tell(tx, after, "create", "marketplace_offering_user_created", text)
    if name and state is AccountState.OK:
        _tell_name(tx, after)
    return made


def _generated(tx: Tx, offering: Any, user_id: int) -> str:
    """The name that the offering's policy gives, or nothing where the provider names the accounts."""
    person = queries.person(tx.conn, user_id)
    begin, digits = rules.stem(
        offering.plugin_options, person["username"], person["first_name"], person["last_name"]
    )
    if not begin or not digits:
        return begin
    return rules.numbered(begin, digits, queries.names_taken(tx.conn, offering.id))


def _checked_name(name: str) -> str:
    bare = name.strip()
    if len(bare) > rules.USERNAME_LENGTH:
        text = f"Ensure this field has no more than {rules.USERNAME_LENGTH} characters."
        raise invalid("username", text, code="too_long")
    return bare


# -- telling -----------------------------------------------------------------------------------


def tell(tx: Tx, row: Any, action: str, event: str, message: str, **more: Any) -> None:
    """Tell everybody (contract §11.4) what happened to an account."""
    fact = AccountChanged(
        object=row.uuid,
        action=action,
        user=row.user_uuid,
        username=row.username,
        state=row.state,
        offering=row.offering_uuid,
        attributes=attributes.seen(tx, row.offering_id, row.user_id),
        **more,
    )
    tx.emit(fact, event=event, message=message)


def _tell_name(tx: Tx, row: Any) -> None:
    reach = queries.backends_in_reach(tx.conn, row.offering_id, row.user_id, tx.now)
    text = f"Account of {row.user_username} at {row.offering_name} is {row.username}."
    tell(tx, row, "username_set", UPDATED, text, resource_backend_ids=[one for one in reach if one])


def _write(tx: Tx, row: Any, values: dict[str, Any]) -> Any:
    where = offering_users.c.id == row.id
    tx.conn.execute(update(offering_users).where(where), {**values, "modified": tx.now})
    return queries.offering_user_row(tx.conn, row.uuid)


# -- moving ------------------------------------------------------------------------------------


def move(tx: Tx, row: Any, action: str, **values: Any) -> Any:
    """Take one arrow of the table; the account afterwards. Raises Conflict (409) where there is none."""
    state = OFFERING_USER.step(AccountState(row.state), action, None)
    if AccountState(row.state) in PENDING and state is AccountState.OK:
        values = {**_NO_REMARK, **values}
    after = _write(tx, row, {**values, "state": state.value})
    text = (
        f"Account of {row.user_username} at {row.offering_name} has moved from {row.state} to {state.value}."
    )
    tell(tx, after, "update", UPDATED, text)
    if state is AccountState.OK and after.leaving:
        # The person lost access while the account was being made.
        after = move(tx, after, "request_deletion", leaving=False)
    if state is AccountState.DELETED:
        _begin_again(tx, after)
    return after


def _begin_again(tx: Tx, row: Any) -> None:
    """Whoever gained access while the account was being deleted needs another one."""
    offering = catalog.offering_by_id(tx.conn, row.offering_id)
    if rules.makes_accounts(offering.plugin_options) and queries.backends_in_reach(
        tx.conn, row.offering_id, row.user_id, tx.now
    ):
        add(tx, offering, row.user_id)


def leaves(tx: Tx, row: Any) -> None:
    """The person lost access while the account was being made: it will be deleted as soon as it is OK."""
    after = _write(tx, row, {"leaving": True})
    text = f"{row.user_username} has lost access to {row.offering_name}: the account will not stay."
    tell(tx, after, "update", UPDATED, text)


def stays(tx: Tx, row: Any) -> None:
    """The person gained access again in time."""
    after = _write(tx, row, {"leaving": False})
    text = f"{row.user_username} has access to {row.offering_name} again: the account stays."
    tell(tx, after, "update", UPDATED, text)


def transition(tx: Tx, actor: Actor, uuid: str, action: str, remark: Remark | None = None) -> str:
    """What the provider reports or asks for; a sentence about the new state."""
    row = _mine(tx, actor, uuid, P.OFFERING_UPDATE_USER)
    values: dict[str, Any] = {}
    if remark is not None:
        _check_url("comment_url", remark.comment_url)
        values = {
            "service_provider_comment": remark.comment,
            "service_provider_comment_url": remark.comment_url,
        }
    after = move(tx, row, action, **values)
    return f"Offering user is now {after.state}."


def _check_url(field: str, url: str) -> None:
    problem = rules.url_problem(url)
    if problem:
        raise invalid(field, problem, code="bad_url")


def change(tx: Tx, actor: Actor, uuid: str, data: OfferingUserChange) -> str:
    """Name an account, which makes it OK; the same name again changes nothing."""
    row = _mine(tx, actor, uuid, P.OFFERING_UPDATE_USER)
    if data.username is not UNSET:
        rename(tx, row, _checked_name(data.username or ""))
    return uuid


def rename(tx: Tx, row: Any, username: str) -> Any:
    """Give the account its name, whoever asks; the account afterwards. 409 for one that goes or is gone."""
    if AccountState(row.state) in GOING:
        raise Conflict(
            f"Offering user in state {row.state} does not take a username.",
            code="wrong_state",
            state=row.state,
            action="set_username",
        )
    if username == row.username:
        return row
    if not username:
        after = _write(tx, row, {"username": ""})
        text = f"Account of {row.user_username} at {row.offering_name} has no name any more."
        tell(tx, after, "update", UPDATED, text)
        return after
    if row.state == AccountState.OK:
        after = _write(tx, row, {"username": username})
    else:
        after = move(tx, row, "set_username", username=username)
    if after.state == AccountState.OK:
        _tell_name(tx, after)
    return after


# -- remarks and restrictions ------------------------------------------------------------------


def _remarks(data: CommentsChange | NewRuntimeState) -> dict[str, Any]:
    given = {name: getattr(data, name) for name in _NO_REMARK}
    found = {name: value for name, value in given.items() if value is not UNSET}
    _check_url("service_provider_comment_url", found.get("service_provider_comment_url", ""))
    return found


def _there(row: Any, action: str) -> None:
    if row.state == AccountState.DELETED:
        raise Conflict(
            f"Offering user in state {row.state} does not allow {action.replace('_', ' ')}.",
            code="wrong_state",
            state=row.state,
            action=action,
        )


def update_comments(tx: Tx, actor: Actor, uuid: str, data: CommentsChange) -> Comments:
    """Tell the person something else, whatever the state of the account (but Deleted)."""
    row = _mine(tx, actor, uuid, P.OFFERING_UPDATE_USER)
    _there(row, "update_comments")
    values = _remarks(data)
    if values:
        row = _write(tx, row, values)
        text = f"Comments on the account of {row.user_username} at {row.offering_name} have been updated."
        tell(tx, row, "update", UPDATED, text)
    return Comments(
        service_provider_comment=row.service_provider_comment,
        service_provider_comment_url=row.service_provider_comment_url,
    )


def restrict(tx: Tx, actor: Actor, uuid: str, *, restricted: bool) -> None:
    """Signal to the service that the account may (not) be used."""
    row = _mine(tx, actor, uuid, P.OFFERINGUSER_UPDATE_RESTRICTION)
    if row.is_restricted == restricted:
        return
    after = _write(tx, row, {"is_restricted": restricted})
    verb = "restricted" if restricted else "no longer restricted"
    text = f"Account of {row.user_username} at {row.offering_name} is {verb}."
    tell(tx, after, "update", "marketplace_offering_user_restriction_updated", text)


def set_runtime_state(tx: Tx, actor: Actor, uuid: str, data: NewRuntimeState) -> None:
    """What the service in use still expects of the person."""
    row = _mine(tx, actor, uuid, P.OFFERING_UPDATE_USER)
    _there(row, "update_runtime_state")
    after = _write(tx, row, {**_remarks(data), "runtime_state": data.runtime_state.value})
    text = f"Account of {row.user_username} at {row.offering_name}: {data.runtime_state.value}."
    tell(tx, after, "update", UPDATED, text)


def remove(tx: Tx, actor: Actor, uuid: str) -> None:
    """Forget an account, whatever its state; the audit keeps it."""
    row = _mine(tx, actor, uuid, P.OFFERING_DELETE_USER)
    forget(tx, row)


def forget(tx: Tx, row: Any) -> None:
    text = f"Account of {row.user_username} at {row.offering_name} has been removed."
    tell(tx, row, "delete", "marketplace_offering_user_deleted", text)
    tx.conn.execute(delete(offering_users).where(offering_users.c.id == row.id))


# -- names for many ----------------------------------------------------------------------------


def name_everywhere(tx: Tx, actor: Actor, provider: str, user: str, username: str) -> str:
    """One person's name at all of a provider's offerings that the person uses; accounts that are missing are
    made, those that go are left alone. 409 where only such accounts are left. A sentence."""
    row = tenants.provider_row(tx.conn, provider)
    if row is None:
        raise NotFound
    place = [(Scope.CUSTOMER, row.customer_id)]
    access.must(tx.conn, actor, P.SERVICE_PROVIDER_SET_OFFERINGS_USERNAME, place, tx.now)
    person = queries.person_by_uuid(tx.conn, user)
    if person is None:
        raise invalid("user_uuid", f"A user with the uuid [{user}] is not found.", code="unknown_user")
    name = _checked_name(username)
    if not name:
        return "No username was given: nothing has changed."
    named = _name_accounts(tx, row.customer_id, person["id"], name)
    return f"Username of {person['username']} has been set at {named} offerings."


def _name_accounts(tx: Tx, customer_id: int, user_id: int, name: str) -> int:
    accounts = [row for row in queries.accounts_of(tx.conn, user_id) if row.provider_id == customer_id]
    staying = [row for row in accounts if AccountState(row.state) not in GOING]
    has_one = {row.offering_id for row in accounts}
    wanted = queries.provided_in_reach(tx.conn, customer_id, user_id, tx.now)
    missing = [offering for offering in wanted if offering.id not in has_one]
    if accounts and not staying and not missing:
        raise Conflict("All accounts of this user are being deleted.", code="wrong_state")
    for row in staying:
        rename(tx, row, name)
    for offering in missing:
        add(tx, offering, user_id, username=name)
    return len(staying) + len(missing)


def refresh_names(tx: Tx, actor: Actor, uuid: str) -> int:
    """Name the accounts of an offering that have no name, as its policy says; how many got one."""
    offering = catalog.offering_row(tx.conn, uuid)
    if offering is None:
        raise NotFound
    scopes = catalog.offering_scopes(offering)
    access.must(tx.conn, actor, P.OFFERING_UPDATE_INTEGRATION, scopes, tx.now)
    named = 0
    open_states = [state.value for state in AccountState if state not in GOING]
    for row in queries.nameless(tx.conn, offering.id, open_states):
        name = _generated(tx, offering, row.user_id)
        if name:
            rename(tx, row, name)
            named += 1
    return named
