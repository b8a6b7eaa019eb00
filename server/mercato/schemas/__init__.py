"""The vocabulary of the wire: server, app and plugins speak it. Imports msgspec and nothing of ours."""

from __future__ import annotations

from typing import Generic, Literal, TypeVar

import msgspec

In = TypeVar("In")
Out = TypeVar("Out")

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]


class Nothing(msgspec.Struct, frozen=True):
    """No body, or one whose content does not matter."""


class Endpoint(msgspec.Struct, Generic[In, Out], frozen=True):
    """One row of the wire: a GET's `takes` is its query, any other method's its JSON body.

    `own` marks endpoints that are Mercato's rather than Waldur's: there unknown fields are refused.
    """

    method: Method
    path: str
    takes: type[In]
    gives: type[Out]
    status: int = 200
    summary: str = ""
    own: bool = False


class ListQuery(msgspec.Struct, kw_only=True):
    """What every list takes: `page` from 1, `page_size` (default 10, at most 300), `field`, `o`."""

    page: int | msgspec.UnsetType = msgspec.UNSET
    page_size: int | msgspec.UnsetType = msgspec.UNSET
    field: list[str] | msgspec.UnsetType = msgspec.UNSET
    o: list[str] | msgspec.UnsetType = msgspec.UNSET


class DetailQuery(msgspec.Struct, kw_only=True):
    """What every detail takes: `field` limits the answer to these fields."""

    field: list[str] | msgspec.UnsetType = msgspec.UNSET


class Detail(msgspec.Struct):
    """A sentence about what was done."""

    detail: str


class Status(msgspec.Struct):
    status: str
