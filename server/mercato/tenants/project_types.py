"""Types that projects can be of (contract §16); staff keep them."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import delete, insert, select, update

from mercato.kernel.db import Tx
from mercato.kernel.errors import Conflict, NotFound, invalid
from mercato.kernel.filters import contains, equals
from mercato.kernel.ids import new_uuid, uuid_of_link
from mercato.kernel.listing import Listing
from mercato.kernel.wiresql import link
from mercato.schemas.facts import GroupChanged
from mercato.schemas.project_acts import NewProjectType, ProjectType, ProjectTypeChange
from mercato.tenants.tables import project_types as types
from mercato.tenants.tables import projects

TYPES = Listing(
    ProjectType,
    table=types,
    source=types,
    visible=lambda _kind: None,
    columns={
        "url": link("/api/project-types/{}/", types.c.uuid),
        "uuid": types.c.uuid,
        "name": types.c.name,
        "description": types.c.description,
    },
    filters={
        "uuid": equals(types.c.uuid),
        "name": contains(types.c.name),
        "name_exact": equals(types.c.name),
    },
    order={"name": types.c.name},
    default_order=("name",),
)


def _row(tx: Tx, uuid: str) -> Any:
    return tx.conn.execute(select(types).where(types.c.uuid == uuid)).first()


def _there(tx: Tx, uuid: str) -> Any:
    row = _row(tx, uuid)
    if row is None:
        raise NotFound
    return row


def type_id(tx: Tx, url: str | None) -> int | None:
    """The id behind a hyperlink or uuid; None stays None. 400 for a type that there is not."""
    if not url:
        return None
    row = _row(tx, uuid_of_link(url) or "")
    if row is None:
        raise invalid("type", "Project type is not found.", code="unknown_type")
    return int(row.id)


def _checked(tx: Tx, values: dict[str, Any], own: int = 0) -> dict[str, Any]:
    if "name" in values:
        if not values["name"].strip():
            raise invalid("name", "This field may not be blank.", code="blank")
        if len(values["name"]) > 150:
            raise invalid("name", "Ensure this field has no more than 150 characters.", code="too_long")
        same = select(types.c.id).where(types.c.name == values["name"], types.c.id != own)
        if tx.conn.execute(same).first() is not None:
            raise invalid("name", "A project type of this name exists already.", code="taken")
    return values


def create(tx: Tx, data: NewProjectType, *, uuid: str = "") -> str:
    values = _checked(tx, msgspec.structs.asdict(data))
    made = uuid or new_uuid()
    tx.conn.execute(insert(types), {"uuid": made, **values})
    _tell(tx, made, f"Project type {data.name} has been created.")
    return made


def change(tx: Tx, uuid: str, data: ProjectTypeChange) -> str:
    row = _there(tx, uuid)
    given = {k: v for k, v in msgspec.structs.asdict(data).items() if v is not msgspec.UNSET}
    values = _checked(tx, given, row.id)
    if values:
        tx.conn.execute(update(types).where(types.c.id == row.id), values)
        _tell(tx, uuid, f"Project type {row.name} has been updated.")
    return uuid


def remove(tx: Tx, uuid: str) -> None:
    """Only a type that no project is of."""
    row = _there(tx, uuid)
    used = select(projects.c.id).where(projects.c.type_id == row.id).limit(1)
    if tx.conn.execute(used).first() is not None:
        raise Conflict("Projects are of this type.", code="in_use")
    tx.conn.execute(delete(types).where(types.c.id == row.id))
    _tell(tx, uuid, f"Project type {row.name} has been deleted.")


def _tell(tx: Tx, uuid: str, message: str) -> None:
    tx.emit(GroupChanged(object=uuid), event="project_type_changed", message=message)
