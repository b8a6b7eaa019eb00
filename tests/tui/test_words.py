"""Text, money and dates as they are shown."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mercato_tui import dates
from mercato_tui.money import change, money, number, price
from mercato_tui.text import clean, fit, fit_content, prose, say, short, spread, width
from mercato_tui.widgets.md import document

pytestmark = pytest.mark.pure

NOW = datetime(2026, 11, 12, 12, tzinfo=UTC)


def test_markup_of_others_is_shown_as_text() -> None:
    content = say("[red]price[/] [EUR]", ("[/foo]", "bad"))
    assert content.plain == "[red]price[/] [EUR][/foo]"


def test_control_characters_and_direction_overrides_are_dropped() -> None:
    assert clean("a\x1b[31mb\u202ec\u200bd\x07") == "a[31mbcd"
    assert say("two\nlines").plain == "two lines"
    assert prose("two\nlines").plain == "two\nlines"


@given(st.text(max_size=60), st.integers(1, 40))
def test_fitted_text_has_exactly_the_width(text: str, cells: int) -> None:
    assert width(fit(text, cells)) == cells
    assert width(short(text, cells)) <= cells


@given(st.text(max_size=60), st.integers(1, 40))
def test_fitted_content_has_exactly_the_width(text: str, cells: int) -> None:
    assert fit_content(say(text), cells).cell_length == cells


def test_wide_letters_count_double() -> None:
    assert fit("漢字テスト", 5) == "漢字…"
    assert width(fit("漢字テスト", 6)) == 6


def test_spread_keeps_the_right_side_whole() -> None:
    assert spread(say("a long name"), say("€5.00"), 12).plain == "a lon… €5.00"


def test_money_has_two_decimals_and_prices_as_many_as_they_need() -> None:
    assert money(Decimal("80.6"), "EUR") == "€80.60"
    assert money("1234.5", "EUR") == "€1,234.50"
    assert price("0.008", "EUR") == "€0.008"
    assert price(Decimal("20"), "EUR") == "€20.00"
    assert price("0.0500000000", "EUR") == "€0.05"
    assert change(Decimal("5"), "EUR") == "+€5.00"
    assert change(Decimal("-2.1"), "EUR") == "−€2.10"
    assert number("1000.5000") == "1,000.5"
    assert number(30000) == "30,000"


def test_money_follows_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    assert money(Decimal("1234.5"), "EUR") == "1.234,50\xa0€"
    monkeypatch.setenv("LC_ALL", "nonsense")
    assert money(Decimal("1234.5"), "EUR") == "€1,234.50"


def test_how_long_ago() -> None:
    assert dates.ago(NOW - timedelta(seconds=5), NOW) == "just now"
    assert dates.ago(NOW - timedelta(minutes=5), NOW) == "5 min ago"
    assert dates.ago(NOW - timedelta(hours=3), NOW) == "3 h ago"
    assert dates.ago(NOW - timedelta(days=1), NOW) == "1 day ago"
    assert dates.ago(NOW - timedelta(days=40), NOW) == "3 Oct 2026"


def test_when_something_ends() -> None:
    assert dates.until(None, NOW) == "no end"
    assert dates.until(date(2026, 11, 12), NOW) == "ends today"
    assert dates.until(date(2026, 11, 14), NOW) == "in 2 days"
    assert dates.until(date(2026, 11, 1), NOW).startswith("ended")


def test_a_typed_day() -> None:
    assert dates.read_day(" 2027-03-31 ") == date(2027, 3, 31)
    assert dates.read_day("") is None
    with pytest.raises(ValueError, match="Invalid isoformat"):
        dates.read_day("31.3.2027")


def test_documents_keep_what_is_not_markdown() -> None:
    text = document("# Hello [red]\n\n- use `ssh me@host`\n- **now**\n```\nrm [/x]\n```\n[docs](https://x)")
    assert text.plain == "Hello [red]\n\n• use ssh me@host\n• now\n  rm [/x]\ndocs (https://x)"
