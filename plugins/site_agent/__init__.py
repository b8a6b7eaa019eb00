"""The work happens at the provider's site: an agent there takes the order and reports its end."""

from __future__ import annotations

from mercato.sdk import OrderFacts, Result


class SiteAgent:
    """Every verb leaves the order executing until `set_state_done` or `set_state_erred`."""

    async def create(self, order: OrderFacts) -> Result:
        return Result(done=False)

    async def update(self, order: OrderFacts) -> Result:
        return Result(done=False)

    async def terminate(self, order: OrderFacts) -> Result:
        return Result(done=False)


plugin = SiteAgent()
