"""Every place of the app, named once. Modes, sidebar, tabs, palette, `g` keys, `:` line and help come from here.

To add a place: write its page, add one `Destination` (a place of its own) or one line in `PAGES`
(something opened from a place).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from mercato_tui.i18n import _

if TYPE_CHECKING:
    from mercato_tui.session import Session


def _everyone(session: Session) -> bool:
    return True


def _consumers(session: Session) -> bool:
    return session.is_consumer


def _providers(session: Session) -> bool:
    return session.is_provider


def _staff(session: Session) -> bool:
    return session.sees_everything


def _payers(session: Session) -> bool:
    return session.is_in_organisation


@dataclass(frozen=True)
class Destination:
    """A place of its own. `key` follows `g`; `words` are further names for the palette and the `:` line."""

    id: str
    title: str
    key: str
    group: str
    factory: str
    shown: Callable[[Session], bool] = _everyone
    help: str = ""
    words: tuple[str, ...] = ()
    listed: bool = True
    """Whether it stands in the sidebar and among the tabs, or is only gone to by its key, name or the menu."""

    @property
    def label(self) -> str:
        return _(self.title)


MINE = "Me"

DESTINATIONS: tuple[Destination, ...] = (
    Destination(
        "home",
        "Home",
        "h",
        "",
        "mercato_tui.screens.home:HomePage",
        help="What waits for you, what runs, what it costs",
    ),
    Destination(
        "catalogue",
        "Catalogue",
        "c",
        "",
        "mercato_tui.screens.catalogue:CataloguePage",
        help="Everything you can order",
        words=("catalog", "offerings", "market", "browse"),
    ),
    Destination(
        "orders",
        "Orders",
        "o",
        "",
        "mercato_tui.screens.orders:OrdersPage",
        help="What was asked for, and where it stands",
    ),
    Destination(
        "resources",
        "Resources",
        "r",
        "",
        "mercato_tui.screens.resources:ResourcesPage",
        help="What you have: status, limits, usage",
    ),
    Destination(
        "invoices",
        "Invoices",
        "i",
        "",
        "mercato_tui.screens.invoices:InvoicesPage",
        help="What it cost, line by line",
        words=("bills", "costs"),
    ),
    Destination(
        "projects",
        "Projects",
        "p",
        "",
        "mercato_tui.screens.projects:ProjectsPage",
        _consumers,
        help="Projects and the people in them",
    ),
    Destination(
        "organisations",
        "Organisations",
        "O",
        "",
        "mercato_tui.screens.organisations:OrganisationsPage",
        help="Organisations, their teams and projects",
        words=("organizations", "customers"),
    ),
    Destination(
        "costs",
        "Costs",
        "C",
        "",
        "mercato_tui.screens.costs:CostsPage",
        _payers,
        help="What each month costs your organisations, one by one and together",
        words=("report", "spending", "finance"),
        listed=False,
    ),
    Destination(
        "reviews",
        "Reviews",
        "R",
        "",
        "mercato_tui.screens.reviews:ReviewsPage",
        _payers,
        help="Whether everybody in your organisations still belongs there",
        words=("permissions", "recertification"),
        listed=False,
    ),
    Destination(
        "log",
        "Event log",
        "l",
        "",
        "mercato_tui.screens.log:LogPage",
        help="What happened, and who did it",
        words=("events", "history", "audit"),
    ),
    Destination(
        "my-accounts",
        "My accounts",
        "m",
        MINE,
        "mercato_tui.screens.my_accounts:MyAccountsPage",
        help="Your accounts at services, and what is asked of you",
        words=("me",),
        listed=False,
    ),
    Destination(
        "keys",
        "SSH keys",
        "k",
        MINE,
        "mercato_tui.screens.keys:KeysPage",
        help="What lets you in where you have accounts",
        words=("ssh",),
        listed=False,
    ),
    Destination(
        "tokens",
        "Access tokens",
        "t",
        MINE,
        "mercato_tui.screens.tokens:TokensPage",
        help="Keys for your programs and scripts",
        words=("pat", "api"),
        listed=False,
    ),
    Destination(
        "inbox",
        "Inbox",
        "a",
        "Provider",
        "mercato_tui.screens.orders:InboxPage",
        _providers,
        help="Orders that wait for the provider",
        words=("approvals",),
    ),
    Destination(
        "offerings",
        "My offerings",
        "f",
        "Provider",
        "mercato_tui.screens.provider_offerings:ProviderOfferingsPage",
        _providers,
        help="What you sell, and its state",
    ),
    Destination(
        "sold",
        "Sold resources",
        "s",
        "Provider",
        "mercato_tui.screens.resources:SoldResourcesPage",
        _providers,
        help="What customers have of your offerings; report usage here",
    ),
    Destination(
        "accounts",
        "Accounts",
        "U",
        "Provider",
        "mercato_tui.screens.accounts:AccountsPage",
        _providers,
        help="People's accounts at your offerings",
        words=("offering-users", "usernames"),
    ),
    Destination(
        "agents",
        "Site agents",
        "A",
        "Provider",
        "mercato_tui.screens.agents:AgentsPage",
        _providers,
        help="What carries out orders at your site, and its log",
        words=("site-agents",),
    ),
    Destination(
        "users",
        "Users",
        "P",
        "Staff",
        "mercato_tui.screens.users:UsersPage",
        _staff,
        help="Everybody who can sign in",
        words=("people",),
    ),
)

PAGES: dict[str, str] = {
    "offering": "mercato_tui.screens.offering:OfferingPage",
    "configure": "mercato_tui.screens.configure:ConfigurePage",
    "order": "mercato_tui.screens.order:OrderPage",
    "resource": "mercato_tui.screens.resource:ResourcePage",
    "sold-resource": "mercato_tui.screens.resource:SoldResourcePage",
    "limits": "mercato_tui.screens.change:LimitsPage",
    "plan": "mercato_tui.screens.change:PlanPage",
    "invoice": "mercato_tui.screens.invoice:InvoicePage",
    "project": "mercato_tui.screens.project:ProjectPage",
    "organisation": "mercato_tui.screens.organisation:OrganisationPage",
    "people-of": "mercato_tui.screens.people_of:PeopleOfPage",
    "networks-of": "mercato_tui.screens.networks:NetworksPage",
    "new-token": "mercato_tui.screens.new_token:NewTokenPage",
    "agent": "mercato_tui.screens.agents:AgentPage",
    "provider": "mercato_tui.screens.provider:ProviderPage",
    "robots": "mercato_tui.screens.robots:RobotsPage",
    "log-of": "mercato_tui.screens.log:ScopeLogPage",
    "event": "mercato_tui.screens.log:EventPage",
}

BY_ID = {place.id: place for place in DESTINATIONS}
BY_KEY = {place.key: place for place in DESTINATIONS}


def shown_to(session: Session | None) -> list[Destination]:
    """The places this person has any use for; none before signing in."""
    return [place for place in DESTINATIONS if place.shown(session)] if session is not None else []


def listed_for(session: Session | None, current: str) -> list[Destination]:
    """What the sidebar and the tabs show: the listed places, and the one where the person is."""
    return [place for place in shown_to(session) if place.listed or place.id == current]


def make(factory: str, *args: Any) -> Any:
    """Import `package.module:Class` and call the class. Only here are pages imported."""
    module, name = factory.split(":")
    return getattr(import_module(module), name)(*args)


def page_for(route: str) -> Any:
    """A new page for a route such as `order/3f2a…`. Raises KeyError for an unknown kind."""
    kind, _slash, argument = route.partition("/")
    return make(PAGES[kind], argument)


def find(word: str, places: list[Destination]) -> Destination | None:
    """A place by its id, title, another name or the beginning of one."""
    asked = word.casefold()
    if not asked:
        return None
    for place in places:
        if asked in (place.id, place.label.casefold(), *place.words):
            return place
    for place in places:
        if any(name.startswith(asked) for name in (place.id, place.label.casefold(), *place.words)):
            return place
    return None
