"""How accounts at offerings, teams and consents are listed: one SELECT each."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    String,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    or_,
    type_coerce,
)
from sqlalchemy.sql import false, true

from mercato.access import queries as access
from mercato.access.tables import grants, roles
from mercato.accounts.rules import DEFAULT_ATTRIBUTES, PARTS
from mercato.accounts.tables import attribute_configs, consents, offering_users
from mercato.catalog.tables import offerings
from mercato.identity.tables import users
from mercato.kernel.columns import Json
from mercato.kernel.filters import contains, equals, linked, since, until, whether
from mercato.kernel.listing import Listing, Shape, converted, omit
from mercato.kernel.wiresql import constant, json_object, link
from mercato.resources.tables import resources
from mercato.schemas.access import Scope
from mercato.schemas.accounts import AccountState, Consent, OfferingUser, TeamMember
from mercato.schemas.identity import ATTRIBUTES
from mercato.tenants.queries import provided_by
from mercato.tenants.tables import customers

_accounts = offering_users.c
_is_me = users.c.id == access.ME
# Who registered how is nobody else's business on the wire.
_SHOWN = [name for name in ATTRIBUTES if name != "registration_method"]


def exposed(name: str) -> ColumnElement[bool]:
    """Whether the offering of the row sees this attribute."""
    usual = true() if name in DEFAULT_ATTRIBUTES else false()
    chosen = attribute_configs.c[f"expose_{name}"]
    return case((attribute_configs.c.id.is_(None), usual), else_=chosen).is_(True)


def _seen(name: str, column: ColumnElement[Any]) -> ColumnElement[Any]:
    """The column for those who may see it, the person among them; null for the others."""
    return case((or_(exposed(name), _is_me), column))


def _blank(name: str) -> ColumnElement[bool]:
    column = users.c[name]
    if isinstance(column.type, Json):
        return cast(column, String()) == "[]"
    return func.coalesce(cast(column, String()), "") == ""


def _attributes() -> dict[str, Shape]:
    return {
        f"user_{column}": omit(_seen(name, users.c[column]))
        for name in _SHOWN
        for column in PARTS.get(name, (name,))
    }


def _missing() -> ColumnElement[Any]:
    """The attributes that the offering sees and the person has not given, each followed by a space."""
    found: ColumnElement[Any] = literal("", String(), literal_execute=True)
    for name in ATTRIBUTES:
        one = case((and_(exposed(name), _blank(name)), literal(f"{name} ", literal_execute=True)), else_="")
        found = found.concat(one)
    return found


_complete = type_coerce(~or_(*(and_(exposed(name), _blank(name)) for name in ATTRIBUTES)), Boolean())
_has_terms = or_(offerings.c.terms_of_service != "", offerings.c.terms_of_service_link != "")
_agreed = consents.alias("agreed")
_other_terms = or_(
    _agreed.c.terms != offerings.c.terms_of_service, _agreed.c.terms_link != offerings.c.terms_of_service_link
)
_has_consent = _agreed.c.id.is_not(None)
_asked_again = and_(_has_consent, _other_terms).is_(True)


def _with_consent(source: Any, user_id: ColumnElement[Any]) -> Any:
    return source.outerjoin(
        _agreed,
        and_(
            _agreed.c.user_id == user_id,
            _agreed.c.offering_id == offerings.c.id,
            _agreed.c.revocation_date.is_(None),
        ),
    )


def _visible(kind: str) -> ColumnElement[bool] | None:
    """My own accounts, and those at the offerings that I provide."""
    if kind == access.EVERYTHING:
        return None
    return or_(_is_me, access.provides(offerings.c.id, offerings.c.customer_id))


OFFERING_USERS = Listing(
    OfferingUser,
    table=offering_users,
    source=_with_consent(
        offering_users.join(users, users.c.id == _accounts.user_id)
        .join(offerings, offerings.c.id == _accounts.offering_id)
        .join(customers, customers.c.id == offerings.c.customer_id)
        .outerjoin(attribute_configs, attribute_configs.c.offering_id == offerings.c.id),
        _accounts.user_id,
    ),
    visible=_visible,
    where=offerings.c.removed_at.is_(None),
    columns={
        "url": link("/api/marketplace-offering-users/{}/", _accounts.uuid),
        **{
            name: _accounts[name]
            for name in (
                "uuid", "username", "created", "modified", "state", "runtime_state", "is_restricted",
                "service_provider_comment", "service_provider_comment_url",
            )
        },
        "user": link("/api/users/{}/", users.c.uuid),
        "user_uuid": users.c.uuid,
        "offering": link("/api/marketplace-public-offerings/{}/", offerings.c.uuid),
        "offering_uuid": offerings.c.uuid,
        "offering_name": offerings.c.name,
        "customer_uuid": customers.c.uuid,
        "customer_name": customers.c.name,
        "has_consent": _has_consent,
        "requires_reconsent": _asked_again,
        "offering_has_active_tos": _has_terms,
        "consent_data": case(
            (_has_consent, json_object({n: _agreed.c[n] for n in ("uuid", "version", "agreement_date")}))
        ),
        "is_profile_complete": _complete,
        "missing_profile_attributes": converted(_missing(), str.split),
        **_attributes(),
    },
    filters={
        "uuid": equals(_accounts.uuid),
        "state": equals(_accounts.state),
        "runtime_state": equals(_accounts.runtime_state),
        "offering": linked(offerings.c.uuid),
        "offering_uuid": equals(offerings.c.uuid),
        "offering_slug": equals(offerings.c.slug),
        "provider_uuid": provided_by(offerings.c.customer_id),
        "user_uuid": equals(users.c.uuid),
        "user_username": equals(func.lower(users.c.username))._replace(value=str.lower),
        "is_restricted": equals(_accounts.is_restricted),
        "has_consent": whether(_has_consent),
        "has_complete_profile": whether(_complete),
        "offering_has_active_tos": whether(_has_terms),
        "created": since(_accounts.created),
        "created_after": since(_accounts.created),
        "created_before": until(_accounts.created),
        "modified": since(_accounts.modified),
        "modified_after": since(_accounts.modified),
        "modified_before": until(_accounts.modified),
        "query": contains(
            offerings.c.name,
            _accounts.username,
            _seen("username", users.c.username),
            _seen("full_name", users.c.full_name),
        ),
    },
    order={
        "created": _accounts.created,
        "modified": _accounts.modified,
        "username": _accounts.username,
        "user_first_name": users.c.first_name,
        "user_last_name": users.c.last_name,
    },
    default_order=("created",),
)  # fmt: skip

_earlier = grants.alias("earlier")
_member = grants.c
_first_role = ~exists().where(
    _earlier.c.user_id == _member.user_id,
    _earlier.c.scope_type == _member.scope_type,
    _earlier.c.scope_id == _member.scope_id,
    access.active(_earlier),
    _earlier.c.id < _member.id,
)

# One row for each person with a role in the resource's project; the caller asks first whether the resource
# is visible.
TEAM = Listing(
    TeamMember,
    table=grants,
    source=_with_consent(
        grants.join(users, users.c.id == _member.user_id)
        .join(roles, roles.c.id == _member.role_id)
        .join(resources, resources.c.project_id == _member.scope_id)
        .join(offerings, offerings.c.id == resources.c.offering_id)
        .outerjoin(
            offering_users,
            and_(
                _accounts.offering_id == offerings.c.id,
                _accounts.user_id == users.c.id,
                _accounts.state != constant(AccountState.DELETED.value),
            ),
        ),
        users.c.id,
    ),
    visible=lambda _kind: None,
    where=and_(_member.scope_type == Scope.PROJECT.value, access.ACTIVE, _first_role),
    # A member of the project stands once for each of its resources.
    many=True,
    columns={
        "url": link("/api/users/{}/", users.c.uuid),
        "uuid": users.c.uuid,
        "username": users.c.username,
        "full_name": users.c.full_name,
        "email": users.c.email,
        "role": roles.c.name,
        "expiration_time": _member.expiration_time,
        "offering_user_username": _accounts.username,
        "offering_user_state": _accounts.state,
        "has_consent": _has_consent,
    },
    filters={"resource": equals(resources.c.uuid), "has_consent": whether(_has_consent)},
    order={"username": users.c.username},
    default_order=("username",),
)

_given = consents.c
_older_terms = or_(
    _given.terms != offerings.c.terms_of_service, _given.terms_link != offerings.c.terms_of_service_link
)
_standing = _given.revocation_date.is_(None)


def _consents_visible(kind: str) -> ColumnElement[bool] | None:
    if kind == access.EVERYTHING:
        return None
    return or_(_is_me, access.provides(offerings.c.id, offerings.c.customer_id))


def _collected() -> ColumnElement[Any]:
    """The attributes that the offering sees, each followed by a space."""
    found: ColumnElement[Any] = literal("", String(), literal_execute=True)
    for name in ATTRIBUTES:
        found = found.concat(case((exposed(name), literal(f"{name} ", literal_execute=True)), else_=""))
    return found


CONSENTS = Listing(
    Consent,
    table=consents,
    source=consents.join(users, users.c.id == _given.user_id)
    .join(offerings, offerings.c.id == _given.offering_id)
    .outerjoin(attribute_configs, attribute_configs.c.offering_id == offerings.c.id),
    visible=_consents_visible,
    columns={
        **{
            name: _given[name]
            for name in ("uuid", "created", "modified", "agreement_date", "revocation_date", "version")
        },
        "user_uuid": users.c.uuid,
        "user_username": users.c.username,
        "user_full_name": users.c.full_name,
        "user_email": users.c.email,
        "offering_uuid": offerings.c.uuid,
        "offering_name": offerings.c.name,
        "offering_slug": offerings.c.slug,
        "offering_url": link("/api/marketplace-public-offerings/{}/", offerings.c.uuid),
        "has_consent": _standing,
        "requires_reconsent": and_(_standing, _older_terms),
        "collected_attributes": converted(_collected(), str.split),
    },
    filters={
        "uuid": equals(_given.uuid),
        "user": linked(users.c.uuid),
        "user_uuid": equals(users.c.uuid),
        "offering": linked(offerings.c.uuid),
        "offering_uuid": equals(offerings.c.uuid),
        "version": equals(_given.version),
        "has_consent": whether(_standing),
        "requires_reconsent": whether(and_(_standing, _older_terms)),
    },
    order={"agreement_date": _given.agreement_date, "created": _given.created},
    default_order=("created",),
)
