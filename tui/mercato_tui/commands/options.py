"""Options from Structs: what the server reads is what the command takes, field by field.

References (`--project`, `--organization`, …) take a uuid, a link or a name; names are looked up.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

import click
import msgspec
from msgspec import inspect

from mercato.schemas import Endpoint, Nothing, catalog, identity, resources, taxonomy, tenants
from mercato_tui.api import Api
from mercato_tui.text import clean

PAGING = frozenset({"page", "page_size", "field", "o"})


class Reference(NamedTuple):
    """A kind of thing that is named in an option: its option, its list and the field that names it."""

    option: str
    list: Endpoint[Any, Any]
    by: str
    label: str


_PROJECT = Reference("project", tenants.PROJECTS, "name_exact", "name")
_CUSTOMER = Reference("organization", tenants.CUSTOMERS, "name_exact", "name")
_OFFERING = Reference("offering", catalog.PUBLIC_OFFERINGS, "name_exact", "name")
_RESOURCE = Reference("resource", resources.RESOURCES, "name_exact", "name")
_CATEGORY = Reference("category", taxonomy.CATEGORIES, "title", "title")
_USER = Reference("user", identity.USERS, "username", "username")
REFERENCES = {
    "project": _PROJECT,
    "project_uuid": _PROJECT,
    "customer": _CUSTOMER,
    "customer_uuid": _CUSTOMER,
    "offering": _OFFERING,
    "offering_uuid": _OFFERING,
    "resource": _RESOURCE,
    "resource_uuid": _RESOURCE,
    "category": _CATEGORY,
    "category_uuid": _CATEGORY,
    "user": _USER,
    "user_uuid": _USER,
}


class Field(NamedTuple):
    """One field of a Struct as an option."""

    name: str
    option: str
    kind: str  # flag, many, pairs, json or text
    choices: tuple[str, ...]
    required: bool
    reference: Reference | None


def fields_of(struct: Any, skip: frozenset[str] = frozenset()) -> list[Field]:
    """The options of a Struct; of two that mean the same thing the precise one stays."""
    if struct is Nothing:
        return []
    info = inspect.type_info(struct)
    if not isinstance(info, inspect.StructType):
        return []
    known = {field.name for field in info.fields}
    found: dict[str, Field] = {}
    for field in info.fields:
        if field.name in skip or f"{field.name}_uuid" in known:
            continue
        made = _field(field)
        found.setdefault(made.option, made)
    return list(found.values())


def _field(field: inspect.Field) -> Field:
    kind, choices = _kind(field.type)
    reference = REFERENCES.get(field.name)
    name = reference.option if reference is not None else field.encode_name
    if kind == "pairs" and name.endswith("s"):
        name = name.removesuffix("s")  # --limit cpu=10 --limit ram=20
    return Field(field.name, f"--{name.replace('_', '-')}", kind, choices, bool(field.required), reference)


def _kind(of: inspect.Type) -> tuple[str, tuple[str, ...]]:
    inside = [t for t in of.types if not _nothing(t)] if isinstance(of, inspect.UnionType) else [of]
    one = inside[0]
    if isinstance(one, inspect.BoolType):
        return "flag", ()
    if isinstance(one, inspect.EnumType):
        return "text", tuple(str(member.value) for member in one.cls)
    if isinstance(one, inspect.DictType):
        return "pairs", ()
    if isinstance(one, inspect.ListType):
        inner, choices = _kind(one.item_type)
        return ("many" if inner == "text" else "json"), choices
    return ("json" if isinstance(one, inspect.StructType | inspect.AnyType) else "text"), ()


def _nothing(of: inspect.Type) -> bool:
    return (
        isinstance(of, inspect.NoneType)
        or (isinstance(of, inspect.CustomType) and of.cls is msgspec.UnsetType)
        or type(of).__name__ == "UnsetType"
    )


def as_options(fields: Sequence[Field]) -> list[click.Option]:
    made = []
    for field in fields:
        kwargs: dict[str, Any] = {"required": field.required, "default": None}
        names = [field.option, _key(field)]
        if field.kind == "flag":
            names[0] = f"{field.option}/--no-{field.option[2:]}"
        elif field.kind == "pairs":
            kwargs |= {"multiple": True, "metavar": "NAME=VALUE"}
        elif field.kind == "json":
            kwargs |= {"metavar": "JSON"}
        else:
            kwargs |= {"multiple": field.kind == "many"}
            if field.choices:
                kwargs["type"] = click.Choice(field.choices, case_sensitive=False)
            elif field.reference is not None:
                kwargs["metavar"] = f"{field.reference.label.upper()}|UUID"
        made.append(click.Option(names, **kwargs))
    return made


def _key(field: Field) -> str:
    """What click calls the value: never the name of another parameter of the command."""
    return f"of_{field.name}"


async def struct_from(api: Api, struct: Any, fields: Sequence[Field], given: Mapping[str, Any]) -> Any:
    """The Struct that was meant. Raises UsageError or BadParameter naming the option."""
    raw: dict[str, Any] = {}
    for field in fields:
        value = given.get(_key(field))
        if value is None or value == ():
            continue
        raw[field.name] = await _read(api, field, value)
    renamed = {f.name: f.encode_name for f in msgspec.structs.fields(struct)} if fields else {}
    try:
        return msgspec.convert({renamed.get(k, k): v for k, v in raw.items()}, struct, strict=False)
    except msgspec.ValidationError as error:
        raise click.UsageError(str(error)) from None


async def _read(api: Api, field: Field, value: Any) -> Any:
    if field.kind == "pairs":
        return dict(pair(text, field.option) for text in value)
    if field.kind == "json":
        return _json(field, value)
    if field.reference is not None:
        if field.kind == "many":
            return [await look_up(api, field.reference, text) for text in value]
        return await look_up(api, field.reference, value)
    return list(value) if field.kind == "many" else value


def pair(text: str, hint: str) -> tuple[str, Any]:
    """NAME=VALUE; the value is JSON where it can be read as such, else text."""
    name, sign, value = text.partition("=")
    if not sign or not name:
        raise click.BadParameter(f"{text!r} is not NAME=VALUE.", param_hint=hint)
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def _json(field: Field, text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise click.BadParameter(f"This is not JSON: {error}", param_hint=field.option) from None


def is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


async def look_up(api: Api, reference: Reference, text: str) -> str:
    """The uuid of the thing with this name. Raises BadParameter where there is none, or more than one."""
    if is_uuid(text) or text.startswith(("http://", "https://")):
        return UUID(text).hex if is_uuid(text) else text
    query = reference.list.takes(**{reference.by: text, "page_size": 20})
    page = await api.documents(reference.list, query)
    rows = [row for row in page.rows if str(row.get(reference.label)).casefold() == text.casefold()]
    return str(only_one(rows, text, f"--{reference.option}", reference.label)["uuid"])


def only_one(rows: Sequence[Mapping[str, Any]], text: str, hint: str, label: str) -> Mapping[str, Any]:
    """The one thing that was meant."""
    if not rows:
        raise click.BadParameter(f"Nothing that you can see is called {text!r}.", param_hint=hint)
    if len(rows) > 1:
        which = ", ".join(f"{clean(row.get(label, ''))} {row['uuid']}" for row in rows[:5])
        raise click.BadParameter(f"Several are called {text!r}: {which}. Use the uuid.", param_hint=hint)
    return rows[0]
