"""Themes: those that ship are readable, a broken one is left out and named."""

from __future__ import annotations

from pathlib import Path

import pytest

from mercato_tui import themes

pytestmark = pytest.mark.pure

SHIPPED = themes.folders()[0]


def test_the_shipped_themes_load() -> None:
    found = themes.load([SHIPPED])
    assert found.problems == []
    assert {"notturno", "mattino", "contrasto"} <= set(found.files)
    assert not found.files["mattino"].theme.dark
    assert found.files["notturno"].theme.dark


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.toml")), ids=lambda path: path.stem)
def test_text_can_be_read_on_every_background(path: Path) -> None:
    palette = themes.read_theme(path.read_text(), path.name).theme
    colors = {name: getattr(palette, name) for name in themes.COLORS} | palette.variables
    worst = min(
        themes.contrast(colors[text], colors[behind]) for text in themes.TEXT for behind in themes.BEHIND
    )
    assert worst >= 4.5
    if path.stem == "contrasto":
        assert worst >= 7


def test_contrast_is_that_of_the_guideline() -> None:
    assert round(themes.contrast("#000000", "#ffffff"), 1) == 21.0
    assert round(themes.contrast("#777777", "#ffffff"), 2) == 4.48


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text: text.replace('muted = "#9ea1b5"', 'muted = "#202020"'), "contrast"),
        (lambda text: text.replace('primary = "#e9ad55"', ""), "primary is missing"),
        (lambda text: text.replace('"#e9ad55"', '"saffronish"'), "saffronish"),
        (lambda text: text + "[[", "bad.toml"),
    ],
)
def test_a_broken_theme_is_left_out_and_named(tmp_path: Path, change: object, said: str) -> None:
    text = (SHIPPED / "notturno.toml").read_text()
    (tmp_path / "bad.toml").write_text(change(text))  # type: ignore[operator]
    found = themes.load([SHIPPED, tmp_path])
    assert len(found.problems) == 1
    assert said in found.problems[0]
    assert themes.chosen("bad", found) == "notturno"


def test_a_persons_own_theme_wins(tmp_path: Path) -> None:
    text = (SHIPPED / "notturno.toml").read_text().replace('title = "Notturno"', 'title = "Mine"')
    (tmp_path / "notturno.toml").write_text(text)
    assert themes.load([SHIPPED, tmp_path]).files["notturno"].title == "Mine"
