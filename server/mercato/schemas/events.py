"""The log of what happened, and the vocabulary of its events (contract §10)."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType

from mercato.schemas import DetailQuery, Endpoint, ListQuery


def _names(words: str) -> tuple[str, ...]:
    return tuple(words.split())


# Waldur's names, by group, as far as they are in scope.
WALDUR_EVENTS: Final = {
    "auth": _names(
        """
        auth_logged_in_with_username auth_logged_out auth_login_failed_with_username token_created
        token_lifetime_updated pat_created pat_rotated pat_revoked pat_expired pat_network_acl_updated
        pat_used_from_new_ip pat_access_denied_from_ip pat_authentication_rejected
        """
    ),
    "users": _names(
        """
        auth_logged_in_with_oauth auth_logged_in_with_saml2 auth_logged_out_with_saml2 user_creation_succeeded
        user_update_succeeded user_deletion_succeeded user_activated user_deactivated user_deactivated_no_roles
        user_blocked user_details_update_succeeded user_has_been_created_by_staff user_password_updated
        user_password_updated_by_staff user_password_removed_by_staff user_data_accessed user_invitation_updated
        user_invitation_deleted user_group_invitation_updated marketplace_offering_user_created
        marketplace_offering_user_updated marketplace_offering_user_deleted
        marketplace_offering_user_restriction_updated
        """
    ),
    "ssh": _names("ssh_key_creation_succeeded ssh_key_deletion_succeeded"),
    "permissions": _names("role_granted role_updated role_revoked"),
    "customers": _names(
        """
        customer_creation_succeeded customer_update_succeeded customer_deletion_succeeded
        customer_permission_review_created customer_permission_review_closed payment_added payment_removed
        """
    ),
    "projects": _names(
        """
        project_creation_succeeded project_update_succeeded project_deletion_triggered project_deletion_succeeded
        project_permission_review_created project_permission_review_closed project_update_request_created
        project_update_request_approved project_update_request_rejected project_end_date_change_request_created
        project_end_date_change_request_approved project_end_date_change_request_rejected
        """
    ),
    "resources": _names(
        """
        marketplace_order_created marketplace_order_approved marketplace_order_rejected marketplace_order_completed
        marketplace_order_terminated marketplace_order_failed marketplace_order_unlinked
        marketplace_resource_create_requested marketplace_resource_create_succeeded
        marketplace_resource_create_failed marketplace_resource_create_canceled
        marketplace_resource_update_requested marketplace_resource_update_succeeded
        marketplace_resource_update_failed marketplace_resource_update_canceled
        marketplace_resource_update_limits_succeeded marketplace_resource_update_limits_failed
        marketplace_resource_update_end_date_succeeded marketplace_resource_terminate_requested
        marketplace_resource_terminate_succeeded marketplace_resource_terminate_failed
        marketplace_resource_terminate_canceled marketplace_resource_downscaled marketplace_resource_paused
        marketplace_resource_erred_on_backend marketplace_resource_unlinked
        marketplace_resource_api_key_requested marketplace_resource_api_key_failed
        marketplace_resource_api_key_deleted marketplace_resource_api_key_rotated marketplace_resource_api_key_revealed
        resource_robot_account_created resource_robot_account_updated
        resource_robot_account_deleted resource_robot_account_state_changed
        marketplace_resource_end_date_change_request_created marketplace_resource_limit_change_request_created
        """
    ),
    "providers": _names(
        """
        marketplace_resource_create_requested marketplace_resource_update_requested
        marketplace_resource_terminate_requested resource_robot_account_created resource_robot_account_updated
        resource_robot_account_deleted
        """
    ),
    "invoices": _names(
        """
        invoice_created invoice_paid invoice_canceled invoice_item_created invoice_item_updated invoice_item_deleted
        payment_created payment_removed
        """
    ),
    "credits": _names(
        """
        create_of_credit_by_staff update_of_credit_by_staff create_of_project_credit_by_staff
        update_of_project_credit_by_staff allowed_offerings_have_been_updated reduction_of_customer_credit
        reduction_of_project_credit reduction_of_customer_credit_due_to_minimal_consumption
        reduction_of_project_credit_due_to_minimal_consumption reduction_of_customer_expected_consumption
        reduction_of_project_expected_consumption roll_back_customer_credit roll_back_project_credit
        set_to_zero_overdue_credit automatic_credit_adjustment
        """
    ),
    "offering_accounting": _names(
        """
        marketplace_offering_component_created marketplace_offering_component_updated
        marketplace_offering_component_deleted marketplace_plan_created marketplace_plan_updated
        marketplace_plan_archived marketplace_plan_deleted marketplace_plan_component_current_price_updated
        marketplace_plan_component_future_price_updated marketplace_plan_component_quota_updated
        marketplace_offering_created marketplace_offering_updated marketplace_offering_options_updated
        marketplace_offering_resource_options_updated
        """
    ),
    "terms_of_service": _names("terms_of_service_consent_granted terms_of_service_consent_revoked"),
    "policies": _names(
        """
        notify_project_team notify_organization_owners notify_external_user block_creation_of_new_resources
        block_modification_of_existing_resources terminate_resources request_downscaling restrict_members
        reset_downscaling reset_member_restriction reset_pausing
        """
    ),
    "onboarding": _names("onboarding_verification_deleted onboarding_verification_deleted_by_task"),
    "support": _names(
        """
        issue_creation_succeeded issue_update_succeeded issue_deletion_succeeded attachment_created
        attachment_updated attachment_deleted
        """
    ),
    "access_subnets": _names(
        """
        access_subnet_creation_succeeded access_subnet_update_succeeded access_subnet_deletion_succeeded
        """
    ),
    "service_accounts": _names("service_account_created service_account_updated service_account_deleted"),
    "notifications": _names("custom_notification"),
}

# Ours, for what Waldur does not record.
OWN_EVENTS: Final = {
    "catalog": _names(
        "marketplace_category_created marketplace_category_updated marketplace_category_deleted"
    ),
    "customers": _names("organization_group_changed"),
    "projects": _names("science_domain_updated project_type_changed project_end_reminded"),
    "resources": _names(
        """
        marketplace_order_updated marketplace_resource_api_key_created marketplace_order_reminded
        marketplace_resource_end_reminded marketplace_resource_stale_reminded
        """
    ),
    "usage": _names("marketplace_component_usage_reported marketplace_user_usage_limit_changed"),
    "billing": _names("marketplace_resource_billing_changed invoice_updated"),
    "imports": _names(
        """
        backend_resource_request_updated backend_resource_created backend_resource_deleted backend_resource_imported
        """
    ),
    "slurm": _names(
        "slurm_policy_created slurm_policy_updated slurm_policy_deleted slurm_policy_command_reported"
    ),
    "site_agents": _names(
        """
        marketplace_offering_sync_requested
        site_agent_identity_created site_agent_identity_updated site_agent_identity_deleted
        site_agent_service_created site_agent_service_deleted site_agent_processor_created
        event_subscription_created event_subscription_deleted event_queue_created event_queue_deleted
        """
    ),
}

EVENTS: Final = {
    group: (*WALDUR_EVENTS.get(group, ()), *OWN_EVENTS.get(group, ()))
    for group in dict.fromkeys((*WALDUR_EVENTS, *OWN_EVENTS))
}


# Names that clients up to 8.1.2 do not know, and refuse a list of names for.
_NEWER = frozenset(
    _names(
        """
        marketplace_resource_api_key_requested marketplace_resource_api_key_failed
        marketplace_resource_api_key_deleted
        """
    )
)
KNOWN_EVENTS: Final = {
    group: tuple(name for name in names if name not in _NEWER) for group, names in WALDUR_EVENTS.items()
}


class EventGroup(StrEnum):
    ACCESS_SUBNETS = "access_subnets"
    AUTH = "auth"
    BILLING = "billing"
    CATALOG = "catalog"
    CREDITS = "credits"
    CUSTOMERS = "customers"
    IMPORTS = "imports"
    INVOICES = "invoices"
    NOTIFICATIONS = "notifications"
    OFFERING_ACCOUNTING = "offering_accounting"
    ONBOARDING = "onboarding"
    PERMISSIONS = "permissions"
    POLICIES = "policies"
    PROJECTS = "projects"
    PROVIDERS = "providers"
    RESOURCES = "resources"
    SERVICE_ACCOUNTS = "service_accounts"
    SITE_AGENTS = "site_agents"
    SLURM = "slurm"
    SSH = "ssh"
    SUPPORT = "support"
    TERMS_OF_SERVICE = "terms_of_service"
    USAGE = "usage"
    USERS = "users"


class ScopeType(StrEnum):
    """What an event can be about, where one asks by `scope`."""

    CUSTOMER = "customer"
    PROJECT = "project"
    OFFERING = "offering"
    RESOURCE = "resource"
    USER = "user"
    ORDER = "order"
    INVOICE = "invoice"


class Event(Struct, kw_only=True):
    """`context`: what the act knew, and the names of who did it and of whom and what it concerns, as they are now."""

    uuid: str
    created: dt.datetime
    event_type: str
    message: str
    context: dict[str, Any]


class EventQuery(ListQuery, kw_only=True):
    """`scope`: the hyperlink of anything. `provider_uuid`: an organization, with everything that happened to its
    offerings. `created_from`, `created_to`: seconds since 1970."""

    event_type: list[str] | UnsetType = UNSET
    feature: list[EventGroup] | UnsetType = UNSET
    scope: str | UnsetType = UNSET
    customer_uuid: UUID | UnsetType = UNSET
    provider_uuid: UUID | UnsetType = UNSET
    project_uuid: UUID | UnsetType = UNSET
    user_uuid: UUID | UnsetType = UNSET
    related_user_uuid: UUID | UnsetType = UNSET
    pat_uuid: UUID | UnsetType = UNSET
    message: str | UnsetType = UNSET
    created_from: float | UnsetType = UNSET
    created_to: float | UnsetType = UNSET


class EventCount(Struct, kw_only=True):
    count: int


class EventStatsQuery(ListQuery, kw_only=True):
    event_type: list[str] | UnsetType = UNSET
    feature: list[EventGroup] | UnsetType = UNSET
    scope: str | UnsetType = UNSET
    related_user_uuid: UUID | UnsetType = UNSET


class EventStats(Struct, kw_only=True):
    """How many events there were in a month (UTC)."""

    year: int
    month: int
    count: int


class EventMetadata(Struct, kw_only=True):
    event_groups: dict[str, tuple[str, ...]]


_E = "/api/events/"

LOG = Endpoint("GET", _E, EventQuery, list[Event], 200, "List what happened")
LOG_ENTRY = Endpoint("GET", _E + "{id}/", DetailQuery, Event, 200, "Get an event, by uuid or number")
LOG_COUNT = Endpoint("GET", _E + "count/", EventQuery, EventCount, 200, "How many events")
LOG_GROUPS = Endpoint(
    "GET", _E + "event_groups/", DetailQuery, dict[str, list[str]], 200, "The kinds of events, by group"
)
LOG_SCOPES = Endpoint("GET", _E + "scope_types/", DetailQuery, list[str], 200, "What events can be about")
LOG_STATS = Endpoint(
    "GET", "/api/events-stats/", EventStatsQuery, list[EventStats], 200, "How many events by month"
)
METADATA = Endpoint(
    "GET", "/api/metadata/events/", DetailQuery, EventMetadata, 200, "The kinds of events that clients know"
)
