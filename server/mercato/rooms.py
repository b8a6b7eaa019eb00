"""The rooms of the house that keep something: where their tables are declared."""

from __future__ import annotations

from importlib import import_module

TABLES = (
    "mercato.kernel.tables",
    "mercato.jobs.tables",
    "mercato.identity.tables",
    "mercato.access.tables",
    "mercato.files.tables",
    "mercato.tenants.tables",
    "mercato.catalog.tables",
    "mercato.resources.tables",
    "mercato.usage.tables",
    "mercato.orders.tables",
    "mercato.accounts.tables",
    "mercato.networks.tables",
    "mercato.queues.tables",
    "mercato.site_agents.tables",
    "mercato.imports.tables",
    "mercato.api_keys.tables",
    "mercato.slurm_policies.tables",
    "mercato.robot_accounts.tables",
    "mercato.events.tables",
    "mercato.billing.tables",
    "mercato.notices.tables",
)


def import_tables() -> None:
    """Fill `kernel.columns.metadata` with every table of the product."""
    for module in TABLES:
        import_module(module)
