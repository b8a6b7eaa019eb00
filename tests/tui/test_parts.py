"""The parts of the screens, one by one: lists, fields, forms, controls."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from mercato.schemas.catalog import Option, Options, OptionType
from mercato_tui.widgets.choice import Choice, Item, Radio, Several, Tick
from mercato_tui.widgets.fields import Field, NumberField, TimeField
from mercato_tui.widgets.form import Form, option_fields
from mercato_tui.widgets.vlist import PAGE, VList
from mercato_tui.widgets.vtable import Column, VTable
from tui.bench import trying
from tui.looking import screen_text, until

pytestmark = pytest.mark.pilot

MANY = 100_000


class Served(VTable[int]):
    """A table whose rows come a page at a time, as from a server."""

    def __init__(self) -> None:
        super().__init__(
            (
                Column("No", str, width=8, align="right"),
                Column("Name", lambda row: (f"row [{row}]", "strong"), flex=2),
                Column("Left out", lambda row: "x", width=40, drop=1),
            )
        )
        self.asked: list[int] = []

    def on_vlist_wanted(self, event: VList.Wanted) -> None:
        self.asked.append(event.page)
        first = (event.page - 1) * PAGE
        self.put(event.page, list(range(first, min(MANY, first + PAGE))), MANY, event.generation)


async def test_a_hundred_thousand_rows_cost_a_screenful() -> None:
    table = Served()
    async with trying(table) as (app, pilot):
        table.start()
        table.focus()
        await until(pilot, lambda: "row [0]" in screen_text(app))
        assert table.asked == [1]
        assert "Left out" not in screen_text(app), "a column that does not fit is dropped"
        await pilot.press("end")
        await until(pilot, lambda: f"row [{MANY - 1}]" in screen_text(app))
        assert table.asked == [1, MANY // PAGE]
        await pilot.press("k", "enter")
        await until(pilot, lambda: app.said == [MANY - 2])
        await pilot.press("home", "pagedown")
        await until(pilot, lambda: table.cursor == 10)


async def test_an_answer_to_an_older_question_is_ignored() -> None:
    table = Served()
    async with trying(table) as (app, pilot):
        table.start()
        old = table.generation
        table.start()
        await until(pilot, lambda: table.total == MANY)
        table.put(1, [7], 1, old)
        assert table.total == MANY
        assert "row [0]" in screen_text(app)


async def test_rows_that_have_not_come_are_shown_as_quiet_bars() -> None:
    table: VTable[int] = VTable((Column("Name", str),))
    async with trying(table) as (app, pilot):
        table.put(1, [1, 2], 200, table.generation)
        await pilot.pause()
        assert "░░░" in screen_text(app)


async def test_cells_are_aligned_whatever_is_in_them() -> None:
    rows = ["plain", "漢字テスト", "two\nlines", "e\u0301", "[/b]", "y" * 200]
    table: VTable[str] = VTable(
        (
            Column("A", lambda row: row, width=10),
            Column("B", lambda row: "|", width=3),
            Column("C", lambda row: row),
        )
    )
    async with trying(table) as (app, pilot):
        table.put_all(rows)
        await pilot.pause()
        from rich.cells import cell_len

        for line in screen_text(app).splitlines()[1 : 1 + len(rows)]:
            assert cell_len(line.split("|")[0]) == 14


def field_values(fields: list[Field]) -> dict[str, Any]:
    return {field.key: field.read() for field in fields}


async def test_every_kind_of_option_becomes_a_field() -> None:
    form = Options(
        order=["b", "missing", "i"],
        options={
            "i": Option(type=OptionType.INTEGER, min=1, max=5, default=3),
            "b": Option(type=OptionType.BOOLEAN, default=True),
            "s": Option(type=OptionType.STRING, default="x"),
            "t": Option(type=OptionType.TEXT, default="two\nlines"),
            "m": Option(type=OptionType.MONEY, default="1.50"),
            "d": Option(type=OptionType.DATE, default="2030-01-31"),
            "c": Option(type=OptionType.TIME, default="14:30"),
            "few": Option(type=OptionType.SELECT_STRING, choices=["a", "b"], default="b"),
            "many": Option(type=OptionType.SELECT_STRING, choices=list("abcdefgh"), default="g"),
            "multi": Option(type=OptionType.SELECT_STRING_MULTI, choices=["a", "b", "c"], default=["c", "a"]),
        },
    )
    async with trying():
        fields = option_fields(form)
        found = field_values(fields)
    assert [field.key for field in fields[:2]] == ["attributes.b", "attributes.i"]
    assert found == {
        "attributes.b": True,
        "attributes.i": 3,
        "attributes.s": "x",
        "attributes.t": "two\nlines",
        "attributes.m": "1.50",
        "attributes.d": date(2030, 1, 31),
        "attributes.c": "14:30",
        "attributes.few": "b",
        "attributes.many": "g",
        "attributes.multi": ["a", "c"],
    }


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("abc", "A number"),
        ("1.5", "A whole number"),
        ("0", "At least 1"),
        ("9", "At most 5"),
        ("1e99", "too large"),
    ],
)
async def test_numbers_say_what_is_wrong(typed: str, said: str) -> None:
    async with trying():
        field = NumberField("n", "N", typed, least=1, most=5)
        with pytest.raises(ValueError, match=said):
            field.read()


async def test_times_say_what_is_wrong() -> None:
    async with trying():
        with pytest.raises(ValueError, match="14:30"):
            TimeField("t", "T", "noon").read()


async def test_a_form_checks_points_and_remembers() -> None:
    async with trying() as (app, pilot):
        form = Form(NumberField("a", "A", "1", most=5), NumberField("b", "B", required=True))
        await app.mount(form)
        form.fields["a"].restore("9")
        await until(pilot, lambda: "At most 5." in screen_text(app))
        assert not form.check()
        await until(pilot, lambda: "Please fill this in." in screen_text(app))
        assert app.focused is form.fields["a"].widget()
        kept = form.drafts()
        form.restore({"a": "2", "b": "0"})
        await pilot.pause()
        assert form.check()
        assert form.values() == {"a": 2, "b": 0}
        form.restore(kept)
        assert form.fields["a"].raw() == "9"
        await pilot.pause()
        rest = form.complain({"b": ["Server says no."], "other": ["Elsewhere."]})
        assert rest == {"other": ["Elsewhere."]}
        await until(pilot, lambda: "Server says no." in screen_text(app))


async def test_controls_by_keyboard() -> None:
    items = [Item(letter, letter.upper(), f"note {letter}") for letter in "abc"]
    tick, radio, several, choice = Tick("[Yes]"), Radio(items, "a"), Several(items), Choice(items, "b")
    async with trying(tick, radio, several, choice) as (app, pilot):
        await pilot.press(
            "tab", "space", "tab", "down", "down", "tab", "space", "down", "space", "tab", "left"
        )
        await pilot.pause()
        assert (tick.value, radio.value, several.values, choice.value) == (True, "c", ["a", "b"], "a")
        text = screen_text(app)
        assert "[✓] [Yes]" in text
        assert "● C" in text
