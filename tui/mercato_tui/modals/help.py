"""Help for where one is: what the page is for, and every key that works now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from mercato_tui.i18n import _
from mercato_tui.modals.base import Dialog
from mercato_tui.nav.registry import shown_to
from mercato_tui.text import Piece, fit, lines, prose, say

if TYPE_CHECKING:
    from textual.app import App
    from textual.screen import Screen

KEY_CELLS = 12


class HelpModal(Dialog[None]):
    """Shows the help of a screen. Any of the keys that opened it closes it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q,question_mark,f1", "leave", _("Close"), id="help.close"),
    ]
    AUTO_FOCUS = "VerticalScroll"

    def __init__(self, about: Screen[Any]) -> None:
        super().__init__(_("Help"), _("esc closes"))
        self.about = about

    def inside(self) -> ComposeResult:
        with VerticalScroll(id="help-scroll"):
            yield Static(lines(self._rows()), markup=False)

    def _rows(self) -> list[Content]:
        rows: list[Content] = []
        text = getattr(self.about, "help_text", "")
        if text:
            rows += [prose(text), Content("")]
        for title, keys in keys_by_owner(self.about):
            rows.append(say((title, "title")))
            rows += [say((fit(display, KEY_CELLS), "key"), words) for display, words in keys]
            rows.append(Content(""))
        places = shown_to(self.mercato.session)
        if places:
            rows.append(say((_("Go to"), "title")))
            rows += [
                say((fit(f"g {place.key}", KEY_CELLS), "key"), place.label, (f"  {place.help}", "muted"))
                for place in places
            ]
        return rows


def keys_by_owner(screen: Screen[Any]) -> list[tuple[str, list[tuple[str, str]]]]:
    """What works now, from the focused thing outwards: a title, then (keys, words) pairs."""
    app = screen.app
    groups: dict[str, dict[str, tuple[list[str], str]]] = {}
    for found in screen.active_bindings.values():
        binding = found.binding
        if not binding.description or binding.system or binding.action.startswith(("scroll_", "page_")):
            continue
        title = _owner(found.node, screen, app)
        keys, _words = groups.setdefault(title, {}).setdefault(binding.action, ([], binding.description))
        keys.append(app.get_key_display(binding))
    order = (_("What has the focus"), _("This page"), _("Everywhere"))
    return [
        (title, [(" ".join(dict.fromkeys(keys)), words) for keys, words in groups[title].values()])
        for title in order
        if title in groups
    ]


def _owner(node: object, screen: Screen[Any], app: App[Any]) -> str:
    if node is app:
        return _("Everywhere")
    return _("This page") if node is screen else _("What has the focus")


def key_line(*pairs: tuple[str, str]) -> Content:
    """Keys and what they do on one line."""
    parts: list[Piece] = []
    for key, words in pairs:
        parts += [(f" {key} ", "key"), (f"{words}  ", "muted")]
    return say(*parts)
