"""Bytes and query strings into Structs, with errors that name the field as Waldur's clients expect."""

from __future__ import annotations

import re
import types
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints
from urllib.parse import parse_qsl

import msgspec

from mercato.kernel.errors import Invalid, invalid

T = TypeVar("T", bound=msgspec.Struct)

NO_NULLS = "Null characters are not allowed."

_WHERE = re.compile(r"^(?P<what>.*?)(?: - at `(?P<path>[^`]*)`)?$", re.DOTALL)
_FIRST_STEP = re.compile(r"^\$(?:\.(?P<name>[^.\[]+)|\[\.\.\.\]|\[\d+\])?")
_MISSING = re.compile(r"missing required field `(?P<name>[^`]+)`")
_ENUM = re.compile(r"Invalid enum value (?P<value>.*)$", re.DOTALL)


def problem_of(error: msgspec.ValidationError) -> Invalid:
    """A decoding error as `{field: [message]}`."""
    found = _WHERE.match(str(error))
    assert found is not None
    what, path = found.group("what"), found.group("path") or "$"
    step = _FIRST_STEP.match(path)
    field = (step.group("name") if step else None) or ""
    missing = _MISSING.search(what)
    if missing:
        return invalid(field or missing.group("name"), "This field is required.", code="required")
    choice = _ENUM.search(what)
    if choice:
        value = choice.group("value").strip("'\"")
        message = f"Select a valid choice. {value} is not one of the available choices."
        return invalid(field or "non_field_errors", message, code="invalid_choice", value=value)
    return invalid(field or "non_field_errors", what.replace("`", "") + ".", code="invalid_value")


def read_body(body: bytes, content_type: str, struct: type[T], *, strict_names: bool) -> T:
    """The Struct in a request body. No body means no fields; a null that cannot be one means absent.

    `strict_names` refuses unknown fields (our own endpoints); Waldur's endpoints ignore them.
    """
    if content_type.startswith("application/x-www-form-urlencoded"):
        return _convert(dict(parse_qsl(body.decode("utf-8", "replace"))), struct, strict=False)
    if content_type and not content_type.startswith("application/json") and body.strip():
        raise Invalid(
            f'Unsupported media type "{content_type.split(";", maxsplit=1)[0]}" in request.',
            code="unsupported_media_type",
        )
    text = body.strip() or b"{}"
    if not strict_names:
        try:
            return msgspec.json.decode(text, type=struct)
        except msgspec.ValidationError:
            pass  # look closer below: nulls may mean absent
        except msgspec.DecodeError as error:
            raise Invalid(f"JSON parse error - {error}", code="parse_error") from error
    try:
        raw = msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        raise Invalid(f"JSON parse error - {error}", code="parse_error") from error
    if isinstance(raw, dict) and strict_names:
        known = {f.encode_name for f in msgspec.structs.fields(struct)}
        for name in raw:
            if name not in known:
                raise invalid(name, "This field is not known here.", code="unknown_field")
    return _convert(raw, struct, strict=True)


def _convert(raw: Any, struct: type[T], *, strict: bool) -> T:
    try:
        return msgspec.convert(raw, struct, strict=strict)
    except msgspec.ValidationError as error:
        if isinstance(raw, dict) and None in raw.values():
            present = {name: value for name, value in raw.items() if value is not None}
            return _convert(present, struct, strict=strict)
        raise problem_of(error) from error


@cache
def _lists(struct: type[msgspec.Struct]) -> frozenset[str]:
    """The fields that may be repeated in a query string."""
    hints = get_type_hints(struct)
    found = set()
    for field in msgspec.structs.fields(struct):
        kind = hints[field.name]
        options = get_args(kind) if get_origin(kind) in (Union, types.UnionType) else (kind,)
        if any(get_origin(option) is list for option in options):
            found.add(field.encode_name)
    return frozenset(found)


@cache
def _names(struct: type[msgspec.Struct]) -> frozenset[str]:
    return frozenset(f.encode_name for f in msgspec.structs.fields(struct))


def read_query(query: bytes, struct: type[T]) -> T:
    """The Struct in a query string. Unknown names and empty values are ignored; wrong values are refused."""
    if not query:
        return struct()
    known, lists = _names(struct), _lists(struct)
    raw: dict[str, Any] = {}
    for name, value in parse_qsl(query.decode("latin-1")):
        if "\0" in value and name in known:
            raise invalid(name, NO_NULLS, code="null_character")
        if name in lists:
            raw.setdefault(name, []).append(value)
        elif name in known:
            raw[name] = value
    if not raw:
        return struct()
    try:
        return msgspec.convert(raw, struct, strict=False)
    except msgspec.ValidationError as error:
        raise problem_of(error) from error
