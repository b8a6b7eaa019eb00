"""Finding, checking and holding the offering types: folders first, then installed packages."""

from __future__ import annotations

import importlib
import sys
import tomllib
import types
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import structlog

from mercato.sdk import Manifest, OfferingType

_log = structlog.get_logger("mercato.plugins")
API = 1
SPACE = "mercato_plugins"
GROUP = "mercato.plugins"


class PluginError(Exception):
    """A plugin that cannot be used, and why."""


class Plugin(NamedTuple):
    manifest: Manifest
    code: OfferingType
    origin: str


def folders(extra: str = "") -> list[Path]:
    """Where plugins are looked for: the checkout's or the bundled ones, then the operator's own."""
    package = Path(__file__).parent
    checkout = package.parent.parent / "plugins"
    bundled = checkout if checkout.is_dir() else package / "_bundled" / "plugins"
    return [bundled, *(Path(p) for p in extra.split(":") if p)]


def discover(places: Iterable[Path]) -> dict[str, Plugin]:
    """Every offering type by its id. A broken plugin is reported and left out; the others work."""
    found: dict[str, Plugin] = {}
    for plugin in (*_from_folders(list(places)), *_from_packages()):
        if plugin.manifest.id in found:
            _log.warning("plugin ignored: its id is taken", id=plugin.manifest.id, origin=plugin.origin)
            continue
        found[plugin.manifest.id] = plugin
    return found


def _from_folders(places: list[Path]) -> Iterator[Plugin]:
    space = sys.modules.setdefault(SPACE, types.ModuleType(SPACE))
    space.__path__ = [str(place) for place in places]
    for place in places:
        for toml in sorted(place.glob("*/plugin.toml")):
            try:
                yield load(toml)
            except PluginError as error:
                _log.error("plugin left out", origin=str(toml.parent), reason=str(error))


def load(toml: Path) -> Plugin:
    """One plugin folder. Raises PluginError."""
    manifest = read_manifest(toml)
    try:
        module: Any = importlib.import_module(f"{SPACE}.{toml.parent.name}")
    except Exception as error:
        raise PluginError(f"it can not be imported: {error}") from error
    return _checked(manifest, getattr(module, "plugin", None), str(toml.parent))


def read_manifest(toml: Path) -> Manifest:
    try:
        return msgspec.convert(tomllib.loads(toml.read_text()), Manifest)
    except (OSError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise PluginError(f"plugin.toml: {error}") from error


def _checked(manifest: Manifest, code: Any, origin: str) -> Plugin:
    if manifest.api != API:
        raise PluginError(f"it is made for plugin api {manifest.api}, this is {API}")
    if code is None:
        raise PluginError("it defines no `plugin`")
    for verb in ("create", "terminate"):
        if not callable(getattr(code, verb, None)):
            raise PluginError(f"it has no `{verb}`")
    return Plugin(manifest, code, origin)


def _from_packages() -> Iterator[Plugin]:
    for point in entry_points(group=GROUP):
        try:
            module = point.load()
            manifest = msgspec.convert(getattr(module, "manifest", None), Manifest)
            yield _checked(manifest, getattr(module, "plugin", None), f"package {point.name}")
        except Exception as error:  # somebody else's package must not stop the server
            _log.error("plugin left out", origin=f"package {point.name}", reason=str(error))


Registry = Mapping[str, Plugin]
