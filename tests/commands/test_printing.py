"""Tables, facts and CSV of whatever a server says."""

from __future__ import annotations

import pytest

from mercato_tui.commands import printing
from mercato_tui.commands.printing import Column

pytestmark = pytest.mark.pure

COLUMNS = (Column("NAME", "name"), Column("SIZE", "size", right=True), Column("IN", "place.name"))
ROWS = [
    {"name": "one", "size": 5, "place": {"name": "Here"}},
    {"name": "a much longer name", "size": 12345, "place": None},
]


def test_columns_stand_under_their_headings() -> None:
    assert printing.table(ROWS, COLUMNS) == (
        "NAME                 SIZE  IN\none                     5  Here\na much longer name  12345"
    )


def test_the_widest_column_gives_way_first() -> None:
    lines = printing.table(ROWS, COLUMNS, cells_wide=28).splitlines()
    assert max(map(len, lines)) <= 28
    assert "12345" in lines[2]
    assert "…" in lines[2]


def test_wide_characters_count_twice() -> None:
    rows = [{"name": "計算", "size": 1, "place": None}, {"name": "abcd", "size": 2, "place": None}]
    first, second = printing.table(rows, COLUMNS).splitlines()[1:]
    assert first.index("1") + 2 == second.index("2")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "yes"),
        (False, "no"),
        ({"cpu": 4, "ram": 8}, "cpu 4, ram 8"),
        ([1, "b", None], "1, b, "),
        ("a\nb\x07c", "a bc"),
    ],
)
def test_any_value_has_a_text(value: object, text: str) -> None:
    assert printing.text_of(value) == text


def test_lists_of_things_are_looked_into() -> None:
    row = {"services": [{"name": "a"}, {"name": "b"}]}
    assert printing.value_of(row, "services.name") == ["a", "b"]
    assert printing.value_of({}, "services.name") is None


def test_facts_that_are_not_known_are_left_out() -> None:
    assert printing.facts(ROWS[1], COLUMNS) == "NAME  a much longer name\nSIZE  12345"


def test_spreadsheets_run_nothing_of_it() -> None:
    rows = [{"name": "=1+1", "size": -5, "place": None}, {"name": "@x", "size": "+3", "place": None}]
    assert printing.as_csv(rows, COLUMNS) == "NAME,SIZE,IN\n'=1+1,-5,\n'@x,+3,"
