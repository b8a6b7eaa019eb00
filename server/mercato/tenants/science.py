"""Fields of science: which there are, how they are listed, and what staff make of them."""

from __future__ import annotations

from typing import Any

from msgspec import UNSET
from sqlalchemy import Connection, Table, delete, func, insert, select, update

from mercato.kernel.db import Tx
from mercato.kernel.errors import Conflict, NotFound, invalid
from mercato.kernel.filters import contains, equals
from mercato.kernel.ids import new_uuid, uuid_of_link
from mercato.kernel.listing import Listing
from mercato.kernel.wiresql import link
from mercato.schemas.facts import ClassificationChanged
from mercato.schemas.sciences import (
    NewScienceDomain,
    NewScienceSubDomain,
    ScienceDomain,
    ScienceDomainChange,
    ScienceSubDomain,
    ScienceSubDomainChange,
)
from mercato.tenants.fos import FIELDS_OF_SCIENCE
from mercato.tenants.tables import projects, science_domains, science_sub_domains

_domain, _field = science_domains.c, science_sub_domains.c

DOMAINS = Listing(
    ScienceDomain,
    table=science_domains,
    source=science_domains,
    visible=lambda _kind: None,
    columns={
        "url": link("/api/science-domains/{}/", _domain.uuid),
        **{name: _domain[name] for name in ("uuid", "name", "code", "created", "modified")},
        "subdomains_count": select(func.count())
        .select_from(science_sub_domains)
        .where(_field.domain_id == _domain.id)
        .correlate(science_domains)
        .scalar_subquery(),
    },
    filters={
        "uuid": equals(_domain.uuid),
        "name": contains(_domain.name),
        "name_exact": equals(_domain.name),
    },
    order={"name": _domain.name, "code": _domain.code},
    default_order=(),
)
_projects_count = (
    select(func.count())
    .select_from(projects)
    .where(projects.c.science_sub_domain_id == _field.id, projects.c.removed_at.is_(None))
    .correlate(science_sub_domains)
    .scalar_subquery()
)
SUB_DOMAINS = Listing(
    ScienceSubDomain,
    table=science_sub_domains,
    source=science_sub_domains.join(science_domains, _domain.id == _field.domain_id),
    visible=lambda _kind: None,
    columns={
        "url": link("/api/science-sub-domains/{}/", _field.uuid),
        **{name: _field[name] for name in ("uuid", "name", "code", "created", "modified")},
        "domain": link("/api/science-domains/{}/", _domain.uuid),
        "domain_uuid": _domain.uuid,
        "domain_name": _domain.name,
        "domain_code": _domain.code,
        "projects_count": _projects_count,
    },
    filters={
        "uuid": equals(_field.uuid),
        "name": contains(_field.name),
        "name_exact": equals(_field.name),
        "domain_uuid": equals(_domain.uuid),
        "domain_name": contains(_domain.name),
    },
    order={
        "name": _field.name,
        "code": _field.code,
        "domain_name": _domain.name,
        "projects_count": _projects_count,
    },
    default_order=(),
)


def ensure_fields(tx: Tx) -> None:
    """OECD's classification, where there is none at all; what staff changed since is left alone."""
    if tx.conn.execute(select(_domain.id).limit(1)).first() is not None:
        return
    for number, (name, fields) in enumerate(FIELDS_OF_SCIENCE.items(), 1):
        domain = _insert(tx, science_domains, name, str(number))[0]
        rows = [_row(tx, field, f"{number}.{n}") | {"domain_id": domain} for n, field in enumerate(fields, 1)]
        tx.conn.execute(insert(science_sub_domains), rows)


def _row(tx: Tx, name: str, code: str) -> dict[str, Any]:
    return {"uuid": new_uuid(), "created": tx.now, "modified": tx.now, "name": name, "code": code}


def _insert(tx: Tx, table: Table, name: str, code: str, **more: Any) -> tuple[int, str]:
    row = {**_row(tx, name, code), **more}
    return tx.conn.execute(insert(table).returning(table.c.id), row).scalar_one(), row["uuid"]


def _found(tx: Tx, table: Table, uuid: str) -> Any:
    row = tx.conn.execute(select(table).where(table.c.uuid == uuid)).first()
    if row is None:
        raise NotFound
    return row


def _checked(tx: Tx, table: Table, values: dict[str, Any], but: int, *alike: Any) -> dict[str, Any]:
    """A name that is there and nobody else's among those alike, and a code that is nobody else's."""
    for name, among in (("name", alike), ("code", ())):
        if name not in values:
            continue
        values[name] = values[name].strip()
        if not values[name]:
            raise invalid(name, "This field may not be blank.", code="blank")
        same = select(table.c.id).where(table.c[name] == values[name], table.c.id != but, *among)
        if tx.conn.execute(same).first() is not None:
            raise invalid(name, "This field must be unique.", code="taken")
    return values


def _next_code(tx: Tx, table: Table, begin: str) -> str:
    codes = [row[0] for row in tx.conn.execute(select(table.c.code).where(table.c.code.startswith(begin)))]
    numbers = [int(code[len(begin) :]) for code in codes if code[len(begin) :].isdigit()]
    return f"{begin}{max(numbers, default=0) + 1}"


def _tell(tx: Tx, uuid: str, message: str) -> None:
    tx.emit(ClassificationChanged(object=uuid), event="science_domain_updated", message=message)


def create_domain(tx: Tx, data: NewScienceDomain) -> str:
    code = data.code.strip() or _next_code(tx, science_domains, "")
    values = _checked(tx, science_domains, {"name": data.name, "code": code}, 0)
    _, made = _insert(tx, science_domains, values["name"], values["code"])
    _tell(tx, made, f"Science domain {values['name']} has been created.")
    return made


def create_sub_domain(tx: Tx, data: NewScienceSubDomain) -> str:
    domain = _domain_of(tx, data.domain)
    code = data.code.strip() or _next_code(tx, science_sub_domains, f"{domain.code}.")
    given = {"name": data.name, "code": code}
    values = _checked(tx, science_sub_domains, given, 0, _field.domain_id == domain.id)
    _, made = _insert(tx, science_sub_domains, values["name"], values["code"], domain_id=domain.id)
    _tell(tx, made, f"Science sub-domain {values['name']} has been created.")
    return made


def _domain_of(tx: Tx, named: str) -> Any:
    wanted = select(science_domains).where(_domain.uuid == (uuid_of_link(named) or ""))
    domain = tx.conn.execute(wanted).first()
    if domain is None:
        raise invalid("domain", "Science domain is not found.", code="unknown_domain")
    return domain


def _given(data: Any) -> dict[str, Any]:
    """What is to be changed; a code that is blank stays as it is."""
    values = {name: getattr(data, name) for name in ("name", "code")}
    return {k: v for k, v in values.items() if v is not UNSET and (k == "name" or v.strip())}


def change_domain(tx: Tx, uuid: str, data: ScienceDomainChange | NewScienceDomain) -> str:
    row = _found(tx, science_domains, uuid)
    return _change(tx, science_domains, row, _checked(tx, science_domains, _given(data), row.id))


def change_sub_domain(tx: Tx, uuid: str, data: ScienceSubDomainChange | NewScienceSubDomain) -> str:
    row = _found(tx, science_sub_domains, uuid)
    domain = row.domain_id
    if isinstance(data, NewScienceSubDomain):
        domain = _domain_of(tx, data.domain).id
    values = _checked(tx, science_sub_domains, _given(data), row.id, _field.domain_id == domain)
    return _change(tx, science_sub_domains, row, {**values, "domain_id": domain})


def _change(tx: Tx, table: Table, row: Any, values: dict[str, Any]) -> str:
    tx.conn.execute(update(table).where(table.c.id == row.id), {**values, "modified": tx.now})
    _tell(tx, row.uuid, f"{row.name} has been updated.")
    return str(row.uuid)


def remove_domain(tx: Tx, uuid: str) -> None:
    row = _found(tx, science_domains, uuid)
    inside = select(_field.id).where(_field.domain_id == row.id)
    if tx.conn.execute(inside.limit(1)).first() is not None:
        raise Conflict("Science domain contains sub-domains.", code="has_sub_domains")
    tx.conn.execute(delete(science_domains).where(_domain.id == row.id))
    _tell(tx, uuid, f"Science domain {row.name} has been removed.")


def remove_sub_domain(tx: Tx, uuid: str) -> None:
    row = _found(tx, science_sub_domains, uuid)
    used = select(projects.c.id).where(projects.c.science_sub_domain_id == row.id)
    if tx.conn.execute(used.limit(1)).first() is not None:
        raise Conflict("Science sub-domain is used by projects.", code="has_projects")
    tx.conn.execute(delete(science_sub_domains).where(_field.id == row.id))
    _tell(tx, uuid, f"Science sub-domain {row.name} has been removed.")


def named(conn: Connection, sub_domain: str | None) -> str | None:
    """A field of science known by its code ("1.2") by its uuid instead; anything else as it came."""
    by_code = select(_field.uuid).where(_field.code == sub_domain).order_by(_field.id)
    return conn.execute(by_code).scalar() or sub_domain if sub_domain else None


def sub_domain_id(tx: Tx, named: str | None) -> int | None:
    """The row of a hyperlink or uuid; none for nothing. 400 for what is none."""
    if not named:
        return None
    found = select(_field.id).where(_field.uuid == (uuid_of_link(named) or ""))
    number: int | None = tx.conn.execute(found).scalar()
    if number is None:
        raise invalid("science_sub_domain", "Science sub-domain is not found.", code="unknown_sub_domain")
    return number
