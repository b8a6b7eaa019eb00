"""What the palette offers: what the page can do, places, the app's own acts, personas and themes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from mercato_tui import background
from mercato_tui.i18n import _
from mercato_tui.nav.registry import shown_to

if TYPE_CHECKING:
    from textual.screen import Screen

    from mercato_tui.app import MercatoApp


@dataclass(frozen=True)
class Act:
    """One thing the palette can do. `theme` is the theme that it would choose, to be shown beforehand."""

    name: str
    run: Callable[[], Any]
    note: str = ""
    theme: str = ""


def acts(app: MercatoApp, screen: Screen[Any]) -> Iterator[Act]:
    """Everything that can be done from `screen`, the nearest first."""
    yield from _page_acts(app, screen)
    for place in shown_to(app.session):
        yield Act(
            _("Go to {place}").format(place=place.label), partial(app.nav.go, place.id), f"g {place.key}"
        )
    if app.session is not None:
        yield Act(_("Choose organisation and project"), app.action_context, "@")
        yield Act(_("Who am I"), app.action_me, "M")
        yield Act(_("Sign out"), app.sign_out)
    for persona in app.entry.personas:
        name = _("Become {name}").format(name=f"{persona.name}, {persona.title}")
        yield Act(name, partial(_become, app, persona.token), _("persona"))
    for theme, file in app.themes.files.items():
        name = _("Theme {name}: {description}").format(name=file.title, description=file.description)
        yield Act(name, partial(setattr, app, "theme", theme), _("theme"), theme)
    yield Act(_("Help for this page"), app.action_help, "?")
    yield Act(_("Quit"), app.exit, "ctrl+q")


def _page_acts(app: MercatoApp, screen: Screen[Any]) -> Iterator[Act]:
    seen: set[str] = set()
    for found in screen.active_bindings.values():
        binding = found.binding
        hidden = not binding.description or binding.system or not found.enabled
        if found.node is not screen or hidden or binding.action in seen:
            continue
        if binding.action.startswith(("app.", "screen.")):
            continue
        seen.add(binding.action)
        yield Act(
            binding.description,
            partial(app.run_action, binding.action, found.node),
            app.get_key_display(binding),
        )


def _become(app: MercatoApp, token: str) -> None:
    background.run(app, partial(app.entry.sign_in_with, token), "connect")
