"""Forms that describe organisations and projects, and what of them was changed: only that is sent."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from msgspec import UNSET

from mercato.schemas import project_acts, tenants
from mercato.schemas.countries import COUNTRIES
from mercato.schemas.files import Upload
from mercato_tui.api import ApiError
from mercato_tui.i18n import _
from mercato_tui.session import given
from mercato_tui.widgets.choice import Item
from mercato_tui.widgets.fields import ChoiceField, DateField, Field, LongField, TextField, TickField

Change = TypeVar("Change")
LARGEST = 10 * 1024 * 1024
NONE = "-"


def countries() -> list[Item]:
    """Every country, in the order of their names; first none."""
    return [Item(NONE, _("None"))] + [Item(code, name) for code, name in COUNTRIES.items()]


def place(found: tenants.Customer) -> str:
    """Where an organisation is, on one line."""
    street = " ".join(part for part in (found.street, found.house_nr, found.apartment_nr) if part)
    town = " ".join(part for part in (found.postal, found.city) if part)
    parts = (found.address, street, found.household, town, found.parish, found.state, found.country_name)
    return ", ".join(part for part in parts if part)


def customer_fields(found: tenants.Customer) -> list[Field]:
    """What an owner may write about an organisation."""
    return [
        TextField("name", _("Name"), found.name, required=True),
        TextField("native_name", _("Native name"), found.native_name),
        TextField("abbreviation", _("Short name"), found.abbreviation),
        LongField("description", _("Description"), found.description),
        TextField("email", _("E-mail"), found.email),
        TextField("phone_number", _("Phone"), found.phone_number),
        TextField("homepage", _("Web page"), found.homepage, hint=_("https://…")),
        TextField(
            "notification_emails", _("Notices to"), found.notification_emails,
            hint=_("E-mail addresses with commas between"),
        ),
        LongField("contact_details", _("Contact"), found.contact_details),
        TextField("address", _("Address"), found.address),
        TextField("postal", _("Postal code"), found.postal),
        TextField("city", _("City"), found.city),
        ChoiceField("country", _("Country"), countries(), given(found.country) or NONE),
        TextField("registration_code", _("Registration code"), found.registration_code),
        TextField("vat_code", _("VAT code"), found.vat_code),
        TextField("bank_name", _("Bank"), found.bank_name),
        TextField("bank_account", _("Bank account"), found.bank_account),
        picture_field(found.image),
    ]  # fmt: skip


def picture_field(there: str | None) -> Field:
    """A picture by its path on this machine."""
    kept = _("A PNG, JPEG, GIF, WebP or SVG file here. Empty: the picture stays, - takes it away")
    none = _("A PNG, JPEG, GIF, WebP or SVG file on this machine")
    return TextField("image", _("Picture"), hint=kept if there else none)


def picture(path: str | None) -> Any:
    """The file at the path; UNSET for no path, None for `-`. Raises ApiError at the field `image`."""
    if not path:
        return UNSET
    if path.strip() == NONE:
        return None
    file = Path(path.strip()).expanduser()
    try:
        if file.stat().st_size > LARGEST:
            raise ApiError(400, "", fields={"image": [_("The file is larger than 10 MB.")]})
        return Upload(name=file.name, data=file.read_bytes())
    except OSError as problem:
        why = _("It cannot be read: {why}.").format(why=problem.strerror or problem)
        raise ApiError(400, "", fields={"image": [why]}) from None


def customer_change(found: tenants.Customer, values: Mapping[str, Any]) -> tenants.CustomerChange | None:
    """What the form says otherwise than the organisation, or None. Raises ApiError for a picture that is none."""
    written = {name: value or "" for name, value in values.items() if name != "image"}
    written["country"] = "" if written["country"] == NONE else written["country"]
    before = {name: given(getattr(found, name)) or "" for name in written}
    return _change(tenants.CustomerChange, before, written, picture(values["image"]))


def project_fields(
    found: tenants.Project, types: list[project_acts.ProjectType], *, staff: bool
) -> list[Field]:
    """What may be written about a project; staff's notes only for staff."""
    fields: list[Field] = [
        TextField("name", _("Name"), found.name, required=True),
        LongField("description", _("Description"), found.description),
        DateField("start_date", _("Starts"), _day(found.start_date), hint=_("Empty: at once")),
        DateField("end_date", _("Ends"), _day(found.end_date), hint=_("Empty: never")),
        TextField("backend_id", _("Name elsewhere"), found.backend_id),
        TickField("is_industry", _("Industry"), found.is_industry, sentence=_("It works for a business")),
        picture_field(found.image),
    ]
    if types:
        items = [Item(NONE, _("None")), *(Item(kind.uuid, kind.name) for kind in types)]
        fields.insert(2, ChoiceField("type", _("Type"), items, found.type_uuid or NONE))
    if staff:
        notes = given(found.staff_notes) or ""
        fields.append(
            LongField("staff_notes", _("Notes of staff"), notes, hint=_("Only staff and support read them"))
        )
    return fields


def project_change(found: tenants.Project, values: Mapping[str, Any]) -> tenants.ProjectChange | None:
    """What the form says otherwise than the project, or None. Raises ApiError for a picture that is none."""
    written = {name: value for name, value in values.items() if name != "image"}
    for name in ("description", "backend_id", "staff_notes"):
        if name in written:
            written[name] = written[name] or ""
    if "type" in written:
        written["type"] = None if written["type"] == NONE else written["type"]
    before = {name: getattr(found, name) for name in written if name != "type"}
    if "type" in written:
        before["type"] = found.type_uuid
    if "staff_notes" in before:
        before["staff_notes"] = given(before["staff_notes"])
    return _change(tenants.ProjectChange, before, written, picture(values["image"]))


def _change(
    shape: type[Change], before: Mapping[str, Any], written: Mapping[str, Any], image: Any
) -> Change | None:
    new = {name: value for name, value in written.items() if value != before[name]}
    if image is not UNSET:
        new["image"] = image
    return shape(**new) if new else None


def _day(day: Any) -> str:
    return day.isoformat() if day is not None else ""
