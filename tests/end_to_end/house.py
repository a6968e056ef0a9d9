"""A collector, a server and apps that an operator looks at."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from collector.client import ApiError, CollectorClient
from collector.models import RunDetail
from runtime import App, Context, Retry
from runtime.settings import Settings
from tests.collector.live import LiveCollector
from tests.waiting import until


@dataclass
class House:
    """A collector, a server, and apps that tell it what they do."""

    collector: LiveCollector
    client: CollectorClient
    settings: Settings
    world: dict[str, Any] = field(default_factory=dict)

    async def ask(self, question: Callable[[], Any]) -> Any:
        """An answer of the API, asked for outside of the event loop; None where it knows nothing yet."""
        try:
            return await asyncio.to_thread(question)
        except ApiError as error:
            if error.status == 404:
                return None
            raise

    async def run(self, id_: UUID, condition: Callable[[RunDetail], object]) -> RunDetail:
        """A run, once it is as it should be."""

        async def reached() -> RunDetail | None:
            detail = await self.ask(lambda: self.client.run(str(id_)))
            return detail if detail is not None and condition(detail) else None

        found = await until(reached)
        assert found is not None
        return found


def shop(house: House) -> App:
    """An app of two steps; the second fails until the world is mended, and the third is slow while it is held."""
    app = App("shop", version="1.4", settings=house.settings)
    order = app.workflow("order", number=int)
    house.world["order"] = order

    @order.step
    async def reserve(number: int) -> int:
        return number

    @order.step(retry=Retry(attempts=2, first_delay=0.01, max_delay=0.01))
    async def pay(reserve: int) -> int:
        if "mended" not in house.world:
            raise ValueError("no money")
        return reserve

    @order.step(retry=Retry(attempts=9, first_delay=60.0, max_delay=60.0))
    async def pack(reserve: int, ctx: Context) -> int:
        if "hold" in house.world:
            await asyncio.Event().wait()
        if ctx.attempt == 1 and "hiccup" in house.world:
            raise ValueError("no box")
        return reserve

    return app


def of_steps(detail: RunDetail) -> dict[str, str]:
    """How each step stands."""
    return {step.step: step.status.value for step in detail.steps}
