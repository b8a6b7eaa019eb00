"""The frame around every page: context bar above, places at the side (or as tabs), keys below."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual import events
from textual.content import Content
from textual.style import Style
from textual.widget import Widget

from mercato_tui.i18n import _, some
from mercato_tui.nav.registry import listed_for
from mercato_tui.text import Piece, clean, fit_content, lines, say, short, spread

if TYPE_CHECKING:
    from textual.screen import Screen

    from mercato_tui.app import MercatoApp
    from mercato_tui.screens.base import Page


def target(name: str, value: str) -> Style:
    """A style that makes a stretch of text answer a click; read back from the event's style."""
    return Style.from_meta({name: value})


class FrameWidget(Widget):
    """A part of the frame: one node, drawn as text, clickable by stretches."""

    ALLOW_SELECT = False

    @property
    def mercato(self) -> MercatoApp:
        return cast("MercatoApp", self.app)

    @property
    def page(self) -> Page:
        return cast("Page", self.screen)

    def on_mount(self) -> None:
        self.mercato.frame_signal.subscribe(self, self._changed)

    def _changed(self, _what: str) -> None:
        self.refresh()

    async def on_click(self, event: events.Click) -> None:
        """What a stretch of the frame does when it is clicked."""
        meta = event.style.meta
        if place := meta.get("place"):
            self.mercato.nav.go(place)
        elif depth := meta.get("depth"):
            self.mercato.nav.up_to(int(depth))
        elif key := meta.get("press"):
            found = self.screen.active_bindings.get(key)
            if found is not None and found.enabled:
                await self.app.run_action(found.binding.action, found.node)
        elif meta.get("act") == "context":
            self.mercato.action_context()
        elif meta.get("act") == "waiting":
            self.mercato.action_waiting()
        elif meta.get("act") == "me":
            self.mercato.action_me()


class ContextBar(FrameWidget):
    """Where one is and as whom: organisation ▸ project, role, connection, what waits for me."""

    def render(self) -> Content:
        app, session = self.mercato, self.mercato.session
        width = self.content_size.width
        brand = say((" ◆ ", "primary"), (app.brand, "strong"))
        if session is None:
            return spread(brand, say(self._status(), " "), width)
        context = session.context
        where = self._short(context.customer_name or self._everything(), width)
        right: list[Piece] = []
        if session.waiting.total:
            waits = some("{n} waits for you", "{n} wait for you", session.waiting.total)
            right += [say((f"● {waits}", "warn")).stylize(target("act", "waiting")), ("  │  ", "faint")]
        name = say((short(session.name, max(10, width // 5)), "strong"))
        role = session.role_title()
        right.append(name.stylize(target("act", "me")))
        if width >= 96 and role != session.name.casefold():
            right.append((f" · {role}", "muted"))
        right += [("  │  ", "faint"), say(self._status()), " "]
        left: list[Piece] = [brand, ("  │  ", "faint")]
        found: list[Piece] = [(where, "secondary" if context.customer_name else "muted")]
        if context.project_name:
            found += [(" ▸ ", "faint"), (context.project_name, "secondary")]
        left.append(say(*found).stylize(target("act", "context")))
        return spread(say(*left), say(*right), width)

    def _everything(self) -> str:
        """What is seen without a context: the only organisation by its name, else all."""
        session = self.mercato.session
        names = [row.name for row in session.customers.values()] if session is not None else []
        return names[0] if len(names) == 1 else _("All organisations")

    def _short(self, name: str, width: int) -> str:
        """An organisation's name, or its abbreviation where the name is too long for the bar."""
        session = self.mercato.session
        known = session.customers.values() if session is not None else ()
        found = next((row.abbreviation for row in known if row.name == name and row.abbreviation), "")
        return found if found and len(name) > width // 5 else name

    def _status(self) -> tuple[str, str]:
        return {
            "online": ("● " + _("online"), "ok"),
            "offline": ("○ " + _("offline"), "bad"),
            "connecting": ("◌ " + _("connecting"), "muted"),
        }[self.mercato.link]


class Sidebar(FrameWidget):
    """All places with their keys; hidden on narrow terminals, where `Crumbs` shows tabs instead."""

    def render(self) -> Content:
        width = self.content_size.width
        rows: list[Content] = [Content("")]
        group = ""
        current = self.mercato.nav.place
        for place in listed_for(self.mercato.session, current):
            if place.group != group:
                group = place.group
                rows += [Content(""), say(("  " + _(group), "label"))]
            here = place.id == current
            label = say(("▌ " if here else "  ", "primary"), (place.label, "title" if here else ""))
            key = say((f"g {place.key} ", "muted"))
            count = self._count(place.id)
            if count:
                label += say((f" {count}", "warn"))
            rows.append(spread(label, key, width).stylize(target("place", place.id)))
        return lines(rows)

    def _count(self, place: str) -> int:
        session = self.mercato.session
        if session is None:
            return 0
        return {"orders": session.waiting.consumer, "inbox": session.waiting.provider}.get(place, 0)


class Crumbs(FrameWidget):
    """The way here. On narrow terminals the places themselves, as tabs, where nothing has been opened."""

    def render(self) -> Content:
        trail = self.mercato.nav.trail
        if len(trail) <= 1 and not self.screen.has_class("-medium") and not self.screen.has_class("-wide"):
            return self._tabs()
        parts: list[Piece] = [" "]
        for depth, title in enumerate(trail, 1):
            last = depth == len(trail)
            part = say((short(title, 40), "title" if last else "muted"))
            parts.append(part if last else part.stylize(target("depth", str(depth))))
            if not last:
                parts.append((" › ", "faint"))
        return fit_content(say(*parts), self.content_size.width)

    def _tabs(self) -> Content:
        current, cells = self.mercato.nav.place, self.content_size.width
        places = listed_for(self.mercato.session, current)
        tabs = [(place.id, f" {clean(place.label)} ") for place in places]
        here = next((index for index, (place, _label) in enumerate(tabs) if place == current), 0)
        first = 0
        while first < here and sum(len(label) for _place, label in tabs[first : here + 1]) > cells - 4:
            first += 1
        parts: list[Content] = [say(("‹ ", "faint"))] if first else []
        for place, label in tabs[first:]:
            style = "bold $ink on $primary" if place == current else "$muted"
            parts.append(Content.styled(label, style).stylize(target("place", place)))
        row = Content.assemble(*parts)
        return row if row.cell_length <= cells else fit_content(row, cells - 2) + say((" ›", "faint"))


class KeyBar(FrameWidget):
    """The keys of what has the focus, then the page's, then the app's. Click one to press it."""

    def on_mount(self) -> None:
        # Textual calls the handler of every class in turn; the base's needs no call from here.
        self.screen.bindings_updated_signal.subscribe(self, self._bindings_changed)

    def _bindings_changed(self, _screen: Screen[object]) -> None:
        self.refresh()

    def render(self) -> Content:
        width = self.content_size.width
        shown: dict[str, tuple[str, str, bool]] = {}
        for found in self.screen.active_bindings.values():
            binding = found.binding
            if binding.action == "leave" and len(self.mercato.nav.trail) <= 1:
                continue
            if binding.show and binding.description and binding.action not in shown:
                display = self.app.get_key_display(binding)
                shown[binding.action] = (display, binding.description, found.enabled)
        tail = self._tail()
        room = width - tail.cell_length - 1
        parts: list[Content] = []
        taken = 0
        for action, (display, description, enabled) in shown.items():
            part = say(
                (f" {display} ", "key" if enabled else "faint"),
                (f"{description} ", "" if enabled else "faint"),
            )
            if taken + part.cell_length > room:
                break
            taken += part.cell_length
            key = next(
                key for key, found in self.screen.active_bindings.items() if found.binding.action == action
            )
            parts.append(part.stylize(target("press", key)))
        return spread(Content.assemble(*parts), tail, width)

    def _tail(self) -> Content:
        return Content.assemble(
            say((" ^p ", "key"), (_("Commands") + " ", "muted")).stylize(target("press", "ctrl+p")),
            say((" ? ", "key"), (_("Help") + " ", "muted")).stylize(target("press", "question_mark")),
        )
