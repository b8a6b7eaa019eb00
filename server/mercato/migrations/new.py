"""Write the next revision from the difference between the last one and the declared tables."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from alembic.autogenerate import produce_migrations, render_python_code
from alembic.operations.ops import UpgradeOps
from alembic.runtime.migration import MigrationContext
from sqlalchemy.types import TypeDecorator

from mercato.kernel import clock
from mercato.kernel.columns import metadata
from mercato.migrations import VERSIONS, CannotMigrate, revisions
from mercato.migrations.run import apply, migration_engine, options
from mercato.rooms import import_tables

TEMPLATE = '''"""{message}"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
{imports}
revision = "{revision}"
down_revision = {down_revision}


def upgrade() -> None:
{body}
'''


def new_revision(message: str, versions: Path = VERSIONS, now: datetime | None = None) -> Path:
    """Write `<minute>_<message>.py` and say where. Read it before you commit it: a renamed column looks
    like one that goes and one that comes. Raises CannotMigrate when nothing has changed."""
    import_tables()
    last = next(reversed(revisions(versions)), None)
    operations, context = _difference(versions, last)
    if operations.is_empty():
        raise CannotMigrate("The tables are as the last revision leaves them.")
    revision = (now or clock.now()).strftime("%Y_%m_%d_%H%M")
    if last is not None and revision <= last:
        raise CannotMigrate(f"The last revision, {last}, is not older than this minute.")
    own_types: dict[str, set[str]] = {}
    body = render_python_code(
        operations,
        render_as_batch=True,
        render_item=lambda kind, item, _context: _render_type(kind, item, own_types),
        migration_context=context,
    )
    words = re.sub(r"\W+", "_", message.lower()).strip("_")
    file = versions / f"{revision.replace('_', '-')}_{words}.py"
    file.write_text(
        TEMPLATE.format(
            message=message[:1].upper() + message[1:].rstrip(".") + ".",
            imports="".join(_import(module, own_types[module]) for module in sorted(own_types)),
            revision=revision,
            down_revision=f'"{last}"' if last else None,
            body=_indented(body),
        ),
        encoding="utf-8",
    )
    return file


def _difference(versions: Path, last: str | None) -> tuple[UpgradeOps, MigrationContext]:
    """What has to happen to a database at the last revision; compared on a throw-away SQLite file."""
    with (
        TemporaryDirectory() as folder,
        migration_engine(f"sqlite:///{folder}/scratch.db") as engine,
        engine.begin() as conn,
    ):
        if last is not None:
            apply(conn, versions)
        context = MigrationContext.configure(conn, opts=options())
        operations = produce_migrations(context, metadata).upgrade_ops
        if operations is None:
            raise CannotMigrate("The tables could not be compared.")
        return operations, context


def _render_type(kind: str, item: Any, own_types: dict[str, set[str]]) -> str | Literal[False]:
    """Our own column types by their names: what they mean on each database must not be frozen twice."""
    if kind != "type" or not isinstance(item, TypeDecorator):
        return False
    if not type(item).__module__.startswith("mercato."):
        return False
    own_types.setdefault(type(item).__module__, set()).add(type(item).__name__)
    return f"{type(item).__name__}()"


def _import(module: str, names: set[str]) -> str:
    return f"\nfrom {module} import {', '.join(sorted(names))}\n"


def _indented(body: str) -> str:
    lines = [line for line in body.splitlines() if not line.lstrip().startswith("# ###")]
    return "\n".join(f"    {line.removeprefix('    ')}" if line.strip() else "" for line in lines).rstrip()
