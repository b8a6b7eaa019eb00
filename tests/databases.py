"""What the fixtures of `conftest.py` are made of: tables, PostgreSQL databases, a private cluster."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import psycopg
from psycopg import sql
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from mercato.kernel.columns import metadata
from mercato.migrations import head
from mercato.migrations.queue_schema import create_queue
from mercato.rooms import import_tables


def _cannot() -> None:
    raise RuntimeError("this server is not ours to restart")


class PostgresServer(NamedTuple):
    """A server by the URL of any of its databases. `restart` ends it as a crash would, and starts it again."""

    url: str
    restart: Callable[[], None] = _cannot

    def database(self, name: str) -> str:
        return make_url(self.url).set(drivername="postgresql", database=name).render_as_string(False)


def build_tables(url: str) -> None:
    """All tables, straight from the metadata (that migrations lead to the same is a test of its own)."""
    import_tables()
    engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:", 1), poolclass=NullPool)
    with engine.begin() as conn:
        metadata.create_all(conn)
        create_queue(conn)
        conn.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) PRIMARY KEY)"))
        conn.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": head()})
    engine.dispose()


def create_postgres_database(server: PostgresServer, name: str, template: str | None = None) -> None:
    statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
        sql.Identifier(name), sql.Identifier(template or "template0")
    )
    _run(server, statement)


def drop_postgres_database(server: PostgresServer, name: str) -> None:
    _run(server, sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _run(server: PostgresServer, statement: sql.Composed) -> None:
    with psycopg.connect(server.database("postgres"), autocommit=True) as conn:
        conn.execute(statement)


def postgres_programs() -> Path | None:
    """The folder with initdb and postgres: on the path, or Debian's newest."""
    found = shutil.which("initdb")
    if found is not None:
        return Path(found).resolve().parent
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    return folders[-1].parent if folders else None


@contextmanager
def private_cluster(*, durable: bool = False) -> Iterator[PostgresServer | None]:
    """A cluster of our own on a loopback port, behind a random password; None without the programs.

    `durable`: what was committed survives a crash of the server.
    """
    programs = postgres_programs()
    if programs is None:
        yield None
        return
    folder = Path(tempfile.mkdtemp(prefix="mercato-pg-"))
    password = secrets.token_hex(16)
    (folder / "password").write_text(password)
    become: list[str] = []
    if os.geteuid() == 0:
        # PostgreSQL refuses to run as root.
        become = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        shutil.chown(folder, "postgres", "postgres")
        shutil.chown(folder / "password", "postgres", "postgres")
    initdb = [f"{programs}/initdb", "-D", f"{folder}/data", "-U", "postgres", "--auth=scram-sha-256"]
    subprocess.run(
        [*become, *initdb, f"--pwfile={folder}/password", "-E", "UTF8", "--locale=C", "--no-sync"],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = {
        "listen_addresses": "127.0.0.1",
        "port": str(port),
        "unix_socket_directories": "",
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
        "max_connections": "200",
    }
    if durable:
        options |= {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
    settings = [f"--{name}={value}" for name, value in options.items()]
    url = f"postgresql://postgres:{password}@127.0.0.1:{port}/postgres"
    processes: list[subprocess.Popen[bytes]] = []

    def start() -> None:
        with (folder / "log").open("ab") as log:
            command = [*become, f"{programs}/postgres", "-D", f"{folder}/data", *settings]
            processes.append(subprocess.Popen(command, stdout=log, stderr=log))
        _wait_until_ready(PostgresServer(url), processes[-1], folder / "log")

    def end(how: signal.Signals) -> None:
        process = processes.pop()
        process.send_signal(how)
        process.wait(20)

    def restart() -> None:
        end(signal.SIGQUIT)  # at once, without a checkpoint: it recovers as from a crash
        start()

    try:
        start()
        yield PostgresServer(url, restart)
    finally:
        if processes:
            end(signal.SIGINT)  # do not wait for connections
        shutil.rmtree(folder)


def _wait_until_ready(server: PostgresServer, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            psycopg.connect(server.url).close()
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("PostgreSQL did not start:\n" + log.read_text()) from None
            time.sleep(0.03)
        else:
            return
