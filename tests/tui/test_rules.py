"""Rules that keep the app safe and fast, checked on its source."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.pure

SOURCE = Path(__file__).resolve().parents[2] / "tui" / "mercato_tui"


def calls() -> Iterator[tuple[str, str, ast.Call]]:
    """Every call in the app: file, the called name's last part, the call."""
    for file in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call):
                yield str(file.relative_to(SOURCE)), ast.unparse(node.func).rsplit(".", 1)[-1], node


def test_no_text_is_ever_parsed_as_markup() -> None:
    takes_markup = {"Static", "notify"}
    never = {"Label", "Markdown", "from_markup", "DataTable", "Log", "RichLog"}
    wrong = []
    for file, name, call in calls():
        if name in takes_markup:
            given = {word.arg: ast.unparse(word.value) for word in call.keywords}
            if given.get("markup") != "False":
                wrong.append((file, call.lineno, name))
        if name in never:
            wrong.append((file, call.lineno, name))
    assert wrong == []


def test_background_work_goes_through_its_one_door() -> None:
    found = {file for file, name, _call in calls() if name in ("run_worker", "create_task", "ensure_future")}
    assert found == {"background.py"}


def test_no_loading_indicator() -> None:
    assert not [file for file in SOURCE.rglob("*.py") if "LoadingIndicator" in file.read_text()]


def test_the_clock_is_read_in_one_place() -> None:
    found = {
        file
        for file, name, call in calls()
        if name in ("now", "today", "utcnow") and "datetime" in ast.unparse(call)
    }
    assert found == {"dates.py"}


def test_no_keys_that_terminals_cannot_tell_apart() -> None:
    bad = {"ctrl+m", "ctrl+i", "ctrl+h", "ctrl+j", "ctrl+a", "ctrl+b", "ctrl+z"}
    wrong = [
        (file, call.lineno)
        for file, name, call in calls()
        if name == "Binding"
        and isinstance(call.args[0], ast.Constant)
        and bad & set(str(call.args[0].value).split(","))
    ]
    assert wrong == []


def test_every_binding_that_people_see_has_an_id() -> None:
    wrong = [
        (file, call.lineno)
        for file, name, call in calls()
        if name == "Binding" and len(call.args) > 2 and not any(word.arg == "id" for word in call.keywords)
    ]
    assert wrong == []


def test_pages_ask_for_no_style_that_is_slow() -> None:
    styles = [file.read_text() for file in SOURCE.rglob("*.tcss")]
    assert styles
    assert not any(":focus-within {" in text for text in styles)
