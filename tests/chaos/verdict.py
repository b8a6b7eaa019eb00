"""What must be true after the storm, read from the database and from the backend's ledger."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from chaos.market import Placed

FINAL = ("done", "erred")


class Books:
    """The marketplace's own books."""

    def __init__(self, url: str, ledger: Path) -> None:
        self._engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:", 1), poolclass=NullPool)
        lines = ledger.read_text().splitlines() if ledger.exists() else []
        self.ledger = [line.split() for line in lines]

    def rows(self, statement: str) -> list[Any]:
        with self._engine.connect() as conn:
            return list(conn.execute(text(statement)))

    def open_orders(self) -> int:
        return int(self.rows("SELECT count(*) FROM orders WHERE state NOT IN ('done', 'erred')")[0][0])

    def waiting_jobs(self) -> int:
        return int(self.rows("SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing'")[0][0])

    def explain(self) -> None:
        """What is known of orders that hang."""
        hanging = (
            "SELECT id, uuid, type, state, run_token FROM orders WHERE state NOT IN ('done', 'erred') LIMIT 3"
        )
        for order in self.rows(hanging):
            print("   ", *order)
            for table in ("order_runs", "order_steps"):
                for row in self.rows(f"SELECT * FROM {table} WHERE order_id = {order.id}"):
                    print("     ", table, *row)
            jobs = (
                f"SELECT * FROM procrastinate_jobs WHERE CAST(args AS text) LIKE '%{order.uuid}%' ORDER BY id"
            )
            for row in self.rows(jobs):
                print("     ", *row)
                for told in self.rows(
                    f"SELECT type, at FROM procrastinate_events WHERE job_id = {row.id} ORDER BY id"
                ):
                    print("       ", *told)
            print("     ", *(line for line in self.ledger if line[2] == order.uuid))

    def calls(self, verb: str) -> Counter[str]:
        return Counter(line[2] for line in self.ledger if line[1] == verb)


def judge(books: Books, placed: list[Placed]) -> tuple[dict[str, int], list[str]]:
    """The figures of the run, and everything that is wrong (nothing, if all is well)."""
    orders = {
        row.uuid: row
        for row in books.rows("SELECT uuid, state, error_message, request_key, resource_id FROM orders")
    }
    wrong: list[str] = []

    def check(name: str, bad: Any) -> None:
        found = list(bad)
        if found:
            wrong.append(f"{name}: {len(found)}, like {found[0]}")

    check("acknowledged but not there", [p for p in placed if p.uuid not in orders])
    check("not finished", [o.uuid for o in orders.values() if o.state not in FINAL])
    check(
        "failed without a reason",
        [o.uuid for o in orders.values() if o.state == "erred" and not o.error_message],
    )
    keys = Counter(o.request_key for o in orders.values())
    check("ordered twice", [key for key, times in keys.items() if times > 1])
    check(
        "acknowledged as another",
        [p for p in placed if p.uuid in orders and orders[p.uuid].request_key != p.key],
    )
    _check_resources(books, orders, check)
    _check_told(books, orders, check)
    return _figures(books, orders), wrong


def _check_resources(books: Books, orders: dict[str, Any], check: Any) -> None:
    found = {row.id: row for row in books.rows("SELECT id, state, backend_id FROM resources")}
    done = [o for o in orders.values() if o.state == "done"]
    check(
        "done without its object",
        [o.uuid for o in done if found[o.resource_id].backend_id != f"object-{o.uuid}"],
    )
    check("done and not OK", [o.uuid for o in done if found[o.resource_id].state != "OK"])
    made = books.calls("create-call")
    check("made for nobody", [key for key in made if key not in orders])
    check("done and never made", [o.uuid for o in done if o.uuid not in made])
    undone = books.calls("undo-ok")
    refused = [o.uuid for o in orders.values() if o.state == "erred" and "refuses" in o.error_message]
    check("refused and not undone", [uuid for uuid in refused if uuid not in undone])
    lines = books.rows("SELECT resource_id, key, price FROM invoice_items WHERE resource_id IS NOT NULL")
    twice = Counter((line.resource_id, line.key) for line in lines)
    check("billed twice", [key for key, times in twice.items() if times > 1])
    sums: Counter[int] = Counter()
    for line in lines:
        sums[line.resource_id] += line.price
    mine = {o.resource_id for o in done}
    check("billed but not done", [number for number in sums if number not in mine])
    prices = Counter(sums[number] for number in mine)
    check("same things with other sums", list(prices.items())[1:])


def _check_told(books: Books, orders: dict[str, Any], check: Any) -> None:
    ends = "('marketplace_order_completed', 'marketplace_order_failed')"
    told = Counter(row.object for row in books.rows(f"SELECT object FROM audit WHERE event_type IN {ends}"))
    check("end told twice", [uuid for uuid, times in told.items() if times > 1])
    check("end not told", [uuid for uuid in orders if uuid not in told])
    messages = Counter(row.body for row in books.rows("SELECT body FROM queued_messages"))
    check("message twice", [body for body, times in messages.items() if times > 1])
    check("no messages at all", [] if messages else ["the queue is empty"])
    notices = "SELECT user_id, kind, object_uuid, text FROM notices"
    check(
        "notice twice", [row for row, times in Counter(map(tuple, books.rows(notices))).items() if times > 1]
    )


def _figures(books: Books, orders: dict[str, Any]) -> dict[str, int]:
    made, answered = books.calls("create-call"), books.calls("create-ok")
    states = Counter(o.state for o in orders.values())
    dead = books.rows("SELECT count(*) FROM procrastinate_jobs WHERE status = 'failed'")[0][0]
    return {
        "orders": len(orders),
        "done": states["done"],
        "erred with a reason": states["erred"],
        "backend asked again with the same key": sum(times - 1 for times in made.values()),
        "backend answered twice to the same key": sum(times - 1 for times in answered.values()),
        "dead jobs": int(dead),
    }
