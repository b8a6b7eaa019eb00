"""Files for operators: `mercato deploy NAME` prints one. README.md says when which is wanted."""

from __future__ import annotations

from pathlib import Path

HERE = Path(__file__).parent
FILES = ("README.md", "mercato.service", "mercato-worker.service", "Containerfile", "compose.yaml")


def text_of(name: str) -> str:
    """The file's content. Raises KeyError for a name that is none of FILES."""
    if name not in FILES:
        raise KeyError(name)
    return (HERE / name).read_text(encoding="utf-8")
