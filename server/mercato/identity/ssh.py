"""SSH public keys: what they are and how they are recognised. Values in, values out."""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import NamedTuple

SMALLEST_RSA = 2048
# The name at the start of a line and inside the key must be the same, one of these.
TYPES = (
    "ssh-ed25519",
    "ssh-rsa",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "sk-ssh-ed25519@openssh.com",
    "sk-ecdsa-sha2-nistp256@openssh.com",
)


class PublicKey(NamedTuple):
    """A key as people give it: `type base64 comment`."""

    type: str
    text: str
    comment: str
    md5: str
    sha256: str
    sha512: str


class BadKeyError(ValueError):
    """Why a key is refused."""


def parse(line: str) -> PublicKey:
    """The key in one line of an `authorized_keys` file without options. Raises BadKeyError."""
    words = line.strip().split(None, 2)
    if len(words) < 2 or "\n" in line.strip():
        raise BadKeyError("A public key looks like: ssh-ed25519 AAAA… name.")
    kind, coded = words[0], words[1]
    if "PRIVATE" in line:
        raise BadKeyError("This is a private key. Keep it to yourself and give the public one.")
    if kind not in TYPES:
        raise BadKeyError(f"Keys of type {kind[:40]} are not accepted. Accepted are: {', '.join(TYPES)}.")
    try:
        blob = base64.b64decode(coded, validate=True)
    except (binascii.Error, ValueError):
        raise BadKeyError("The key is not valid base64.") from None
    parts = _parts(blob)
    if not parts or parts[0] != kind.encode():
        raise BadKeyError("The key is not of the type that it begins with.")
    _check_strength(kind, parts)
    return PublicKey(
        type=kind,
        text=line.strip(),
        comment=words[2].strip() if len(words) > 2 else "",
        md5=_pairs(hashlib.md5(blob, usedforsecurity=False).hexdigest()),
        sha256="SHA256:" + _bare(hashlib.sha256(blob).digest()),
        sha512="SHA512:" + _bare(hashlib.sha512(blob).digest()),
    )


def _parts(blob: bytes) -> list[bytes]:
    """The length-prefixed strings that a key consists of (RFC 4253 §6.6)."""
    found, at = [], 0
    while at < len(blob):
        size = int.from_bytes(blob[at : at + 4], "big")
        at += 4
        if size > len(blob) - at:
            raise BadKeyError("The key is cut off.")
        found.append(blob[at : at + size])
        at += size
    return found


def _check_strength(kind: str, parts: list[bytes]) -> None:
    wanted = {"ssh-rsa": 3, "ssh-ed25519": 2}.get(kind)
    if wanted is not None and len(parts) != wanted:
        raise BadKeyError("The key is damaged.")
    if kind == "ssh-ed25519" and len(parts[1]) != 32:
        raise BadKeyError("The key is damaged.")
    if kind == "ssh-rsa":
        bits = int.from_bytes(parts[2], "big").bit_length()
        if bits < SMALLEST_RSA:
            raise BadKeyError(f"RSA keys need at least {SMALLEST_RSA} bits; this one has {bits}.")


def _pairs(digest: str) -> str:
    return ":".join(digest[i : i + 2] for i in range(0, len(digest), 2))


def _bare(digest: bytes) -> str:
    return base64.b64encode(digest).decode().rstrip("=")
