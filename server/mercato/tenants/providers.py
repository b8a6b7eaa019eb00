"""Becoming a service provider, what it shows of itself, its secret code."""

from __future__ import annotations

import re
import secrets
from typing import Any

import msgspec
from sqlalchemy import insert, update

from mercato.access import queries as access
from mercato.access.rules import Actor
from mercato.files import service as files
from mercato.kernel.db import Tx
from mercato.kernel.errors import Conflict, Forbidden, NotFound, invalid
from mercato.kernel.ids import new_uuid, uuid_of_link
from mercato.kernel.vault import Sealing, Unopened, Vault
from mercato.schemas.access import Scope
from mercato.schemas.facts import ProviderChanged
from mercato.schemas.files import Upload
from mercato.schemas.permissions import Permission as P
from mercato.schemas.providers import NewServiceProvider, SecretCode, ServiceProviderChange
from mercato.tenants import queries
from mercato.tenants.service import ProviderGoes
from mercato.tenants.tables import service_providers

_DOMAIN = re.compile(r"(?=.{1,253}$)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*", re.IGNORECASE)
_EVENT = "customer_update_succeeded"


def _found(tx: Tx, actor: Actor, uuid: str, permission: P) -> Any:
    row = queries.provider_row(tx.conn, uuid)
    if row is None:
        raise NotFound
    access.must(tx.conn, actor, permission, [(Scope.CUSTOMER, row.customer_id)], tx.now)
    return row


def _write(tx: Tx, row: Any, values: dict[str, Any], message: str) -> None:
    tx.conn.execute(update(service_providers).where(service_providers.c.id == row.id), values)
    tx.emit(ProviderChanged(object=row.uuid), event=_EVENT, message=message)


def register(tx: Tx, actor: Actor, data: NewServiceProvider, *, uuid: str = "") -> str:
    """Make an organization a provider."""
    customer = queries.customer_row(tx.conn, uuid_of_link(data.customer) or "")
    if customer is None:
        raise invalid("customer", "Organization is not found.", code="unknown_customer")
    access.must(tx.conn, actor, P.SERVICE_PROVIDER_REGISTER, [(Scope.CUSTOMER, customer.id)], tx.now)
    if queries.provider_of(tx.conn, customer.id) is not None:
        raise invalid(
            "customer", "Organization is already registered as a service provider.", code="registered"
        )
    made = uuid or new_uuid()
    row = {
        "uuid": made,
        "created": tx.now,
        "customer_id": customer.id,
        "description": data.description,
        "enable_notifications": data.enable_notifications,
        "image_id": _stored(tx, data.image),
        "allowed_domains": _domains(actor, [], data.allowed_domains),
    }
    tx.conn.execute(insert(service_providers), row)
    message = f"Organization {customer.name} has been registered as a service provider."
    tx.emit(ProviderChanged(object=made), event=_EVENT, message=message)
    return made


def _stored(tx: Tx, image: Upload | str | None) -> int | None:
    return files.store(tx, image, field="image", image=True) if isinstance(image, Upload) else None


def _domains(actor: Actor, before: list[str], wanted: list[str]) -> list[str]:
    """Staff say where the endpoints of a provider's offerings may lie."""
    if sorted(wanted) == sorted(before):
        return before
    if not actor.is_staff:
        raise Forbidden("Only staff can change allowed domains.")
    wrong = [name for name in wanted if not _DOMAIN.fullmatch(name)]
    if wrong:
        message = f"A domain looks like example.org: {wrong[0]} does not."
        raise invalid("allowed_domains", message, code="bad_domain")
    return list(dict.fromkeys(name.lower() for name in wanted))


def change(tx: Tx, actor: Actor, uuid: str, data: ServiceProviderChange) -> str:
    """Description, notifications, image; by staff the domains."""
    row = _found(tx, actor, uuid, P.CUSTOMER_UPDATE)
    if data.customer is not msgspec.UNSET:
        customer = queries.customer_row(tx.conn, uuid_of_link(data.customer) or "")
        if customer is None or customer.id != row.customer_id:
            raise invalid("customer", "A provider stays with its organization.", code="other_customer")
    values: dict[str, Any] = {}
    if data.description is not msgspec.UNSET:
        values["description"] = data.description
    if data.enable_notifications is not msgspec.UNSET:
        values["enable_notifications"] = data.enable_notifications
    if data.allowed_domains is not msgspec.UNSET:
        values["allowed_domains"] = _domains(actor, row.allowed_domains or [], data.allowed_domains)
    # A link is what clients got from us and give back.
    if not isinstance(data.image, str | msgspec.UnsetType):
        values["image_id"] = _stored(tx, data.image)
    if values:
        _write(tx, row, values, "Service provider has been updated.")
        if "image_id" in values and row.image_id is not None:
            files.forget(tx, row.image_id)
    return uuid


def unregister(tx: Tx, actor: Actor, uuid: str) -> None:
    """End being a provider; refused while something is being sold."""
    row = _found(tx, actor, uuid, P.SERVICE_PROVIDER_REGISTER)
    tx.ask(ProviderGoes(row.customer_id))
    _write(tx, row, {"removed_at": tx.now}, "Service provider has been unregistered.")


# -- the secret code ---------------------------------------------------------------------------


def _vault(tx: Tx) -> Vault:
    vault: Vault = tx.ask(Sealing())[0]
    return vault


def _place(uuid: str) -> str:
    return f"service_providers/{uuid}/api_secret_code"


def secret_code(tx: Tx, actor: Actor, uuid: str) -> SecretCode:
    """The code, made when it is first asked for. 409 when the key it was sealed with is gone."""
    row = _found(tx, actor, uuid, P.SERVICE_PROVIDER_GET_API_SECRET_CODE)
    if row.api_secret_code is None:
        return _new_code(tx, row)
    try:
        return SecretCode(api_secret_code=_vault(tx).open(row.api_secret_code, _place(uuid)))
    except Unopened as problem:
        raise Conflict(f"The code cannot be shown. {problem}", code="unopened") from None


def renew_secret_code(tx: Tx, actor: Actor, uuid: str) -> SecretCode:
    """Another code; what was signed with the old one is not accepted any more."""
    return _new_code(tx, _found(tx, actor, uuid, P.SERVICE_PROVIDER_GENERATE_API_SECRET_CODE))


def _new_code(tx: Tx, row: Any) -> SecretCode:
    code = secrets.token_hex(20)
    sealed = _vault(tx).seal(code, _place(row.uuid))
    _write(tx, row, {"api_secret_code": sealed}, "Service provider has a new secret code.")
    return SecretCode(api_secret_code=code)
