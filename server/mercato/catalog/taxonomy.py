"""How the catalogue is ordered; staff keep it: categories, their groups, columns, sections and attributes."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Table, delete, insert, select, update

from mercato.catalog import queries, rules
from mercato.catalog.tables import (
    attribute_options,
    attributes,
    categories,
    category_columns,
    category_groups,
    offerings,
    sections,
)
from mercato.files import service as files
from mercato.kernel.db import Tx
from mercato.kernel.errors import Conflict, NotFound, invalid
from mercato.kernel.ids import new_uuid, uuid_of_link
from mercato.schemas.facts import CatalogChanged
from mercato.schemas.files import Upload
from mercato.schemas.taxonomy import (
    CategoryChange,
    CategoryGroupChange,
    NewCategory,
    NewCategoryGroup,
)

_EVENT = "marketplace_category_updated"


def _told(tx: Tx, uuid: str, message: str, event: str = _EVENT) -> None:
    tx.emit(CatalogChanged(object=uuid), event=event, message=message)


def _given(data: msgspec.Struct) -> dict[str, Any]:
    values = {f.encode_name: getattr(data, f.name) for f in msgspec.structs.fields(data)}
    return {k: getattr(v, "value", v) for k, v in values.items() if v is not msgspec.UNSET}


def _row(tx: Tx, table: Table, uuid: str) -> Any:
    row = tx.conn.execute(select(table).where(table.c.uuid == uuid)).first()
    if row is None:
        raise NotFound
    return row


def _titled(values: dict[str, Any]) -> None:
    if "title" in values and not values["title"].strip():
        raise invalid("title", "This field may not be blank.", code="blank")


def _resolved(tx: Tx, values: dict[str, Any], field: str, table: Table) -> None:
    """Replace a hyperlink by the id of what it names."""
    if field not in values:
        return
    link = values.pop(field)
    if not link:
        values[f"{field}_id"] = None
        return
    found = tx.conn.execute(select(table.c.id).where(table.c.uuid == (uuid_of_link(link) or ""))).scalar()
    if found is None:
        raise invalid(field, f"{field.capitalize()} is not found.", code=f"unknown_{field}")
    values[f"{field}_id"] = found


def _icon(tx: Tx, values: dict[str, Any], before: int | None) -> int | None:
    """Keep a new icon; the file that is forgotten once nothing refers to it, or None.

    A link is what a client got from us and gives back: it changes nothing.
    """
    if "icon" not in values:
        return None
    icon = values.pop("icon")
    if isinstance(icon, str) and "/" in icon:
        return None
    values["icon_id"] = files.store(tx, icon, field="icon", image=True) if isinstance(icon, Upload) else None
    if isinstance(icon, str):
        values["icon"] = icon
    elif icon is None or before is None:
        values["icon"] = None
    return before


# -- categories and their groups ---------------------------------------------------------------


def create_category(tx: Tx, data: NewCategory, *, uuid: str = "") -> str:
    values = _given(data)
    _titled(values)
    _icon(tx, values, None)
    _resolved(tx, values, "group", category_groups)
    made = uuid or new_uuid()
    tx.conn.execute(insert(categories), {**values, "uuid": made, "created": tx.now})
    _told(tx, made, f"Category {data.title} has been created.", "marketplace_category_created")
    return made


def change_category(tx: Tx, uuid: str, data: CategoryChange | NewCategory) -> str:
    row = _row(tx, categories, uuid)
    values = _given(data)
    _titled(values)
    old = _icon(tx, values, row.icon_id)
    _resolved(tx, values, "group", category_groups)
    _write(tx, categories, row, values, old, f"Category {row.title} has been updated.")
    return uuid


def _write(
    tx: Tx, table: Table, row: Any, values: dict[str, Any], old_file: int | None, message: str
) -> None:
    if values:
        tx.conn.execute(update(table).where(table.c.id == row.id), values)
        if old_file is not None:
            files.forget(tx, old_file)
        _told(tx, row.uuid, message)


def remove_category(tx: Tx, uuid: str) -> None:
    """Only a category without offerings, with everything that was to be said of them."""
    row = _row(tx, categories, uuid)
    used = select(offerings.c.id).where(offerings.c.category_id == row.id)
    if tx.conn.execute(used.limit(1)).first() is not None:
        raise Conflict("Category contains offerings.", code="has_offerings")
    mine = select(sections.c.id).where(sections.c.category_id == row.id)
    parts = select(attributes.c.id).where(attributes.c.section_id.in_(mine))
    tx.conn.execute(delete(attribute_options).where(attribute_options.c.attribute_id.in_(parts)))
    tx.conn.execute(delete(attributes).where(attributes.c.section_id.in_(mine)))
    tx.conn.execute(delete(sections).where(sections.c.category_id == row.id))
    tx.conn.execute(delete(category_columns).where(category_columns.c.category_id == row.id))
    tx.conn.execute(delete(categories).where(categories.c.id == row.id))
    if row.icon_id is not None:
        files.forget(tx, row.icon_id)
    _told(tx, uuid, f"Category {row.title} has been deleted.", "marketplace_category_deleted")


def create_group(tx: Tx, data: NewCategoryGroup) -> str:
    values = _given(data)
    _titled(values)
    _icon(tx, values, None)
    values.pop("icon", None)
    made = new_uuid()
    tx.conn.execute(insert(category_groups), {**values, "uuid": made})
    _told(tx, made, f"Category group {data.title} has been created.", "marketplace_category_created")
    return made


def change_group(tx: Tx, uuid: str, data: CategoryGroupChange | NewCategoryGroup) -> str:
    row = _row(tx, category_groups, uuid)
    values = _given(data)
    _titled(values)
    old = _icon(tx, values, row.icon_id)
    values.pop("icon", None)
    _write(tx, category_groups, row, values, old, f"Category group {row.title} has been updated.")
    return uuid


def remove_group(tx: Tx, uuid: str) -> None:
    row = _row(tx, category_groups, uuid)
    used = select(categories.c.id).where(categories.c.group_id == row.id)
    if tx.conn.execute(used.limit(1)).first() is not None:
        raise Conflict("Category group contains categories.", code="has_categories")
    tx.conn.execute(delete(category_groups).where(category_groups.c.id == row.id))
    if row.icon_id is not None:
        files.forget(tx, row.icon_id)
    _told(tx, uuid, f"Category group {row.title} has been deleted.", "marketplace_category_deleted")


# -- what can be said of a category's offerings ------------------------------------------------


class Kept:
    """Rows of one table that staff make, change and remove; `parent` names what each lies in."""

    def __init__(
        self, table: Table, name: str, parent: str, parents: Table, inside: Table | None = None
    ) -> None:
        self.table, self.name = table, name
        self.parent, self.parents, self.inside = parent, parents, inside

    def create(self, tx: Tx, data: msgspec.Struct, *, uuid: str = "") -> str:
        values = self._checked(tx, _given(data), 0)
        made = uuid or new_uuid()
        if "created" in self.table.c:
            values["created"] = tx.now
        tx.conn.execute(insert(self.table), {**values, "uuid": made})
        _told(tx, made, f"{self.name.capitalize()} {values['title']} has been created.")
        return made

    def change(self, tx: Tx, uuid: str, data: msgspec.Struct) -> str:
        row = _row(tx, self.table, uuid)
        values = self._checked(tx, _given(data), row.id)
        _write(tx, self.table, row, values, None, f"{self.name.capitalize()} {row.title} has been updated.")
        return uuid

    def remove(self, tx: Tx, uuid: str) -> None:
        row = _row(tx, self.table, uuid)
        if self.inside is not None:
            used = select(self.inside.c.id).where(self.inside.c[f"{self.name}_id"] == row.id)
            if tx.conn.execute(used.limit(1)).first() is not None:
                text = f"{self.name.capitalize()} still holds what lies in it."
                raise Conflict(text, code="not_empty")
        tx.conn.execute(delete(self.table).where(self.table.c.id == row.id))
        _told(tx, uuid, f"{self.name.capitalize()} {row.title} has been deleted.")

    def _checked(self, tx: Tx, values: dict[str, Any], own: int) -> dict[str, Any]:
        _titled(values)
        _resolved(tx, values, self.parent, self.parents)
        if values.get(f"{self.parent}_id", 0) is None:
            raise invalid(self.parent, "This field may not be null.", code="required")
        if "key" in values:
            self._check_key(tx, values, own)
        if "index" in values and not 0 <= values["index"] <= rules.LARGEST_INDEX:
            raise invalid("index", f"From 0 to {rules.LARGEST_INDEX}.", code="bad_index")
        return values

    def _check_key(self, tx: Tx, values: dict[str, Any], own: int) -> None:
        key, at = values["key"], self.table.c
        if not rules.ATTRIBUTE_KEY.fullmatch(key):
            raise invalid("key", "Letters, digits, underscores, dashes, slashes or colons.", code="bad_key")
        same = select(at.id).where(at.key == key, at.id != own)
        if self.parent == "attribute":  # options have names among their own only
            inside = values.get("attribute_id")
            if inside is None:
                inside = tx.conn.execute(select(at.attribute_id).where(at.id == own)).scalar()
            same = same.where(at.attribute_id == inside)
        if tx.conn.execute(same).first() is not None:
            raise invalid("key", f"{self.name.capitalize()} with this key already exists.", code="same_key")


COLUMNS = Kept(category_columns, "column", "category", categories)
SECTIONS = Kept(sections, "section", "category", categories, attributes)
ATTRIBUTES = Kept(attributes, "attribute", "section", sections, attribute_options)
OPTIONS = Kept(attribute_options, "option", "attribute", attributes)


def checked_attributes(tx: Tx, category_id: int, given: dict[str, Any]) -> dict[str, Any]:
    """What is said of an offering, with its category's defaults; 400 naming what is missing or wrong."""
    known = queries.attributes_of(tx.conn, category_id)
    filled = {**{a.key: a.default for a in known if a.default is not None}, **given}
    wrong = rules.attribute_problems(known, filled)
    if wrong:
        raise invalid("attributes", "; ".join(wrong), code="bad_attributes")
    return filled
