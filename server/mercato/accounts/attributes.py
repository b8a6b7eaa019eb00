"""What an offering sees of the people who use it, and what it is told when that changes."""

from __future__ import annotations

from typing import Any

from msgspec import UNSET
from sqlalchemy import delete, insert, update

from mercato.access import queries as access
from mercato.access.rules import Actor
from mercato.accounts import queries, rules
from mercato.accounts.tables import attribute_configs
from mercato.catalog import queries as catalog
from mercato.kernel.db import Tx
from mercato.kernel.errors import NotFound
from mercato.kernel.ids import new_uuid
from mercato.schemas.accounts import AttributeConfig
from mercato.schemas.facts import CatalogChanged
from mercato.schemas.identity import ATTRIBUTES
from mercato.schemas.permissions import Permission as P


def seen(tx: Tx, offering_id: int, user_id: int) -> dict[str, Any]:
    """What the offering knows about the person."""
    exposed = rules.exposed(queries.config_of(tx.conn, offering_id))
    return rules.attributes(queries.person(tx.conn, user_id), exposed)


def config(conn: Any, uuid: str) -> Any:
    """The offering's choice; without one the defaults, under the offering's own uuid and date."""
    offering = catalog.offering_row(conn, uuid)
    if offering is None:
        raise NotFound
    stored = queries.config_of(conn, offering.id)
    exposed = rules.exposed(stored)
    return AttributeConfig(
        uuid=stored["uuid"] if stored else offering.uuid,
        created=stored["created"] if stored else offering.created,
        modified=stored["modified"] if stored else offering.created,
        offering_uuid=offering.uuid,
        offering_name=offering.name,
        is_default=stored is None,
        exposed_fields=exposed,
        **{f"expose_{name}": name in exposed for name in ATTRIBUTES},
    )


def _editable(tx: Tx, actor: Actor, uuid: str) -> Any:
    offering = catalog.offering_row(tx.conn, uuid)
    if offering is None:
        raise NotFound
    scopes = catalog.offering_scopes(offering)
    access.must(tx.conn, actor, P.OFFERING_UPDATE_ATTRIBUTES, scopes, tx.now)
    return offering


def change_config(tx: Tx, actor: Actor, uuid: str, data: Any) -> Any:
    """Choose what the offering sees; what is not named stays as it was."""
    offering = _editable(tx, actor, uuid)
    given = {f"expose_{name}": getattr(data, f"expose_{name}") for name in ATTRIBUTES}
    write_config(tx, offering, {name: value for name, value in given.items() if value is not UNSET})
    return config(tx.conn, uuid)


def write_config(tx: Tx, offering: Any, values: dict[str, bool]) -> None:
    """The same, whoever asks; `values` by `expose_…`."""
    stored = queries.config_of(tx.conn, offering.id)
    before = rules.exposed(stored)
    if stored is None:
        kept = {f"expose_{name}": name in before for name in ATTRIBUTES}
        row = {"uuid": new_uuid(), "created": tx.now, "modified": tx.now, "offering_id": offering.id}
        tx.conn.execute(insert(attribute_configs), {**row, **kept, **values})
    else:
        where = attribute_configs.c.id == stored["id"]
        tx.conn.execute(update(attribute_configs).where(where), {**values, "modified": tx.now})
    _told(tx, offering)


def drop_config(tx: Tx, actor: Actor, uuid: str) -> None:
    """Go back to the defaults."""
    offering = _editable(tx, actor, uuid)
    tx.conn.execute(delete(attribute_configs).where(attribute_configs.c.offering_id == offering.id))
    _told(tx, offering)


def _told(tx: Tx, offering: Any) -> None:
    exposed = rules.exposed(queries.config_of(tx.conn, offering.id))
    message = f"Offering {offering.name} sees of its users: {', '.join(exposed) or 'nothing'}."
    tx.emit(CatalogChanged(object=offering.uuid), event="marketplace_offering_updated", message=message)
