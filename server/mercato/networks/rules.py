"""Which networks an organization may name: values in, values out."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network, collapse_addresses, ip_network

# The widest network that others than staff may add, as the length of its prefix.
WIDEST = {4: 16, 6: 32}


def network(text: str) -> IPv4Network | IPv6Network | None:
    """The network in any spelling (a single address is a network of one), or None."""
    try:
        return ip_network(text.strip(), strict=False)
    except ValueError:
        return None


def packed(inets: Iterable[str]) -> list[str]:
    """The same addresses in as few networks as will do, IPv4 first, in their order."""
    found = [ip_network(inet) for inet in inets]
    four = collapse_addresses(one for one in found if isinstance(one, IPv4Network))
    six = collapse_addresses(one for one in found if isinstance(one, IPv6Network))
    return [str(one) for one in (*four, *six)]


def too_wide(found: IPv4Network | IPv6Network) -> bool:
    """Whether only staff may add it."""
    return found.prefixlen < WIDEST[found.version]
