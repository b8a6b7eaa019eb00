"""The versions that `uv run` obeys are those that CI installs by hash, and no file names a host."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

pytestmark = pytest.mark.pure

ROOT = Path(__file__).parents[2]
PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)")


def project() -> dict[str, dict[str, dict[str, list[str]]]]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def hashed() -> str:
    return (ROOT / ".ci" / "requirements.txt").read_text()


def pins(lines: list[str]) -> dict[str, str]:
    found = [PINNED.match(line) for line in lines]
    return {m.group(1).lower().replace("_", "-"): m.group(2) for m in found if m}


def test_the_constraints_are_the_hashed_requirements() -> None:
    constraints = pins(project()["tool"]["uv"]["constraint-dependencies"])
    assert constraints == pins(hashed().splitlines())
    assert len(constraints) > 60


def test_every_requirement_has_a_hash_and_none_names_a_host() -> None:
    blocks = re.split(r"\n(?=[A-Za-z0-9])", hashed().strip())
    assert [b.splitlines()[0] for b in blocks if "--hash=sha256:" not in b] == []
    assert "://" not in hashed()


def test_every_direct_dependency_is_pinned() -> None:
    data = project()
    direct = [*data["project"]["dependencies"], *data["dependency-groups"]["dev"]]  # type: ignore[list-item]
    names = {re.split(r"[\[<>=~! ]", d, maxsplit=1)[0].lower() for d in direct}
    assert names <= set(pins(data["tool"]["uv"]["constraint-dependencies"]))
