"""Decisions about accounts and sessions: values in, values out."""

from __future__ import annotations

import re
import secrets
import zlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network

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


PERSONAL = "w_"
SHOWN_OF_KEY = 12
MOST_NETWORKS = 50


def new_personal_key() -> str:
    """A key of a personal access token: scanners recognise it by its start, and by its checksum at the end."""
    secret = secrets.token_hex(20)
    return f"{PERSONAL}mrc_{secret}{zlib.crc32(secret.encode()):08x}"


def networks(asked: Sequence[str]) -> tuple[list[str], list[str]]:
    """(networks in their usual spelling, what is wrong); a single address is a network of one."""
    if len(asked) > MOST_NETWORKS:
        return [], [f"Ensure this field has no more than {MOST_NETWORKS} elements."]
    found, wrong = [], []
    for text in asked:
        try:
            found.append(str(ip_network(text.strip(), strict=False)))
        except ValueError:
            wrong.append(f"{text} is not a network: write 10.0.0.0/8 or 2001:db8::/32.")
    return list(dict.fromkeys(found)), wrong


def address_allowed(address: str, allowed: Sequence[str]) -> bool:
    """Whether a request may come from this address; no networks mean anywhere."""
    if not allowed:
        return True
    try:
        found = ip_address(address)
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None) or found
    return any(mapped in ip_network(network) for network in allowed)


def expiry_problem(expires: datetime, now: datetime, days: int) -> str | None:
    """Why the end of a personal access token is refused, or None."""
    if expires <= now:
        return "Expiration time should be greater than current time."
    if expires > now + timedelta(days=days):
        return f"A personal access token can live for at most {days} days."
    return None


def sentence(permission: str) -> str:
    """What a permission is for, in words: `ORDER.APPROVE_PRIVATE` is `Order: approve private`."""
    thing, _, act = permission.partition(".")
    return f"{thing.replace('_', ' ').capitalize()}: {act.replace('_', ' ').lower()}"


def full_name(first: str, last: str) -> str:
    return f"{first} {last}".strip()
