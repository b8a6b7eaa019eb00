"""How service providers are listed."""

from __future__ import annotations

from sqlalchemy import String, and_, case, cast, column, func, select, table

from mercato.access import queries as access
from mercato.kernel.columns import Json
from mercato.kernel.filters import contains, equals, linked
from mercato.kernel.listing import Listing, omit
from mercato.kernel.wiresql import link
from mercato.schemas.providers import ServiceProvider
from mercato.schemas.tenants import NameUuid
from mercato.tenants.group_listings import groups_of
from mercato.tenants.tables import customer_groups, customers, service_providers

# A room above counts here; only these of its columns matter.
_offerings = table("offerings", column("id"), column("customer_id"), column("state"), column("removed_at"))
_URL = "/api/marketplace-service-providers/{}/"
_source = service_providers.join(customers, customers.c.id == service_providers.c.customer_id)
_live = and_(service_providers.c.removed_at.is_(None), customers.c.removed_at.is_(None))
_of_customer = ("uuid", "name", "abbreviation", "slug", "native_name", "country")

PROVIDERS = Listing(
    ServiceProvider,
    table=service_providers,
    source=_source,
    visible=lambda _kind: None,  # who sells is public to everybody signed in
    where=_live,
    columns={
        "url": link(_URL, service_providers.c.uuid),
        **{
            name: service_providers.c[name]
            for name in ("uuid", "created", "description", "enable_notifications")
        },
        "image": case(
            (service_providers.c.image_id.is_not(None), link(_URL + "image/", service_providers.c.uuid))
        ),
        "allowed_domains": func.coalesce(cast(service_providers.c.allowed_domains, String()), "[]").cast(
            Json()
        ),
        "customer": link("/api/customers/{}/", customers.c.uuid),
        **{f"customer_{name}": customers.c[name] for name in _of_customer},
        "customer_image": omit(
            case((customers.c.image_id.is_not(None), link("/api/customers/{}/image/", customers.c.uuid)))
        ),
        "organization_groups": groups_of(customer_groups, customer_groups.c.customer_id, customers),
        "offering_count": select(func.count())
        .select_from(_offerings)
        .where(
            _offerings.c.customer_id == customers.c.id,
            _offerings.c.removed_at.is_(None),
            _offerings.c.state.in_(["Active", "Paused"]),
        )
        .correlate(customers)
        .scalar_subquery(),
    },
    filters={
        "uuid": equals(service_providers.c.uuid),
        "customer": linked(customers.c.uuid),
        "customer_uuid": equals(customers.c.uuid),
        "customer_keyword": contains(customers.c.name, customers.c.abbreviation),
    },
    order={"customer_name": customers.c.name, "created": service_providers.c.created},
    default_order=("customer_name",),
)

# Those for which I work: what they earn and whom they serve is for their own people.
OWN_PROVIDERS = Listing(
    NameUuid,
    table=service_providers,
    source=_source,
    visible=lambda kind: None if kind == access.EVERYTHING else access.in_customer(customers.c.id),
    where=_live,
    columns={"uuid": service_providers.c.uuid, "name": customers.c.name},
    filters={"uuid": equals(service_providers.c.uuid)},
)
