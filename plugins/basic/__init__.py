"""Manual fulfilment: the provider's approval is the work, so there is nothing left to do."""

from __future__ import annotations

from mercato.sdk import OrderFacts, Result


class Basic:
    """Every verb is done as soon as the order executes."""

    async def create(self, order: OrderFacts) -> Result:
        return Result()

    async def update(self, order: OrderFacts) -> Result:
        return Result()

    async def terminate(self, order: OrderFacts) -> Result:
        return Result()


plugin = Basic()
