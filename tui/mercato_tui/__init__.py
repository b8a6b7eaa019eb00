"""The terminal app of Mercato. Importing this package loads nothing; `MercatoApp` and `Connection` load on use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mercato_tui.app import MercatoApp
    from mercato_tui.server import Connection, Ready

__all__ = ["Connection", "MercatoApp", "Ready"]

_HOME = {
    "MercatoApp": "mercato_tui.app",
    "Connection": "mercato_tui.server",
    "Ready": "mercato_tui.server",
}


def __getattr__(name: str) -> Any:
    if name in _HOME:
        from importlib import import_module

        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
