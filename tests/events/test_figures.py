"""How many events there were, and which kinds, roles, permissions and settings clients can know of."""

from __future__ import annotations

import msgspec
import pytest
from waldur_api_client.models.event_metadata_response import EventMetadataResponse
from waldur_api_client.models.event_stats import EventStats
from waldur_api_client.models.feature_metadata_response import FeatureMetadataResponse
from waldur_api_client.models.permission_metadata_response import PermissionMetadataResponse
from waldur_api_client.models.settings_metadata_response import SettingsMetadataResponse

from mercato.config import Settings
from world import World

pytestmark = pytest.mark.http


async def test_events_are_counted_by_month(world: World) -> None:
    where = "/api/events-stats/"
    with world.at("2026-04-30 23:59"):
        await world.offering("First")
    with world.at("2026-05-01 00:00"):
        second = await world.offering("Second")
    question = "?event_type=marketplace_offering_created"
    rows = await world.must("seller", "GET", where + question)
    EventStats.from_dict(dict(rows[0]))
    assert rows == [{"year": 2026, "month": 5, "count": 1}, {"year": 2026, "month": 4, "count": 1}]
    about = f"{question}&scope=http://testserver.local/api/marketplace-provider-offerings/{second['uuid']}/"
    assert await world.must("seller", "GET", where + about) == rows[:1]
    assert (
        await world.must("seller", "GET", f"{where}{question}&related_user_uuid={world.ids['owner']}") == []
    )
    assert await world.must("seller", "GET", where + "?feature=invoices") == []
    assert await world.must("stranger", "GET", where + question) == []


async def test_what_clients_can_know_of(world: World) -> None:
    for name, model in {
        "events": EventMetadataResponse,
        "features": FeatureMetadataResponse,
        "permissions": PermissionMetadataResponse,
        "settings": SettingsMetadataResponse,
    }.items():
        found = await world.must("stranger", "GET", f"/api/metadata/{name}/")
        model.from_dict(dict(found))
    assert (await world.get(None, "/api/metadata/events/")).status_code == 401
    known = await world.must("stranger", "GET", "/api/metadata/permissions/")
    assert known["roles"]["OFFERING_MANAGER"] == "OFFERING.MANAGER"
    assert known["permission_map"]["project"] == "PROJECT.CREATE_PERMISSION"
    offering = next(group for group in known["permission_descriptions"] if group["label"] == "Offering")
    assert {"label": "Create plan", "value": "OFFERING.CREATE_PLAN"} in offering["options"]


async def test_every_setting_that_is_told_of_is_read(world: World) -> None:
    sections = (await world.must("stranger", "GET", "/api/metadata/settings/"))["settings"]
    fields = {f.name: f.default for f in msgspec.structs.fields(Settings)}
    for item in (item for section in sections for item in section["items"]):
        usual = msgspec.json.encode(fields[item["key"].lower()]).decode()
        assert item["description"].endswith(f"Default: {usual}"), item
