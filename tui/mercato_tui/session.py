"""Who is signed in, what they may do, and which organisation and project they are looking at."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import UNSET, Struct, UnsetType

from mercato.schemas import access, identity, orders, system, tenants
from mercato_tui.api import ApiError
from mercato_tui.i18n import _
from mercato_tui.roles import role_label
from mercato_tui.views import CustomerRow, RoleRow

if TYPE_CHECKING:
    from uuid import UUID

    from mercato_tui.api import Api

CURRENCY = "EUR"


class Context(Struct, frozen=True):
    """What the lists are narrowed to. Empty: everything the person may see."""

    customer_uuid: str = ""
    customer_name: str = ""
    project_uuid: str = ""
    project_name: str = ""


class Waiting(Struct, frozen=True):
    """How many orders wait for this person, by the side they act for."""

    consumer: int = 0
    provider: int = 0

    @property
    def total(self) -> int:
        return self.consumer + self.provider


class Session:
    """One sign-in. Read once from the server and kept; `refresh_waiting` renews the counts."""

    def __init__(
        self,
        me: identity.Me,
        customers: list[CustomerRow],
        roles: list[RoleRow],
        configuration: dict[str, Any],
    ) -> None:
        me.permissions = [grant for grant in me.permissions if grant.user_uuid == me.uuid]
        self.me = me
        self.customers = {row.uuid: row for row in customers}
        self.permissions = {role.name: frozenset(role.permissions) for role in roles if role.is_active}
        self.role_names = [role for role in roles if role.is_active]
        self.context = Context()
        self.waiting = Waiting()
        self.currency = _setting(configuration, "CURRENCY_NAME") or CURRENCY
        self.site_name = _setting(configuration, "SITE_NAME") or ""

    @property
    def name(self) -> str:
        return self.me.full_name or self.me.username

    @property
    def is_staff(self) -> bool:
        return self.me.is_staff

    @property
    def sees_everything(self) -> bool:
        return self.me.is_staff or self.me.is_support

    @property
    def is_provider(self) -> bool:
        """Has a role in an organisation that sells, or on an offering."""
        for grant in self.me.permissions:
            scope = _scope(grant.scope_type)
            if scope in ("offering", "service_provider"):
                return True
            customer = self.customers.get(grant.scope_uuid)
            if scope == "customer" and customer is not None and customer.is_service_provider:
                return True
        return self.me.is_staff

    @property
    def is_consumer(self) -> bool:
        """Has a role in some project or organisation, or is staff."""
        return self.sees_everything or any(
            _scope(grant.scope_type) in ("customer", "project") for grant in self.me.permissions
        )

    @property
    def is_in_organisation(self) -> bool:
        """Has a role in an organisation itself, or sees all of them."""
        return self.sees_everything or any(
            _scope(grant.scope_type) == "customer" for grant in self.me.permissions
        )

    def may(self, permission: str, *scopes: str) -> bool:
        """Does a role of mine in any of these scopes (uuids) allow it? Staff may everything."""
        if self.me.is_staff:
            return True
        return any(
            grant.scope_uuid in scopes and permission in self.permissions.get(grant.role_name, frozenset())
            for grant in self.me.permissions
        )

    def zone(self, customer_uuid: str) -> str:
        """The IANA zone in which an organisation is billed; UTC for one this machine does not know."""
        customer = self.customers.get(customer_uuid)
        named = customer.time_zone if customer is not None and customer.time_zone else "UTC"
        try:
            ZoneInfo(named)
        except (ZoneInfoNotFoundError, ValueError):
            return "UTC"
        return named

    def tax(self, customer_uuid: str) -> Decimal:
        """The tax that an organisation pays on top, in percent."""
        customer = self.customers.get(customer_uuid)
        return Decimal(customer.default_tax_percent) if customer is not None else Decimal(0)

    def role_title(self) -> str:
        """The strongest role in the present context, in words."""
        if self.me.is_staff:
            return _("staff")
        if self.me.is_support:
            return _("support")
        scopes = {self.context.customer_uuid, self.context.project_uuid} - {""}
        names = [
            grant.role_name for grant in self.me.permissions if not scopes or grant.scope_uuid in scopes
        ] or [grant.role_name for grant in self.me.permissions]
        for name in (role.value for role in access.RoleName):
            if name in names:
                return role_label(name)
        return role_label(names[0]) if names else _("no role yet")

    def narrowed(self, query: Any) -> Any:
        """The same list query within the chosen organisation and project, as far as the list knows them."""
        for field, value in (
            ("customer_uuid", self.context.customer_uuid),
            ("project_uuid", self.context.project_uuid),
        ):
            if value and getattr(query, field, None) is UNSET:
                setattr(query, field, uuid(value))
        return query

    async def refresh_waiting(self, api: Api) -> None:
        """Count the orders that wait for me. Raises ApiError."""
        consumer = await api.count(orders.ORDERS, orders.OrderQuery(can_approve_as_consumer=True))
        provider = 0
        if self.is_provider:
            provider = await api.count(orders.ORDERS, orders.OrderQuery(can_approve_as_provider=True))
        self.waiting = Waiting(consumer, provider)


async def read_session(api: Api) -> Session:
    """Everything a session needs, from four requests. Raises ApiError."""
    me = await api(identity.ME)
    customers = await api.some(
        tenants.CUSTOMERS, CustomerRow, tenants.CustomerQuery(page=1, page_size=300, o=["name"])
    )
    roles = await api.some(access.ROLES, RoleRow, access.RoleQuery(page=1, page_size=300))
    try:
        configuration = await api(system.CONFIGURATION)
    except ApiError as problem:
        if problem.offline:
            raise
        configuration = {}
    return Session(me, customers.rows, roles.rows, configuration)


def uuid(text: str) -> UUID:
    """A uuid of the wire (32 hex digits) as a value for a query."""
    from uuid import UUID

    return UUID(text)


def given(text: str | UnsetType | None) -> str:
    """A text that the wire may leave out."""
    return text if isinstance(text, str) else ""


def _scope(scope_type: str) -> str:
    return scope_type.rsplit(".", 1)[-1]


def _setting(configuration: dict[str, Any], name: str) -> str | None:
    """A setting at the top of the public configuration or one level below it."""
    found = configuration.get(name)
    if found is None:
        for section in configuration.values():
            if isinstance(section, dict) and name in section:
                found = section[name]
    return found if isinstance(found, str) and found else None
