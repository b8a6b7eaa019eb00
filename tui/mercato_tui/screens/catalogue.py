"""The catalogue: offerings as cards, by category, searched on the server as one types."""

from __future__ import annotations

from typing import ClassVar

from msgspec import UNSET
from textual.binding import Binding, BindingType
from textual.content import Content

from mercato.schemas import catalog, taxonomy
from mercato_tui.api import Page as Rows
from mercato_tui.i18n import _
from mercato_tui.money import per, price
from mercato_tui.pricing_input import lowest
from mercato_tui.screens.list_page import ListPage
from mercato_tui.session import uuid
from mercato_tui.text import clean, first_sentence, lines, say, spread
from mercato_tui.views import OfferingCard
from mercato_tui.widgets.badge import offering_badge
from mercato_tui.widgets.choice import Item
from mercato_tui.widgets.md import document
from mercato_tui.widgets.plans import plan_summary
from mercato_tui.widgets.vlist import VList

CATEGORIES_SHOWN = 300


class Cards(VList[OfferingCard]):
    """Three lines and a gap: name and price, provider, what it is."""

    def __init__(self, currency: str) -> None:
        super().__init__(row_height=4)
        self.currency = currency

    def draw_row(self, row: OfferingCard, width: int) -> list[Content]:
        paused = offering_badge(row.state) if row.state != "Active" else ("", "")
        name = say((row.name, "strong"), "  " if paused[0] else "", paused)
        return [
            spread(name, starting_price(row, self.currency), width),
            say((row.customer_name, "secondary"), (f"  ·  {row.category_title}", "muted")),
            say((first_sentence(row.description), "muted")),
        ]

    def draw_placeholder(self, width: int) -> list[Content]:
        return [say(("░" * (width // share), "faint")) for share in (3, 5, 2)]


def starting_price(card: OfferingCard, currency: str) -> Content:
    """`from €0.05 / hour`, or that it is on request."""
    found = lowest(card.plans)
    if found is None:
        return say((_("price on request"), "muted"))
    amount, unit, flat = found
    words = f" {per(unit)}" if flat else f" / {one_of(unit)}"
    return say((_("from "), "muted"), (price(amount, currency), "primary"), (words, "muted"))


def one_of(unit: str) -> str:
    """A unit as it follows a price: `hours` → `hour`. Units are English words or symbols; these stay."""
    plain = clean(unit)
    plural = len(plain) > 3 and plain.isascii() and plain.endswith("s") and not plain.endswith(("ss", "us"))
    return plain[:-1] if plural else plain


class CataloguePage(ListPage[OfferingCard]):
    """Everything one can order."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("o", "order", _("Order"), id="catalogue.order"),
    ]
    heading = _("Catalogue")
    placeholder = _("/ search")
    preview_pane = True
    help_text: ClassVar[str] = _(
        "Left and right go through the categories, / searches names and descriptions as you type. Enter shows an "
        "offering with its plans; o orders it right away."
    )

    def __init__(self, argument: str = "") -> None:
        super().__init__(argument)
        self.categories: list[taxonomy.Category] = []

    def filters(self) -> list[Item]:
        known = [
            Item(row.uuid, row.title, str(row.available_offerings_count))
            for row in self.categories
            if row.available_offerings_count
        ]
        return [Item("", _("All")), *known]

    def make_list(self) -> VList[OfferingCard]:
        return Cards(self.session.currency)

    async def fetch(self) -> None:
        await super().fetch()
        query = taxonomy.CategoryQuery(page=1, page_size=CATEGORIES_SHOWN, o=["title"])
        found = await self.api.page(taxonomy.CATEGORIES, query)
        self.categories = found.rows
        self.bar.chips.offer(self.filters())

    async def read(self, page: int, size: int, text: str, choice: str) -> Rows[OfferingCard]:
        query = catalog.OfferingQuery(
            page=page,
            page_size=size,
            o=["name"],
            query=text or UNSET,
            category_uuid=uuid(choice) if choice else UNSET,
        )
        return await self.api.some(catalog.PUBLIC_OFFERINGS, OfferingCard, query)

    def choose(self, row: OfferingCard) -> None:
        self.mercato.nav.open(f"offering/{row.uuid}")

    def action_order(self) -> None:
        row: OfferingCard | None = self.chosen_row
        if row is not None:
            self.mercato.nav.open(f"offering/{row.uuid}")
            self.mercato.nav.open(f"configure/{row.uuid}")

    def preview(self, row: OfferingCard) -> Content:
        currency = self.session.currency
        return lines(
            [
                say((row.name, "title")),
                say((row.customer_name, "secondary")),
                Content(""),
                document(row.description),
                Content(""),
                say((_("Plans"), "label")),
                *plan_summary(row.plans, currency, 38),
                Content(""),
                say(("enter ", "key"), (_("details    "), "muted"), ("o ", "key"), (_("order"), "muted")),
            ]
        )

    def arrive(self, search: str, filters: dict[str, str]) -> None:
        wanted = filters.get("category", "").casefold()
        for row in self.categories:
            if wanted and row.title.casefold().startswith(wanted):
                self.bar.chips.choose(row.uuid)
        super().arrive(search, filters)

    def nothing(self, text: str, choice: str) -> tuple[str, str]:
        if not text and not choice:
            return _("The catalogue is empty."), _(
                "Providers fill it: g f shows their offerings, where one activates them."
            )
        return super().nothing(text, choice)
