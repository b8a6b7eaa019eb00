"""Decisions about accounts and sessions: values in, values out."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

TOKEN_LIFETIME = timedelta(hours=1)
# A token's last use is written down at most this often, so that reading stays reading.
TOUCH_EVERY = timedelta(minutes=1)
FREE_ATTEMPTS = 4
LONGEST_DELAY = timedelta(minutes=10)
USERNAME = re.compile(r"[0-9A-Za-z_.@+-]{1,128}")
PASSWORD_MINIMUM = 12


def delay_after(failures: int) -> timedelta:
    """How long after its last failure a name and address must wait: nothing for the first four,
    then 1 s, 2 s, 4 s … up to ten minutes. Nobody is ever locked out for good."""
    if failures < FREE_ATTEMPTS:
        return timedelta()
    return min(timedelta(seconds=2.0 ** min(failures - FREE_ATTEMPTS, 20)), LONGEST_DELAY)


def must_wait(failures: int, last_failure: datetime, now: datetime) -> bool:
    return now < last_failure + delay_after(failures)


def token_ended(*, keeps: bool, last_used: datetime, lifetime: int | None, now: datetime) -> bool:
    """Whether a session token has been idle for longer than its owner's lifetime (seconds; None or 0: never)."""
    if keeps or not lifetime:
        return False
    return now > last_used + timedelta(seconds=lifetime)


def password_problem(password: str, username: str) -> str | None:
    """Why a password is refused, or None."""
    if len(password) < PASSWORD_MINIMUM:
        return f"This password is too short. It must contain at least {PASSWORD_MINIMUM} characters."
    if password.isdigit():
        return "This password is entirely numeric."
    if username and username.lower() in password.lower() and len(password) < len(username) + 8:
        return "This password is too similar to the username."
    if len(set(password)) < 5:
        return "This password has too few different characters."
    return None


def full_name(first: str, last: str) -> str:
    return f"{first} {last}".strip()
