"""How the catalogue is ordered: categories and their groups, and what can be said of a category's offerings."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType

from mercato.schemas import DetailQuery, Endpoint, ListQuery, Nothing
from mercato.schemas.files import Download, Upload


class AttributeType(StrEnum):
    """What an attribute's value is; a choice is one of its options, a list some of them."""

    BOOLEAN = "boolean"
    CHOICE = "choice"
    INTEGER = "integer"
    LIST = "list"
    STRING = "string"
    TEXT = "text"


class Widget(StrEnum):
    """How a column's cells are shown."""

    CSV = "csv"
    FILESIZE = "filesize"
    ATTACHED_INSTANCE = "attached_instance"


class OptionSketch(Struct, kw_only=True):
    uuid: str
    key: str
    title: str


class AttributeSketch(Struct, kw_only=True):
    uuid: str
    key: str
    title: str
    type: str
    required: bool
    default: Any = None
    options: list[OptionSketch]


class SectionSketch(Struct, kw_only=True):
    key: str
    title: str
    is_standalone: bool
    attributes: list[AttributeSketch]


class ColumnSketch(Struct, kw_only=True):
    uuid: str
    index: int
    title: str
    attribute: str
    widget: str | None = None


class Category(Struct, kw_only=True):
    url: str
    uuid: str
    title: str
    description: str
    icon: str | None = None
    group: str | None = None
    offering_count: int
    available_offerings_count: int
    sections: list[SectionSketch]
    columns: list[ColumnSketch]


class CategoryQuery(ListQuery, kw_only=True):
    title: str | UnsetType = UNSET
    group: UUID | UnsetType = UNSET
    group_uuid: UUID | UnsetType = UNSET
    has_offerings: bool | UnsetType = UNSET
    has_shared: bool | UnsetType = UNSET
    offering_name: str | UnsetType = UNSET
    customer_uuid: UUID | UnsetType = UNSET
    resource_customer_uuid: UUID | UnsetType = UNSET
    resource_project_uuid: UUID | UnsetType = UNSET


class NewCategory(Struct, kw_only=True):
    """`icon` is a picture, or the name of one."""

    title: str
    description: str = ""
    icon: Upload | str | None = None
    group: str | None = None


class CategoryChange(Struct, kw_only=True):
    title: str | UnsetType = UNSET
    description: str | UnsetType = UNSET
    icon: Upload | str | UnsetType | None = UNSET
    group: str | UnsetType | None = UNSET


class CategoryGroup(Struct, kw_only=True):
    url: str
    uuid: str
    title: str
    description: str
    icon: str | None = None


class TitleQuery(ListQuery, kw_only=True):
    title: str | UnsetType = UNSET


class NewCategoryGroup(Struct, kw_only=True):
    title: str
    description: str = ""
    icon: Upload | None = None


class CategoryGroupChange(Struct, kw_only=True):
    title: str | UnsetType = UNSET
    description: str | UnsetType = UNSET
    icon: Upload | UnsetType | None = UNSET


class Column(Struct, kw_only=True):
    """A column of the lists of a category's resources."""

    uuid: str
    index: int
    title: str
    category: str
    attribute: str
    widget: str | None = None


class ColumnQuery(ListQuery, kw_only=True):
    title: str | UnsetType = UNSET
    category_uuid: UUID | UnsetType = UNSET


class NewColumn(Struct, kw_only=True):
    index: int
    title: str
    category: str
    attribute: str = ""
    widget: Widget | None = None


class ColumnChange(Struct, kw_only=True):
    index: int | UnsetType = UNSET
    title: str | UnsetType = UNSET
    category: str | UnsetType = UNSET
    attribute: str | UnsetType = UNSET
    widget: Widget | UnsetType | None = UNSET


class Section(Struct, kw_only=True):
    """Attributes that belong together; `key` is its name in programs and nobody else's."""

    url: str
    uuid: str
    key: str
    title: str
    created: datetime
    category: str
    category_title: str
    is_standalone: bool


class NewSection(Struct, kw_only=True):
    key: str
    title: str
    category: str
    is_standalone: bool = False


class SectionChange(Struct, kw_only=True):
    key: str | UnsetType = UNSET
    title: str | UnsetType = UNSET
    category: str | UnsetType = UNSET
    is_standalone: bool | UnsetType = UNSET


class Attribute(Struct, kw_only=True):
    url: str
    uuid: str
    key: str
    title: str
    created: datetime
    section: str
    section_title: str
    type: str
    required: bool
    default: Any = None


class AttributeQuery(ListQuery, kw_only=True):
    section: str | UnsetType = UNSET


class NewAttribute(Struct, kw_only=True):
    key: str
    title: str
    section: str
    type: AttributeType
    required: bool = False
    default: Any = None


class AttributeChange(Struct, kw_only=True):
    key: str | UnsetType = UNSET
    title: str | UnsetType = UNSET
    section: str | UnsetType = UNSET
    type: AttributeType | UnsetType = UNSET
    required: bool | UnsetType = UNSET
    default: Any = UNSET


class AttributeOption(Struct, kw_only=True):
    url: str
    uuid: str
    id: int
    key: str
    title: str
    attribute: str
    attribute_title: str
    is_default: bool


class AttributeOptionQuery(ListQuery, kw_only=True):
    attribute: str | UnsetType = UNSET


class NewAttributeOption(Struct, kw_only=True):
    key: str
    title: str
    attribute: str


class AttributeOptionChange(Struct, kw_only=True):
    key: str | UnsetType = UNSET
    title: str | UnsetType = UNSET
    attribute: str | UnsetType = UNSET


_C = "/api/marketplace-categories/"
_G = "/api/marketplace-category-groups/"
_CC = "/api/marketplace-category-columns/"

CATEGORIES = Endpoint("GET", _C, CategoryQuery, list[Category], 200, "List categories")
CATEGORY = Endpoint("GET", _C + "{uuid}/", DetailQuery, Category, 200, "Get a category")
CATEGORY_CREATE = Endpoint("POST", _C, NewCategory, Category, 201, "Create a category")
CATEGORY_REPLACE = Endpoint("PUT", _C + "{uuid}/", NewCategory, Category, 200, "Replace a category")
CATEGORY_UPDATE = Endpoint("PATCH", _C + "{uuid}/", CategoryChange, Category, 200, "Change a category")
CATEGORY_DELETE = Endpoint("DELETE", _C + "{uuid}/", Nothing, Nothing, 204, "Remove an empty category")
CATEGORY_ICON = Endpoint("GET", _C + "{uuid}/icon/", Nothing, Download, 200, "Get its icon", own=True)

CATEGORY_GROUPS = Endpoint("GET", _G, TitleQuery, list[CategoryGroup], 200, "List groups of categories")
CATEGORY_GROUP = Endpoint("GET", _G + "{uuid}/", DetailQuery, CategoryGroup, 200, "Get a group")
CATEGORY_GROUP_CREATE = Endpoint("POST", _G, NewCategoryGroup, CategoryGroup, 201, "Create a group")
CATEGORY_GROUP_REPLACE = Endpoint(
    "PUT", _G + "{uuid}/", NewCategoryGroup, CategoryGroup, 200, "Replace a group"
)
CATEGORY_GROUP_UPDATE = Endpoint(
    "PATCH", _G + "{uuid}/", CategoryGroupChange, CategoryGroup, 200, "Change a group"
)
CATEGORY_GROUP_DELETE = Endpoint("DELETE", _G + "{uuid}/", Nothing, Nothing, 204, "Remove an empty group")
CATEGORY_GROUP_ICON = Endpoint("GET", _G + "{uuid}/icon/", Nothing, Download, 200, "Get its icon", own=True)

COLUMNS = Endpoint("GET", _CC, ColumnQuery, list[Column], 200, "List columns of categories")
COLUMN = Endpoint("GET", _CC + "{uuid}/", DetailQuery, Column, 200, "Get a column")
COLUMN_CREATE = Endpoint("POST", _CC, NewColumn, Column, 201, "Add a column")
COLUMN_REPLACE = Endpoint("PUT", _CC + "{uuid}/", NewColumn, Column, 200, "Replace a column")
COLUMN_UPDATE = Endpoint("PATCH", _CC + "{uuid}/", ColumnChange, Column, 200, "Change a column")
COLUMN_DELETE = Endpoint("DELETE", _CC + "{uuid}/", Nothing, Nothing, 204, "Remove a column")


def _kept(path: str, query: type, shown: type, new: type, change: type, what: str) -> tuple[Endpoint, ...]:  # type: ignore[type-arg]
    """list, detail, create, replace, change, remove of what staff keep."""
    one = path + "{uuid}/"
    listed: Any = list[shown]  # type: ignore[valid-type]
    return (
        Endpoint("GET", path, query, listed, 200, f"List {what}s"),
        Endpoint("GET", one, DetailQuery, shown, 200, f"Get {what}"),
        Endpoint("POST", path, new, shown, 201, f"Create {what}"),
        Endpoint("PUT", one, new, shown, 200, f"Replace {what}"),
        Endpoint("PATCH", one, change, shown, 200, f"Change {what}"),
        Endpoint("DELETE", one, Nothing, Nothing, 204, f"Remove {what}"),
    )


SECTIONS = _kept("/api/marketplace-sections/", ListQuery, Section, NewSection, SectionChange, "section")
ATTRIBUTES = _kept(
    "/api/marketplace-attributes/", AttributeQuery, Attribute, NewAttribute, AttributeChange, "attribute"
)
ATTRIBUTE_OPTIONS = _kept(
    "/api/marketplace-attribute-options/",
    AttributeOptionQuery,
    AttributeOption,
    NewAttributeOption,
    AttributeOptionChange,
    "option",
)
