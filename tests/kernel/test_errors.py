"""Refusals carry a stable code and their parameters."""

from __future__ import annotations

import inspect

import pytest

from mercato.kernel import errors
from mercato.kernel.errors import Conflict, Invalid, MercatoError, NotFound, invalid

pytestmark = pytest.mark.pure


def test_every_refusal_has_a_status_and_a_code() -> None:
    kinds = [k for _, k in inspect.getmembers(errors, inspect.isclass) if issubclass(k, MercatoError)]
    refusals = [k for k in kinds if k is not MercatoError]
    assert {k.status for k in refusals} == {400, 401, 403, 404, 409, 415, 429}
    assert len({k.code for k in refusals}) == len(refusals)


def test_one_wrong_field() -> None:
    error = invalid("name", "Too long.", code="too_long", limit=5)
    assert (error.fields, error.code, error.params) == ({"name": ["Too long."]}, "too_long", {"limit": 5})
    assert str(error) == "name: Too long."


def test_codes_are_the_kinds_unless_said_otherwise() -> None:
    assert (NotFound().code, NotFound(code="unknown_x").code) == ("not_found", "unknown_x")
    assert Conflict("x", state="OK").params == {"state": "OK"}
    assert Invalid("plain").fields == {}
