"""What we rely on in Procrastinate: these tests fail when an update changes it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from procrastinate import PsycopgConnector, sql
from procrastinate.schema import SchemaManager

from mercato.jobs import postgres
from mercato.jobs.looks import READS
from mercato.jobs.statements import WRITES

pytestmark = pytest.mark.pure

# Periodic tasks are the schedule's affair, a job's age says nothing, notices do not need a database.
NOT_SPOKEN = {"defer_periodic_job", "select_stalled_jobs_by_started", "listen_queue"}


def body(function: str) -> str:
    """The upstream function's body on PostgreSQL, without comments, in one line."""
    schema = re.sub(r"--.*", "", SchemaManager.get_schema())
    found = re.search(rf"CREATE FUNCTION {function}\(.*?AS \$\$(.*?)\$\$", schema, re.DOTALL)
    assert found is not None
    return " ".join(found.group(1).split())


def test_sqlite_speaks_every_statement() -> None:
    assert set(READS) | set(WRITES) | NOT_SPOKEN == set(sql.queries)
    assert not set(READS) & set(WRITES)


def test_our_fetch_is_upstreams_with_another_clock() -> None:
    upstream = body("procrastinate_fetch_job_v2")
    condition = upstream[upstream.index("NOT EXISTS") : upstream.index("ORDER BY")]
    own = " ".join(postgres.FETCH.split())
    condition_of_ours = own[own.index("NOT EXISTS") : own.index("ORDER BY")]
    for name, value in {
        "%(queues)s::varchar[]": "target_queue_names",
        "%(now)s": "now()",
    }.items():
        condition_of_ours = condition_of_ours.replace(name, value)

    def terms(text: str) -> list[str]:
        return sorted(re.findall(r"[\w.']+ (?:=|<|>|<=|IS) [\w.']+", text.replace("ANY( ", "ANY(")))

    assert terms(condition_of_ours) == terms(condition)


def test_putting_in_is_still_a_plain_insert() -> None:
    """`tx.enqueue` writes the row itself; more in this function would be more to write."""
    assert body("procrastinate_defer_jobs_v1") == (
        "DECLARE job_ids bigint[]; BEGIN WITH inserted_jobs AS ( INSERT INTO procrastinate_jobs"
        " (queue_name, task_name, priority, lock, queueing_lock, args, scheduled_at)"
        " SELECT (job).queue_name, (job).task_name, (job).priority, (job).lock, (job).queueing_lock,"
        " (job).args, (job).scheduled_at FROM unnest(jobs) AS job RETURNING id )"
        " SELECT array_agg(id) FROM inserted_jobs INTO job_ids; RETURN job_ids; END;"
    )


async def test_a_notice_that_comes_during_a_fetch_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    connector = postgres.PostgresConnector(conninfo="")
    fetches: list[Any] = []

    async def fetch(_self: Any, query: str, **_arguments: Any) -> list[dict[str, Any]]:
        fetches.append(query)
        if len(fetches) == 1:
            connector._heard += 1
            return []
        return [{"id": 7, "attempts": 0}]

    monkeypatch.setattr(PsycopgConnector, "execute_query_all_async", fetch)
    found = await connector.execute_query_one_async(sql.queries["fetch_job"], queues=None, worker_id=1)
    assert (found["id"], len(fetches)) == (7, 2)
