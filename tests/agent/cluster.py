"""A provider's site for tests: Waldur's own site agent beside an emulated SLURM cluster, in a venv of its own.

Everything runs as processes of its own; the cluster is a file in the site's folder.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

PACKAGES = [
    "waldur-site-agent==1.0.7",
    "waldur-site-agent-slurm==1.0.7",
    "waldur-site-agent-basic-username-management==1.0.7",
    # Older emulators print TRES names in capitals, which the agent does not read.
    "slurm-emulator==0.9.10",
]
OFFERING = "0f000000000000000000000000000001"


def install(folder: Path) -> Path:
    """The `bin` of a venv with the agent; made once and kept as long as the folder lasts."""
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # another worker may be making it
        return _installed(folder)


def _installed(folder: Path) -> Path:
    programs = folder / "bin"
    done = folder / "installed.txt"
    if done.exists() and done.read_text().split() == PACKAGES:
        return programs
    uv = Path(sys.executable).with_name("uv")
    if uv.exists():
        commands = [[uv, "venv", "-q", "--clear", "-p", sys.executable, folder]]
        commands += [[uv, "pip", "install", "-q", "-p", programs / "python", *PACKAGES]]
    else:
        commands = [[sys.executable, "-m", "venv", "--clear", folder]]
        commands += [[programs / "python", "-m", "pip", "install", "-q", *PACKAGES]]
    for command in commands:
        # From the root, where no project constrains what is installed.
        words = [str(word) for word in command]
        run = subprocess.run(
            words, check=False, cwd=folder.anchor, capture_output=True, text=True, timeout=300
        )
        assert run.returncode == 0, run.stderr
    done.write_text("\n".join(PACKAGES))
    return programs


def until(what: Callable[[], Any], within: float = 60.0, why: Callable[[], str] = str) -> Any:
    """The first true answer; AssertionError with `why()` when there is none in time."""
    deadline = time.monotonic() + within
    while True:
        found = what()
        if found:
            return found
        assert time.monotonic() < deadline, why()
        time.sleep(0.1)


class Site:
    """A cluster and the agents that look after it. `name` tells two agents of one offering apart."""

    def __init__(self, folder: Path, programs: Path, url: str, token: str) -> None:
        self.folder, self.programs = folder, programs
        folder.mkdir(parents=True, exist_ok=True)
        self.agents: list[Agent] = []
        self.configure(url, token)

    def configure(self, url: str, token: str, **change: Any) -> None:
        """Write the agent's configuration for a marketplace at this address."""
        host, port = url.removeprefix("http://").split(":")
        offering = {
            "name": "Cluster",
            "waldur_api_url": f"{url}/api/",
            "waldur_api_token": token,
            "waldur_offering_uuid": OFFERING,
            "backend_type": "slurm",
            "order_processing_backend": "slurm",
            "membership_sync_backend": "slurm",
            "reporting_backend": "slurm",
            "username_management_backend": "base",
            "verify_ssl": False,
            "websocket_use_tls": False,
            "stomp_enabled": False,
            "stomp_ws_host": host,
            "stomp_ws_port": int(port),
            "backend_settings": {
                "default_account": "root",
                "customer_prefix": "c_",
                "project_prefix": "p_",
                "allocation_prefix": "a_",
                "qos_downscaled": "limited",
                "qos_paused": "paused",
                "qos_default": "normal",
                "slurm_bin_path": str(self.programs),
                "enable_user_homedir_account_creation": False,
            },
            "backend_components": {
                "cpu": {
                    "limit": 10,
                    "measured_unit": "k-Hours",
                    "unit_factor": 60000,
                    "accounting_type": "limit",
                    "label": "CPU",
                },
                "mem": {
                    "limit": 10,
                    "measured_unit": "gb-Hours",
                    "unit_factor": 61440,
                    "accounting_type": "usage",
                    "label": "RAM",
                },
            },
        }
        document = {"timezone": "UTC", "offerings": [{**offering, **change}]}
        (self.folder / "agent.yaml").write_text(json.dumps(document))  # JSON is YAML too

    @property
    def environment(self) -> dict[str, str]:
        return {
            "PATH": f"{self.programs}:{os.environ['PATH']}",
            "HOME": str(self.folder),
            "SLURM_EMULATOR_STATE_FILE": str(self.folder / "slurm.json"),
            "SLURM_EMULATOR_TIME_FILE": str(self.folder / "slurm-time.json"),
            "SLURM_EMULATOR_TIME_FOLLOW_WALL": "1",
            "SLURM_EMULATOR_FS_ROOT": str(self.folder / "slurm-files"),
            "WALDUR_SITE_AGENT_ORDER_PROCESS_PERIOD_MINUTES": "0",
        }

    def run(self, program: str, *args: str, within: float = 120) -> str:
        """Run one of the site's programs to its end and give what it said; AssertionError when it fails."""
        done = subprocess.run(
            [str(self.programs / program), *args],
            env=self.environment,
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=within,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    def manage(self, *args: str) -> list[list[str]]:
        """What `sacctmgr` says, line by line, in fields."""
        said = self.run("sacctmgr", "--parsable2", "--noheader", *args)
        return [line.split("|") for line in said.splitlines()]

    def accounts(self) -> dict[str, list[str]]:
        """The cluster's accounts, each with its users."""
        found: dict[str, list[str]] = {}
        for account, user in self.manage("list", "associations", "format=account,user"):
            users = found.setdefault(account, [])
            if user:
                users.append(user)
        return found

    def account(self, name: str, parent: str) -> None:
        """Make an account by hand, as an administrator would."""
        words = ["add", "account", name, "description=x", f"organization={parent}", f"parent={parent}"]
        self.run("sacctmgr", "--immediate", *words)

    def lose(self, account: str) -> None:
        """The cluster forgets an account."""
        self.run("sacctmgr", "--immediate", "remove", "account", account)

    def limits(self, account: str) -> str:
        """The account's bounds, in minutes."""
        rows = self.manage("show", "association", f"account={account}", "format=account,user,GrpTRESMins")
        return next(row[2] for row in rows if not row[1])

    def work(self, account: str, user: str, node_hours: float) -> None:
        """Let somebody have used so much of the cluster this month: nodes with 64 cores and 512 GB."""
        code = (
            "import sys; from emulator.core.database import SlurmDatabase;"
            " from emulator.core.time_engine import TimeEngine;"
            " from emulator.core.usage_simulator import UsageSimulator;"
            " time = TimeEngine(); db = SlurmDatabase(); db.load_state();"
            " UsageSimulator(time, db).inject_usage(sys.argv[1], sys.argv[2], float(sys.argv[3]))"
        )
        self.run("python", "-c", code, account, user, str(node_hours))

    def agent(self, mode: str) -> Agent:
        """Start an agent; it runs until it is killed."""
        started = Agent(self, mode)
        self.agents.append(started)
        return started

    def close(self) -> None:
        for agent in self.agents:
            agent.kill()


class Agent:
    """One running agent and what it logged."""

    def __init__(self, site: Site, mode: str) -> None:
        number = len(site.agents)
        self.log = site.folder / f"agent-{number}-{mode}.log"
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                [str(site.programs / "waldur_site_agent"), "-m", mode, "-c", "agent.yaml"],
                env=site.environment,
                cwd=site.folder,
                stdout=log,
                stderr=log,
            )

    @property
    def said(self) -> str:
        return self.log.read_text()

    def troubles(self) -> list[str]:
        """What it logged as a warning or worse."""
        levels = ('"level": "warning"', '"level": "error"', '"level": "critical"', "Traceback")
        return [line for line in self.said.splitlines() if any(level in line for level in levels)]

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def kill(self) -> None:
        """SIGKILL: no goodbye."""
        if self.alive:
            self._process.send_signal(signal.SIGKILL)
        self._process.wait()
