"""Identifiers: time-ordered uuids in both spellings, hyperlinks, slugs, keys."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert

from mercato.kernel.db import Database, Tx
from mercato.kernel.ids import as_hex, key_hash, new_key, new_uuid, slugify, uuid_of_link
from mercato.kernel.slugs import take_slug
from mercato.tenants.tables import customers

HEX = "01a1f9451f4b7bb494e47baf44a1ea5f"
DASHED = "01a1f945-1f4b-7bb4-94e4-7baf44a1ea5f"


@pytest.mark.pure
def test_new_uuids_are_version_7_and_unique() -> None:
    made = [new_uuid() for _ in range(1000)]
    assert len(set(made)) == 1000
    assert {(UUID(u).version, UUID(u).variant, len(u)) for u in made} == {(7, "specified in RFC 4122", 32)}
    assert [u[:9] for u in made] == sorted(u[:9] for u in made)


@pytest.mark.pure
@pytest.mark.parametrize("spelled", [HEX, DASHED, HEX.upper(), DASHED.upper(), UUID(HEX)])
def test_both_spellings(spelled: str | UUID) -> None:
    assert as_hex(spelled) == HEX


@pytest.mark.pure
@pytest.mark.parametrize(
    "spelled", ["", "x", HEX[:-1], HEX + "0", "g" * 32, "0x" + HEX[:-2], "+" + HEX[1:], " " + HEX[1:]]
)
def test_what_is_no_uuid(spelled: str) -> None:
    assert as_hex(spelled) is None


@pytest.mark.pure
@given(st.text(max_size=40))
def test_no_text_breaks_it(text: str) -> None:
    found = as_hex(text)
    assert found is None or (len(found) == 32 and UUID(found).hex == found)
    uuid_of_link(text)


@pytest.mark.pure
@pytest.mark.parametrize(
    "link",
    [
        HEX,
        DASHED,
        f"/api/projects/{HEX}/",
        f"/api/projects/{HEX}",
        f"https://elsewhere.example:8443/prefix/api/projects/{DASHED}/",
        f"http://x/api/marketplace-public-offerings/{'0' * 32}/plans/{HEX}/?field=uuid",
    ],
)
def test_the_uuid_at_the_end_of_a_link(link: str) -> None:
    assert uuid_of_link(link) == HEX


@pytest.mark.pure
@pytest.mark.parametrize("link", ["", "/", "/api/projects/", f"/api/projects/{HEX}/extra/", f"/api/x{HEX}/"])
def test_links_without_one(link: str) -> None:
    assert uuid_of_link(link) is None


@pytest.mark.pure
@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("E2E Restore", "e2e-restor"),
        ("stomp-events", "stomp-even"),
        ("Partition", "partition"),
        ("Ünïcode Øl", "unicode-l"),
        ("日本語", "x"),
        ("  --  ", "x"),
        ("a/b\\c'd\"e", "a-b-c-d-e"),
    ],
)
def test_slugs(name: str, slug: str) -> None:
    assert slugify(name) == slug


@pytest.mark.db
async def test_slugs_are_taken_once(db: Database) -> None:
    def take(tx: Tx) -> list[str]:
        taken = []
        for _ in range(3):
            slug = take_slug(tx.conn, customers, "New Org")
            taken.append(slug)
            row = {
                "uuid": new_uuid(),
                "slug": slug,
                "created": tx.now,
                "name": "New Org",
                "default_tax_percent": 0,
                "time_zone": "UTC",
            }
            tx.conn.execute(insert(customers), row)
        return taken

    assert await db.write(take) == ["new-org", "new-org-2", "new-org-3"]
    assert (await db.write(take))[0] == "new-org-4"


@pytest.mark.pure
def test_keys_are_long_and_only_their_hash_is_needed() -> None:
    keys = {new_key() for _ in range(100)}
    assert len(keys) == 100
    assert {len(key) for key in keys} == {40}
    assert key_hash("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
