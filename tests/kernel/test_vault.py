"""Sealed secrets open only with their key and in their place."""

from __future__ import annotations

import base64
import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mercato.kernel.vault import Unopened, Vault, key_of

pytestmark = pytest.mark.pure

ONE, TWO = "11" * 32, base64.b64encode(b"2" * 32).decode()
NOWHERE = Path("/nowhere/secret.key")


@given(st.text(max_size=100), st.text(max_size=40))
def test_what_is_sealed_opens_again(secret: str, place: str) -> None:
    secret = secret.encode("utf-8", "replace").decode()
    place = place.encode("utf-8", "replace").decode()
    vault = Vault(ONE, NOWHERE)
    sealed = vault.seal(secret, place)
    assert vault.open(sealed, place) == secret
    assert vault.seal(secret, place) != sealed
    with pytest.raises(Unopened):
        vault.open(sealed, place + "x")


def test_nothing_of_the_secret_shows() -> None:
    assert "hunter2" not in Vault(ONE, NOWHERE).seal("hunter2", "x")


def test_keys_can_be_rotated() -> None:
    old = Vault(ONE, NOWHERE).seal("a", "x")
    both = Vault(f"{TWO},{ONE}", NOWHERE)
    assert both.open(old, "x") == "a"
    fresh = both.seal("b", "x")
    assert Vault(TWO, NOWHERE).open(fresh, "x") == "b"
    with pytest.raises(Unopened, match="not here"):
        Vault(ONE, NOWHERE).open(fresh, "x")


@pytest.mark.parametrize("cut", [0, 2, 12, -1])
def test_what_was_changed_does_not_open(cut: int) -> None:
    vault = Vault(ONE, NOWHERE)
    sealed = vault.seal("a", "x")
    head, _, text = sealed.rpartition(":")
    data = bytearray(base64.b64decode(text))
    data[cut] ^= 1
    for wrong in (
        f"{head}:{base64.b64encode(data).decode()}",
        f"{head}:",
        f"{head}:!!",
        "",
        "v2" + sealed[2:],
    ):
        with pytest.raises(Unopened):
            vault.open(wrong, "x")


def test_without_a_key_one_is_made_for_us_alone(tmp_path: Path) -> None:
    file = tmp_path / "secret.key"
    vault = Vault("", file)
    assert not file.exists()
    sealed = vault.seal("a", "x")
    assert stat.S_IMODE(os.stat(file).st_mode) == 0o600
    assert Vault("", file).open(sealed, "x") == "a"
    file.unlink()
    with pytest.raises(Unopened):
        Vault("", file).open(sealed, "x")


@pytest.mark.parametrize("text", ["", "1234", "zz" * 32, base64.b64encode(b"short").decode()])
def test_what_is_no_key(text: str) -> None:
    with pytest.raises(ValueError, match="64 hex digits"):
        key_of(text)
