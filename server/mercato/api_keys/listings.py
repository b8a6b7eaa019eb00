"""How keys are listed, for the resource's customer and provider: never the secret."""

from __future__ import annotations

from sqlalchemy import null

from mercato.api_keys.tables import resource_api_keys
from mercato.catalog.tables import offerings
from mercato.kernel.filters import equals, until
from mercato.kernel.listing import Listing
from mercato.resources.listings import consumed
from mercato.resources.tables import resources
from mercato.schemas.api_keys import ApiKeyStatus
from mercato.tenants.tables import projects

_NOTHING = (
    "user_uuid", "user_full_name", "limits", "allowed_models", "current_usages", "usage_period", "paused_by_limit",
)  # fmt: skip

API_KEYS = Listing(
    ApiKeyStatus,
    table=resource_api_keys,
    source=resource_api_keys.join(resources, resources.c.id == resource_api_keys.c.resource_id)
    .join(offerings, offerings.c.id == resources.c.offering_id)
    .join(projects, projects.c.id == resources.c.project_id),
    visible=consumed,
    columns={
        "resource_uuid": resources.c.uuid,
        "resource_backend_id": resources.c.backend_id,
        **{
            name: resource_api_keys.c[name]
            for name in (
                "uuid", "client_id", "state", "pending_action", "error_message", "modified", "issued_at",
            )
        },
        **dict.fromkeys(_NOTHING, null()),
    },
    filters={
        "uuid": equals(resource_api_keys.c.uuid),
        "resource_uuid": equals(resources.c.uuid),
        "offering_uuid": equals(offerings.c.uuid),
        "state": equals(resource_api_keys.c.state),
        "modified_before": until(resource_api_keys.c.modified),
    },
)  # fmt: skip
