"""History, the registry, the `:` line."""

from __future__ import annotations

import importlib

import pytest

from mercato_tui.nav.history import History
from mercato_tui.nav.line import Command, parse
from mercato_tui.nav.registry import DESTINATIONS, PAGES, find

pytestmark = pytest.mark.pure


def test_back_and_forward() -> None:
    history = History()
    for chain in (("home",), ("orders",), ("orders", "order/1")):
        history.visit(chain)
    assert history.back() == ("orders",)
    assert history.back() == ("home",)
    assert history.back() is None
    assert history.forward() == ("orders",)
    history.visit(("catalogue",))
    assert history.forward() is None
    assert history.back() == ("orders",)


def test_staying_is_not_going() -> None:
    history = History()
    history.visit(("home",))
    history.visit(("home",))
    assert history.back() is None


def test_a_sent_form_is_not_somewhere_to_go_back_to() -> None:
    history = History()
    history.visit(("catalogue",))
    history.visit(("catalogue", "configure/1"))
    history.replace(("catalogue", "order/2"))
    assert history.back() == ("catalogue",)
    assert history.forward() == ("catalogue", "order/2")


def test_keys_and_names_of_places_are_unique() -> None:
    assert len({place.key for place in DESTINATIONS}) == len(DESTINATIONS)
    assert len({place.id for place in DESTINATIONS}) == len(DESTINATIONS)


@pytest.mark.parametrize("factory", [*(place.factory for place in DESTINATIONS), *PAGES.values()])
def test_every_factory_exists(factory: str) -> None:
    module, name = factory.split(":")
    assert hasattr(importlib.import_module(module), name)


PLACES = list(DESTINATIONS)


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("orders state=done gpu node", Command("go", "orders", "gpu node", {"state": "done"})),
        ("cat", Command("go", "catalogue")),
        ("browse", Command("go", "catalogue")),
        ("order 3f2a", Command("open", "order/3f2a")),
        ("order/3f2a", Command("open", "order/3f2a")),
        ("theme mattino", Command("theme", "mattino")),
        ("q", Command("quit")),
        ("?", Command("help")),
        ("nowhere", Command("unknown", "nowhere")),
        ("orders 'a b", Command("go", "orders", "'a b")),
    ],
)
def test_what_a_line_means(line: str, command: Command) -> None:
    assert parse(line, PLACES) == command


def test_an_empty_line_means_nothing() -> None:
    assert parse("  ", PLACES) is None


def test_a_place_that_is_not_shown_is_not_found() -> None:
    assert find("users", [place for place in PLACES if place.id != "users"]) is None
