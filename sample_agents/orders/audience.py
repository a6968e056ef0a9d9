"""Slow subscribers, as many as one likes: an app of their own, as another team's would be."""

import asyncio
from typing import Any, Final

from runtime import App, Event
from sample_agents.orders.agents import ORDER_PROCESSED

#: Seconds that each takes for each event.
SLOW: Final = 0.5

_PREFIX: Final = "slow-"


def audience(subscribers: int) -> App:
    """An app with so many slow subscribers, each a group of its own that hears of every processed order from now on."""
    app = App("orders-audience")
    for place in range(1, subscribers + 1):
        app.subscribe(ORDER_PROCESSED, group=f"{_PREFIX}{place:02d}", start="latest")(_listen)
    return app


def is_slow(group: str) -> bool:
    """Whether a group is one of the slow subscribers."""
    return group.startswith(_PREFIX)


async def _listen(event: Event[Any]) -> None:
    await asyncio.sleep(SLOW)
