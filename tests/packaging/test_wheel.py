"""The built wheel, installed elsewhere, finds its plugins, themes and migrations without the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

pytestmark = pytest.mark.real

ROOT = Path(__file__).parents[2]


def run(*command: str | Path, cwd: Path, **env: str) -> str:
    ours = ("PYTHON", "VIRTUAL_ENV", "MERCATO_")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(ours)}
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**kept, **env},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment with the wheel; its dependencies are borrowed from the one that runs the tests."""
    folder = tmp_path_factory.mktemp("installed")
    uv = Path(sys.prefix) / "bin" / "uv"
    run(uv, "build", "-q", "--wheel", "--out-dir", folder / "dist", cwd=ROOT)
    venv.create(folder / "venv", with_pip=False)
    python = folder / "venv" / "bin" / "python"
    [wheel] = (folder / "dist").glob("*.whl")
    run(uv, "pip", "install", "-q", "--no-deps", "--python", python, wheel, cwd=folder)
    site = run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder).strip()
    borrowed = sysconfig.get_path("purelib")
    (Path(site) / "borrowed.pth").write_text(borrowed + "\n")
    return folder


def test_the_command_works_outside_the_checkout(installed: Path) -> None:
    mercato = installed / "venv" / "bin" / "mercato"
    data = {"MERCATO_DATA_DIR": str(installed / "data")}
    assert "mercato, version" in run(mercato, "--version", cwd=installed)
    listed = run(mercato, "plugins", "list", cwd=installed, **data)
    assert "Marketplace.Basic" in listed
    assert "Marketplace.Slurm" in listed
    assert "is at" in run(mercato, "db", "upgrade", cwd=installed, **data)
    assert str(ROOT) not in run(mercato, "locate", cwd=installed, **data)


def test_the_app_finds_its_themes(installed: Path) -> None:
    python = installed / "venv" / "bin" / "python"
    code = (
        "import mercato_tui.themes as t, mercato_tui;"
        "print(mercato_tui.__file__); print(*sorted(t.load().files))"
    )
    where, names = run(python, "-c", code, cwd=installed).splitlines()
    assert str(installed) in where
    assert len(names.split()) >= 3
