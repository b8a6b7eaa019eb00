"""How categories, their groups, columns, sections and attributes are listed."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, String, case, column, exists, func, select, table

from mercato.catalog.filters import ON_SHELF
from mercato.catalog.tables import (
    attribute_options,
    attributes,
    categories,
    category_columns,
    category_groups,
    offerings,
    sections,
)
from mercato.kernel.filters import contains, equals, holds, linked, whether
from mercato.kernel.listing import Listing
from mercato.kernel.wiresql import children, link
from mercato.schemas.catalog import OfferingState
from mercato.schemas.taxonomy import Attribute, AttributeOption, Category, CategoryGroup, Column, Section
from mercato.tenants.tables import customers, projects

# A room above keeps these; only these of their columns matter.
_resources = table("resources", column("offering_id"), column("project_id"), column("state", String()))
_CATEGORY = "/api/marketplace-categories/{}/"


def _all(_kind: str) -> ColumnElement[bool] | None:
    return None


def _icon(path: str, of: Any, name: ColumnElement[Any] | None = None) -> ColumnElement[Any]:
    """The link to an uploaded icon, or the name that stands for one."""
    return case((of.c.icon_id.is_not(None), link(path, of.c.uuid)), else_=name)


def _offerings_in(*states: str) -> ColumnElement[Any]:
    return (
        select(func.count())
        .select_from(offerings)
        .where(
            offerings.c.category_id == categories.c.id,
            offerings.c.removed_at.is_(None),
            offerings.c.state.in_(states),
            offerings.c.shared,
        )
        .correlate(categories)
        .scalar_subquery()
    )


def _offered(*where: ColumnElement[bool]) -> ColumnElement[bool]:
    inside = (offerings.c.category_id == categories.c.id, offerings.c.removed_at.is_(None))
    return exists().where(*inside, *where).correlate(categories)


def _with_resources(*where: ColumnElement[bool]) -> ColumnElement[bool]:
    """There are living resources of such projects in the category."""
    return (
        exists()
        .where(
            offerings.c.category_id == categories.c.id,
            _resources.c.offering_id == offerings.c.id,
            _resources.c.state != "Terminated",
            projects.c.id == _resources.c.project_id,
            customers.c.id == projects.c.customer_id,
            *where,
        )
        .correlate(categories)
    )


def _is_default() -> ColumnElement[Any]:
    return func.coalesce(attributes.c.default.cast(String()) == '"' + attribute_options.c.key + '"', False)


_options = children(
    {"uuid": attribute_options.c.uuid, "key": attribute_options.c.key, "title": attribute_options.c.title},
    attribute_options,
    where=attribute_options.c.attribute_id == attributes.c.id,
    order=[attribute_options.c.id],
    of=attributes,
)
_attributes = children(
    {
        **{name: attributes.c[name] for name in ("uuid", "key", "title", "type", "required", "default")},
        "options": _options,
    },
    attributes,
    where=attributes.c.section_id == sections.c.id,
    order=[attributes.c.id],
    of=sections,
)
_available = _offerings_in(OfferingState.ACTIVE.value)
_groups = category_groups
_columns = category_columns

CATEGORIES = Listing(
    Category,
    table=categories,
    source=categories.outerjoin(_groups, _groups.c.id == categories.c.group_id),
    visible=_all,
    columns={
        "url": link(_CATEGORY, categories.c.uuid),
        "uuid": categories.c.uuid,
        "title": categories.c.title,
        "description": categories.c.description,
        "icon": _icon("/api/marketplace-categories/{}/icon/", categories, categories.c.icon),
        "group": link("/api/marketplace-category-groups/{}/", _groups.c.uuid),
        "offering_count": _offerings_in(*ON_SHELF),
        "available_offerings_count": _available,
        "sections": children(
            {
                **{name: sections.c[name] for name in ("key", "title", "is_standalone")},
                "attributes": _attributes,
            },
            sections,
            where=sections.c.category_id == categories.c.id,
            order=[sections.c.id],
            of=categories,
        ),
        "columns": children(
            {name: _columns.c[name] for name in ("uuid", "index", "title", "attribute", "widget")},
            _columns,
            where=_columns.c.category_id == categories.c.id,
            order=[_columns.c.index, _columns.c.id],
            of=categories,
        ),
    },
    filters={
        "uuid": equals(categories.c.uuid),
        "title": contains(categories.c.title),
        "group": equals(_groups.c.uuid),
        "group_uuid": equals(_groups.c.uuid),
        "has_offerings": holds(lambda v: case((_available > 0, True), else_=False) == v),
        "has_shared": whether(_offered(offerings.c.shared, offerings.c.state.in_(ON_SHELF))),
        "offering_name": contains(offerings.c.name)._replace(
            clause=lambda names: _offered(contains(offerings.c.name).clause(names))
        ),
        "customer_uuid": holds(
            lambda v: _offered(
                offerings.c.customer_id.in_(select(customers.c.id).where(customers.c.uuid == v))
            )
        ),
        "resource_customer_uuid": holds(lambda v: _with_resources(customers.c.uuid == v)),
        "resource_project_uuid": holds(lambda v: _with_resources(projects.c.uuid == v)),
    },
    order={"title": categories.c.title},
    default_order=("title",),
)

CATEGORY_GROUPS = Listing(
    CategoryGroup,
    table=_groups,
    source=_groups,
    visible=_all,
    columns={
        "url": link("/api/marketplace-category-groups/{}/", _groups.c.uuid),
        "uuid": _groups.c.uuid,
        "title": _groups.c.title,
        "description": _groups.c.description,
        "icon": _icon("/api/marketplace-category-groups/{}/icon/", _groups),
    },
    filters={"uuid": equals(_groups.c.uuid), "title": contains(_groups.c.title)},
    order={"title": _groups.c.title},
    default_order=("title",),
)

COLUMNS = Listing(
    Column,
    table=_columns,
    source=_columns.join(categories, categories.c.id == _columns.c.category_id),
    visible=_all,
    columns={
        **{name: _columns.c[name] for name in ("uuid", "index", "title", "attribute", "widget")},
        "category": link(_CATEGORY, categories.c.uuid),
    },
    filters={
        "uuid": equals(_columns.c.uuid),
        "title": contains(_columns.c.title),
        "category_uuid": equals(categories.c.uuid),
    },
    order={"index": _columns.c.index},
    default_order=("index",),
)

_SECTION = "/api/marketplace-sections/{}/"
SECTIONS = Listing(
    Section,
    table=sections,
    source=sections.join(categories, categories.c.id == sections.c.category_id),
    visible=_all,
    columns={
        "url": link(_SECTION, sections.c.uuid),
        **{name: sections.c[name] for name in ("uuid", "key", "title", "created", "is_standalone")},
        "category": link(_CATEGORY, categories.c.uuid),
        "category_title": categories.c.title,
    },
    filters={"uuid": equals(sections.c.uuid)},
)

_ATTRIBUTE = "/api/marketplace-attributes/{}/"
ATTRIBUTES = Listing(
    Attribute,
    table=attributes,
    source=attributes.join(sections, sections.c.id == attributes.c.section_id),
    visible=_all,
    columns={
        "url": link(_ATTRIBUTE, attributes.c.uuid),
        **{
            name: attributes.c[name]
            for name in ("uuid", "key", "title", "created", "type", "required", "default")
        },
        "section": link(_SECTION, sections.c.uuid),
        "section_title": sections.c.title,
    },
    filters={"uuid": equals(attributes.c.uuid), "section": linked(sections.c.uuid)},
)

ATTRIBUTE_OPTIONS = Listing(
    AttributeOption,
    table=attribute_options,
    source=attribute_options.join(attributes, attributes.c.id == attribute_options.c.attribute_id),
    visible=_all,
    columns={
        "url": link("/api/marketplace-attribute-options/{}/", attribute_options.c.uuid),
        **{name: attribute_options.c[name] for name in ("uuid", "id", "key", "title")},
        "attribute": link(_ATTRIBUTE, attributes.c.uuid),
        "attribute_title": attributes.c.title,
        "is_default": _is_default(),
    },
    filters={"uuid": equals(attribute_options.c.uuid), "attribute": linked(attributes.c.uuid)},
)
