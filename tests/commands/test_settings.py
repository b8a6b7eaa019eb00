"""Settings: from the environment, from a file, from the command line, and never a silent mistake."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mercato.config import SettingsError, load

pytestmark = pytest.mark.pure


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def data(tmp_path: Path, toml: str = "") -> str:
    folder = tmp_path / "data"
    folder.mkdir(exist_ok=True)
    (folder / "mercato.toml").write_text(toml)
    return str(folder)


def test_defaults(tmp_path: Path) -> None:
    settings = load({}, data_dir=str(tmp_path))
    assert settings.database == f"sqlite:///{tmp_path}/mercato.db"
    assert (settings.base_url, settings.currency_name, settings.time_zone) == (
        "http://127.0.0.1:8000",
        "EUR",
        "UTC",
    )
    assert settings.enable_order_start_date


def test_the_environment_then_the_file_then_the_default(tmp_path: Path) -> None:
    place = data(tmp_path, 'site_name = "File"\ncurrency_name = "JPY"\n')
    settings = load({"MERCATO_SITE_NAME": "Environment", "MERCATO_DATA_DIR": place})
    assert (settings.site_name, settings.currency_name) == ("Environment", "JPY")
    assert settings.data == Path(place)
    given = load({"MERCATO_SITE_NAME": "Environment"}, data_dir=place, site_name="Given")
    assert given.site_name == "Given"


def test_the_working_directory_has_a_file_too(tmp_path: Path) -> None:
    (tmp_path / "mercato.toml").write_text("payment_interval = 10\nsite_name = 'Here'\n")
    place = data(tmp_path, "site_name = 'There'\n")
    settings = load({}, data_dir=place)
    assert (settings.payment_interval, settings.site_name) == (10, "There")


@pytest.mark.parametrize(
    ("env", "value"), [("true", True), ("false", False), ("1", True), ("0", False), ("True", True)]
)
def test_yes_and_no(tmp_path: Path, env: str, value: bool) -> None:
    settings = load({"MERCATO_ENABLE_ORDER_START_DATE": env}, data_dir=str(tmp_path))
    assert settings.enable_order_start_date is value


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PAYMENT_INTERVAL", "soon"),
        ("ENABLE_ORDER_START_DATE", "perhaps"),
        ("TIME_ZONE", "Mars/Olympus"),
        ("CURRENCY_NAME", "EURO"),
        ("CURRENCY_NAME", "eur"),
        ("BASE_URL", "marketplace.example.org"),
        ("LOG_LEVEL", "chatty"),
        ("DATABASE_URL", "mysql://here"),
        ("PAYMENT_INTERVAL", "-1"),
    ],
)
def test_a_wrong_value_is_named(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load({f"MERCATO_{name}": value}, data_dir=str(tmp_path))
    assert f"MERCATO_{name}" in str(caught.value)
    assert value in str(caught.value)


@pytest.mark.parametrize(
    ("toml", "words"),
    [
        ("sitename = 'typo'", "unknown setting 'sitename'"),
        ("site_name = ", "mercato.toml"),
        ("payment_interval = 'soon'", "MERCATO_PAYMENT_INTERVAL"),
    ],
)
def test_a_wrong_file_is_named(tmp_path: Path, toml: str, words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        load({}, data_dir=data(tmp_path, toml))


def test_hosts_that_links_may_start_with(tmp_path: Path) -> None:
    env: dict[str, Any] = {
        "MERCATO_BASE_URL": "https://Market.example.org:8443/",
        "MERCATO_ALLOWED_HOSTS": " www.example.org ,OTHER.example.org,",
    }
    hosts = load(env, data_dir=str(tmp_path)).hosts
    assert {"market.example.org", "www.example.org", "other.example.org", "127.0.0.1", "localhost"} <= hosts
    assert "" not in hosts
