"""Organization groups: the tree, and which organizations belong where. Staff keep both."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Table, bindparam, delete, insert, select, update

from mercato.kernel.db import Tx
from mercato.kernel.errors import Conflict, NotFound, invalid
from mercato.kernel.ids import new_uuid, uuid_of_link
from mercato.schemas.facts import CustomerChanged, GroupChanged
from mercato.schemas.groups import NewOrganizationGroup, OrganizationGroupChange
from mercato.tenants import queries
from mercato.tenants.tables import customer_groups, organization_groups

_BY_UUID = select(organization_groups).where(organization_groups.c.uuid == bindparam("uuid"))


class GroupGoes(NamedTuple):
    """Asked before a group is removed; higher rooms veto while something is for it."""

    id: int


def _row(tx: Tx, uuid: str) -> Any:
    return tx.conn.execute(_BY_UUID, {"uuid": uuid}).first()


def _there(tx: Tx, uuid: str) -> Any:
    row = _row(tx, uuid)
    if row is None:
        raise NotFound
    return row


def _named(name: str) -> None:
    if not name.strip():
        raise invalid("name", "This field may not be blank.", code="blank")


def _parent(tx: Tx, link: str | None, own: int = 0) -> int | None:
    """The id of the group above; 400 for one that does not exist or lies below."""
    if not link:
        return None
    found = _row(tx, uuid_of_link(link) or "")
    if found is None:
        raise invalid("parent", "Organization group is not found.", code="unknown_group")
    above = found
    while above is not None:
        if above.id == own:
            raise invalid("parent", "A group can not lie in itself.", code="circle")
        up = select(organization_groups).where(organization_groups.c.id == above.parent_id)
        above = tx.conn.execute(up).first() if above.parent_id else None
    return int(found.id)


def create(tx: Tx, data: NewOrganizationGroup, *, uuid: str = "") -> str:
    _named(data.name)
    made = uuid or new_uuid()
    row = {"uuid": made, "created": tx.now, "name": data.name, "parent_id": _parent(tx, data.parent)}
    tx.conn.execute(insert(organization_groups), row)
    _tell(tx, made, f"Organization group {data.name} has been created.")
    return made


def change(tx: Tx, uuid: str, data: OrganizationGroupChange | NewOrganizationGroup) -> str:
    row = _there(tx, uuid)
    values: dict[str, Any] = {}
    if data.name is not msgspec.UNSET:
        _named(data.name)
        values["name"] = data.name
    if data.parent is not msgspec.UNSET:
        values["parent_id"] = _parent(tx, data.parent, row.id)
    if values:
        tx.conn.execute(update(organization_groups).where(organization_groups.c.id == row.id), values)
        _tell(tx, uuid, f"Organization group {row.name} has been updated.")
    return uuid


def remove(tx: Tx, uuid: str) -> None:
    """Only a group that nothing lies in and nothing is for."""
    row = _there(tx, uuid)
    inside = select(organization_groups.c.id).where(organization_groups.c.parent_id == row.id)
    if tx.conn.execute(inside.limit(1)).first() is not None:
        raise Conflict("Organization group contains other groups.", code="has_groups")
    tx.ask(GroupGoes(row.id))
    tx.conn.execute(delete(customer_groups).where(customer_groups.c.group_id == row.id))
    tx.conn.execute(delete(organization_groups).where(organization_groups.c.id == row.id))
    _tell(tx, uuid, f"Organization group {row.name} has been deleted.")


def _tell(tx: Tx, uuid: str, message: str) -> None:
    tx.emit(GroupChanged(object=uuid), event="organization_group_changed", message=message)


def assign(tx: Tx, members: Table, owner: str, owner_id: int, links: list[str]) -> list[str] | None:
    """Give a thing (a row of `members` by its column `owner`) these groups and no others.

    The names of its groups; None where it had just these. 400 names the field.
    """
    wanted: dict[int, str] = {}
    for link in links:
        found = _row(tx, uuid_of_link(link) or "")
        if found is None:
            raise invalid("organization_groups", "Organization group is not found.", code="unknown_group")
        wanted[found.id] = found.name
    mine = members.c[owner] == owner_id
    before = {row[0] for row in tx.conn.execute(select(members.c.group_id).where(mine))}
    if before == set(wanted):
        return None
    tx.conn.execute(delete(members).where(mine))
    for group_id in wanted:
        tx.conn.execute(insert(members), {owner: owner_id, "group_id": group_id})
    return sorted(wanted.values())


def set_groups(tx: Tx, uuid: str, links: list[str]) -> None:
    """Put an organization into these groups."""
    row = queries.customer_row(tx.conn, uuid)
    if row is None:
        raise NotFound
    names = assign(tx, customer_groups, "customer_id", row.id, links)
    if names is not None:
        text = f"Organization {row.name} belongs to {', '.join(names) or 'no group'}."
        fact = CustomerChanged(object=uuid, id=row.id)
        tx.emit(fact, event="customer_update_succeeded", message=text)
