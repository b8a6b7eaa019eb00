"""Waldur's contract as data: what an operation is, and whether a document is what it says.

`waldur-contract.json` is a copy of the contract this product was built to; types are written as it writes
them: `str`, `[T]`, `map<T>`, `A|B`, names of schemas and of enumerations.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID


@cache
def contract() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((Path(__file__).parent / "waldur-contract.json").read_text())
    return found


@cache
def endpoints() -> dict[str, dict[str, Any]]:
    """Operation → tag, method, path, success codes, body, returns."""
    return {row["op"]: row for row in contract()["endpoints"]}


def core() -> list[str]:
    """The operations that Waldur's own clients use."""
    return [row["op"] for row in contract()["compat_core"]]


# The contract's own document says int; measured amounts have decimals, and the client takes what comes.
MEASURED = {
    ("ComponentUsage", "usage"),
    ("ComponentUserUsage", "usage"),
    ("OfferingComponentStat", "usage"),
    ("ComponentStats", "usage"),
    ("ComponentStats", "limit_usage"),
    ("ServiceProviderRevenues", "total"),
}


def complaints(value: Any, kind: str | None, where: str = "") -> Iterator[str]:
    """Everything about the value that its type does not allow."""
    if kind in (None, "any", "object", "file"):
        return
    if "|" in kind and not kind.startswith(("[", "map<")):
        every = [list(complaints(value, one, where)) for one in kind.split("|")]
        yield from [] if [] in every else every[0]
    elif kind.startswith("["):
        yield from _list(value, kind[1:-1], where)
    elif kind.startswith("map<"):
        yield from _map(value, kind[4:-1], where)
    elif kind in contract()["enums"]:
        if value not in contract()["enums"][kind]:
            yield f"{where}: {value!r} is no {kind}"
    elif kind in contract()["schemas"]:
        yield from _document(value, kind, where)
    elif not _PLAIN[kind](value):
        yield f"{where}: {value!r} is no {kind}"


def _list(value: Any, kind: str, where: str) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"{where}: {value!r} is no list"
        return
    for i, one in enumerate(value):
        yield from complaints(one, kind, f"{where}[{i}]")


def _map(value: Any, kind: str, where: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{where}: {value!r} is no object"
        return
    for name, one in value.items():
        yield from complaints(one, kind, f"{where}.{name}")


def _document(value: Any, schema: str, where: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{where}: {value!r} is no {schema}"
        return
    for field in contract()["schemas"][schema]["fields"]:
        name = field["name"]
        place = f"{where}.{name}"
        if name not in value:
            if field.get("required"):
                yield f"{place}: missing in {schema}"
        elif value[name] is None:
            if not field.get("nullable") and _breaks_on_null(field["type"]):
                yield f"{place}: null in {schema}"
        else:
            kind = "float" if (schema, name) in MEASURED else field["type"]
            yield from complaints(value[name], kind, place)


def _breaks_on_null(kind: str) -> bool:
    """Text that is null does no harm to the SDK; what it converts does."""
    return kind not in ("str", "any", "object", "bool", "int", "float", "file")


def _is(convert: Callable[[str], Any]) -> Callable[[Any], bool]:
    def check(value: Any) -> bool:
        try:
            convert(value)
        except (ValueError, TypeError, AttributeError):
            return False
        return isinstance(value, str)

    return check


_PLAIN: dict[str, Callable[[Any], bool]] = {
    "str": lambda value: isinstance(value, str),
    "bool": lambda value: isinstance(value, bool),
    "int": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "float": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "uuid": _is(UUID),
    "date": _is(dt.date.fromisoformat),
    "datetime": _is(dt.datetime.fromisoformat),
}
