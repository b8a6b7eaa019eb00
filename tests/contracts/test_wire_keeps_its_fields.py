"""What clients were given once stays: no operation, field or success code disappears from the wire.

After a deliberate change: `python tests/contracts/test_wire_keeps_its_fields.py` writes the snapshot anew.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.pure

ROOT = Path(__file__).parents[2]
SNAPSHOT = ROOT / "tests" / "data" / "wire.json"


def wire() -> dict[str, Any]:
    """Every operation's success code and what it takes, and every schema's fields."""
    from mercato.config import Settings
    from mercato.web.app import all_routes
    from mercato.web.docs import openapi

    document = openapi(all_routes(Settings()))
    operations = {
        f"{method.upper()} {path}": {
            "success": sorted(code for code in one["responses"] if code.startswith("2")),
            "takes": sorted(p["name"] for p in one["parameters"]),
        }
        for path, methods in document["paths"].items()
        for method, one in methods.items()
    }
    schemas = {
        name: sorted(schema.get("properties", {}))
        for name, schema in document["components"]["schemas"].items()
    }
    return {"operations": operations, "schemas": schemas}


def test_nothing_disappears() -> None:
    before, now = json.loads(SNAPSHOT.read_text()), wire()
    gone: list[str] = []
    for name, old in before["operations"].items():
        new = now["operations"].get(name)
        if new is None or new["success"] != old["success"]:
            gone.append(name)
        else:
            gone += [f"{name}: {p}" for p in set(old["takes"]) - set(new["takes"])]
    for name, fields in before["schemas"].items():
        gone += [f"{name}.{field}" for field in set(fields) - set(now["schemas"].get(name, []))]
    assert gone == []


def test_the_snapshot_is_complete() -> None:
    before, now = json.loads(SNAPSHOT.read_text()), wire()
    assert set(now["operations"]) == set(before["operations"]), "write the snapshot anew"


if __name__ == "__main__":
    sys.path[:0] = [str(ROOT / "server")]
    SNAPSHOT.write_text(json.dumps(wire(), indent=1, sort_keys=True) + "\n")
