"""Commands beside servers, servers beside servers, apps beside apps: one data directory, many processes."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from live import Live
from mercato.commands.running import find
from mercato.embedded import Embedded
from mercato.server_files import personas_file

pytestmark = pytest.mark.process


def test_a_writing_command_asks_the_running_server(live: Live) -> None:
    live.start()
    key = live.command("token", "create", "buyer")
    assert live.get(key, "/api/users/me/?field=username") == {"username": "buyer"}
    live.command("user", "create", "newcomer", "--staff", "--password-stdin", text="a long enough passw0rd\n")
    body = {"username": "newcomer", "password": "a long enough passw0rd"}
    answer = httpx.post(f"{live.url}/api-auth/password/", json=body)
    assert answer.status_code == 200
    assert live.command("billing", "close-month") in ("Nothing was due.", "Dealt with 2 organizations.")


def test_the_same_commands_work_without_a_server(live: Live) -> None:
    key = live.command("token", "create", "buyer")
    live.start()
    assert live.get(key, "/api/users/me/?field=username") == {"username": "buyer"}


def test_a_second_server_on_the_same_data_says_so(live: Live) -> None:
    live.start()
    command = [sys.executable, "-m", "mercato", "serve", "--port", "0"]
    second = subprocess.run(command, env=live.environment, capture_output=True, text=True, check=False)
    assert second.returncode != 0
    assert f"already at {live.url}" in second.stderr


def test_the_secret_of_the_server_is_needed_and_private(live: Live) -> None:
    live.start()
    card = live.data / "server.json"
    assert card.stat().st_mode & 0o077 == 0
    path = f"{live.url}/api/mercato-commands/token-create/"
    body = {"args": {"username": "staff"}}
    assert httpx.post(path, json=body).status_code == 403
    assert httpx.post(path, json=body, headers={"X-Mercato-Admin": "guess"}).status_code == 403
    secret = json.loads(card.read_text())["secret"]
    right = {"X-Mercato-Admin": secret}
    assert httpx.post(path, json=body, headers=right).status_code == 200
    unknown = httpx.post(f"{live.url}/api/mercato-commands/nonsense/", json={}, headers=right)
    assert unknown.status_code == 404


def test_the_first_administrator_needs_the_one_time_code(tmp_path: Path) -> None:
    server = Live(tmp_path / "empty")
    server.start()
    try:
        code = _printed_code(tmp_path / "empty" / "test.log")
        path = f"{server.url}/api-auth/first-administrator/"
        body = {"username": "root", "password": "a long enough passw0rd"}
        assert httpx.post(path, json={**body, "code": "0000"}).status_code == 403
        made = httpx.post(path, json={**body, "code": code})
        assert made.status_code == 201, made.text
        me = server.get(made.json()["token"], "/api/users/me/?field=is_staff")
        assert me == {"is_staff": True}
        again = httpx.post(path, json={**body, "username": "other", "code": code})
        assert again.status_code == 403
    finally:
        server.stop()


def _printed_code(log: Path) -> str:
    for _ in range(200):
        found = re.search(r"first-administrator/: ([0-9a-f-]+)", log.read_text())
        if found:
            return found.group(1)
        time.sleep(0.05)
    raise AssertionError(log.read_text())


def test_demo_data_are_served_on_this_machine_only(live: Live) -> None:
    personas_file(live.data).write_text("[]")
    command = [sys.executable, "-m", "mercato", "serve", "--host", "0.0.0.0", "--port", "0"]
    done = subprocess.run(
        command, env=live.environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode != 0
    assert "demo marketplace" in done.stderr


def test_apps_share_an_embedded_server_and_the_last_one_ends_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in Live(tmp_path).environment.items():
        monkeypatch.setenv(name, value)
    first, second = Embedded(tmp_path), Embedded(tmp_path)
    one = asyncio.run(first.start())
    two = asyncio.run(second.start())
    assert one == two
    first.release()
    time.sleep(4)  # longer than the server waits for its first app
    assert find(tmp_path) == two
    second.release()
    for _ in range(100):
        if find(tmp_path) is None:
            break
        time.sleep(0.1)
    assert find(tmp_path) is None
    assert not (tmp_path / "server.json").exists()
