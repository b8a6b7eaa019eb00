"""Settings: the only reader of the environment and of `mercato.toml`.

Every setting `name` is read from `MERCATO_NAME`, else from `mercato.toml` (in the data directory or the
working directory), else it has the default given here.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
import platformdirs

VERSION = "0.1.0"
LOOPBACK = ("localhost", "127.0.0.1", "[::1]", "testserver.local")


LOG_LEVELS = ("debug", "info", "warning", "error", "critical")


class SettingsError(Exception):
    """A setting has a value it cannot have."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What an operator may decide."""

    data_dir: str = ""
    database_url: str = ""
    base_url: str = "http://127.0.0.1:8000"
    allowed_hosts: str = ""
    """Comma-separated host names that links may be built from, besides the base URL's and loopback."""
    site_name: str = "Mercato"
    currency_name: str = "EUR"
    time_zone: str = "UTC"
    """IANA zone of billing months for organizations that name none."""
    payment_interval: int = 30
    """Days from an invoice's date to its due date."""
    issuer_name: str = ""
    issuer_address: str = ""
    issuer_vat_code: str = ""
    enable_order_start_date: bool = True
    enable_stale_resource_notifications: bool = False
    """Whether customers are reminded of resources that cost nothing for three months, on the 5th of the month."""
    anonymous_user_can_view_offerings: bool = True
    anonymous_user_can_view_plans: bool = True
    secret_key: str = ""
    """Seals stored secrets: 64 hex digits, or 32 bytes in base64; several separated by commas, of which the first
    seals and each opens. Without one `secret.key` in the data directory is made; several servers share theirs."""
    site_agent_log_max_rows_per_identity: int = 10_000
    """Of what a site agent logs so many entries are kept, the newest."""
    pat_enabled: bool = True
    """Whether people may make and use personal access tokens."""
    pat_max_lifetime_days: int = 365
    pat_max_tokens_per_user: int = 20
    federated_identity_sync_enabled: bool = True
    """Whether identity service domains may tell about people (`identity-bridge/`)."""
    federated_identity_sync_allowed_attributes: str = ""
    """What they may tell, separated by commas; empty means everything that can be told."""
    federated_identity_deactivation_policy: str = "all_isds_removed"
    remote_eduteams_token_url: str = ""
    remote_eduteams_userinfo_url: str = ""
    remote_eduteams_client_id: str = ""
    remote_eduteams_secret: str = ""
    remote_eduteams_refresh_token: str = ""
    plugins: str = ""
    """Further folders with plugins, separated like PATH."""
    log_level: str = "info"
    worker_concurrency: int = 8
    """Jobs that one process runs at once."""
    worker_lease: int = 60
    """Seconds of silence after which other processes take over what a worker was doing (PostgreSQL)."""
    provider_concurrency: int = 4
    """Orders that backends of one provider work on at once, over all processes: one that hangs stops no other's."""

    @property
    def data(self) -> Path:
        return Path(self.data_dir)

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{self.data / 'mercato.db'}"

    @property
    def hosts(self) -> frozenset[str]:
        named = {h.strip().lower() for h in self.allowed_hosts.split(",") if h.strip()}
        return frozenset({*LOOPBACK, (urlsplit(self.base_url).hostname or "").lower(), *named})


def without_password(url: str) -> str:
    """A database's URL as it may be shown."""
    from sqlalchemy.engine import make_url

    return make_url(url).render_as_string(hide_password=True)


def default_data_dir() -> Path:
    return Path(platformdirs.user_data_dir("mercato", appauthor=False))


def _typed(name: str, value: Any) -> Any:
    kinds = {f.name: f.type for f in msgspec.structs.fields(Settings)}
    try:
        return msgspec.convert(value, kinds[name], strict=False)
    except msgspec.ValidationError as error:
        raise SettingsError(f"MERCATO_{name.upper()}={value!r}: {error}") from error


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _are_keys(keys: str) -> bool:
    if not keys:
        return True
    from mercato.kernel.vault import key_of

    try:
        return bool([key_of(text) for text in keys.split(",") if text.strip()])
    except ValueError:
        return False


_RULES: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "database_url": (
        lambda url: not url or url.startswith(("sqlite:", "postgresql:", "postgres:")),
        "use sqlite:///FILE or postgresql://USER@HOST/NAME",
    ),
    "base_url": (lambda url: url.startswith(("http://", "https://")), "it starts with http:// or https://"),
    "currency_name": (lambda name: bool(re.fullmatch("[A-Z]{3}", name)), "three capital letters, like EUR"),
    "time_zone": (_is_zone, "a name of the zone database, like Europe/Tallinn"),
    "payment_interval": (lambda days: days >= 0, "it is at least 0"),
    "secret_key": (_are_keys, "64 hex digits, or 32 bytes in base64; several separated by commas"),
    "site_agent_log_max_rows_per_identity": (lambda rows: rows >= 0, "it is at least 0"),
    "pat_max_lifetime_days": (lambda days: days >= 1, "it is at least 1"),
    "pat_max_tokens_per_user": (lambda number: number >= 0, "it is at least 0"),
    "federated_identity_deactivation_policy": (
        lambda policy: policy in ("all_isds_removed", "any_isd_removed"),
        "all_isds_removed or any_isd_removed",
    ),
    "worker_concurrency": (lambda jobs: 1 <= jobs <= 256, "it is between 1 and 256"),
    "worker_lease": (lambda seconds: 5 <= seconds <= 3600, "it is between 5 and 3600"),
    "provider_concurrency": (lambda orders: 1 <= orders <= 256, "it is between 1 and 256"),
    "log_level": (
        lambda level: level.lower() in LOG_LEVELS,
        f"one of {', '.join(LOG_LEVELS)}",
    ),
}


def _from_file(path: Path) -> dict[str, Any]:
    try:
        raw = tomllib.loads(path.read_text())
    except FileNotFoundError:
        return {}
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path}: {error}") from error
    known = {f.name for f in msgspec.structs.fields(Settings)}
    unknown = sorted(set(raw) - known)
    if unknown:
        raise SettingsError(f"{path}: unknown setting {unknown[0]!r}. Known are: {', '.join(sorted(known))}.")
    return raw


def load(env: Mapping[str, str] | None = None, **given: Any) -> Settings:
    """The settings of this process. `given` (command-line options) wins over everything.

    Raises SettingsError naming the setting.
    """
    env = os.environ if env is None else env
    names = {f.name for f in msgspec.structs.fields(Settings)}
    from_env = {n: env[f"MERCATO_{n.upper()}"] for n in names if env.get(f"MERCATO_{n.upper()}")}
    chosen = {k: v for k, v in given.items() if v is not None}
    data = Path(chosen.get("data_dir") or from_env.get("data_dir") or default_data_dir())
    from_files = {**_from_file(Path("mercato.toml")), **_from_file(data / "mercato.toml")}
    merged = {**from_files, **from_env, **chosen, "data_dir": str(data)}
    settings = Settings(**{name: _typed(name, value) for name, value in merged.items()})
    for name, (right, reason) in _RULES.items():
        value = getattr(settings, name)
        if not right(value):
            raise SettingsError(f"MERCATO_{name.upper()}={value!r}: {reason}")
    return settings
