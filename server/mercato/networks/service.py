"""Networks come, change and go (contract §16); people sign in from those of their organization."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import delete, insert, select, update

from mercato.access import queries as access
from mercato.access.rules import Actor
from mercato.identity.rules import address_allowed
from mercato.identity.service import SigningIn
from mercato.kernel.db import Tx
from mercato.kernel.errors import Forbidden, NotFound, invalid
from mercato.kernel.ids import new_uuid, uuid_of_link
from mercato.networks import queries, rules
from mercato.networks.tables import access_subnets, subnet_offerings
from mercato.schemas.access import Scope
from mercato.schemas.facts import CustomerChanged, NetworkChanged
from mercato.schemas.networks import AccessSubnetChange, NewAccessSubnet
from mercato.schemas.permissions import Permission as P
from mercato.tenants import queries as tenants

LONGEST = 4096


def on_signing_in(tx: Tx, question: SigningIn) -> list[str]:
    return queries.refusing(tx.conn, question.user_id, question.address, tx.now)


def on_customer(tx: Tx, fact: CustomerChanged) -> None:
    """An organization that is gone has no networks."""
    if fact.closed and tenants.customer_by_id(tx.conn, fact.id).removed_at is not None:
        mine = select(access_subnets.c.id).where(access_subnets.c.customer_id == fact.id)
        tx.conn.execute(delete(subnet_offerings).where(subnet_offerings.c.subnet_id.in_(mine)))
        tx.conn.execute(delete(access_subnets).where(access_subnets.c.customer_id == fact.id))


def create(tx: Tx, actor: Actor, data: NewAccessSubnet, *, address: str, uuid: str = "") -> str:
    """Add a network to an organization; its uuid. `address` is where the caller sits."""
    customer = tenants.customer_row(tx.conn, uuid_of_link(data.customer) or "")
    if customer is None:
        raise invalid("customer", "Organization is not found.", code="unknown_customer")
    access.must(tx.conn, actor, P.ACCESS_SUBNET_CREATE, [(Scope.CUSTOMER, customer.id)], tx.now)
    values = _checked(tx, actor, customer.id, msgspec.structs.asdict(data))
    del values["customer"]
    offerings = values.pop("offerings")
    made = uuid or new_uuid()
    row = {
        "uuid": made,
        "created": tx.now,
        "customer_id": customer.id,
        "is_staff_managed": actor.is_staff,
        **values,
    }
    number = tx.conn.execute(insert(access_subnets).returning(access_subnets.c.id), row).scalar_one()
    _let_in(tx, number, offerings)
    _still_in(tx, actor, customer.id, address)
    text = f"Network {values['inet']} of {customer.name} has been added."
    _tell(tx, made, customer.uuid, "creation", text)
    return made


def change(tx: Tx, actor: Actor, uuid: str, data: AccessSubnetChange, *, address: str) -> str:
    row = _mine(tx, actor, uuid, P.ACCESS_SUBNET_UPDATE)
    given = {k: v for k, v in msgspec.structs.asdict(data).items() if v is not msgspec.UNSET}
    values = _checked(tx, actor, row.customer_id, given, row)
    offerings = values.pop("offerings", None)
    new = {name: value for name, value in values.items() if value != getattr(row, name)}
    if new:
        tx.conn.execute(update(access_subnets).where(access_subnets.c.id == row.id), new)
    if offerings is not None and set(offerings) != queries.offerings_of(tx.conn, row.id):
        tx.conn.execute(delete(subnet_offerings).where(subnet_offerings.c.subnet_id == row.id))
        _let_in(tx, row.id, offerings)
        new["offerings"] = offerings
    if new:
        _still_in(tx, actor, row.customer_id, address)
        text = f"Network {row.inet} of {row.customer_name} has been updated: {', '.join(sorted(new))}."
        _tell(tx, uuid, row.customer_uuid, "update", text)
    return uuid


def remove(tx: Tx, actor: Actor, uuid: str, *, address: str) -> None:
    row = _mine(tx, actor, uuid, P.ACCESS_SUBNET_DELETE)
    _tell(
        tx,
        uuid,
        row.customer_uuid,
        "deletion",
        f"Network {row.inet} of {row.customer_name} has been removed.",
    )
    tx.conn.execute(delete(subnet_offerings).where(subnet_offerings.c.subnet_id == row.id))
    tx.conn.execute(delete(access_subnets).where(access_subnets.c.id == row.id))
    _still_in(tx, actor, row.customer_id, address)


def _mine(tx: Tx, actor: Actor, uuid: str, permission: P) -> Any:
    """The network for somebody who may do this to it. 404, 403."""
    row = queries.subnet_row(tx.conn, uuid)
    if row is None:
        raise NotFound
    access.must(tx.conn, actor, permission, [(Scope.CUSTOMER, row.customer_id)], tx.now)
    if row.is_staff_managed and not actor.is_staff:
        raise Forbidden("This network was added by staff: only staff can change it.", code="staff_managed")
    return row


def _checked(
    tx: Tx, actor: Actor, customer_id: int, values: dict[str, Any], row: Any = None
) -> dict[str, Any]:
    """The network in its usual spelling and new to the organization; offerings as ids. 400 names the field."""
    if "inet" in values:
        values["inet"] = _network(tx, actor, customer_id, values["inet"], row)
    if len(values.get("description", "")) > LONGEST:
        raise invalid(
            "description", f"Ensure this field has no more than {LONGEST} characters.", code="too_long"
        )
    if "offerings" in values:
        values["offerings"] = [
            _offering(tx, customer_id, link) for link in dict.fromkeys(values["offerings"])
        ]
    return values


def _network(tx: Tx, actor: Actor, customer_id: int, text: str, row: Any) -> str:
    found = rules.network(text)
    if found is None:
        raise invalid("inet", "Enter a network such as 192.0.2.0/24 or 2001:db8::/32.", code="no_network")
    inet = str(found)
    if rules.too_wide(found) and not actor.is_staff and (row is None or row.inet != inet):
        widest = rules.WIDEST[found.version]
        raise invalid("inet", f"Only staff can add a network wider than /{widest}.", code="too_wide")
    same = select(access_subnets.c.id).where(
        access_subnets.c.customer_id == customer_id,
        access_subnets.c.inet == inet,
        access_subnets.c.id != (row.id if row is not None else 0),
    )
    if tx.conn.execute(same).first() is not None:
        raise invalid("inet", "The organization has this network already.", code="taken")
    return inet


def _offering(tx: Tx, customer_id: int, link: str) -> int:
    found = queries.consumed(tx.conn, customer_id, uuid_of_link(link) or "")
    if found is None:
        raise invalid("offerings", f"The organization uses no offering {link}.", code="not_consumed")
    if found.plugin_options.get("enable_resource_access_subnets") is not True:
        raise invalid(
            "offerings", f"{found.name} lets in everybody: it takes no networks.", code="no_networks"
        )
    return int(found.id)


def _let_in(tx: Tx, subnet_id: int, offerings: list[int]) -> None:
    for offering_id in dict.fromkeys(offerings):
        tx.conn.execute(insert(subnet_offerings), {"subnet_id": subnet_id, "offering_id": offering_id})


def _still_in(tx: Tx, actor: Actor, customer_id: int, address: str) -> None:
    """Nobody shuts the door on themselves: whoever changes networks can sign in afterwards from where they sit."""
    if actor.is_staff or address_allowed(address, queries.portal_networks(tx.conn, customer_id)):
        return
    message = f"You could not sign in again: {address or 'your address'} would be in none of the networks."
    raise invalid("applies_to_portal", message, code="would_lock_out")


def _tell(tx: Tx, uuid: str, customer: str, verb: str, message: str) -> None:
    fact = NetworkChanged(object=uuid, customer=customer)
    tx.emit(fact, event=f"access_subnet_{verb}_succeeded", message=message)
