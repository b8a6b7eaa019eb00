"""What agents and customers do with a resource's keys. A secret is stored only sealed."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, insert, update

from mercato.access import queries as access
from mercato.access.rules import Actor
from mercato.api_keys import queries
from mercato.api_keys.states import KEY
from mercato.api_keys.tables import resource_api_keys
from mercato.kernel.db import Tx
from mercato.kernel.errors import Conflict, NotFound, invalid
from mercato.kernel.ids import new_uuid
from mercato.kernel.vault import Sealing, Unopened, Vault
from mercato.resources import queries as resources
from mercato.schemas.api_keys import ApiKey, KeyAction, KeyState, NewApiKey, NewSecret
from mercato.schemas.facts import ResourceChanged, ResourceKeyChanged
from mercato.schemas.permissions import Permission as P
from mercato.schemas.resources import ResourceState

# An agent keeps two, so that one can be rotated while the other is in use.
MOST_KEYS = 16
_SETTLED = {"pending_action": KeyAction.NOTHING.value, "error_message": ""}


def _vault(tx: Tx) -> Vault:
    vault: Vault = tx.ask(Sealing())[0]
    return vault


def _place(uuid: str) -> str:
    return f"resource_api_keys/{uuid}/sealed"


def _key(tx: Tx, uuid: str) -> Any:
    row = queries.key_row(tx.conn, uuid)
    if row is None:
        raise NotFound
    return row


def _for_agent(tx: Tx, actor: Actor, uuid: str) -> Any:
    row = _key(tx, uuid)
    access.must(tx.conn, actor, P.RESOURCE_SET_BACKEND_METADATA, resources.provider_scopes(row), tx.now)
    return row


def _for_customer(tx: Tx, actor: Actor, uuid: str) -> Any:
    row = _key(tx, uuid)
    access.must(tx.conn, actor, P.RESOURCE_MANAGE_API_KEY, resources.consumer_scopes(row), tx.now)
    return row


def _tell(tx: Tx, row: Any, action: str, event: str, message: str) -> None:
    fact = ResourceKeyChanged(
        object=row.uuid,
        action=action,
        resource=row.resource_uuid,
        offering=row.offering_uuid,
        client_id=row.client_id,
    )
    tx.emit(fact, event=event, message=message)


def _write(tx: Tx, row: Any, values: dict[str, Any]) -> Any:
    table = resource_api_keys
    tx.conn.execute(update(table).where(table.c.id == row.id), {**values, "modified": tx.now})
    return _key(tx, row.uuid)


# -- agents ------------------------------------------------------------------------------------


def report_created(tx: Tx, actor: Actor, data: NewApiKey) -> str:
    """A key that an agent has made, or made anew under the same client id; its uuid."""
    resource = resources.resource_row(tx.conn, data.resource.hex)
    if resource is None:
        raise invalid("resource", "Resource is not found.", code="unknown_resource")
    scopes = resources.provider_scopes(resource)
    access.must(tx.conn, actor, P.RESOURCE_SET_BACKEND_METADATA, scopes, tx.now)
    if resource.state == ResourceState.TERMINATED:
        raise Conflict("The resource has been terminated.", code="wrong_state", state=resource.state)
    known = queries.key_of_client(tx.conn, resource.id, data.client_id)
    if known is not None:
        return _store(tx, known, NewSecret(api_key=data.api_key))
    if queries.how_many(tx.conn, resource.id) >= MOST_KEYS:
        raise invalid("resource", f"A resource has at most {MOST_KEYS} keys.", code="too_many")
    made = new_uuid()
    row = {
        "uuid": made,
        "created": tx.now,
        "modified": tx.now,
        "issued_at": tx.now,
        "resource_id": resource.id,
        "client_id": data.client_id,
        "sealed": _vault(tx).seal(data.api_key, _place(made)),
        "state": KeyState.OK.value,
    }
    tx.conn.execute(insert(resource_api_keys), row)
    message = f"{resource.name} has a key {data.client_id}."
    _tell(tx, _key(tx, made), "create", "marketplace_resource_api_key_created", message)
    return made


def set_key(tx: Tx, actor: Actor, uuid: str, data: NewSecret) -> str:
    """The agent has rotated the key at its backend."""
    return _store(tx, _for_agent(tx, actor, uuid), data)


def _store(tx: Tx, row: Any, data: NewSecret) -> str:
    state = KEY.step(KeyState(row.state), "set_key", None)
    client_id = data.client_id or row.client_id
    other = queries.key_of_client(tx.conn, row.resource_id, client_id)
    if other is not None and other.id != row.id:
        raise invalid("client_id", "Another key of the resource has this client id.", code="same_client_id")
    sealed = _vault(tx).seal(data.api_key, _place(row.uuid))
    values = {"state": state.value, "client_id": client_id, "sealed": sealed, **_SETTLED}
    after = _write(tx, row, {**values, "issued_at": tx.now})
    message = f"Key {client_id} of {row.resource_name} has a new secret."
    _tell(tx, after, "set", "marketplace_resource_api_key_rotated", message)
    return str(row.uuid)


def set_erred(tx: Tx, actor: Actor, uuid: str, problem: str) -> str:
    """The agent could not rotate the key."""
    row = _for_agent(tx, actor, uuid)
    state = KEY.step(KeyState(row.state), "set_erred", None)
    after = _write(tx, row, {**_SETTLED, "state": state.value, "error_message": problem})
    what = "removed" if row.pending_action == KeyAction.DELETE else "rotated"
    message = f"Key {row.client_id} of {row.resource_name} could not be {what}: {problem}"
    _tell(tx, after, "fail", "marketplace_resource_api_key_failed", message)
    return uuid


def forget(tx: Tx, actor: Actor, uuid: str) -> None:
    """The key is gone at its backend."""
    _remove(tx, _for_agent(tx, actor, uuid))


def _remove(tx: Tx, row: Any) -> None:
    message = f"Key {row.client_id} of {row.resource_name} has been removed."
    _tell(tx, row, "delete", "marketplace_resource_api_key_deleted", message)
    tx.conn.execute(delete(resource_api_keys).where(resource_api_keys.c.id == row.id))


def on_resource(tx: Tx, fact: ResourceChanged) -> None:
    """With a resource its keys end."""
    if fact.state == ResourceState.TERMINATED and "state" in fact.changed:
        for row in queries.keys_of(tx.conn, fact.id):
            _remove(tx, row)


# -- customers ---------------------------------------------------------------------------------


def rotate(tx: Tx, actor: Actor, uuid: str) -> None:
    """Ask the agent for a new secret. 409 while one is on its way."""
    row = _for_customer(tx, actor, uuid)
    state = KEY.step(KeyState(row.state), "rotate", None)
    pending = {"pending_action": KeyAction.ROTATE.value, "error_message": ""}
    after = _write(tx, row, {"state": state.value, **pending})
    message = f"A new secret was asked for: key {row.client_id} of {row.resource_name}."
    _tell(tx, after, "rotate", "marketplace_resource_api_key_requested", message)


def revoke(tx: Tx, actor: Actor, uuid: str) -> None:
    """Ask the agent to remove the key from its backend; the resource's other keys stay. 409 while another wish is
    on its way."""
    row = _for_customer(tx, actor, uuid)
    state = KEY.step(KeyState(row.state), "revoke", None)
    pending = {"pending_action": KeyAction.DELETE.value, "error_message": ""}
    after = _write(tx, row, {"state": state.value, **pending})
    message = f"The end of key {row.client_id} of {row.resource_name} was asked for."
    _tell(tx, after, "revoke", "marketplace_resource_api_key_requested", message)


def reveal(tx: Tx, actor: Actor, uuid: str) -> ApiKey:
    """The secret; the log notes who has seen it."""
    row = _for_customer(tx, actor, uuid)
    try:
        secret = _vault(tx).open(row.sealed, _place(uuid))
    except Unopened as problem:
        raise Conflict(f"The key cannot be shown. {problem}", code="unopened") from None
    message = f"Key {row.client_id} of {row.resource_name} was shown to {actor.username}."
    _tell(tx, row, "reveal", "marketplace_resource_api_key_revealed", message)
    return ApiKey(
        uuid=row.uuid,
        resource_uuid=row.resource_uuid,
        resource_backend_id=row.resource_backend_id,
        client_id=row.client_id,
        api_key=secret,
        state=row.state,
        error_message=row.error_message,
        modified=row.modified,
        issued_at=row.issued_at,
        pending_action=row.pending_action,
    )
