"""Names of files in a data directory that the server and the apps agree on."""

from __future__ import annotations

from pathlib import Path


def personas_file(data: Path) -> Path:
    """Where a demo marketplace keeps its personas; its presence marks the directory as a demo."""
    return data / "personas.json"


def apps_lock(data: Path) -> Path:
    """Every app on the data directory holds this lock shared: free means that the last one is gone."""
    return data / "apps.lock"
