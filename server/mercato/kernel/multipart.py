"""Forms with files in them (RFC 7578): bytes into fields."""

from __future__ import annotations

import re
from email.message import Message
from typing import Any

import msgspec

from mercato.kernel.errors import Invalid
from mercato.schemas.files import Upload

MOST_PARTS = 200
_HEADER = re.compile(rb"^([!-9;-~]+):[ \t]*(.*)$")


def read_parts(body: bytes, content_type: str) -> dict[str, Any]:
    """Each part by its name: a file as Upload, a JSON part as what it says, anything else as text.

    Raises Invalid for what is no form.
    """
    boundary = _parameter(content_type, "boundary")
    if not boundary:
        raise _broken("no boundary")
    pieces = (b"\r\n" + body).split(b"\r\n--" + boundary.encode("latin-1"))
    if len(pieces) < 2 or not pieces[-1].startswith(b"--"):
        raise _broken("it does not end")
    if len(pieces) - 2 > MOST_PARTS:
        raise _broken("too many parts")
    fields: dict[str, Any] = {}
    for piece in pieces[1:-1]:
        name, value = _part(piece)
        fields[name] = value
    return fields


def _part(piece: bytes) -> tuple[str, Any]:
    head, separator, content = piece.partition(b"\r\n\r\n")
    if not separator:
        raise _broken("a part without content")
    headers: dict[str, str] = {}
    for line in head.split(b"\r\n"):
        found = _HEADER.match(line)
        if found:
            headers[found[1].decode("latin-1").lower()] = found[2].decode("utf-8", "replace")
    disposition = headers.get("content-disposition", "")
    name, file_name = _parameter(disposition, "name"), _parameter(disposition, "filename")
    if not name:
        raise _broken("a part without a name")
    if file_name is not None:
        return name, Upload(name=file_name, data=content)
    if headers.get("content-type", "").partition(";")[0].strip().lower() == "application/json":
        try:
            return name, msgspec.json.decode(content)
        except msgspec.DecodeError as error:
            raise _broken(f"{name}: {error}") from error
    return name, content.decode("utf-8", "replace")


def _parameter(header: str, name: str) -> str | None:
    """A parameter of a header, quoted or extended (`filename*=UTF-8''…`) as it may be."""
    message = Message()
    message["Content-Disposition"] = header.replace("\r", " ").replace("\n", " ")
    found = message.get_param(name, header="content-disposition")
    if isinstance(found, tuple):
        charset, _, text = found
        return text.encode("latin-1", "replace").decode(charset or "utf-8", "replace")
    return found if isinstance(found, str) else None


def _broken(why: str) -> Invalid:
    return Invalid(f"Multipart form parse error - {why}", code="parse_error")
