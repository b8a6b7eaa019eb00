"""Passwords: argon2id, verified in constant time whether or not the account exists."""

from __future__ import annotations

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError


@cache
def _hasher() -> PasswordHasher:
    # OWASP's second recommended profile: 19 MiB, two passes, one lane.
    return PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


@cache
def _nobody() -> str:
    return _hasher().hash("nobody has this password")


def hash_password(password: str) -> str:
    return _hasher().hash(password)


def verify_password(stored: str | None, password: str) -> bool:
    """Whether the password is the stored one. An unknown account costs the same time as a known one."""
    try:
        return _hasher().verify(stored or _nobody(), password) and stored is not None
    except (VerificationError, InvalidHashError):
        return False
