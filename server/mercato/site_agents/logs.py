"""What agents log: kept for their provider to read, the newest of each (contract 11.7)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import delete, func, insert, select

from mercato.access import queries as access
from mercato.access.rules import Actor
from mercato.kernel.db import Tx
from mercato.kernel.errors import Invalid, NotFound, invalid
from mercato.kernel.ids import new_uuid
from mercato.schemas.access import Scope
from mercato.schemas.permissions import Permission as P
from mercato.schemas.site_agents import LogEntry, NewLogEntry
from mercato.site_agents import queries
from mercato.site_agents.tables import agent_logs

AT_ONCE = 1000
LONGEST_MESSAGE = 16_384
_CUT = " … (cut)"


def write(tx: Tx, actor: Actor, entries: list[NewLogEntry], base: str) -> list[LogEntry]:
    """Keep all of the entries or, on any error, none: 404, or 403 where the actor cannot speak for the agent."""
    if len(entries) > AT_ONCE:
        raise Invalid(f"At most {AT_ONCE} entries at once.", code="too_many")
    agents = {uuid: _agent(tx, actor, uuid) for uuid in {e.agent_identity_uuid.hex for e in entries}}
    rows, shown = [], []
    for entry in entries:
        agent = agents[entry.agent_identity_uuid.hex]
        row = _row(tx, agent, entry)
        rows.append(row)
        shown.append(
            LogEntry(
                uuid=row["uuid"],
                offering=f"{base}/api/marketplace-provider-offerings/{agent.offering_uuid}/",
                offering_uuid=agent.offering_uuid,
                agent_identity_uuid=agent.uuid,
                timestamp=entry.timestamp,
                level=row["level"],
                message=row["message"],
                module=entry.module,
                created=tx.now,
            )
        )
    if rows:
        tx.conn.execute(insert(agent_logs), rows)
    return shown


def _agent(tx: Tx, actor: Actor, uuid: str) -> Any:
    row = queries.identity_row(tx.conn, uuid)
    if row is None:
        raise NotFound
    scopes = [(Scope.OFFERING, row.offering_id), (Scope.CUSTOMER, row.provider_id)]
    access.must(tx.conn, actor, P.OFFERING_UPDATE, scopes, tx.now)
    return row


def _row(tx: Tx, agent: Any, entry: NewLogEntry) -> dict[str, Any]:
    try:
        at = datetime.fromtimestamp(entry.timestamp, UTC)
    except (ValueError, OverflowError, OSError):
        raise invalid("timestamp", "Seconds since 1970 are required.", code="bad_timestamp") from None
    message = entry.message
    if len(message) > LONGEST_MESSAGE:
        message = message[: LONGEST_MESSAGE - len(_CUT)] + _CUT
    return {
        "uuid": new_uuid(),
        "created": tx.now,
        "identity_id": agent.id,
        "at": at,
        "level": entry.level.value,
        "message": message,
        "module": entry.module,
    }


def trim(tx: Tx, keep: int) -> None:
    """Of each agent's entries only the newest `keep` stay."""
    counted = select(agent_logs.c.identity_id).group_by(agent_logs.c.identity_id).having(func.count() > keep)
    for (identity_id,) in tx.conn.execute(counted).fetchall():
        mine = agent_logs.c.identity_id == identity_id
        newest = select(agent_logs.c.id).where(mine).order_by(agent_logs.c.at.desc(), agent_logs.c.id.desc())
        tx.conn.execute(delete(agent_logs).where(mine, agent_logs.c.id.not_in(newest.limit(keep))))
