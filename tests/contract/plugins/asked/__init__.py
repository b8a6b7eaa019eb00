"""The smallest backend that can be asked about its resources."""

from __future__ import annotations

from mercato.sdk import OrderFacts, ResourceFacts, Result, Seen


class Asked:
    async def create(self, order: OrderFacts) -> Result:
        return Result(backend_id=order.resource)

    async def terminate(self, order: OrderFacts) -> Result:
        return Result()

    async def pull(self, resource: ResourceFacts) -> Seen:
        return Seen(metadata={"asked": True})


plugin = Asked()
