"""`@`: narrow everything to one organisation or one project, or widen it again."""

from __future__ import annotations

from mercato.schemas import tenants
from mercato_tui.i18n import _
from mercato_tui.modals.picker import PickModal
from mercato_tui.session import Context
from mercato_tui.views import ProjectRow
from mercato_tui.widgets.choice import Item

EVERYTHING = ""


class ContextModal(PickModal):
    """The organisations one sees, their projects below them."""

    def __init__(self) -> None:
        super().__init__(_("Look at"), [])
        self.contexts: dict[str, Context] = {}

    def on_mount(self) -> None:
        self._offer([])
        self.in_background(self._read)

    async def _read(self) -> None:
        found = await self.mercato.api.some(
            tenants.PROJECTS, ProjectRow, tenants.ProjectQuery(page=1, page_size=300, o=["name"])
        )
        if self.is_mounted:
            self._offer(found.rows)
            self.populate()

    def _offer(self, projects: list[ProjectRow]) -> None:
        session = self.mercato.session
        if session is None:
            return
        self.contexts = {EVERYTHING: Context()}
        self.items = [Item(EVERYTHING, _("All organisations"))]
        names = {row.uuid: row.name for row in session.customers.values()}
        names |= {row.customer_uuid: row.customer_name for row in projects}
        for customer, name in sorted(names.items(), key=lambda pair: pair[1].casefold()):
            self.contexts[customer] = Context(customer, name)
            self.items.append(Item(customer, name, _("organisation")))
            for row in projects:
                if row.customer_uuid == customer:
                    self.contexts[row.uuid] = Context(customer, name, row.uuid, row.name)
                    self.items.append(Item(row.uuid, f"  ▸ {row.name}", name))
        context = session.context
        self.value = context.project_uuid or context.customer_uuid

    def chosen(self, item: Item) -> None:
        app, chosen = self.mercato, self.contexts.get(item.value, Context())
        self.dismiss(None)
        if app.session is not None:
            app.session.context = chosen
            app.frame_changed()
            if app.nav.pages:
                app.nav.pages[-1].load()
