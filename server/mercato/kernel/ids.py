"""Identifiers: time-ordered UUIDs (32 hex characters on the wire), slugs, secret keys."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import time
import unicodedata
from uuid import UUID

SLUG_LENGTH = 10
_HEX = re.compile("[0-9a-fA-F]{32}")


def new_uuid() -> str:
    """A UUID version 7 as 32 hex characters: unique everywhere, sorted by creation time.

    Uniqueness needs no agreed time, so the machine's own clock serves even while tests travel.
    """
    millis = time.time_ns() // 1_000_000
    value = (millis & 0xFFFFFFFFFFFF) << 80 | int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return f"{value:032x}"


def as_hex(value: str | UUID) -> str | None:
    """32 hex characters from either spelling of a UUID, or None when it is none."""
    if isinstance(value, UUID):
        return value.hex
    bare = value.replace("-", "")
    return bare.lower() if _HEX.fullmatch(bare) else None


_UUID_IN_PATH = re.compile(r"/([0-9a-fA-F]{32}|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})/?$")


def uuid_of_link(link: str) -> str | None:
    """The UUID at the end of a hyperlink (the host is ignored: clients build links from their own base).

    A bare UUID is accepted too. None when there is no UUID.
    """
    bare = as_hex(link)
    if bare is not None:
        return bare
    found = _UUID_IN_PATH.search(link.split("?", 1)[0])
    return as_hex(found.group(1)) if found else None


def slugify(name: str, length: int = SLUG_LENGTH) -> str:
    """Lower-case ASCII letters, digits and dashes, at most `length` characters, never empty."""
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", ascii_name).strip("-")[:length].strip("-")
    return slug or "x"


def new_key(length: int = 20) -> str:
    """A secret of `length` random bytes as hex."""
    return secrets.token_hex(length)


def key_hash(key: str) -> str:
    """What is stored of a secret key: keys are long and random, so a plain SHA-256 cannot be searched."""
    return hashlib.sha256(key.encode()).hexdigest()
