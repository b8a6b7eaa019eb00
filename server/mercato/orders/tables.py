"""Requests and how far they have come."""

from __future__ import annotations

from sqlalchemy import Index, Table, UniqueConstraint, text

from mercato.kernel import columns as c

orders = Table(
    "orders",
    c.metadata,
    c.pk(),
    c.uuid(),
    c.text("slug", length=80),
    c.moment("created", nullable=False),
    c.moment("modified", nullable=False),
    c.text("type", length=10),
    c.text("state", length=20),
    c.ref("offering_id", "offerings.id"),
    c.ref("plan_id", "plans.id", nullable=True, index=False),
    c.ref("old_plan_id", "plans.id", nullable=True, index=False),
    c.ref("project_id", "projects.id"),
    c.ref("resource_id", "resources.id"),
    c.json("attributes"),
    c.json("limits"),
    c.exact("cost", nullable=True),
    c.day("start_date"),
    c.text("request_comment", nullable=True),
    c.text("callback_url", nullable=True),
    c.ref("created_by_id", "users.id", nullable=True, index=False),
    c.ref("consumer_reviewed_by_id", "users.id", nullable=True, index=False),
    c.moment("consumer_reviewed_at"),
    c.ref("provider_reviewed_by_id", "users.id", nullable=True, index=False),
    c.moment("provider_reviewed_at"),
    c.text("consumer_rejection_comment", default=""),
    c.text("provider_rejection_comment", default=""),
    c.text("termination_comment", nullable=True),
    c.ref("attachment_id", "files.id", nullable=True, index=False),
    # What customer and provider tell one another while it is open.
    c.text("consumer_message", default=""),
    c.ref("consumer_message_file_id", "files.id", nullable=True, index=False),
    c.moment("consumer_message_updated_at"),
    c.text("provider_message", default=""),
    c.text("provider_message_url", length=200, default=""),
    c.ref("provider_message_file_id", "files.id", nullable=True, index=False),
    c.moment("provider_message_updated_at"),
    c.text("backend_id", length=255, default=""),
    c.text("output", default=""),
    c.text("error_message", default=""),
    c.text("error_traceback", default=""),
    c.moment("completed_at"),
    # Who may write the result: a run that lost this token was overtaken and must change nothing.
    c.text("run_token", length=32, nullable=True),
    # Until then the site agent that took it has it to itself.
    c.moment("held_until"),
    # The client's own key: the same request sent twice makes one order.
    c.text("request_key", length=200, nullable=True),
    Index("ix_orders_state_created", "state", "created"),
    Index("ix_orders_created", "created"),
    Index(
        "uq_orders_request_key",
        "created_by_id",
        "request_key",
        unique=True,
        sqlite_where=text("request_key IS NOT NULL"),
        postgresql_where=text("request_key IS NOT NULL"),
    ),
)

# How far the execution of an order has come; made when it is first executed.
order_runs = Table(
    "order_runs",
    c.metadata,
    c.pk(),
    c.ref("order_id", "orders.id", index=False),
    # Of the present execution: a retry by people begins anew.
    c.moment("began", nullable=False),
    # How often the plugin broke since it last answered.
    c.number("broke", default=0),
    # Why the creation failed whose remains are being removed; empty while nothing is undone.
    c.text("undoing", default=""),
    c.text("trace", default=""),
    # What somebody must do before it can go on.
    c.text("waits_for", default=""),
    UniqueConstraint("order_id"),
)

order_steps = Table(
    "order_steps",
    c.metadata,
    c.pk(),
    c.ref("order_id", "orders.id", index=False),
    c.text("name", length=80),
    # running, waiting, done, failed, undone
    c.text("state", length=10),
    c.number("tries"),
    c.text("message", default=""),
    c.moment("began", nullable=False),
    c.moment("changed", nullable=False),
    # JSON: what a step that is done gave.
    c.text("result", nullable=True),
    UniqueConstraint("order_id", "name"),
)
