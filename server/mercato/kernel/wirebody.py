"""Bytes and query strings into Structs, with errors that name the field as Waldur's clients expect."""

from __future__ import annotations

import re
import types
from functools import cache, lru_cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints
from urllib.parse import parse_qsl

import msgspec

from mercato.kernel.errors import Invalid, UnsupportedMedia, invalid
from mercato.kernel.fits import NO_NULLS
from mercato.kernel.multipart import read_parts
from mercato.schemas.files import Upload

T = TypeVar("T", bound=msgspec.Struct)

JSON, FORM = "application/json", "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
# Bytes of a query string that is worth remembering, parsed.
SHORT = 256
NULL_IN_JSON = rb"\u0000"

_WHERE = re.compile(r"^(?P<what>.*?)(?: - at `(?P<path>[^`]*)`)?$", re.DOTALL)
# `$.name…`; where the body is a list, `$[3].name…`
_FIRST_STEP = re.compile(r"^\$(?:\[(?:\.\.\.|\d+)\])?(?:\.(?P<name>[^.\[]+))?")
# `.name`, `[3]` or `[...]`, the steps of a path
_STEP = re.compile(r"\.(?P<name>\w+)|\[(?P<number>\d+)\]|\[(?P<some>\.\.\.)\]")
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
    """The Struct, or list of Structs, in a request body. No body means no fields, or nothing in the list; a
    null that cannot be one means absent.

    `strict_names` refuses unknown fields (our own endpoints); Waldur's endpoints ignore them.
    """
    kind = content_type.partition(";")[0].strip().lower()
    if kind == FORM:
        return _convert(_written(dict(parse_qsl(body.decode("utf-8", "replace")))), struct, strict=False)
    if kind == MULTIPART:
        parts = read_parts(body, content_type)
        for name in files_in(struct):
            if isinstance(parts.get(name), str):  # a file's place with no file in it
                parts[name] = None
        return _convert(_written(parts), struct, strict=False)
    if kind not in ("", JSON) and body.strip():
        raise UnsupportedMedia(f'Unsupported media type "{kind}" in request.')
    text = body.strip() or (b"[]" if get_origin(struct) is list else b"{}")
    if not strict_names and NULL_IN_JSON not in text:
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
        for name in raw:
            if name not in _names(struct):
                raise invalid(name, "This field is not known here.", code="unknown_field")
    # Waldur's clients write whole numbers as 10.0 and "10" too.
    return _convert(_written(raw) if NULL_IN_JSON in text else raw, struct, strict=strict_names)


def _written(raw: Any, field: str = "") -> Any:
    """The same, if no text in it holds a null character: not every database could keep it."""
    if isinstance(raw, str) and "\0" in raw:
        raise invalid(field or "non_field_errors", NO_NULLS, code="null_character")
    if isinstance(raw, dict):
        for name, value in raw.items():
            _written(name, field)
            _written(value, field or name)
    elif isinstance(raw, list):
        for value in raw:
            _written(value, field)
    return raw


def _convert(raw: Any, struct: type[T], *, strict: bool) -> T:
    while True:
        try:
            return msgspec.convert(raw, struct, strict=strict)
        except msgspec.ValidationError as error:
            if not _drop_null(raw, error):
                raise problem_of(error) from error


def _drop_null(raw: Any, error: msgspec.ValidationError) -> bool:
    """Remove the null that the error is about: where there cannot be one, it means that nothing was said."""
    found = _WHERE.match(str(error))
    steps = _STEP.findall((found and found.group("path")) or "")
    for name, number, some in steps[:-1]:
        if some:  # a key of a free-form object: the error does not say which
            return False
        raw = raw[int(number)] if number else raw[name]
    name = steps[-1][0] if steps else ""
    if not isinstance(raw, dict) or name not in raw or raw[name] is not None:
        return False
    del raw[name]
    return True


@cache
def _lists(struct: Any) -> frozenset[str]:
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
def files_in(struct: Any) -> frozenset[str]:
    """The fields that hold a file and cannot be text."""
    if get_origin(struct) is not None:  # a list or a free-form object
        return frozenset()
    kinds = {name: (kind, *get_args(kind)) for name, kind in get_type_hints(struct).items()}
    return frozenset(name for name, options in kinds.items() if Upload in options and str not in options)


@cache
def _may_be_empty(struct: Any) -> bool:
    return not any(field.required for field in msgspec.structs.fields(struct))


@cache
def _names(struct: Any) -> frozenset[str]:
    return frozenset(f.encode_name for f in msgspec.structs.fields(struct))


def read_query(query: bytes, struct: type[T]) -> T:
    """The Struct in a query string. Unknown names and empty values are ignored; wrong values are refused.

    Callers must not change it: the same question may get the same Struct.
    """
    return _short_query(query, struct) if len(query) <= SHORT else _query(query, struct)


def _query(query: bytes, struct: type[T]) -> T:
    if not query and _may_be_empty(struct):
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
    if not raw and _may_be_empty(struct):
        return struct()
    try:
        return msgspec.convert(raw, struct, strict=False)
    except msgspec.ValidationError as error:
        raise problem_of(error) from error


@lru_cache(1024)
def _short_query(query: bytes, struct: Any) -> Any:
    return _query(query, struct)
