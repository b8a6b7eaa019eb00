"""A backend with a ledger: every call is a line, written before the work and after it."""

from __future__ import annotations

import asyncio
import os
import random

from mercato.sdk import Failed, OrderFacts, Result, Retry, step


def note(*words: str) -> None:
    """One line, whole even when many processes write."""
    handle = os.open(os.environ["CHAOS_LEDGER"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(handle, (" ".join([str(os.getpid()), *words]) + "\n").encode())
    os.close(handle)


async def call(verb: str, key: str) -> str:
    """A call of the backend; the object is made once for each key."""
    note(f"{verb}-call", key)
    await asyncio.sleep(random.uniform(0.02, 0.3))
    note(f"{verb}-ok", key)
    return f"object-{key}"


class Chaos:
    """What becomes of an order is decided by the last digits of its key: most are made, some wait, fail or break."""

    async def create(self, order: OrderFacts) -> Result:
        kind = int(order.order[-2:], 16)
        made = await step("make", lambda: call("create", order.order))
        if kind < 64:
            await step("boot", lambda: self._boot(order.order))
        if kind >= 244:
            raise Failed("The backend refuses.")
        if kind >= 232 and random.random() < 0.5:
            raise RuntimeError("the backend broke")
        return Result(backend_id=made)

    async def _boot(self, key: str) -> str:
        note("boot", key)
        if random.random() < 0.5:
            raise Retry(1, "It boots.")
        return "up"

    async def undo(self, order: OrderFacts) -> None:
        await call("undo", order.order)

    async def terminate(self, order: OrderFacts) -> Result:
        await call("terminate", order.order)
        return Result()


plugin = Chaos()
