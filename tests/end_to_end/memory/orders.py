"""Runs that are started, one after the other, for a worker of its own."""

import asyncio
import threading
from itertools import count
from pathlib import Path
from typing import Final

from runtime import App, Settings
from runtime.errors import CauselineError

#: Seconds between two orders.
PACE: Final = 0.2


class Orders(threading.Thread):
    """Starts orders at a steady pace.

    Args:
        url: of the server.
        home: of the client.
        ending: set when it is to end.
    """

    def __init__(self, url: str, home: Path, ending: threading.Event) -> None:
        super().__init__(name="orders", daemon=True)
        self.started = 0
        self.errors: list[str] = []
        self._settings = Settings(redis_url=url, home=home, telemetry=False)
        self._ending = ending

    def run(self) -> None:
        """Starts orders until it is told to end."""
        asyncio.run(self._order())

    async def _order(self) -> None:
        app = App("steady", settings=self._settings)
        order = app.workflow("order", number=int)

        @order.step
        async def reserve(number: int) -> int:
            return number

        @order.step(publishes="order.placed")
        def pay(reserve: int) -> int:
            return reserve

        async with app.client():
            for number in count():
                if await asyncio.to_thread(self._ending.wait, PACE):
                    return
                try:
                    await app.start(order, number=number, subject=f"O-{number}")
                    self.started += 1
                except CauselineError as error:
                    self.errors.append(str(error))
