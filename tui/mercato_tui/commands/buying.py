"""Offerings, orders and resources: what a customer does, and how a provider answers."""

from __future__ import annotations

from typing import Any

import click

from mercato.schemas import Endpoint, accounts, catalog, orders, plans, resources, usage
from mercato_tui.api import Api
from mercato_tui.commands.nouns import Act, Noun, Other, Part, group
from mercato_tui.commands.ordering import create
from mercato_tui.commands.printing import Column, text_of, when


def _given(quotas: Any) -> str:
    return text_of({name: amount for name, amount in (quotas or {}).items() if amount})


def _links(endpoints: Any) -> str:
    return ", ".join(f"{text_of(one.get('name'))} {text_of(one.get('url'))}" for one in endpoints or ())


OFFERINGS = Noun(
    name="offerings",
    one="offering",
    help="What can be ordered.",
    list=catalog.PUBLIC_OFFERINGS,
    detail=catalog.PUBLIC_OFFERING,
    columns=(
        Column("NAME", "name"),
        Column("PROVIDER", "customer_name"),
        Column("CATEGORY", "category_title"),
        Column("STATE", "state"),
        Column("UUID", "uuid"),
    ),
    facts=(
        Column("Name", "name"),
        Column("Provider", "customer_name"),
        Column("Category", "category_title"),
        Column("State", "state"),
        Column("Paused because", "paused_reason"),
        Column("Description", "description"),
        Column("Type", "type"),
        Column("Documentation", "documentation_url"),
        Column("Help", "helpdesk_url"),
        Column("Terms", "terms_of_service_link"),
        Column("UUID", "uuid"),
    ),
    sort="name",
    empty="No offerings that you can see.",
    other=Other("mine", "Those that I provide.", catalog.OFFERINGS, catalog.OFFERING),
    parts=(
        Part(
            "plans",
            plans.PUBLIC_OFFERING_PLANS,
            "What it costs.",
            (
                Column("PLAN", "name"),
                Column("PER", "unit"),
                Column("PRICES", "prices"),
                Column("INCLUDED", "quotas", _given),
                Column("UUID", "uuid"),
            ),
            "It has no plans: it is free of charge.",
        ),
    ),
    acts=(
        Act("activate", catalog.OFFERING_ACTIVATE, "Let it be ordered.", "{name} is active."),
        Act("pause", catalog.OFFERING_PAUSE, "No new orders for now.", "{name} is paused."),
        Act("unpause", catalog.OFFERING_UNPAUSE, "Let it be ordered again.", "{name} is active."),
        Act("draft", catalog.OFFERING_DRAFT, "Back to the drawing board.", "{name} is a draft."),
        Act(
            "archive",
            catalog.OFFERING_ARCHIVE,
            "Take it off the shelf.",
            "{name} is archived.",
            asks="Archive {name}? It can no longer be ordered.",
        ),
    ),
)


def _side(consumer: Endpoint, provider: Endpoint, name: str):  # type: ignore[no-untyped-def, type-arg]
    """For whom the person decides: what the server says they may do."""

    async def choose(api: Api, uuid: str) -> Endpoint:  # type: ignore[type-arg]
        found = await api(orders.ORDER_ACTIONS, uuid=uuid)
        return provider if f"{name}_by_provider" in found.actions else consumer

    return choose


ORDERS = Noun(
    name="orders",
    one="order",
    help="Requests for services.",
    list=orders.ORDERS,
    detail=orders.ORDER,
    label="slug",
    names=("slug",),
    columns=(
        Column("ORDER", "slug"),
        Column("TYPE", "type"),
        Column("STATE", "state"),
        Column("RESOURCE", "resource_name"),
        Column("OFFERING", "offering_name"),
        Column("PROJECT", "project_name"),
        Column("CREATED", "created", when),
    ),
    facts=(
        Column("Order", "slug"),
        Column("Type", "type"),
        Column("State", "state"),
        Column("Resource", "resource_name"),
        Column("Offering", "offering_name"),
        Column("Provider", "provider_name"),
        Column("Plan", "plan_name"),
        Column("Limits", "limits"),
        Column("Answers", "attributes"),
        Column("Project", "project_name"),
        Column("Organization", "customer_name"),
        Column("Cost", "cost"),
        Column("Starts", "start_date"),
        Column("Asked for by", "created_by_full_name"),
        Column("Created", "created", when),
        Column("Approved for the customer by", "consumer_reviewed_by_full_name"),
        Column("Approved for the provider by", "provider_reviewed_by_full_name"),
        Column("Provider says", "provider_message"),
        Column("Customer says", "consumer_message"),
        Column("Problem", "error_message"),
        Column("UUID", "uuid"),
    ),
    sort="-created",
    empty="No orders.",
    parts=(
        Part(
            "steps",
            orders.ORDER_STEPS,
            "How far has it come?",
            (
                Column("STEP", "name"),
                Column("STATE", "state"),
                Column("TRIES", "tries", right=True),
                Column("SINCE", "changed", when),
                Column("MESSAGE", "message"),
            ),
            "Its execution has not begun.",
        ),
    ),
    acts=(
        Act(
            "approve",
            orders.APPROVE_BY_PROVIDER,
            "Approve it, for the customer or the provider.",
            "{name} is approved.",
            choose=_side(orders.APPROVE_BY_CONSUMER, orders.APPROVE_BY_PROVIDER, "approve"),
            skip=frozenset({"attributes"}),
        ),
        Act(
            "reject",
            orders.REJECT_BY_PROVIDER,
            "Refuse it, for the customer or the provider.",
            "{name} is rejected.",
            asks="Reject {name}?",
            choose=_side(orders.REJECT_BY_CONSUMER, orders.REJECT_BY_PROVIDER, "reject"),
        ),
        Act("cancel", orders.CANCEL, "Take it back.", "{name} is canceled.", asks="Cancel {name}?"),
        Act("retry", orders.RETRY, "Try a failed one again.", "{name} is tried again."),
        Act("done", orders.SET_DONE, "Report that it was carried out.", "{name} is done."),
        Act("failed", orders.SET_ERRED, "Report that it failed.", "{name} has failed."),
    ),
)
RESOURCES = Noun(
    name="resources",
    one="resource",
    help="What was ordered.",
    list=resources.RESOURCES,
    detail=resources.RESOURCE,
    columns=(
        Column("NAME", "name"),
        Column("STATE", "state"),
        Column("OFFERING", "offering_name"),
        Column("PLAN", "plan_name"),
        Column("LIMITS", "limits"),
        Column("PROJECT", "project_name"),
        Column("UUID", "uuid"),
    ),
    facts=(
        Column("Name", "name"),
        Column("State", "state"),
        Column("Offering", "offering_name"),
        Column("Provider", "provider_name"),
        Column("Plan", "plan_name"),
        Column("Limits", "limits"),
        Column("Used", "limit_usage"),
        Column("Project", "project_name"),
        Column("Organization", "customer_name"),
        Column("My username there", "username"),
        Column("Endpoints", "endpoints", _links),
        Column("Backend id", "backend_id"),
        Column("Ends", "end_date"),
        Column("Paused", "paused"),
        Column("Created", "created", when),
        Column("Problem", "error_message"),
        Column("I may", "available_actions"),
        Column("UUID", "uuid"),
    ),
    sort="name",
    empty="No resources.",
    other=Other(
        "provided", "Those of my offerings.", resources.PROVIDER_RESOURCES, resources.PROVIDER_RESOURCE
    ),
    parts=(
        Part(
            "team",
            accounts.TEAM,
            "Who uses it.",
            (
                Column("NAME", "full_name"),
                Column("ROLE", "role"),
                Column("USERNAME THERE", "offering_user_username"),
                Column("ACCOUNT", "offering_user_state"),
            ),
            "Nobody.",
        ),
        Part(
            "usage",
            usage.USAGES,
            "What was used, month by month.",
            (
                Column("MONTH", "billing_period"),
                Column("COMPONENT", "name"),
                Column("USED", "usage", right=True),
                Column("UNIT", "measured_unit"),
            ),
            "No usage has been reported.",
            within="resource_uuid",
        ),
    ),
    acts=(
        Act("update-limits", orders.UPDATE_LIMITS, "Order other limits.", "Ordered: other limits of {name}."),
        Act("switch-plan", orders.SWITCH_PLAN, "Order another plan.", "Ordered: another plan for {name}."),
        Act("renew", orders.RENEW, "Order more months.", "Ordered: more months of {name}."),
        Act("rename", resources.RESOURCE_UPDATE, "Name or describe it.", "{name} is changed."),
        Act(
            "terminate",
            orders.TERMINATE,
            "Order its end.",
            "Ordered: the end of {name}.",
            asks="End {name}? What it holds may be lost.",
        ),
    ),
)
COMMANDS: dict[str, click.Command] = {
    "offerings": group(OFFERINGS),
    "orders": group(ORDERS, create),
    "resources": group(RESOURCES),
}
