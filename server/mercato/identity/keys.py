"""People's SSH keys."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, insert, select

from mercato.access.rules import Actor
from mercato.identity import ssh
from mercato.identity.tables import ssh_keys, users
from mercato.kernel.db import Tx
from mercato.kernel.errors import Forbidden, NotFound, invalid
from mercato.kernel.ids import new_uuid
from mercato.schemas.facts import KeyChanged
from mercato.schemas.identity import NewSshKey


def add(tx: Tx, actor: Actor, data: NewSshKey) -> str:
    """A new key of one's own; its uuid."""
    return add_for(tx, actor.id, actor.uuid, data.public_key, data.name)


def add_for(tx: Tx, user_id: int, user: str, public_key: str, name: str, *, uuid: str = "") -> str:
    """A new key of somebody, named after its comment unless it has a name; its uuid."""
    try:
        key = ssh.parse(public_key)
    except ssh.BadKeyError as error:
        raise invalid("public_key", str(error), code="bad_key") from None
    mine = select(ssh_keys.c.id).where(
        ssh_keys.c.user_id == user_id, ssh_keys.c.fingerprint_sha256 == key.sha256
    )
    if tx.conn.execute(mine).first() is not None:
        raise invalid("public_key", "You have added this key already.", code="key_exists")
    made = uuid or new_uuid()
    row = {
        "uuid": made,
        "created": tx.now,
        "modified": tx.now,
        "user_id": user_id,
        "name": name.strip() or key.comment[:150] or key.type,
        "type": key.type,
        "public_key": key.text,
        "fingerprint_md5": key.md5,
        "fingerprint_sha256": key.sha256,
        "fingerprint_sha512": key.sha512,
    }
    tx.conn.execute(insert(ssh_keys), row)
    text = f"SSH key {row['name']} ({key.sha256}) has been added."
    tx.emit(
        KeyChanged(object=made, user=user, action="create"), event="ssh_key_creation_succeeded", message=text
    )
    return made


def remove(tx: Tx, actor: Actor, uuid: str) -> None:
    """Take a key back: one's own, or anybody's by staff."""
    found = (
        select(ssh_keys, users.c.uuid.label("user_uuid"))
        .join(users, users.c.id == ssh_keys.c.user_id)
        .where(ssh_keys.c.uuid == uuid)
    )
    row: Any = tx.conn.execute(found).first()
    if row is None:
        raise NotFound
    if not actor.is_staff and (row.user_id != actor.id or row.is_shared):
        raise Forbidden
    drop(tx, row, row.user_uuid)


def drop(tx: Tx, row: Any, user: str) -> None:
    """Remove a key of `user`, whoever asks."""
    tx.conn.execute(delete(ssh_keys).where(ssh_keys.c.id == row.id))
    text = f"SSH key {row.name} ({row.fingerprint_sha256}) has been removed."
    fact = KeyChanged(object=row.uuid, user=user, action="delete")
    tx.emit(fact, event="ssh_key_deletion_succeeded", message=text)
