"""Has work ask again that waits for a budget or a breaker, once that has changed."""

import asyncio
from collections.abc import Callable, Iterable
from uuid import UUID

from runtime.budgets.account import Parked
from runtime.bus.contract import Bus
from runtime.state.contract import StateStore


async def wake_parked_work(waiting: Iterable[Parked], bus: Bus, store_of: Callable[[str], StateStore | None]) -> None:
    """At once, instead of when it would by itself.

    Args:
        waiting: steps and deliveries.
        bus: of the deliveries.
        store_of: where an app's steps are kept; None leaves those to themselves.

    Raises:
        ServerError: the server does not answer; what was not reached asks by itself.
    """
    await asyncio.gather(*(_wake_one(one, bus, store_of) for one in waiting))


async def _wake_one(one: Parked, bus: Bus, store_of: Callable[[str], StateStore | None]) -> None:
    if one.channel:
        await bus.hasten(one.channel, one.group, UUID(one.delivery))
        return
    store = store_of(one.app)
    if store is not None:
        await store.wake(one.task)
