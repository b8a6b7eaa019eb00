"""Lists whose rows are sums: what was found is grouped before it is shown, filtered before it is grouped."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, func, literal_column, select

from mercato.kernel.listing import Listing
from mercato.kernel.wiresql import shown


class GroupedListing(Listing):
    """A Listing with one row for each group of `by`; its columns may be aggregates over the group's rows.

    `by` must hold the primary keys (or the very expressions) of everything else that is shown.
    """

    def __init__(self, *args: Any, by: Sequence[ColumnElement[Any]], **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.by = tuple(by)

    def _statement(
        self,
        mode: str,
        kind: str,
        fields: tuple[str, ...],
        shape: tuple[tuple[str, int], ...],
        order: tuple[tuple[str, bool], ...],
    ) -> Select[Any]:
        conditions = [] if self.where is None else [self.where]
        scope = self.visible(kind)
        if scope is not None:
            conditions.append(scope)
        for name, n in shape:
            conditions.append(self.filters[name].clause([f"f_{name}_{i}" for i in range(n)]))
        if mode == "count":
            groups = select(self.by[0]).select_from(self.source).where(*conditions).group_by(*self.by)
            return select(func.count()).select_from(groups.subquery())
        columns = [shown(self.columns[name].expr).label(name) for name in fields]
        # An unknown `field` is ignored: a group is still a row.
        columns = columns or [literal_column("1").label("nothing_")]
        wanted = select(*columns).select_from(self.source).where(*conditions).group_by(*self.by)
        if mode == "one":
            return wanted.limit(1)
        sorting = [self.order[n].desc() if down else self.order[n].asc() for n, down in order]
        limit = bindparam("limit_", None, type_=self._id.type)
        offset = bindparam("offset_", None, type_=self._id.type)
        return wanted.order_by(*sorting, *self.by).limit(limit).offset(offset)
