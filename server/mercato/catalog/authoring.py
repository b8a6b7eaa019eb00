"""Writing an offering beyond its overview: where it is, what its category asks for, its pictures, its backend."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import delete, insert, update

from mercato.access import queries as access
from mercato.access.rules import Actor
from mercato.catalog import queries, rules, service, taxonomy
from mercato.catalog.tables import offering_groups, offerings, plan_groups, plans, screenshots
from mercato.files import service as files
from mercato.kernel.db import Tx
from mercato.kernel.errors import Invalid, NotFound, invalid
from mercato.kernel.ids import new_uuid, uuid_of_link
from mercato.schemas.access import Scope
from mercato.schemas.authoring import Location, NewScreenshot, ScreenshotChange
from mercato.schemas.catalog import OfferingState, Options
from mercato.schemas.files import Upload
from mercato.schemas.permissions import Permission as P
from mercato.tenants import groups

# Types between which an offering may change: the same things are ordered of both.
EXCHANGEABLE = ("Marketplace.Basic", "Marketplace.Slurm")
# Look whether the backend can be reached; ask it about everything it has of the offering.
CHECK, PULL_ALL = "offerings.check", "offerings.pull"


def set_category(tx: Tx, actor: Actor, uuid: str, link: str) -> None:
    row = service.editable(tx, actor, uuid, P.OFFERING_UPDATE_DESCRIPTION)
    category = queries.category_row(tx.conn, uuid_of_link(link) or "")
    if category is None:
        raise invalid("category", "Category is not found.", code="unknown_category")
    service.write(tx, row, {"category_id": category.id})


def set_location(tx: Tx, actor: Actor, uuid: str, data: Location) -> None:
    """A place on the globe, or none."""
    row = service.editable(tx, actor, uuid, P.OFFERING_UPDATE_LOCATION)
    values = {k: v for k, v in msgspec.structs.asdict(data).items() if v is not msgspec.UNSET}
    problem = rules.place_problem(**{k: values.get(k) for k in ("latitude", "longitude", "country")})
    if problem:
        raise invalid(*problem, code="bad_place")
    service.write(tx, row, values)


def set_attributes(tx: Tx, actor: Actor, uuid: str, given: dict[str, Any]) -> None:
    """All that is said of it, as its category asks."""
    row = service.editable(tx, actor, uuid, P.OFFERING_UPDATE_ATTRIBUTES)
    service.write(tx, row, {"attributes": taxonomy.checked_attributes(tx, row.category_id, given)})


def set_resource_form(tx: Tx, actor: Actor, uuid: str, form: Options) -> None:
    """The form of the options that resources keep and may change."""
    row = service.editable(tx, actor, uuid, P.OFFERING_UPDATE_OPTIONS)
    service.check_form("resource_options", form)
    event = "marketplace_offering_resource_options_updated"
    service.write(tx, row, {"resource_options": form}, event)


def set_type(tx: Tx, actor: Actor, uuid: str, type_: str) -> None:
    """Between types whose orders are the same."""
    row = service.editable(tx, actor, uuid, P.OFFERING_UPDATE)
    if type_ not in EXCHANGEABLE or row.type not in EXCHANGEABLE:
        message = f"Only {' and '.join(EXCHANGEABLE)} can be exchanged."
        raise invalid("type", message, code="not_exchangeable")
    service.write(tx, row, {"type": type_})


def set_metadata(tx: Tx, actor: Actor, uuid: str, metadata: dict[str, Any]) -> None:
    row = service.editable(tx, actor, uuid, P.OFFERING_UPDATE)
    if metadata != row.backend_metadata:
        service.write(tx, row, {"backend_metadata": metadata})


# -- pictures ----------------------------------------------------------------------------------


def set_picture(tx: Tx, actor: Actor, uuid: str, field: str, upload: Upload | None) -> None:
    """The thumbnail or the image; None removes the one there is."""
    row = service.editable(tx, actor, uuid, P.OFFERING_UPDATE_THUMBNAIL)
    before = getattr(row, f"{field}_id")
    made = None if upload is None else files.store(tx, upload, field=field, image=True)
    if made is None and before is None:
        return
    service.write(tx, row, {f"{field}_id": made})
    if before is not None:
        files.forget(tx, before)


def _screenshot(tx: Tx, actor: Actor, uuid: str, permission: P) -> Any:
    row = queries.screenshot_row(tx.conn, uuid)
    if row is None:
        raise NotFound
    access.must(tx.conn, actor, permission, [(Scope.CUSTOMER, row.customer_id)], tx.now)
    return row


def add_screenshot(tx: Tx, actor: Actor, data: NewScreenshot) -> str:
    offering = queries.offering_row(tx.conn, uuid_of_link(data.offering) or "")
    if offering is None:
        raise invalid("offering", "Offering is not found.", code="unknown_offering")
    scopes = [(Scope.CUSTOMER, offering.customer_id)]
    access.must(tx.conn, actor, P.OFFERING_CREATE_SCREENSHOT, scopes, tx.now)
    if not data.name.strip():
        raise invalid("name", "This field may not be blank.", code="blank")
    made = new_uuid()
    row = {
        "uuid": made,
        "created": tx.now,
        "offering_id": offering.id,
        "name": data.name,
        "description": data.description,
        "image_id": files.store(tx, data.image, field="image", image=True),
    }
    tx.conn.execute(insert(screenshots), row)
    _told(tx, offering.uuid, f"Screenshot {data.name} has been added to {offering.name}.")
    return made


def change_screenshot(tx: Tx, actor: Actor, uuid: str, data: ScreenshotChange) -> str:
    row = _screenshot(tx, actor, uuid, P.OFFERING_UPDATE_SCREENSHOT)
    values = {k: v for k, v in msgspec.structs.asdict(data).items() if v is not msgspec.UNSET}
    if "name" in values and not values["name"].strip():
        raise invalid("name", "This field may not be blank.", code="blank")
    image = values.pop("image", None)
    if data.image is not msgspec.UNSET and image is not None:
        values["image_id"] = files.store(tx, data.image, field="image", image=True)
    if values:
        tx.conn.execute(update(screenshots).where(screenshots.c.id == row.id), values)
        if "image_id" in values:
            files.forget(tx, row.image_id)
        _told(tx, row.offering_uuid, f"Screenshot {row.name} has been updated.")
    return uuid


def remove_screenshot(tx: Tx, actor: Actor, uuid: str) -> None:
    row = _screenshot(tx, actor, uuid, P.OFFERING_DELETE_SCREENSHOT)
    tx.conn.execute(delete(screenshots).where(screenshots.c.id == row.id))
    files.forget(tx, row.image_id)
    _told(tx, row.offering_uuid, f"Screenshot {row.name} has been removed.")


def _told(tx: Tx, uuid: str, message: str) -> None:
    service.told(tx, uuid, "marketplace_offering_updated", message)


# -- whom it is for ----------------------------------------------------------------------------


def set_groups(tx: Tx, actor: Actor, uuid: str, links: list[str]) -> None:
    """The organization groups that an offering is for; none means everybody."""
    row = service.editable(tx, actor, uuid, P.OFFERING_UPDATE)
    names = groups.assign(tx, offering_groups, "offering_id", row.id, links)
    if names is not None:
        _told(tx, uuid, f"Offering {row.name} is for {', '.join(names) or 'everybody'}.")


def set_plan_groups(tx: Tx, actor: Actor, uuid: str, links: list[str]) -> None:
    """The organization groups that a plan is for; resources that are on it stay on it."""
    plan = queries.plan_row(tx.conn, uuid)
    if plan is None:
        raise NotFound
    offering = queries.offering_by_id(tx.conn, plan.offering_id)
    scopes = [(Scope.CUSTOMER, offering.customer_id)]
    access.must(tx.conn, actor, P.OFFERING_UPDATE_PLAN, scopes, tx.now)
    if offering.state == OfferingState.ARCHIVED:
        raise Invalid("It is not possible to update archived offering.", code="archived")
    names = groups.assign(tx, plan_groups, "plan_id", plan.id, links)
    if names is not None:
        text = f"Plan {plan.name} of {offering.name} is for {', '.join(names) or 'everybody'}."
        service.told(tx, offering.uuid, "marketplace_plan_updated", text)


# -- its backend -------------------------------------------------------------------------------


def ask_backend(tx: Tx, actor: Actor, uuid: str) -> None:
    """Have somebody look whether the backend can be reached with the settings there are."""
    row = service.editable(tx, actor, uuid, P.OFFERING_UPDATE_COMPONENTS)
    tx.conn.execute(update(offerings).where(offerings.c.id == row.id), {"check_state": "UPDATING"})
    tx.enqueue(CHECK, key=f"check:{uuid}", lock=f"offering:{uuid}", queue="provision", offering=uuid)
    tx.enqueue(PULL_ALL, key=f"pull-all:{uuid}", queue="provision", offering=uuid, after=0)
    _told(tx, uuid, f"The backend of {row.name} is being looked at.")


def backend_was(tx: Tx, uuid: str, problem: str) -> None:
    """Write down how the backend was found: empty means well."""
    row = queries.offering_row(tx.conn, uuid)
    if row is None:
        return
    values = {"check_state": "ERRED" if problem else "OK", "check_error": problem}
    tx.conn.execute(update(offerings).where(offerings.c.id == row.id), values)
    _told(tx, uuid, f"The backend of {row.name}: {problem or 'in order'}.")


def used_groups(tx: Tx, group_id: int) -> bool:
    """Whether an offering or a plan is for the group."""
    here = offering_groups.c.group_id == group_id
    if tx.conn.execute(offering_groups.select().where(here).limit(1)).first() is not None:
        return True
    mine = plan_groups.join(plans, plans.c.id == plan_groups.c.plan_id)
    found = plan_groups.select().select_from(mine).where(plan_groups.c.group_id == group_id)
    return tx.conn.execute(found.limit(1)).first() is not None
