"""The demo marketplace: a preset with what stands in it, and the story of its fourteen months."""

from __future__ import annotations

from pathlib import Path


def bundled(name: str) -> Path | None:
    """The preset of that name which comes with the product, or None."""
    file = Path(__file__).parent / f"{name}.json"
    return file if name.isidentifier() and file.is_file() else None
