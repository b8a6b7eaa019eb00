"""Defining roles: system roles may be redefined but not renamed or removed, others come and go."""

from __future__ import annotations

from typing import Any

from msgspec import UNSET
from sqlalchemy import delete, insert, select, update

from mercato.access.tables import grants, role_permissions, roles
from mercato.kernel.db import Tx
from mercato.kernel.errors import Forbidden, Invalid, NotFound, invalid
from mercato.kernel.ids import new_uuid
from mercato.schemas.access import NewRole, RoleChange, Scope
from mercato.schemas.facts import RoleChanged
from mercato.schemas.permissions import Permission

_KNOWN = {permission.value for permission in Permission}
_SCOPES = {scope.value for scope in Scope}


def _row(tx: Tx, uuid: str) -> Any:
    row = tx.conn.execute(select(roles).where(roles.c.uuid == uuid, roles.c.removed_at.is_(None))).first()
    if row is None:
        raise NotFound
    return row


def _checked_name(tx: Tx, name: str, but: int = 0) -> str:
    bare = name.strip()
    if not bare:
        raise invalid("name", "This field may not be blank.", code="blank")
    same = select(roles.c.id).where(roles.c.name == bare, roles.c.removed_at.is_(None), roles.c.id != but)
    if tx.conn.execute(same).first() is not None:
        raise invalid("name", "Name should be unique.", code="name_taken")
    return bare


def _checked_permissions(given: list[str] | dict[str, Any]) -> list[str]:
    names = {name for name, held in given.items() if held} if isinstance(given, dict) else set(given)
    unknown = sorted(names - _KNOWN)
    if unknown:
        raise invalid("permissions", f"Invalid permissions: {', '.join(unknown)}.", code="unknown_permission")
    return sorted(names)


def _checked_scope(content_type: str) -> str:
    if content_type not in _SCOPES:
        raise invalid("content_type", "Invalid content type.", code="unknown_scope")
    return content_type


def _tell(tx: Tx, uuid: str, message: str) -> None:
    tx.emit(RoleChanged(object=uuid), event="role_updated", message=message)


def create(tx: Tx, data: NewRole, *, uuid: str = "") -> str:
    """A role of the operator's own; its uuid."""
    made = uuid or new_uuid()
    row = {
        "uuid": made,
        "name": _checked_name(tx, data.name),
        "description": data.description,
        "content_type": _checked_scope(data.content_type),
        "is_system_role": False,
        "is_active": data.is_active,
        "created": tx.now,
    }
    permissions = _checked_permissions(data.permissions)
    number = tx.conn.execute(insert(roles).returning(roles.c.id), row).scalar_one()
    _write_permissions(tx, number, permissions)
    _tell(tx, made, f"Role {row['name']} has been created.")
    return made


def _write_permissions(tx: Tx, role_id: int, permissions: list[str]) -> None:
    tx.conn.execute(delete(role_permissions).where(role_permissions.c.role_id == role_id))
    if permissions:
        tx.conn.execute(
            insert(role_permissions), [{"role_id": role_id, "permission": name} for name in permissions]
        )


def change(tx: Tx, uuid: str, data: RoleChange) -> str:
    """Name, description, whether it can be given."""
    row = _row(tx, uuid)
    values = {
        name: getattr(data, name)
        for name in ("name", "description", "is_active")
        if getattr(data, name) is not UNSET
    }
    return _write(tx, row, values)


def replace(tx: Tx, uuid: str, data: NewRole) -> str:
    """The whole definition anew: whoever holds the role may from now on what it says."""
    row = _row(tx, uuid)
    values: dict[str, Any] = {
        "name": data.name,
        "description": data.description,
        "is_active": data.is_active,
        "content_type": _checked_scope(data.content_type),
    }
    if values["content_type"] != row.content_type and (row.is_system_role or _is_held(tx, row.id)):
        raise invalid("content_type", "A role that is in use stays where it is.", code="role_in_use")
    permissions = _checked_permissions(data.permissions)
    _write(tx, row, values)
    _write_permissions(tx, row.id, permissions)
    return uuid


def _write(tx: Tx, row: Any, values: dict[str, Any]) -> str:
    if "name" in values and values["name"] != row.name:
        if row.is_system_role:
            message = "Changing name for system role is not possible."
            raise invalid("name", message, code="system_role")
        values["name"] = _checked_name(tx, values["name"], row.id)
    if values:
        tx.conn.execute(update(roles).where(roles.c.id == row.id), values)
        _tell(tx, row.uuid, f"Role {row.name} has been updated: {', '.join(sorted(values))}.")
    return str(row.uuid)


def switch(tx: Tx, uuid: str, *, active: bool) -> None:
    """Whether the role can be given and gives anything."""
    row = _row(tx, uuid)
    if row.is_active != active:
        _write(tx, row, {"is_active": active})


def remove(tx: Tx, uuid: str) -> None:
    """Remove a role of one's own that nobody holds; who held it once stays on record."""
    row = _row(tx, uuid)
    if row.is_system_role:
        raise Forbidden("System roles cannot be removed.", code="system_role")
    if _is_held(tx, row.id):
        raise Invalid("Role is in use and cannot be removed.", code="role_in_use")
    tx.conn.execute(update(roles).where(roles.c.id == row.id), {"removed_at": tx.now, "is_active": False})
    _tell(tx, uuid, f"Role {row.name} has been removed.")


def _is_held(tx: Tx, role_id: int) -> bool:
    held = select(grants.c.id).where(grants.c.role_id == role_id, grants.c.is_active)
    return tx.conn.execute(held.limit(1)).first() is not None
