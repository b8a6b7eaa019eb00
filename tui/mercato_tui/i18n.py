"""Words of the interface. Every string a person reads goes through `_`; what a server said never does."""

from __future__ import annotations

import gettext
import os
from pathlib import Path

_catalogue: gettext.NullTranslations = gettext.NullTranslations()


def _(text: str) -> str:
    """The text in the person's language; the text itself where there is no translation."""
    return _catalogue.gettext(text)


def some(one: str, many: str, count: int) -> str:
    """The singular or plural form for `count`, with `{n}` replaced by it."""
    return _catalogue.ngettext(one, many, count).format(n=count)


def use_language(language: str | None = None, folder: Path | None = None) -> None:
    """Take the translations of a language (default: the environment's) from `folder`, if they exist."""
    global _catalogue  # noqa: PLW0603 - one language per process, chosen at start
    languages = [language] if language else None
    _catalogue = gettext.translation(
        "mercato", folder or Path(__file__).parent / "locale", languages=languages, fallback=True
    )


def locale_name() -> str:
    """The locale for numbers and dates, from LC_ALL, LC_MONETARY or LANG; `en` when none is set."""
    for name in ("LC_ALL", "LC_MONETARY", "LANG"):
        value = os.environ.get(name, "").split(".")[0].split("@")[0]
        if value and value not in {"C", "POSIX"}:
            return value
    return "en"
