"""Which agents can work with us."""

from __future__ import annotations

import pytest

from mercato.site_agents.rules import compatibility

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    ("version", "status"),
    [
        ("1.0.7", "compatible"),
        ("1.0", "compatible"),
        ("1.0.8rc12", "compatible"),
        ("10.2", "compatible"),
        ("0.9.8", "incompatible"),
        (None, "unknown"),
        ("", "unknown"),
        ("main", "unknown"),
        ("1" * 40 + ".0", "unknown"),
    ],
)
def test_compatibility(version: str | None, status: str) -> None:
    found = compatibility(version)
    assert (found.status, found.minimum_required) == (status, "1.0.0")
    assert bool(found.message) == (status != "compatible")
