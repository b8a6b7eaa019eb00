"""Agreements to the terms of service of offerings."""

from __future__ import annotations

from typing import Any

from sqlalchemy import insert, select, update

from mercato.access.rules import Actor
from mercato.accounts.tables import consents
from mercato.catalog import queries as catalog
from mercato.kernel.db import Tx
from mercato.kernel.errors import Conflict, Forbidden, NotFound, invalid
from mercato.kernel.ids import key_hash, new_uuid, uuid_of_link
from mercato.schemas.facts import OrderMoved, TermsAccepted


def _standing(tx: Tx, user_id: int, offering_id: int) -> Any:
    found = select(consents).where(
        consents.c.user_id == user_id,
        consents.c.offering_id == offering_id,
        consents.c.revocation_date.is_(None),
    )
    return tx.conn.execute(found).first()


def _has_terms(offering: Any) -> bool:
    return bool(offering.terms_of_service or offering.terms_of_service_link)


def agree(tx: Tx, user_id: int, offering: Any) -> str:
    """Somebody agrees to the terms as they are now; the uuid of the agreement, an old one included."""
    standing = _standing(tx, user_id, offering.id)
    terms = {"terms": offering.terms_of_service, "terms_link": offering.terms_of_service_link}
    if standing is not None:
        if (standing.terms, standing.terms_link) == tuple(terms.values()):
            return str(standing.uuid)
        _end(tx, standing.id)
    made = new_uuid()
    tx.conn.execute(
        insert(consents),
        {
            **terms,
            "uuid": made,
            "created": tx.now,
            "modified": tx.now,
            "user_id": user_id,
            "offering_id": offering.id,
            "version": key_hash("\n".join(terms.values()))[:12],
            "agreement_date": tx.now,
        },
    )
    fact = TermsAccepted(object=made, offering=offering.uuid, accepted=True)
    text = f"Terms of service of {offering.name} have been accepted."
    tx.emit(fact, event="terms_of_service_consent_granted", message=text)
    return made


def _end(tx: Tx, consent_id: int) -> None:
    values = {"revocation_date": tx.now, "modified": tx.now}
    tx.conn.execute(update(consents).where(consents.c.id == consent_id), values)


def create(tx: Tx, actor: Actor, link: str, *, sees_offering: Any) -> tuple[str, str]:
    """Agree for oneself: the agreement's uuid and the offering's."""
    uuid = uuid_of_link(link) or ""
    offering = catalog.offering_row(tx.conn, uuid)
    if offering is None or not sees_offering(uuid):
        raise invalid("offering", "Offering is not found.", code="unknown_offering")
    if not _has_terms(offering):
        raise invalid("offering", "Offering has no terms of service.", code="no_terms")
    return agree(tx, actor.id, offering), offering.uuid


def revoke(tx: Tx, actor: Actor, uuid: str) -> str:
    """Take one's own agreement back."""
    row = tx.conn.execute(select(consents).where(consents.c.uuid == uuid)).first()
    if row is None:
        raise NotFound
    if row.user_id != actor.id and not actor.is_staff:
        raise Forbidden
    if row.revocation_date is not None:
        raise Conflict("The agreement has been revoked already.", code="wrong_state")
    _end(tx, row.id)
    offering = catalog.offering_by_id(tx.conn, row.offering_id)
    fact = TermsAccepted(object=uuid, offering=offering.uuid, accepted=False)
    text = f"Terms of service of {offering.name} are no longer accepted."
    tx.emit(fact, event="terms_of_service_consent_revoked", message=text)
    return uuid


def on_order(tx: Tx, fact: OrderMoved) -> None:
    """Whoever orders from an offering with terms has accepted them (contract §5.6)."""
    if fact.previous or fact.type != "Create" or not tx.who:
        return
    offering = catalog.terms_of(tx.conn, fact.offering)
    if offering is not None:
        agree(tx, tx.who, offering)
