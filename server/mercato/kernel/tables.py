"""The kernel's own tables: what happened (facts, for machines) and who did it (audit, for people)."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import DDL, Index, Sequence, Table, event, insert, text

from mercato.kernel import columns as c
from mercato.kernel.fixed import fixed

facts = Table(
    "facts",
    c.metadata,
    c.pk(),
    # PostgreSQL commits out of id order, so readers there page by (xid, id); SQLite has one writer.
    c.number("xid", nullable=True),
    c.text("topic", length=64),
    c.text("object", length=32),
    c.json("payload"),
    c.moment("at", nullable=False),
    Index("ix_facts_xid_id", "xid", "id", sqlite_where=text("xid IS NOT NULL")),
)

TELL = """
CREATE OR REPLACE FUNCTION mercato_tell() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('mercato_news', coalesce(TG_ARGV[0], ''));
    RETURN NULL;
END $$
"""


def tells(table: Table, room: str = "", *, when: str = "INSERT") -> None:
    """On PostgreSQL every process hears at once that the table has changed: `kernel.news`.

    `room` names what changed where that is not said by a fact.
    """
    trigger = (
        f"CREATE TRIGGER mercato_tell AFTER {when} ON {table.name}"
        f" FOR EACH STATEMENT EXECUTE FUNCTION mercato_tell('{room}')"
    )
    for statement in (TELL, trigger):
        # What Python would format stands for itself.
        made = DDL(statement.replace("%", "%%")).execute_if(dialect="postgresql")  # type: ignore[no-untyped-call]
        event.listen(table, "after_create", made)


tells(facts)

audit = Table(
    "audit",
    c.metadata,
    c.pk(),
    c.uuid(),
    c.moment("at", nullable=False),
    c.number("user_id", nullable=True),
    c.text("event_type", length=80),
    c.text("object", length=32),
    c.text("message"),
    c.json("context"),
    # Sealed in commit order by a job of its own, so that writers never wait for one another.
    c.text("hash", length=64, nullable=True),
    Index("ix_audit_object_at", "object", "at"),
)

slug_counters = Table(
    "slug_counters",
    c.metadata,
    c.pk(),
    c.text("kind", length=40),
    c.text("base", length=40),
    c.number("number"),
    Index("uq_slug_counters_kind_base", "kind", "base", unique=True),
)


# PostgreSQL: numbers of slugs, whatever they are of.
slug_numbers = Sequence("slug_numbers", start=2, metadata=c.metadata)


class Placed(NamedTuple):
    """How the audit row of one kind of fact is written where somebody has added columns of their own: their
    values come from the fact's fields `names`, bound as `of_<name>`."""

    statement: Any
    names: tuple[str, ...]


# By the type of the fact; filled by the composition root, empty as long as nobody wants to know.
PLACED: dict[type, Placed] = {}

INSERT_FACT = fixed(insert(facts).values(xid=None))
INSERT_AUDIT = fixed(insert(audit).values(hash=None))
