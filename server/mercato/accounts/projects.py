"""Accounts that belong to projects: service accounts of programs, course accounts of participants.

They end with their project. Agents learn of them from the offering that the project uses (contract §11.5).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from msgspec import UNSET
from sqlalchemy import Table, insert, select, update

from mercato.access import queries as access
from mercato.access.rules import Actor
from mercato.accounts import rules
from mercato.accounts.tables import course_accounts, service_accounts
from mercato.identity import service as identity
from mercato.identity.queries import user_id_of
from mercato.identity.tables import users
from mercato.kernel.db import Tx
from mercato.kernel.errors import Conflict, NotFound, invalid
from mercato.kernel.ids import new_uuid, uuid_of_link
from mercato.schemas.access import Scope
from mercato.schemas.facts import ProjectAccountChanged, ProjectChanged
from mercato.schemas.identity import NewUser
from mercato.schemas.permissions import Permission as P
from mercato.schemas.projects import (
    CourseAccountState,
    NewServiceAccount,
    Participant,
    ServiceAccountChange,
    ServiceAccountState,
)
from mercato.tenants import queries as tenants

USERNAME = re.compile(r"[a-z_][a-z0-9_.-]{0,31}")
_COURSE = "course_account"


def _project(tx: Tx, actor: Actor, link: str, permission: P, sees: Any) -> Any:
    """The project in which the actor may do this. 400 for one that is not seen, 403."""
    uuid = uuid_of_link(link) or ""
    row = tenants.project_row(tx.conn, uuid)
    if row is None or not sees(uuid):
        raise invalid("project", "Project is not found.", code="unknown_project")
    _may(tx, actor, row, permission)
    return row


def _may(tx: Tx, actor: Actor, project: Any, permission: P) -> None:
    scopes = [(Scope.PROJECT, project.id), (Scope.CUSTOMER, project.customer_id)]
    access.must(tx.conn, actor, permission, scopes, tx.now)


def _found(tx: Tx, table: Table, actor: Actor, uuid: str, permission: P) -> tuple[Any, Any]:
    """The account and its project, for somebody who may do this to it."""
    row = tx.conn.execute(select(table).where(table.c.uuid == uuid)).first()
    if row is None:
        raise NotFound
    project = tenants.project_by_id(tx.conn, row.project_id)
    _may(tx, actor, project, permission)
    return row, project


def _tell(tx: Tx, kind: str, uuid: str, username: str, project: Any, action: str) -> None:
    fact = ProjectAccountChanged(
        object=uuid,
        kind=kind,
        username=username,
        project=project.uuid,
        project_name=project.name,
        action=action,
    )
    verb = {"create": "created", "update": "updated", "delete": "closed"}[action]
    text = f"{kind.replace('_', ' ').capitalize()} {username} of {project.name} has been {verb}."
    event = {"create": "created", "update": "updated", "delete": "deleted"}[action]
    tx.emit(fact, event=f"service_account_{event}", message=text)


# -- programs ----------------------------------------------------------------------------------


def create_service_account(tx: Tx, actor: Actor, data: NewServiceAccount, *, sees: Any) -> str:
    """A name for a program in a project; its uuid."""
    return add_service_account(tx, _project(tx, actor, data.project, P.SERVICE_ACCOUNT_MANAGE, sees), data)


def add_service_account(tx: Tx, project: Any, data: NewServiceAccount, *, uuid: str = "") -> str:
    """The same, whoever asks. Names are never given twice."""
    username = data.username or data.preferred_identifier or _free(tx, f"svc-{project.slug}-")
    if not USERNAME.fullmatch(username):
        field = "username" if data.username or not data.preferred_identifier else "preferred_identifier"
        message = "1 to 32 lower-case letters, digits, underscores, dots or dashes; no digit first."
        raise invalid(field, message, code="bad_username")
    taken = select(service_accounts.c.id).where(service_accounts.c.username == username)
    if tx.conn.execute(taken).first() is not None:
        raise invalid("username", "This username is taken.", code="username_taken")
    _check_email(data.email)
    made = uuid or new_uuid()
    row = {
        "uuid": made,
        "created": tx.now,
        "modified": tx.now,
        "project_id": project.id,
        "username": username,
        "preferred_identifier": data.preferred_identifier,
        "email": data.email,
        "description": data.description,
        "state": ServiceAccountState.OK.value,
    }
    tx.conn.execute(insert(service_accounts), row)
    _tell(tx, "service_account", made, username, project, "create")
    return made


def _free(tx: Tx, begin: str) -> str:
    names = select(service_accounts.c.username).where(service_accounts.c.username.startswith(begin))
    return rules.numbered(begin, rules.NAME_DIGITS, [row[0] for row in tx.conn.execute(names)])


def _check_email(email: str) -> None:
    if email and "@" not in email:
        raise invalid("email", "Enter a valid email address.", code="bad_email")


def change_service_account(tx: Tx, actor: Actor, uuid: str, data: ServiceAccountChange) -> str:
    row, project = _found(tx, service_accounts, actor, uuid, P.SERVICE_ACCOUNT_MANAGE)
    given = {"email": data.email, "description": data.description}
    values: dict[str, Any] = {name: value for name, value in given.items() if value is not UNSET}
    _check_email(values.get("email", ""))
    if values:
        where = service_accounts.c.id == row.id
        tx.conn.execute(update(service_accounts).where(where), {**values, "modified": tx.now})
        _tell(tx, "service_account", uuid, row.username, project, "update")
    return uuid


def close_service_account(tx: Tx, actor: Actor, uuid: str) -> None:
    """The program may no longer work; its name stays on record."""
    row, project = _found(tx, service_accounts, actor, uuid, P.SERVICE_ACCOUNT_MANAGE)
    if row.state == ServiceAccountState.CLOSED:
        raise Conflict("The account is closed already.", code="wrong_state", state=row.state)
    _close_service_account(tx, row, project)


def _close_service_account(tx: Tx, row: Any, project: Any) -> None:
    values = {"state": ServiceAccountState.CLOSED.value, "modified": tx.now}
    tx.conn.execute(update(service_accounts).where(service_accounts.c.id == row.id), values)
    _tell(tx, "service_account", row.uuid, row.username, project, "delete")


# -- participants of courses -------------------------------------------------------------------


def create_course_accounts(
    tx: Tx, actor: Actor, link: str, people: Iterable[Participant], *, sees: Any
) -> list[str]:
    """Accounts for participants, each a person of its own without a password; their uuids."""
    project = _project(tx, actor, link, P.PROJECT_COURSE_ACCOUNT_MANAGE, sees)
    return [add_course_account(tx, project, person) for person in people]


def add_course_account(tx: Tx, project: Any, person: Participant, *, uuid: str = "") -> str:
    """An account for one participant, whoever asks; its uuid."""
    _check_email(person.email)
    username = _free_user(tx, f"{project.slug}-")
    user = identity.create_user(tx, NewUser(username=username, email=person.email), by_staff=False)
    tx.conn.execute(update(users).where(users.c.uuid == user), {"registration_method": _COURSE})
    made = uuid or new_uuid()
    row = {
        "uuid": made,
        "created": tx.now,
        "modified": tx.now,
        "project_id": project.id,
        "user_id": user_id_of(tx.conn, user),
        "email": person.email,
        "description": person.description,
        "state": CourseAccountState.OK.value,
    }
    tx.conn.execute(insert(course_accounts), row)
    _tell(tx, _COURSE, made, username, project, "create")
    return made


def _free_user(tx: Tx, begin: str) -> str:
    names = select(users.c.username).where(users.c.username.startswith(begin))
    return rules.numbered(begin, 3, [row[0] for row in tx.conn.execute(names)])


def close_course_account(tx: Tx, actor: Actor, uuid: str) -> None:
    """The course is over for this participant."""
    row, project = _found(tx, course_accounts, actor, uuid, P.PROJECT_COURSE_ACCOUNT_MANAGE)
    if row.state == CourseAccountState.CLOSED:
        raise Conflict("The account is closed already.", code="wrong_state", state=row.state)
    _close_course_account(tx, row, project)


def _close_course_account(tx: Tx, row: Any, project: Any) -> None:
    values = {"state": CourseAccountState.CLOSED.value, "modified": tx.now}
    tx.conn.execute(update(course_accounts).where(course_accounts.c.id == row.id), values)
    username = identity.deactivate(tx, row.user_id, f"The course of {project.name} is over.")
    _tell(tx, _COURSE, row.uuid, username, project, "delete")


# -- the end of projects -----------------------------------------------------------------------


def on_project(tx: Tx, fact: ProjectChanged) -> None:
    """Accounts of a project end with it."""
    if not fact.closed:
        return
    project = tenants.project_by_id(tx.conn, fact.id)
    for table, close, closed in (
        (service_accounts, _close_service_account, ServiceAccountState.CLOSED),
        (course_accounts, _close_course_account, CourseAccountState.CLOSED),
    ):
        living = select(table).where(table.c.project_id == fact.id, table.c.state != closed.value)
        for row in tx.conn.execute(living.order_by(table.c.id)).fetchall():
            close(tx, row, project)
