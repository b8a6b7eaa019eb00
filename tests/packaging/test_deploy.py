"""What operators are given fits the program: its options, its settings, and systemd's own judgement."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import click
import msgspec
import pytest
from click.testing import CliRunner

from mercato.cli import main
from mercato.config import Settings
from mercato.deploy import FILES, HERE, text_of

pytestmark = pytest.mark.pure

UNITS = [name for name in FILES if name.endswith(".service")]


def commands() -> list[list[str]]:
    """Every command line that starts Mercato."""
    found = [shlex.split(re.search(r"ExecStart=\S+/mercato (.*)", text_of(unit))[1]) for unit in UNITS]  # type: ignore[index]
    found.append(re.findall(r'"([^"]+)"', re.search(r"CMD \[(\"serve.*)\]", text_of("Containerfile"))[1]))  # type: ignore[index]
    lines = re.findall(r"command: \[(.*)\]", text_of("compose.yaml"))
    return found + [re.findall(r'"([^"]+)"', line) for line in lines]


@pytest.mark.parametrize("args", commands(), ids=" ".join)
def test_every_command_line_is_one(args: list[str]) -> None:
    command = main.get_command(click.Context(main), args[0])
    assert command is not None
    command.make_context(args[0], args[1:], parent=click.Context(main))


@pytest.mark.parametrize("name", FILES)
def test_every_setting_exists(name: str) -> None:
    known = {f"MERCATO_{field.name.upper()}" for field in msgspec.structs.fields(Settings)}
    named = set(re.findall(r"\bMERCATO_[A-Z_]+\b", text_of(name))) - {"MERCATO_NAME"}
    assert named <= known


@pytest.mark.parametrize("unit", UNITS)
def test_systemd_accepts_the_units(unit: str, tmp_path: Path) -> None:
    judge = shutil.which("systemd-analyze")
    if judge is None:
        pytest.skip("systemd is not installed: nobody judges the units")
    text = text_of(unit).replace("/opt/mercato/bin/mercato", shutil.which("true") or "/bin/true")
    text = text.replace("User=mercato\nGroup=mercato", "User=daemon")
    (tmp_path / unit).write_text(text)
    done = subprocess.run(
        [judge, "verify", "--man=no", tmp_path / unit], capture_output=True, text=True, check=False
    )
    said = [line for line in done.stderr.splitlines() if unit in line]
    assert (done.returncode, said) == (0, [])


def test_the_page_names_every_file() -> None:
    assert all(name in text_of("README.md") for name in FILES if name != "README.md")


def test_an_installed_mercato_carries_them() -> None:
    runner = CliRunner()
    assert runner.invoke(main, ["deploy"]).output.split() == list(FILES)
    for name in FILES:
        assert runner.invoke(main, ["deploy", name]).output == (HERE / name).read_text()
    refused = runner.invoke(main, ["deploy", "../cli.py"])
    assert (refused.exit_code, "compose.yaml" in refused.output) == (2, True)
