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
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import psycopg
from psycopg import sql
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from mercato.kernel.columns import metadata
from mercato.migrations.queue_schema import create_queue
from mercato.rooms import import_tables


class PostgresServer(NamedTuple):
    """A server by the URL of any of its databases."""

    url: str

    def database(self, name: str) -> str:
        return make_url(self.url).set(drivername="postgresql", database=name).render_as_string(False)


def build_tables(url: str) -> None:
    """All tables, straight from the metadata (that migrations lead to the same is a test of its own)."""
    import_tables()
    engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:", 1), poolclass=NullPool)
    with engine.begin() as conn:
        metadata.create_all(conn)
        create_queue(conn)
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
def private_cluster() -> Iterator[PostgresServer | None]:
    """A cluster of our own on a loopback port, behind a random password; None without the programs."""
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
    settings = [f"--{name}={value}" for name, value in options.items()]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [*become, f"{programs}/postgres", "-D", f"{folder}/data", *settings], stdout=log, stderr=log
        )
    server = PostgresServer(f"postgresql://postgres:{password}@127.0.0.1:{port}/postgres")
    try:
        _wait_until_ready(server, process, folder / "log")
        yield server
    finally:
        process.send_signal(signal.SIGINT)  # do not wait for connections
        process.wait(20)
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
