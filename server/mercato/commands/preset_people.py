"""The part of a preset about people: who they are, what they may do where, and their accounts at offerings.

Each function loads one row and says whether it was new. What is there already is left as it is.
"""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import or_, select, update

from mercato.access import queries as access
from mercato.access import roles as defining
from mercato.access import service as granting
from mercato.access.rules import Actor
from mercato.access.tables import grants, roles
from mercato.accounts import attributes, queries
from mercato.accounts import projects as project_accounts
from mercato.accounts import service as accounts
from mercato.accounts.tables import course_accounts, offering_users, service_accounts
from mercato.catalog import queries as catalog
from mercato.commands.preset_finding import hexed, number, there
from mercato.commands.preset_rows import (
    SCOPES,
    AuthToken,
    PresetAccount,
    PresetCourseAccount,
    PresetExposure,
    PresetKey,
    PresetPersonalToken,
    PresetRole,
    PresetRoleGrant,
    PresetServiceAccount,
    PresetUser,
    account_state,
)
from mercato.identity import keys, personal, ssh
from mercato.identity import service as identity
from mercato.identity.tables import ssh_keys, tokens, users
from mercato.kernel.crypto import hash_password
from mercato.kernel.db import Tx
from mercato.kernel.ids import as_hex, key_hash
from mercato.schemas.access import NewRole
from mercato.schemas.identity import ATTRIBUTES, NewPersonalToken, NewUser
from mercato.schemas.projects import NewServiceAccount, Participant
from mercato.tenants import queries as tenants

# What only identity providers and staff tell of a person, beside what a new account has.
_TOLD = ("civil_number", "identity_source", "registration_method", "active_isds", "uid_number", "primary_gid")


def load_user(tx: Tx, row: PresetUser) -> bool:
    uuid = hexed(row.uuid, "user")
    if there(tx, users, uuid):
        return False
    given = msgspec.structs.asdict(row)
    named = {field.name for field in msgspec.structs.fields(NewUser)} - {"password"}
    identity.create_user(tx, NewUser(**{name: given[name] for name in named}), uuid=uuid)
    told = {name: given[name] for name in _TOLD if given[name]}
    if row.password:
        # Presets are demonstrations: their passwords are taken as given, however weak.
        told["password_hash"] = hash_password(row.password)
    if told:
        tx.conn.execute(update(users).where(users.c.uuid == uuid), told)
    return True


def load_token(tx: Tx, row: AuthToken) -> bool:
    user = number(tx, users, row.user_uuid, "user")
    if tx.conn.execute(select(tokens.c.id).where(tokens.c.key_hash == key_hash(row.key))).first():
        return False
    identity.make_token(tx, user, name="preset", keeps=True, key=row.key)
    return True


def load_personal_token(tx: Tx, row: PresetPersonalToken) -> bool:
    person = tx.conn.execute(
        select(users).where(users.c.id == number(tx, users, row.user_uuid, "user"))
    ).one()
    owner = Actor(
        person.id,
        person.uuid,
        person.username,
        person.full_name,
        is_staff=person.is_staff,
        is_support=person.is_support,
        token_id=0,
    )
    data = NewPersonalToken(
        name=row.name,
        scopes=row.scopes,
        expires_at=row.expires_at,
        allowed_networks=row.allowed_networks,
    )
    return personal.give(tx, owner, data, row.key)


def load_key(tx: Tx, row: PresetKey) -> bool:
    user = number(tx, users, row.user_uuid, "user")
    uuid = hexed(row.uuid, "key") if row.uuid else ""
    try:
        print_ = ssh.parse(row.public_key).sha256
    except ssh.BadKeyError as error:
        raise ValueError(f"public_key: {error}") from error
    mine = (ssh_keys.c.user_id == user) & (ssh_keys.c.fingerprint_sha256 == print_)
    if tx.conn.execute(select(ssh_keys.c.id).where(or_(mine, ssh_keys.c.uuid == uuid))).first():
        return False
    keys.add_for(tx, user, hexed(row.user_uuid, "user"), row.public_key, row.name, uuid=uuid)
    return True


def load_role(tx: Tx, row: PresetRole) -> bool:
    """A role of the operator's own; roles that exist, or existed, under this name or uuid are left alone."""
    uuid = hexed(row.uuid, "role") if row.uuid else ""
    known = select(roles.c.id).where(or_(roles.c.name == row.name, roles.c.uuid == uuid))
    if tx.conn.execute(known).first():
        return False
    scope = SCOPES.get(row.content_type)
    data = NewRole(
        name=row.name,
        description=row.description,
        permissions=row.permissions,
        content_type=scope.value if scope else row.content_type,
        is_active=row.is_active,
    )
    defining.create(tx, data, uuid=uuid)
    return True


def load_grant(tx: Tx, row: PresetRoleGrant) -> bool:
    scope = SCOPES[row.scope_type]
    place = access.scope_row(tx.conn, scope, hexed(row.scope_uuid, "scope"))
    if place is None:
        raise ValueError(f"there is no {row.scope_type} {row.scope_uuid}")
    uuid = hexed(row.uuid, "role") if row.uuid else ""
    if not row.is_active or (uuid and there(tx, grants, uuid)):
        return False
    person = granting.find_person(tx, hexed(row.user_uuid, "user"))
    role = granting.find_role(tx, row.role_name, scope)
    if access.has_role(tx.conn, person.id, scope, place.id, tx.now, row.role_name):
        return False
    granting.give(tx, person, role, place, until=row.expiration_time, uuid=uuid)
    return True


# -- accounts ----------------------------------------------------------------------------------


def _offering(tx: Tx, uuid: str) -> Any:
    found = catalog.offering_row(tx.conn, hexed(uuid, "offering"))
    if found is None:
        raise ValueError(f"there is no offering {uuid}")
    return found


def load_account(tx: Tx, row: PresetAccount) -> bool:
    """An account at an offering, in whatever state it is said to be."""
    uuid = hexed(row.uuid, "offering user") if row.uuid else ""
    offering, user = _offering(tx, row.offering_uuid), number(tx, users, row.user_uuid, "user")
    mine = (offering_users.c.offering_id == offering.id) & (offering_users.c.user_id == user)
    if tx.conn.execute(select(offering_users.c.id).where(or_(mine, offering_users.c.uuid == uuid))).first():
        return False
    accounts.add(
        tx,
        offering,
        user,
        username=row.username or "",
        uuid=uuid,
        state=account_state(row.state),
        runtime_state=row.runtime_state.value,
        is_restricted=row.is_restricted,
        service_provider_comment=row.service_provider_comment,
        service_provider_comment_url=row.service_provider_comment_url,
    )
    return True


def load_exposure(tx: Tx, row: PresetExposure) -> bool:
    offering = _offering(tx, row.offering_uuid)
    unknown = sorted(set(row.exposed_fields) - set(ATTRIBUTES))
    if unknown:
        raise ValueError(f"exposed_fields: there is no {', '.join(unknown)}")
    if queries.config_of(tx.conn, offering.id) is not None:
        return False
    attributes.write_config(
        tx, offering, {f"expose_{name}": name in row.exposed_fields for name in ATTRIBUTES}
    )
    return True


def _project(tx: Tx, uuid: str) -> Any:
    found = tenants.project_row(tx.conn, as_hex(uuid) or "")
    if found is None:
        raise ValueError(f"there is no project {uuid}")
    return found


def load_service_account(tx: Tx, row: PresetServiceAccount) -> bool:
    uuid = hexed(row.uuid, "service account") if row.uuid else ""
    known = or_(service_accounts.c.username == row.username, service_accounts.c.uuid == uuid)
    if tx.conn.execute(select(service_accounts.c.id).where(known)).first():
        return False
    data = NewServiceAccount(
        project=row.project_uuid,
        username=row.username,
        preferred_identifier=row.preferred_identifier,
        email=row.email,
        description=row.description,
    )
    project_accounts.add_service_account(tx, _project(tx, row.project_uuid), data, uuid=uuid)
    return True


def load_course_account(tx: Tx, row: PresetCourseAccount) -> bool:
    uuid = hexed(row.uuid, "course account")
    if there(tx, course_accounts, uuid):
        return False
    person = Participant(email=row.email, description=row.description)
    project_accounts.add_course_account(tx, _project(tx, row.project_uuid), person, uuid=uuid)
    return True
