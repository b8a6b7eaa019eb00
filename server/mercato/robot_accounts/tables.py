"""Robot accounts and the people behind them."""

from __future__ import annotations

from sqlalchemy import Index, Table, text

from mercato.kernel import columns as c

robot_accounts = Table(
    "robot_accounts",
    c.metadata,
    c.pk(),
    c.uuid(),
    c.moment("created", nullable=False),
    c.moment("modified", nullable=False),
    c.ref("resource_id", "resources.id"),
    c.text("type", length=5),
    c.text("username", length=32, default=""),
    c.text("description", default=""),
    c.text("state", length=20),
    c.text("error_message", default=""),
    c.ref("responsible_user_id", "users.id", nullable=True, index=False),
    # The program's own public keys, and of each its fingerprints.
    c.json("keys"),
    c.json("fingerprints"),
    Index(
        "uq_robot_accounts_living",
        "resource_id",
        "username",
        unique=True,
        sqlite_where=text("state <> 'Deleted' AND username <> ''"),
        postgresql_where=text("state <> 'Deleted' AND username <> ''"),
    ),
)

robot_account_users = Table(
    "robot_account_users",
    c.metadata,
    c.pk(),
    c.ref("robot_account_id", "robot_accounts.id", index=False),
    c.ref("user_id", "users.id"),
    Index("uq_robot_account_users_member", "robot_account_id", "user_id", unique=True),
)
