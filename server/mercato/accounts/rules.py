"""Decisions about accounts at offerings: values in, values out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from mercato.schemas.accounts import UsernamePolicy
from mercato.schemas.identity import ATTRIBUTES

USERNAME_LENGTH = 100
URL_LENGTH = 200
# What an offering sees of its users as long as nobody has chosen (contract §11.7: the agent expects the same).
DEFAULT_ATTRIBUTES = frozenset({"username", "full_name", "email"})
# The columns behind an attribute that is more than one.
PARTS = {"full_name": ("full_name", "first_name", "last_name")}
ANONYMOUS_PREFIX = "walduruser_"
ANONYMOUS_DIGITS = 5
NAME_DIGITS = 2


def makes_accounts(options: Mapping[str, Any]) -> bool:
    """Whether everybody with access to a resource of the offering gets an account there."""
    return options.get("service_provider_can_create_offering_user") is True


def deletes_accounts(options: Mapping[str, Any]) -> bool:
    """Whether accounts go with the last access."""
    return options.get("offering_user_auto_deletion") is True


def policy_of(options: Mapping[str, Any]) -> UsernamePolicy:
    """Who names the accounts; the provider, unless the offering says otherwise."""
    try:
        return UsernamePolicy(options.get("username_generation_policy") or UsernamePolicy.SERVICE_PROVIDER)
    except ValueError:
        return UsernamePolicy.SERVICE_PROVIDER


def stem(options: Mapping[str, Any], username: str, first_name: str, last_name: str) -> tuple[str, int]:
    """How a generated name begins, and how many digits follow; none: the name is that. Empty: there is none.

    Accounts named after an identity provider's claim or a directory get their names from there, not from us.
    """
    match policy_of(options):
        case UsernamePolicy.ANONYMIZED:
            prefix = str(options.get("username_anonymized_prefix") or ANONYMOUS_PREFIX)
            return prefix[: USERNAME_LENGTH - ANONYMOUS_DIGITS], ANONYMOUS_DIGITS
        case UsernamePolicy.FULL_NAME:
            name = "_".join(part for part in (plain(first_name), plain(last_name)) if part)
            return f"{(name or plain(username))[: USERNAME_LENGTH - NAME_DIGITS - 1]}_", NAME_DIGITS
        case UsernamePolicy.WALDUR_USERNAME:
            return username[:USERNAME_LENGTH], 0
        case _:
            return "", 0


def plain(name: str) -> str:
    """Lower-case ASCII letters, digits and underscores: `Jürgen van Loo` is `jurgen_van_loo`."""
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().strip().lower()
    return re.sub(r"[^a-z0-9_]", "", re.sub(r"[\s-]+", "_", ascii_name))


def numbered(begin: str, digits: int, taken: Iterable[str]) -> str:
    """The first name after all those taken that begin so: `john_doe_00`, `john_doe_01`, …"""
    tails = (name[len(begin) :] for name in taken if name.lower().startswith(begin.lower()))
    numbers = [int(tail) for tail in tails if tail.isascii() and tail.isdigit()]
    return f"{begin}{max(numbers, default=-1) + 1:0{digits}}"


def url_problem(url: str) -> str | None:
    """Why a link for people is refused, or None."""
    if not url:
        return None
    if len(url) > URL_LENGTH:
        return f"Ensure this field has no more than {URL_LENGTH} characters."
    try:
        parts = urlsplit(url)
    except ValueError:
        return "Enter a valid URL."
    if parts.scheme.lower() not in ("http", "https") or not parts.hostname or re.search(r"\s", url):
        return "Enter a valid URL."
    return None


def attributes(person: Mapping[str, Any], exposed: Iterable[str]) -> dict[str, Any]:
    """What an offering that sees these attributes knows about the person; blank ones are left out."""
    found: dict[str, Any] = {}
    for name in exposed:
        for column in PARTS.get(name, (name,)):
            value = person[column]
            if value not in (None, "", []):
                found[column] = value.isoformat() if hasattr(value, "isoformat") else value
    return found


def exposed(config: Mapping[str, Any] | None) -> list[str]:
    """The attributes that a stored choice exposes, in the order of the wire; the defaults without one."""
    if config is None:
        return [name for name in ATTRIBUTES if name in DEFAULT_ATTRIBUTES]
    return [name for name in ATTRIBUTES if config[f"expose_{name}"]]


def touched(changed: Iterable[str], seen: Iterable[str]) -> list[str]:
    """The changed columns that an offering which sees these attributes has to hear of."""
    visible = {column for name in seen for column in PARTS.get(name, (name,))}
    return sorted(visible & set(changed))
