"""Secrets that must be read again are kept sealed: AES-256-GCM under a key that is not in the database.

A sealed secret names its key and opens only in the place it was sealed for, so that rows cannot be swapped.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_VERSION = "v1"
_NONCE = 12
KEY_BYTES = 32


class Sealing(NamedTuple):
    """Asked for the vault that seals and opens."""


class Unopened(Exception):
    """What is sealed cannot be opened: its key is not here, or it was changed or moved."""


def key_of(text: str) -> bytes:
    """A key as operators write it: 64 hex digits, or 32 bytes in base64. Raises ValueError."""
    for read in (bytes.fromhex, base64.b64decode):
        try:
            key = read(text.strip())
        except (ValueError, binascii.Error):
            continue
        if len(key) == KEY_BYTES:
            return key
    raise ValueError("a key is 64 hex digits, or 32 bytes in base64")


class Vault:
    """`keys` are separated by commas: the first seals, each opens what it sealed. Without any, a key of our own is
    made and kept in `file` (readable by its owner alone) when the first secret comes."""

    def __init__(self, keys: str, file: Path) -> None:
        self._given = [key_of(text) for text in keys.split(",") if text.strip()]
        self._file = file
        self._ciphers: dict[str, AESGCM] = {}
        self._first = ""

    def _load(self) -> None:
        # Only who has secrets waits for this import.
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        for key in self._given or [self._own()]:
            name = hashlib.sha256(key).hexdigest()[:8]
            self._ciphers[name] = AESGCM(key)
            self._first = self._first or name

    def _own(self) -> bytes:
        try:
            with os.fdopen(os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(os.urandom(KEY_BYTES).hex())
        except FileExistsError:
            pass
        return key_of(self._file.read_text())

    def seal(self, secret: str, place: str) -> str:
        """The secret as it may be stored in this place (a table's name, a row's uuid, a column's name)."""
        if not self._ciphers:
            self._load()
        nonce = os.urandom(_NONCE)
        sealed = nonce + self._ciphers[self._first].encrypt(nonce, secret.encode(), place.encode())
        return f"{_VERSION}:{self._first}:{base64.b64encode(sealed).decode()}"

    def open(self, sealed: str, place: str) -> str:
        """The secret. Raises Unopened."""
        from cryptography.exceptions import InvalidTag

        if not self._ciphers:
            self._load()
        version, _, rest = sealed.partition(":")
        name, _, text = rest.partition(":")
        cipher = self._ciphers.get(name)
        if version != _VERSION or cipher is None:
            raise Unopened("It was sealed with a key that is not here.")
        try:
            data = base64.b64decode(text, validate=True)
            return cipher.decrypt(data[:_NONCE], data[_NONCE:], place.encode()).decode()
        except (InvalidTag, ValueError, binascii.Error):
            raise Unopened("It was changed, or belongs to another place.") from None
