"""Which networks an organization may name: values in, values out."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_network

# The widest network that others than staff may add, as the length of its prefix.
WIDEST = {4: 16, 6: 32}


def network(text: str) -> IPv4Network | IPv6Network | None:
    """The network in any spelling (a single address is a network of one), or None."""
    try:
        return ip_network(text.strip(), strict=False)
    except ValueError:
        return None


def too_wide(found: IPv4Network | IPv6Network) -> bool:
    """Whether only staff may add it."""
    return found.prefixlen < WIDEST[found.version]
