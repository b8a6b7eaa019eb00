"""What goes with an order: files, and what customer and provider tell one another; and orders that hang."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import delete, update

from mercato.access import queries as access
from mercato.access.rules import Actor
from mercato.files import service as files
from mercato.kernel.db import Tx
from mercato.kernel.errors import Conflict, NotFound
from mercato.orders import moves, queries
from mercato.orders.states import OPEN
from mercato.orders.tables import order_runs, order_steps, orders
from mercato.schemas.facts import OrderRemoved
from mercato.schemas.files import Upload
from mercato.schemas.orders import ConsumerInfo, OrderState, ProviderInfo
from mercato.schemas.permissions import Permission as P

# The columns of an order's files, by the names of the fields that link to them.
FILES = {
    "attachment": "attachment_id",
    "consumer_message_attachment": "consumer_message_file_id",
    "provider_message_attachment": "provider_message_file_id",
}


def _row(tx: Tx, uuid: str) -> Any:
    row = queries.order_row(tx.conn, uuid)
    if row is None:
        raise NotFound
    return row


def _must_be_open(row: Any) -> None:
    if row.state not in OPEN:
        raise Conflict("The order is closed.", code="wrong_state", state=row.state)


def set_consumer_info(tx: Tx, actor: Actor, uuid: str, data: ConsumerInfo) -> str:
    """What the customer tells the provider about an open order."""
    row = _row(tx, uuid)
    access.must(tx.conn, actor, P.ORDER_SET_CONSUMER_INFO, queries.consumer_scopes(row), tx.now)
    _say(tx, row, msgspec.structs.asdict(data), "consumer_message")
    return "Consumer info has been updated."


def set_provider_info(tx: Tx, actor: Actor, uuid: str, data: ProviderInfo) -> str:
    """What the provider tells the customer about an open order."""
    row = _row(tx, uuid)
    access.must(tx.conn, actor, P.ORDER_APPROVE, queries.provider_scopes(row), tx.now)
    _say(tx, row, msgspec.structs.asdict(data), "provider_message")
    return "Provider info has been updated."


def _say(tx: Tx, row: Any, given: dict[str, Any], what: str) -> None:
    _must_be_open(row)
    said = {name: value for name, value in given.items() if value is not msgspec.UNSET}
    if not said:
        return
    file_field = f"{what}_attachment"
    values = {name: value for name, value in said.items() if name != file_field}
    if file_field in said:
        values[FILES[file_field]] = _kept(tx, row, file_field, said[file_field])
    values[f"{what}_updated_at"] = tx.now
    _write(tx, row, values)


def attach(tx: Tx, actor: Actor, uuid: str, upload: Upload | None) -> None:
    """A file that goes with an open order, by whoever may order there; another takes its place."""
    row = _row(tx, uuid)
    access.must(tx.conn, actor, P.ORDER_CREATE, queries.consumer_scopes(row), tx.now)
    _must_be_open(row)
    if upload is not None or row.attachment_id is not None:
        _write(tx, row, {"attachment_id": _kept(tx, row, "attachment", upload)})


def _kept(tx: Tx, row: Any, field: str, upload: Upload | None) -> int | None:
    before = getattr(row, FILES[field])
    made = None if upload is None else files.store(tx, upload, field=field)
    if before is not None:
        tx.conn.execute(update(orders).where(orders.c.id == row.id), {FILES[field]: None})
        files.forget(tx, before)
    return made


def _write(tx: Tx, row: Any, values: dict[str, Any]) -> None:
    tx.conn.execute(update(orders).where(orders.c.id == row.id), {**values, "modified": tx.now})
    after = queries.order_row(tx.conn, row.uuid)
    moves.announce(tx, after, row.state, OrderState(row.state), event="marketplace_order_updated")


def unlink(tx: Tx, _actor: Actor, uuid: str) -> None:
    """Staff remove an order that hangs, without asking the backend; what it was about to do is void."""
    row = _row(tx, uuid)
    if row.state in OPEN:
        moves.give_up(tx, row, "The order was removed.")
    remove(tx, row)
    tx.emit(
        OrderRemoved(
            object=row.uuid, resource=row.resource_uuid, offering=row.offering_uuid, project=row.project_uuid
        ),
        event="marketplace_order_unlinked",
        message=f"{row.type} order of {row.offering_name} for {row.resource_name} has been removed.",
    )


def remove(tx: Tx, row: Any) -> None:
    """The row with its files; audit and facts stay."""
    for table in (order_steps, order_runs):
        tx.conn.execute(delete(table).where(table.c.order_id == row.id))
    tx.conn.execute(delete(orders).where(orders.c.id == row.id))
    for column in FILES.values():
        if getattr(row, column) is not None:
            files.forget(tx, getattr(row, column))
