"""Every database arrives at the declared tables, with all its rows, whoever else is upgrading it."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from procrastinate.schema import SchemaManager
from sqlalchemy import text

from mercato import migrations
from mercato.kernel.columns import metadata
from mercato.migrations import CannotMigrate, UpgradeReport, current, head, upgrade
from mercato.migrations.new import new_revision
from mercato.migrations.queue_schema import FOLDER
from mercato.migrations.run import migration_engine, options, scripts
from mercato.rooms import import_tables

pytestmark = pytest.mark.db

FAMILIES = """
import sqlalchemy as sa
from alembic import op

revision = "2030_01_01_0000"
down_revision = "{last}"

def upgrade():
    op.create_table("parents", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("name", sa.Text()))
    op.create_table(
        "children",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("parent_id", sa.Integer(), sa.ForeignKey("parents.id", ondelete="CASCADE")),
    )
"""
ALTERED = """
import sqlalchemy as sa
from alembic import op

revision = "2030_02_01_0000"
down_revision = "2030_01_01_0000"

def upgrade():
    with op.batch_alter_table("parents") as table:
        table.add_column(sa.Column("age", sa.Integer(), nullable=False, server_default="7"))
        table.alter_column("name", existing_type=sa.Text(), type_=sa.String(50), nullable=False)
"""
ORPHANING = """
from alembic import op

revision = "2030_02_01_0000"
down_revision = "2030_01_01_0000"

def upgrade():
    op.execute("DELETE FROM parents WHERE id = 1")
"""
FAILING = """
import sqlalchemy as sa
from alembic import op

revision = "2030_02_01_0000"
down_revision = "2030_01_01_0000"

def upgrade():
    op.create_table("half", sa.Column("id", sa.Integer(), primary_key=True))
    op.execute("SELECT nothing FROM nowhere")
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A fresh database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/data/mercato.db"
    fresh: str = request.getfixturevalue("postgres_url")
    return fresh


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/data/mercato.db"


@pytest.fixture
def versions(tmp_path: Path) -> Path:
    """The product's revisions and one more, to be continued."""
    folder = tmp_path / "migrations" / "versions"
    shutil.copytree(migrations.VERSIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "2030-01-01-0000_families.py").write_text(FAMILIES.format(last=head()))
    return folder


def go_on(versions: Path, revision: str) -> None:
    (versions / "2030-02-01-0000_next.py").write_text(revision)


def fill(url: str) -> None:
    with migration_engine(url) as engine, engine.begin() as conn:
        conn.execute(text("INSERT INTO parents (id, name) VALUES (1, 'Ada'), (2, 'Mari')"))
        conn.execute(text("INSERT INTO children (id, parent_id) VALUES (1, 1), (2, 1), (3, 2)"))


def look(url: str, statement: str) -> list[tuple[Any, ...]]:
    with migration_engine(url) as engine, engine.connect() as conn:
        return [tuple(row) for row in conn.execute(text(statement))]


def tables_differ(url: str) -> list[Any]:
    import_tables()
    with migration_engine(url) as engine, engine.connect() as conn:
        return list(compare_metadata(MigrationContext.configure(conn, opts=options()), metadata))


def test_a_fresh_database_has_the_declared_tables(url: str) -> None:
    assert current(url) is None
    assert upgrade(url) == UpgradeReport(None, head())
    assert current(url) == head()
    assert tables_differ(url) == []
    assert look(url, "SELECT count(*) FROM procrastinate_jobs") == [(0,)]


def test_a_second_upgrade_does_nothing(url: str) -> None:
    upgrade(url)
    assert upgrade(url) == UpgradeReport(head(), head())


def test_the_newest_file_is_the_newest_revision() -> None:
    assert scripts(migrations.VERSIONS).get_heads() == [head()]


def test_an_altered_table_loses_no_row(url: str, versions: Path) -> None:
    upgrade(url, versions)
    fill(url)
    go_on(versions, ALTERED)
    report = upgrade(url, versions)
    assert (report.before, report.after) == ("2030_01_01_0000", "2030_02_01_0000")
    assert look(url, "SELECT id, name, age FROM parents ORDER BY id") == [(1, "Ada", 7), (2, "Mari", 7)]
    assert look(url, "SELECT id, parent_id FROM children ORDER BY id") == [(1, 1), (2, 1), (3, 2)]


def test_a_revision_that_fails_leaves_nothing(url: str, versions: Path) -> None:
    upgrade(url, versions)
    fill(url)
    go_on(versions, FAILING)
    with pytest.raises(Exception, match="nowhere"):
        upgrade(url, versions)
    assert current(url) == "2030_01_01_0000"
    with pytest.raises(Exception, match="half"):
        look(url, "SELECT * FROM half")
    assert look(url, "SELECT count(*) FROM children") == [(3,)]


def test_references_that_would_lead_nowhere_are_refused(sqlite_url: str, versions: Path) -> None:
    upgrade(sqlite_url, versions)
    fill(sqlite_url)
    go_on(versions, ORPHANING)
    with pytest.raises(CannotMigrate, match="2 references would lead nowhere: children → parents"):
        upgrade(sqlite_url, versions)
    assert current(sqlite_url) == "2030_01_01_0000"
    assert look(sqlite_url, "SELECT count(*) FROM parents") == [(2,)]


def test_a_copy_of_the_old_file_is_kept(sqlite_url: str, versions: Path) -> None:
    assert upgrade(sqlite_url, versions).backup is None
    fill(sqlite_url)
    with sqlite3.connect(sqlite_url.removeprefix("sqlite:///")) as open_elsewhere:
        # What is only in the write-ahead log belongs to the copy too.
        open_elsewhere.execute("PRAGMA journal_mode=WAL")
        open_elsewhere.execute("INSERT INTO children (id, parent_id) VALUES (4, 2)")
        open_elsewhere.commit()
        go_on(versions, ALTERED)
        backup = upgrade(sqlite_url, versions).backup
    open_elsewhere.close()
    assert backup is not None
    assert (backup.name, backup.stat().st_mode & 0o777) == ("mercato.db.2030_01_01_0000.bak", 0o600)
    assert current(f"sqlite:///{backup}") == "2030_01_01_0000"
    assert look(f"sqlite:///{backup}", "SELECT count(*) FROM children") == [(4,)]


def test_of_many_upgraders_one_does_it(url: str, versions: Path) -> None:
    with ThreadPoolExecutor(6) as pool:
        reports = list(pool.map(lambda _: upgrade(url, versions), range(6)))
    assert sorted(r.before or "" for r in reports) == ["", *["2030_01_01_0000"] * 5]
    assert {r.after for r in reports} == {"2030_01_01_0000"}


def test_a_database_from_the_future_is_left_alone(url: str, versions: Path) -> None:
    upgrade(url, versions)
    with pytest.raises(CannotMigrate, match="2030_01_01_0000, which this installation does not know"):
        upgrade(url)


def test_a_foreign_database_is_left_alone(url: str) -> None:
    if url.startswith("sqlite"):
        Path(url.removeprefix("sqlite:///")).parent.mkdir()
    with migration_engine(url) as engine, engine.begin() as conn:
        conn.execute(text("CREATE TABLE recipes (id INTEGER)"))
    with pytest.raises(CannotMigrate, match="not a Mercato database"):
        upgrade(url)


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "letter.txt"
    file.write_text("Dear customer, " * 100)
    with pytest.raises(CannotMigrate, match="file is not a database"):
        upgrade(f"sqlite:///{file}")


def test_alembic_is_not_imported_when_there_is_nothing_to_do(sqlite_url: str) -> None:
    upgrade(sqlite_url)
    program = (
        f"import sys; sys.path[:0] = {sys.path!r}; from mercato.migrations import upgrade;"
        f" upgrade({sqlite_url!r}); print('alembic' in sys.modules)"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout == "False\n"


def test_a_changed_table_gets_a_revision(versions: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sqlalchemy as sa

    from mercato.kernel import columns

    import_tables()
    changed = sa.MetaData(naming_convention=metadata.naming_convention)
    for table in metadata.tables.values():
        table.to_metadata(changed)
    changed.tables["facts"].append_column(columns.exact("weight", nullable=True))
    for module in ("new", "run"):
        monkeypatch.setattr(f"mercato.migrations.{module}.metadata", changed)
    (versions / "2030-01-01-0000_families.py").unlink()
    noon = datetime(2030, 3, 1, 12, 0, tzinfo=UTC)
    file = new_revision("facts weigh something", versions, noon)
    assert file.name == "2030-03-01-1200_facts_weigh_something.py"
    written = file.read_text()
    assert written.startswith('"""Facts weigh something."""\n')
    assert "batch_op.add_column(sa.Column('weight', ExactDecimal(), nullable=True))" in written
    with pytest.raises(CannotMigrate, match="as the last revision leaves them"):
        new_revision("again", versions, noon.replace(day=2))


def test_the_frozen_queue_is_the_installed_one() -> None:
    """When this fails: freeze the new text beside the old and write a revision with upstream's steps."""
    assert (FOLDER / "postgresql_3_10.sql").read_text() == SchemaManager.get_schema()
