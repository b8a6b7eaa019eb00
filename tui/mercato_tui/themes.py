"""Themes are TOML files: colours by role, checked for contrast when they are read.

A theme that cannot be read or whose text would be hard to read is left out and named in the result, so that
a broken file never keeps the app from starting.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from textual.color import Color, ColorParseError
from textual.theme import Theme

DEFAULT = "notturno"
DEFAULT_LIGHT = "mattino"

COLORS = (
    "primary",
    "secondary",
    "accent",
    "foreground",
    "background",
    "surface",
    "panel",
    "success",
    "warning",
    "error",
)
VARIABLES = ("muted", "faint", "line", "cursor", "field", "ink")
TEXT = ("foreground", "primary", "secondary", "accent", "success", "warning", "error", "muted")
BEHIND = ("background", "surface", "panel", "cursor", "field")


class BadTheme(Exception):
    """A theme file that cannot be used; the text says why."""


@dataclass(frozen=True)
class ThemeFile:
    """One readable theme: Textual's own object, and what a person chooses it by."""

    theme: Theme
    title: str
    description: str


@dataclass(frozen=True)
class Themes:
    """What was found: usable themes by name, and a sentence for each file that was left out."""

    files: dict[str, ThemeFile] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, from 1 to 21 (WCAG 2.1, relative luminance)."""
    lights = sorted((_luminance(Color.parse(one)), _luminance(Color.parse(other))))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def _luminance(color: Color) -> float:
    def linear(channel: int) -> float:
        part = channel / 255
        return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4

    return 0.2126 * linear(color.r) + 0.7152 * linear(color.g) + 0.0722 * linear(color.b)


def read_theme(text: str, origin: str) -> ThemeFile:
    """One theme from TOML text. Raises BadTheme."""
    try:
        raw = tomllib.loads(text)
        colors = {name: str(raw["colors"][name]) for name in COLORS}
        variables = {name: str(raw["variables"][name]) for name in VARIABLES}
        least = float(raw.get("minimum_contrast", 4.5))
        _check(colors | variables, least)
    except tomllib.TOMLDecodeError as problem:
        raise BadTheme(f"{origin}: {problem}") from problem
    except KeyError as problem:
        raise BadTheme(f"{origin}: {problem.args[0]} is missing") from problem
    except (ColorParseError, TypeError, ValueError) as problem:
        raise BadTheme(f"{origin}: {problem}") from problem
    theme = Theme(
        name=str(raw["name"]),
        dark=bool(raw.get("dark", True)),
        variables=_derived(colors, variables),
        primary=colors["primary"],
        secondary=colors["secondary"],
        accent=colors["accent"],
        foreground=colors["foreground"],
        background=colors["background"],
        surface=colors["surface"],
        panel=colors["panel"],
        success=colors["success"],
        warning=colors["warning"],
        error=colors["error"],
    )
    return ThemeFile(theme, str(raw.get("title", raw["name"])), str(raw.get("description", "")))


def _check(palette: dict[str, str], least: float) -> None:
    for behind in BEHIND:
        for name in TEXT:
            ratio = contrast(palette[name], palette[behind])
            if ratio < least:
                raise ValueError(f"{name} on {behind} has contrast {ratio:.2f}, needs {least}")
    if contrast(palette["ink"], palette["primary"]) < 4.5:
        raise ValueError("ink on primary is hard to read")


def _derived(colors: dict[str, str], variables: dict[str, str]) -> dict[str, str]:
    """Textual's own variables in terms of ours, so that its widgets look like the rest."""
    return variables | {
        "border": colors["primary"],
        "border-blurred": variables["line"],
        "block-cursor-foreground": colors["foreground"],
        "block-cursor-background": variables["cursor"],
        "block-cursor-text-style": "bold",
        "block-cursor-blurred-foreground": colors["foreground"],
        "block-cursor-blurred-background": variables["cursor"],
        "block-hover-background": variables["cursor"],
        "input-cursor-background": colors["primary"],
        "input-cursor-foreground": variables["ink"],
        "input-selection-background": variables["faint"],
        "scrollbar": variables["faint"],
        "scrollbar-hover": variables["muted"],
        "scrollbar-active": colors["primary"],
        "scrollbar-background": colors["background"],
        "scrollbar-background-hover": colors["background"],
        "scrollbar-background-active": colors["background"],
        "scrollbar-corner-color": colors["background"],
        "text-muted": variables["muted"],
        "text-disabled": variables["muted"],
        "button-foreground": colors["foreground"],
        "button-color-foreground": variables["ink"],
        "link-color": colors["secondary"],
        "link-background-hover": variables["cursor"],
        "link-color-hover": colors["primary"],
    }


def folders() -> list[Path]:
    """Where themes lie: `themes/` of a checkout, else the bundled ones; then the person's own."""
    from platformdirs import user_config_path

    here = Path(__file__).resolve().parent
    checkout = here.parent.parent / "themes"
    shipped = checkout if checkout.is_dir() else here / "_bundled" / "themes"
    return [shipped, user_config_path("mercato") / "themes"]


def load(places: list[Path] | None = None) -> Themes:
    """All themes of these folders; a later folder wins over an earlier one."""
    found = Themes()
    for folder in folders() if places is None else places:
        for path in sorted(folder.glob("*.toml")) if folder.is_dir() else []:
            try:
                file = read_theme(path.read_text(encoding="utf-8"), path.name)
            except (BadTheme, OSError, UnicodeDecodeError) as problem:
                found.problems.append(str(problem))
                continue
            found.files[file.theme.name] = file
    return found


def chosen(asked: str | None, found: Themes) -> str:
    """The theme to start with: the asked one if it exists, else the default, else any."""
    for name in (asked, DEFAULT):
        if name and name in found.files:
            return name
    return next(iter(found.files), "textual-dark")
