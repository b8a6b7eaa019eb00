"""What belongs to organizations: how they are reached, their people, and the reviews of who they are."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType

from mercato.schemas import DetailQuery, Endpoint, ListQuery, Nothing, Status


class Country(Struct, kw_only=True):
    label: str
    value: str


class Contact(Struct, kw_only=True):
    """How an organization is reached (CustomerContactUpdate). `notification_emails`: with commas between."""

    contact_details: str
    email: str
    phone_number: str
    homepage: str
    notification_emails: str


class ContactChange(Struct, kw_only=True):
    contact_details: str | UnsetType = UNSET
    email: str | UnsetType = UNSET
    phone_number: str | UnsetType = UNSET
    homepage: str | UnsetType = UNSET
    notification_emails: str | UnsetType = UNSET


class CustomerUser(Struct, kw_only=True):
    """Somebody with a role in an organization or in its projects; `projects` are those that the caller sees."""

    url: str
    uuid: str
    username: str
    full_name: str
    email: str
    role_name: str | None = None
    expiration_time: datetime | None = None
    projects: list[dict[str, Any]]
    image: str | None = None


class CustomerUserQuery(ListQuery, kw_only=True):
    """Roles by their names or uuids; `user_keyword` in names, addresses and usernames."""

    username: str | UnsetType = UNSET
    full_name: str | UnsetType = UNSET
    native_name: str | UnsetType = UNSET
    email: str | UnsetType = UNSET
    organization: str | UnsetType = UNSET
    job_title: str | UnsetType = UNSET
    phone_number: str | UnsetType = UNSET
    registration_method: str | UnsetType = UNSET
    user_keyword: str | UnsetType = UNSET
    is_active: bool | UnsetType = UNSET
    organization_role: list[str] | UnsetType = UNSET
    project_role: list[str] | UnsetType = UNSET


class Review(Struct, kw_only=True):
    """Somebody shall look, or has looked, whether an organization's people still belong there
    (CustomerPermissionReview)."""

    url: str
    uuid: str
    customer_uuid: str
    customer_name: str
    is_pending: bool
    created: datetime
    closed: datetime | None = None
    reviewer_full_name: str | None = None
    reviewer_uuid: str | None = None


class ReviewQuery(ListQuery, kw_only=True):
    """`closed`: at that moment or later."""

    closed: datetime | UnsetType = UNSET
    customer_uuid: UUID | UnsetType = UNSET
    is_pending: bool | UnsetType = UNSET
    reviewer_uuid: UUID | UnsetType = UNSET


_C, _R = "/api/customers/", "/api/customer-permissions-reviews/"

COUNTRIES = Endpoint("GET", _C + "countries/", Nothing, list[Country], 200, "List countries")
CONTACT = Endpoint(
    "POST", _C + "{uuid}/contact/", ContactChange, Contact, 200, "Say how to reach an organization"
)
USERS = Endpoint(
    "GET", _C + "{uuid}/users/", CustomerUserQuery, list[CustomerUser], 200, "List an organization's people"
)
REVIEWS = Endpoint("GET", _R, ReviewQuery, list[Review], 200, "List reviews of organizations' people")
REVIEW = Endpoint("GET", _R + "{uuid}/", DetailQuery, Review, 200, "Get a review")
REVIEW_CLOSE = Endpoint("POST", _R + "{uuid}/close/", Nothing, Status, 200, "Close a review")
