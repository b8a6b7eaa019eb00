"""Bytes into Structs: what is forgiven, what is refused, and which field is named."""

from __future__ import annotations

import contextlib
import datetime as dt
from enum import StrEnum
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET, Struct, UnsetType

from mercato.kernel.errors import Invalid, MercatoError
from mercato.kernel.wirebody import read_body, read_query
from mercato.schemas import ListQuery

pytestmark = pytest.mark.pure


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Part(Struct, kw_only=True):
    name: str
    note: str = ""
    size: int | None = 5


class Thing(Struct, kw_only=True):
    name: str
    colour: Colour = Colour.RED
    count: int = 0
    note: str = ""
    day: dt.date | UnsetType | None = UNSET
    parts: list[Part] = []
    free: dict[str, Any] = {}


def read(body: bytes, kind: str = "application/json", *, strict: bool = False) -> Thing:
    return read_body(body, kind, Thing, strict_names=strict)


def problem(
    body: bytes, kind: str = "application/json", *, strict: bool = False
) -> tuple[dict[str, Any], str]:
    with pytest.raises(Invalid) as caught:
        read(body, kind, strict=strict)
    return caught.value.fields or {"": caught.value.detail}, caught.value.code


def test_unknown_names_are_ignored_or_refused() -> None:
    body = b'{"name": "x", "state": "present", "type": null}'
    assert read(body).name == "x"
    assert problem(body, strict=True) == ({"state": ["This field is not known here."]}, "unknown_field")


@pytest.mark.parametrize(
    ("body", "thing"),
    [
        (b'{"name": "x", "note": null, "count": null}', Thing(name="x")),
        (b'{"name": "x", "day": null}', Thing(name="x", day=None)),
        (b'{"name": "x", "day": null, "note": null, "colour": null}', Thing(name="x", day=None)),
        (
            b'{"name": "x", "parts": [{"name": "p", "note": null, "size": null}, {"name": "q"}]}',
            Thing(name="x", parts=[Part(name="p", size=None), Part(name="q")]),
        ),
        (b'{"name": "x", "free": {"a": null}, "note": null}', Thing(name="x", free={"a": None})),
    ],
)
def test_nulls(body: bytes, thing: Thing) -> None:
    assert read(body) == thing
    assert read(body, strict=True) == thing


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        (b"{}", "name", "required"),
        (b'{"name": null}', "name", "required"),
        (b'{"name": "x", "colour": "green"}', "colour", "invalid_choice"),
        (b'{"name": "x", "count": "many"}', "count", "invalid_value"),
        (b'{"name": "x", "day": "soon"}', "day", "invalid_value"),
        (b'{"name": "x", "parts": [{"note": "p"}]}', "parts", "required"),
        (b'{"name": "x", "parts": [null]}', "parts", "invalid_value"),
        (b'{"name": "x", "free": []}', "free", "invalid_value"),
        (b'{"name": "x", "free": {"deep": ["a\\u0000"]}}', "free", "null_character"),
        (b'{"name": "x", "free": {"a\\u0000": 1}}', "free", "null_character"),
        (b"[1]", "non_field_errors", "invalid_value"),
    ],
)
def test_the_field_is_named(body: bytes, field: str, code: str) -> None:
    fields, found = problem(body)
    assert (list(fields), found) == ([field], code)


def test_a_backslash_before_u0000_is_no_null_character() -> None:
    assert read(b'{"name": "a\\\\u0000"}').name == "a\\u0000"


def test_a_form_converts_its_texts() -> None:
    form = "application/x-www-form-urlencoded; charset=utf-8"
    assert read(b"name=a%20b+c&count=5&colour=blue&extra=1", form) == Thing(
        name="a b c", count=5, colour=Colour.BLUE
    )


@pytest.mark.parametrize("kind", ["", "application/json", "APPLICATION/JSON; charset=UTF-8"])
def test_kinds_of_json(kind: str) -> None:
    assert read(b'{"name": "x"}', kind) == Thing(name="x")


@pytest.mark.parametrize("kind", ["text/plain", "multipart/mixed; boundary=x", "application/jsonx"])
def test_other_kinds_are_refused_unless_there_is_nothing_in_them(kind: str) -> None:
    with pytest.raises(MercatoError) as caught:
        read(b"x", kind)
    assert (caught.value.status, caught.value.code) == (415, "unsupported_media_type")
    assert problem(b" ", kind)[1] == "required"


@given(st.binary(max_size=60), st.sampled_from(["application/json", "application/x-www-form-urlencoded"]))
def test_no_bytes_are_a_defect(body: bytes, kind: str) -> None:
    for strict in (False, True):
        with contextlib.suppress(Invalid):
            read(body, kind, strict=strict)


class Query(ListQuery, kw_only=True):
    name: str | UnsetType = UNSET
    colour: list[Colour] | UnsetType = UNSET
    uuid: UUID | UnsetType = UNSET
    active: bool | UnsetType = UNSET
    since: dt.datetime | UnsetType = UNSET


@pytest.mark.parametrize(
    ("text", "query"),
    [
        (b"", Query()),
        (b"unknown=1&name=", Query()),
        (b"name=a%20b%26&name=last", Query(name="last")),
        (b"name=%C3%BC", Query(name="ü")),
        (b"colour=red&colour=blue", Query(colour=[Colour.RED, Colour.BLUE])),
        (b"page=2&page_size=5&o=-a&o=b&field=x", Query(page=2, page_size=5, o=["-a", "b"], field=["x"])),
        (b"active=true", Query(active=True)),
        (b"active=False", Query(active=False)),
        (b"active=1", Query(active=True)),
        (b"uuid=01a1f945-1f4b-7bb4-94e4-7baf44a1ea5f", Query(uuid=UUID("01a1f9451f4b7bb494e47baf44a1ea5f"))),
        (b"since=2026-10-01T00:00:00", Query(since=dt.datetime(2026, 10, 1))),
        (b"since=2026-10-01T00:00:00%2B00:00", Query(since=dt.datetime(2026, 10, 1, tzinfo=dt.UTC))),
    ],
)
def test_queries(text: bytes, query: Query) -> None:
    assert read_query(text, Query) == query


@pytest.mark.parametrize(
    ("text", "field"),
    [
        (b"colour=green", "colour"),
        (b"uuid=x", "uuid"),
        (b"active=perhaps", "active"),
        (b"page=x", "page"),
        (b"name=%00", "name"),
    ],
)
def test_wrong_queries(text: bytes, field: str) -> None:
    with pytest.raises(Invalid) as caught:
        read_query(text, Query)
    assert list(caught.value.fields) == [field]


@given(st.binary(max_size=60))
def test_no_query_is_a_defect(text: bytes) -> None:
    with contextlib.suppress(Invalid):
        read_query(text, Query)


def test_every_struct_of_the_wire_can_be_read() -> None:
    """No schema is one that the decoder refuses to build."""
    from mercato.config import Settings
    from mercato.web.app import all_routes

    for route in all_routes(Settings()):
        msgspec.json.Decoder(route.endpoint.takes)
        msgspec.json.Decoder(route.endpoint.gives)


class Asked(msgspec.Struct, kw_only=True):
    place: str
    size: int = 1


def test_a_question_may_need_an_answer() -> None:
    for query in (b"", b"size=2", b"other=1"):
        with pytest.raises(Invalid) as refused:
            read_query(query, Asked)
        assert refused.value.fields == {"place": ["This field is required."]}
    assert read_query(b"place=here", Asked) == Asked(place="here")


class Counted(msgspec.Struct):
    number: int | None = None
    price: float = 0


@pytest.mark.parametrize("written", ["10", "10.0", '"10"', '"10.0"', "1e1"])
def test_whole_numbers_as_waldurs_clients_write_them(written: str) -> None:
    body = f'{{"number": {written}}}'.encode()
    assert read_body(body, "application/json", Counted, strict_names=False).number == 10
    if written != "10":
        with pytest.raises(Invalid):
            read_body(b'{"number": "10"}', "application/json", Counted, strict_names=True)


@pytest.mark.parametrize("written", ["10.5", '"ten"', "true", "[]", '"10.5"'])
def test_what_is_no_whole_number_is_refused(written: str) -> None:
    body = f'{{"number": {written}}}'.encode()
    with pytest.raises(Invalid) as refused:
        read_body(body, "application/json", Counted, strict_names=False)
    assert list(refused.value.fields) == ["number"]


def test_a_list_as_a_body_names_the_wrong_field() -> None:
    with pytest.raises(Invalid) as refused:
        read_body(b'[{"number": 1}, {"number": "x"}]', "", list[Counted], strict_names=False)
    assert list(refused.value.fields) == ["number"]
    assert read_body(b"", "", list[Counted], strict_names=False) == []
