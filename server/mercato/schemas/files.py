"""Files that people hand in: proofs, pictures, attachments."""

from __future__ import annotations

from msgspec import Struct


class Upload(Struct, kw_only=True):
    """A file: a part of a form with a file name, or in JSON its name and its content in base64."""

    name: str = ""
    data: bytes


class Download(Struct, kw_only=True):
    """A file as it is given back."""

    name: str
    media_type: str
    digest: str
    data: bytes
