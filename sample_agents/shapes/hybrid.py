"""The hybrid shape: the critical path is a durable run for each order, everybody else hears of its end on a channel.

Which agents there are the trial says. Retries and timeouts are those of the pure shape, and there are no breakers here,
either.
"""

import os
from collections.abc import Awaitable, Callable
from functools import cache
from typing import Final

from runtime import App, Context, Event
from sample_agents.shapes.faults import RETRY, TIMEOUT
from sample_agents.shapes.stage import VARIABLE, World

#: Where it is announced that an order's critical path is done.
DELIVERED: Final = "order.delivered"

app = App("shapes")

#: With four agents on the critical path, and with two.
long_flow = app.workflow("long", number=int)
short_flow = app.workflow("short", number=int)


@cache
def _world() -> World:
    return World.of_process()


async def _do(agent: str, number: int, ctx: Context) -> int:
    await _world().call(agent, number, ctx.attempt)
    return number


for flow in (long_flow, short_flow):

    @flow.step(retry=RETRY, timeout=TIMEOUT)
    async def pickup(number: int, ctx: Context) -> int:
        """Books a carrier."""
        return await _do("pickup", number, ctx)


@long_flow.step(retry=RETRY, timeout=TIMEOUT)
async def sorting(pickup: int, ctx: Context) -> int:
    """Chooses a hub."""
    return await _do("sorting", pickup, ctx)


@long_flow.step(retry=RETRY, timeout=TIMEOUT)
async def transit(sorting: int, ctx: Context) -> int:
    """Carries the parcel there."""
    return await _do("transit", sorting, ctx)


@long_flow.step(retry=RETRY, timeout=TIMEOUT, publishes=DELIVERED)
async def delivery(transit: int, ctx: Context) -> int:
    """Hands the parcel over."""
    return await _do("delivery", transit, ctx)


@short_flow.step(name="delivery", retry=RETRY, timeout=TIMEOUT, publishes=DELIVERED)
async def short_delivery(pickup: int, ctx: Context) -> int:
    """Hands the parcel over."""
    return await _do("delivery", pickup, ctx)


def _listener(agent: str) -> Callable[[Event[int], Context], Awaitable[None]]:
    async def listen(event: Event[int], ctx: Context) -> None:
        await _do(agent, event.data, ctx)

    return listen


# Whoever imports this for its names alone is part of no trial.
for agent in _world().trial.others if VARIABLE in os.environ else ():
    app.subscribe(DELIVERED, group=agent, retry=RETRY, timeout=TIMEOUT)(_listener(agent))
