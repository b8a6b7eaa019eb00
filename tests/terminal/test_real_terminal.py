"""`mercato demo` in a real terminal (tmux): browse, configure, submit, approve, use, be billed, to the cent."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

pytestmark = pytest.mark.real

ROOT = Path(__file__).parents[2]
SOCKET = f"mercato-test-{os.getpid()}"
PATIENCE = 60.0


class Terminal:
    """A tmux pane with the app in it, driven by keys and read as text."""

    def __init__(self, data: Path, columns: int = 140, lines: int = 45) -> None:
        paths = f"{ROOT / 'server'}{os.pathsep}{ROOT / 'tui'}"
        command = (
            f"env MERCATO_DATA_DIR={data} PYTHONPATH={paths} {sys.executable} -m mercato demo; sleep 600"
        )
        size = ("-x", str(columns), "-y", str(lines))
        self._tmux("new-session", "-d", "-s", "app", *size, command)
        self._tmux("resize-window", "-t", "app", *size)

    @staticmethod
    def _tmux(*args: str) -> str:
        command = ["tmux", "-L", SOCKET, "-f", "/dev/null", *args]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    def text(self) -> str:
        return self._tmux("capture-pane", "-p", "-t", "app")

    def until(self, pattern: str) -> str:
        """The screen, once the pattern is on it."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            shown = self.text()
            if re.search(pattern, shown):
                return shown
            time.sleep(0.1)
        raise AssertionError(f"{pattern!r} never came:\n{shown}")

    def keys(self, *names: str) -> None:
        """One key after the other, at a quick typist's speed."""
        for name in names:
            self._tmux("send-keys", "-t", "app", name)
            time.sleep(0.15)

    def type(self, text: str) -> None:
        self._tmux("send-keys", "-t", "app", "-l", text)
        time.sleep(0.3)

    def end(self) -> None:
        self._tmux("kill-server")


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    if shutil.which("tmux") is None:
        pytest.skip("tmux is not installed")
    made = Terminal(tmp_path)
    yield made
    made.end()


def amount(pattern: str, shown: str) -> Decimal:
    found = re.search(pattern + r"[^\n€]*€([\d,.]+)", shown)
    assert found, (pattern, shown)
    return Decimal(found.group(1).replace(",", ""))


def test_the_main_job_in_a_real_terminal(terminal: Terminal) -> None:
    terminal.until("Who do you want to be")
    terminal.keys("Enter")
    terminal.until("What you have")
    receipt = order(terminal)
    approve(terminal)
    assert billed(terminal) == receipt


def order(terminal: Terminal) -> Decimal:
    """Order as the customer's owner; what the receipt says of this month."""
    terminal.keys("g", "c")
    terminal.until("Catalogue")
    terminal.keys("/")
    terminal.type("Research Compute")
    terminal.until(r"Research Compute\s+(\n|│|.*)")
    terminal.keys("Enter")
    terminal.until(r"▌ Research Compute Pool")
    terminal.keys("Enter")
    terminal.until("Plans and prices")
    terminal.keys("o")
    terminal.until("choose a project")
    terminal.keys("Enter")
    terminal.until("Coastal Drone Survey")
    terminal.keys("Enter")
    terminal.until(r"Project \*\s+Coastal Drone Survey")
    terminal.keys("Tab")
    terminal.type("pty-pool")
    terminal.keys("Tab", "Tab")
    assert amount("Each full month", terminal.until("Each full month")) == Decimal("80.60")
    terminal.keys("0")
    shown = terminal.until(r"10,000 hours")
    assert amount("Each full month", shown) == Decimal("530.60")
    terminal.keys("BSpace")
    shown = terminal.until(r"1,000 hours × ")
    assert amount("Each full month", shown) == Decimal("80.60")
    receipt = amount("This month", shown)
    terminal.keys("C-s")
    terminal.until("Please fill this in")
    terminal.keys("Space", "C-s")
    terminal.until("provider approval")
    return receipt


def approve(terminal: Terminal) -> None:
    """As the provider's manager; the order is done within the second."""
    terminal.keys("M")
    terminal.until("enter chooses")
    terminal.keys("Down", "Down", "Enter")
    terminal.until(r"Luka[^\n]*online")
    terminal.until("Waits for you")
    terminal.keys("g", "a")
    terminal.until("To review")
    shown = terminal.until("pty-pool")
    rows = [line for line in shown.splitlines() if "provider approval" in line]
    place = next(n for n, line in enumerate(rows) if "pty-pool" in line)
    terminal.keys(*["Down"] * place, "Enter")
    terminal.until("a approve")
    terminal.keys("a")
    terminal.until("✔ done")
    terminal.keys("Enter")
    terminal.until("pty-pool   ● OK")


def billed(terminal: Terminal) -> Decimal:
    """What this month's invoice charges for it."""
    terminal.keys("M")
    terminal.until("enter chooses")
    terminal.keys("Up", "Up", "Enter")
    terminal.until(r"Helena Valadar[^\n]*online")
    terminal.until("What you have")
    terminal.keys("g", "i")
    terminal.until("To be paid")
    terminal.until("open")
    terminal.keys("Enter")
    shown = terminal.until(r"pty-pool \(Research Compute Pool / Basic\) / Storage")
    found = re.findall(r"pty-pool \([^)]*\) / .*?€([\d,.]+)", shown)
    assert len(found) == 3
    return sum((Decimal(one.replace(",", "")) for one in found), Decimal(0))
