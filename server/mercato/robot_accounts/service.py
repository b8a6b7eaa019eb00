"""What providers do with robot accounts, and how these follow people and resources."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from msgspec import UNSET, to_builtins
from sqlalchemy import delete, insert, update

from mercato.access import queries as access
from mercato.access.rules import Actor
from mercato.identity import ssh
from mercato.identity.queries import user_id_of
from mercato.kernel.db import Tx
from mercato.kernel.errors import Conflict, Invalid, NotFound, invalid
from mercato.kernel.ids import new_uuid, uuid_of_link
from mercato.resources import queries as resources
from mercato.robot_accounts import queries
from mercato.robot_accounts.states import GOING, ROBOT
from mercato.robot_accounts.tables import robot_account_users, robot_accounts
from mercato.schemas.access import Scope
from mercato.schemas.facts import Granted, ResourceChanged, RobotAccountChanged
from mercato.schemas.permissions import Permission as P
from mercato.schemas.resources import ResourceState
from mercato.schemas.robot_accounts import Fingerprint, NewRobotAccount, RobotAccountChange, RobotState

# Whatever backends call them: one word that can stand in a list of users.
USERNAME = re.compile(r"[^\s:/\\,]{1,32}")


def _scopes(row: Any) -> list[tuple[Scope, int]]:
    return resources.consumer_scopes(row)


def _found(tx: Tx, actor: Actor, uuid: str, permission: P) -> Any:
    row = queries.robot_row(tx.conn, uuid)
    if row is None:
        raise NotFound
    access.must(tx.conn, actor, permission, resources.provider_scopes(row), tx.now)
    return row


def _tell(tx: Tx, row: Any, action: str, message: str, event: str = "updated") -> None:
    fact = RobotAccountChanged(
        object=row.uuid, resource=row.resource_uuid, username=row.username, action=action, state=row.state
    )
    tx.emit(fact, event=f"resource_robot_account_{event}", message=message)


def _called(row: Any) -> str:
    return f"Robot account {row.username or row.type} of {row.resource_name}"


# -- making and changing -----------------------------------------------------------------------


def create(tx: Tx, actor: Actor, data: NewRobotAccount, *, sees: Callable[[str], bool]) -> str:
    """An account that the provider shall make; its uuid. Refused at a resource that has ended."""
    uuid = uuid_of_link(data.resource) or ""
    resource = resources.resource_row(tx.conn, uuid)
    if resource is None or not sees(uuid):
        raise invalid("resource", "Resource is not found.", code="unknown_resource")
    scopes = resources.provider_scopes(resource)
    access.must(tx.conn, actor, P.RESOURCE_CREATE_ROBOT_ACCOUNT, scopes, tx.now)
    return add(tx, resource, data)


def add(tx: Tx, resource: Any, data: NewRobotAccount, *, uuid: str = "") -> str:
    """The same, whoever asks."""
    if resource.state == ResourceState.TERMINATED:
        raise Conflict("The resource has been terminated.", code="wrong_state", state=resource.state)
    values, people = _checked(tx, resource, to_change(data), 0)
    made = uuid or new_uuid()
    row = {
        "uuid": made,
        "created": tx.now,
        "modified": tx.now,
        "resource_id": resource.id,
        "state": RobotState.REQUESTED.value,
        **values,
    }
    number = tx.conn.execute(insert(robot_accounts).returning(robot_accounts.c.id), row).scalar_one()
    _set_people(tx, number, people or [])
    account = queries.robot_row(tx.conn, made)
    _tell(tx, account, "create", f"{_called(account)} has been asked for.", "created")
    return made


def to_change(data: NewRobotAccount) -> RobotAccountChange:
    """A whole account as a change of everything."""
    return RobotAccountChange(**{name: getattr(data, name) for name in data.__struct_fields__})


def replace(tx: Tx, actor: Actor, uuid: str, data: NewRobotAccount) -> str:
    return change(tx, actor, uuid, to_change(data))


def change(tx: Tx, actor: Actor, uuid: str, data: RobotAccountChange) -> str:
    """Name, keys, description and the people behind it. 409 once it goes."""
    row = _found(tx, actor, uuid, P.RESOURCE_UPDATE_ROBOT_ACCOUNT)
    if row.state in GOING:
        raise Conflict("The account goes or is gone.", code="wrong_state", state=row.state)
    if data.resource is not UNSET and uuid_of_link(data.resource) != row.resource_uuid:
        raise invalid("resource", "An account stays at its resource.", code="other_resource")
    values, people = _checked(tx, row, data, row.id)
    if people is not None:
        _set_people(tx, row.id, people)
    if values or people is not None:
        after = _write(tx, row, values)
        _tell(tx, after, "update", f"{_called(after)} has been changed.")
    return uuid


def remove(tx: Tx, actor: Actor, uuid: str) -> None:
    """Forget the account: it is gone at its backend, or never was there."""
    row = _found(tx, actor, uuid, P.RESOURCE_DELETE_ROBOT_ACCOUNT)
    _tell(tx, row, "delete", f"{_called(row)} has been deleted.", "deleted")
    _set_people(tx, row.id, [])
    tx.conn.execute(delete(robot_accounts).where(robot_accounts.c.id == row.id))


def _write(tx: Tx, row: Any, values: dict[str, Any]) -> Any:
    where = robot_accounts.c.id == row.id
    tx.conn.execute(update(robot_accounts).where(where), {**values, "modified": tx.now})
    return queries.robot_row(tx.conn, row.uuid)


def _set_people(tx: Tx, number: int, people: Sequence[int]) -> None:
    members = robot_account_users
    tx.conn.execute(delete(members).where(members.c.robot_account_id == number))
    for user in dict.fromkeys(people):
        tx.conn.execute(insert(members), {"robot_account_id": number, "user_id": user})


def _checked(
    tx: Tx, place: Any, data: RobotAccountChange, own: int
) -> tuple[dict[str, Any], list[int] | None]:
    """The columns to write and the people behind the account, as far as given. `place`: a row with the
    resource's project and organizations; `own`: the account's id."""
    resource_id = place.resource_id if own else place.id
    values: dict[str, Any] = {
        name: getattr(data, name) for name in ("type", "description") if getattr(data, name) is not UNSET
    }
    if data.username is not UNSET:
        _check_name(tx, resource_id, data.username, own)
        values["username"] = data.username
    if data.keys is not UNSET:
        values["keys"], values["fingerprints"] = _keys(data.keys)
    if data.responsible_user is not UNSET:
        values["responsible_user_id"] = _responsible(tx, place, data.responsible_user)
    return values, None if data.users is UNSET else _people(tx, place, data.users)


def _check_name(tx: Tx, resource_id: int, username: str, own: int) -> None:
    if not username:
        return
    if not USERNAME.fullmatch(username):
        message = "1 to 32 characters without spaces, colons, commas and slashes."
        raise invalid("username", message, code="bad_username")
    if queries.named(tx.conn, resource_id, username, own):
        raise invalid("username", "Another account of the resource has this name.", code="username_taken")


def _keys(given: Sequence[str]) -> tuple[list[str], list[Any]]:
    try:
        keys = [ssh.parse(line) for line in given]
    except ssh.BadKeyError as error:
        raise invalid("keys", str(error), code="bad_key") from None
    prints = [Fingerprint(md5=key.md5, sha256=key.sha256, sha512=key.sha512) for key in keys]
    return [key.text for key in keys], to_builtins(prints)


def _people(tx: Tx, place: Any, links: Sequence[str]) -> list[int]:
    """Only who has access to the resource may come through the account."""
    uuids = [uuid_of_link(link) or "" for link in links]
    known = queries.people_with_access(tx.conn, uuids, _scopes(place), tx.now)
    if set(uuids) - set(known):
        raise invalid("users", "Some of them have no access to the resource's project.", code="no_access")
    return [known[uuid] for uuid in uuids]


def _responsible(tx: Tx, place: Any, link: str | None) -> int | None:
    if not link:
        return None
    uuid = uuid_of_link(link) or ""
    scopes = [*_scopes(place), *resources.provider_scopes(place)]
    known = queries.people_with_access(tx.conn, [uuid], scopes, tx.now)
    if uuid not in known:
        message = "They work neither for the resource's customer nor for its provider."
        raise invalid("responsible_user", message, code="no_access")
    return known[uuid]


# -- states ------------------------------------------------------------------------------------


def move(tx: Tx, actor: Actor, uuid: str, action: str, problem: str = "") -> str:
    """A transition of `states.ROBOT`. 400 where the state does not allow it (the contract's answer here)."""
    row = _found(tx, actor, uuid, P.RESOURCE_UPDATE_ROBOT_ACCOUNT)
    try:
        _step(tx, row, action, problem)
    except Conflict as conflict:
        raise Invalid(conflict.detail, code=conflict.code, **conflict.params) from None
    return uuid


def _step(tx: Tx, row: Any, action: str, problem: str = "") -> None:
    state = ROBOT.step(RobotState(row.state), action, None)
    after = _write(tx, row, {"state": state.value, "error_message": problem})
    why = f": {problem}" if problem else ""
    message = f"{_called(row)} has moved from {row.state} to {state.value}{why}."
    _tell(tx, after, "state", message, "state_changed")


def on_resource(tx: Tx, fact: ResourceChanged) -> None:
    """With a resource its accounts end: those that exist are to be deleted."""
    if fact.state != ResourceState.TERMINATED or "state" not in fact.changed:
        return
    for row in queries.robots_of(tx.conn, fact.id):
        if row.state not in GOING:
            _step(tx, row, "end")


def on_granted(tx: Tx, fact: Granted) -> None:
    """Who has lost the access to a resource comes no more through its accounts."""
    if fact.granted or fact.scope_type not in (Scope.PROJECT.value, Scope.CUSTOMER.value):
        return
    place = access.scope_row(tx.conn, Scope(fact.scope_type), fact.scope)
    user = user_id_of(tx.conn, fact.object)
    if place is None or user is None:
        return
    members = robot_account_users
    for row in queries.robots_behind(tx.conn, user, place.type, place.id):
        if fact.object in queries.people_with_access(tx.conn, [fact.object], _scopes(row), tx.now):
            continue
        mine = (members.c.robot_account_id == row.id, members.c.user_id == user)
        tx.conn.execute(delete(members).where(*mine))
        after = _write(tx, row, {})
        _tell(tx, after, "update", f"{_called(row)} is no longer for somebody who has lost access.")
