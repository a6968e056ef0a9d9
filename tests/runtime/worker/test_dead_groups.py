"""A slow or dead group slows neither publishers nor the critical path: publishes and runs beside none, one and fifty of
them take turns, so that whatever else the machine does is the same for all."""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final

import pytest

from runtime import App, Event
from runtime.settings import Settings
from runtime.testing import Recorder
from runtime.worker.worker import Worker
from tests.waiting import until

pytestmark = pytest.mark.redis

CROWDS: Final = {"none": 0, "one": 1, "fifty": 50}
"""How many dead groups a channel has, by its name."""
SLOW: Final = "slow"
CHANNELS: Final = (*CROWDS, SLOW)
BACKLOG: Final = 300
"""Events that each group owes before anything is measured."""
PUBLISHES: Final = 400
RUNS: Final = 60
FLAT: Final = 1.5
"""How much longer the median may take; by the benchmark it is 1.0 to 1.2."""


class Crowded:
    """An app that publishes into channels of which each has another crowd."""

    def __init__(self, settings: Settings, facts: Recorder) -> None:
        self.app = App("crowded", settings=settings, observer=facts)
        self.runs = {channel: self._workflow(channel) for channel in CHANNELS}
        self.stuck = asyncio.Event()
        for channel in CHANNELS:
            self.app.subscribe(channel, group=f"quick-{channel}")(self._handle)
        self.app.subscribe(SLOW, group="stuck")(self._wait)

    def _workflow(self, channel: str) -> Any:
        workflow = self.app.workflow(channel, number=int)
        workflow.step(name="first", publishes=channel)(lambda number: number)
        workflow.step(name="second")(lambda first: first)
        return workflow

    async def _handle(self, event: Event[int]) -> None: ...

    async def _wait(self, event: Event[int]) -> None:
        await self.stuck.wait()

    async def fill(self) -> None:
        """Makes the dead groups, and what all of them owe."""
        for channel, dead in CROWDS.items():
            for number in range(dead):
                await self.app.session.bus.subscribe(channel, f"dead-{number}", schema="{}", app="gone")
        for channel in CHANNELS:
            await asyncio.gather(*(self.app.publish(channel, number) for number in range(BACKLOG)))

    async def publish(self, channel: str) -> None:
        await self.app.publish(channel, 7)

    async def run(self, channel: str) -> None:
        run = await self.app.start(self.runs[channel], number=7)
        assert await run.result(10) == 7


async def medians(count: int, act: Callable[[str], Awaitable[None]]) -> dict[str, float]:
    """Seconds that an act takes in each channel; they take turns."""
    took: dict[str, list[float]] = {channel: [] for channel in CHANNELS}
    for _ in range(count):
        for channel in CHANNELS:
            began = time.perf_counter()
            await act(channel)
            took[channel].append(time.perf_counter() - began)
    return {channel: statistics.median(all_) for channel, all_ in took.items()}


async def test_fifty_dead_groups_and_a_slow_one_change_nothing_for_others(
    settings: Settings, facts: Recorder, record_property: Callable[[str, object], None]
) -> None:
    """Neither for who publishes, nor for a run whose steps publish."""
    crowded = Crowded(settings, facts)
    async with crowded.app.client() as app:
        await crowded.fill()
        worker = Worker(app.session)
        await worker.start()
        try:

            async def caught_up() -> bool:
                left = [await app.session.bus.count_pending(channel, f"quick-{channel}") for channel in CHANNELS]
                return not any(left)

            await until(caught_up, "those who are quick have done the backlog")
            for what, count, act in (("publish", PUBLISHES, crowded.publish), ("run", RUNS, crowded.run)):
                found = await medians(count, act)
                ratios = {channel: took / found["none"] for channel, took in found.items()}
                record_property(what, ratios)
                print(f"{what}: {found['none'] * 1000:.2f} ms beside none; ratios {ratios}")
                assert max(ratios.values()) < FLAT, f"{what}: {ratios}"
            for channel, dead in CROWDS.items():
                for number in range(dead):
                    owed = await app.session.bus.count_pending(channel, f"dead-{number}")
                    assert owed == BACKLOG + PUBLISHES + RUNS, "a dead group is owed all of it"
        finally:
            crowded.stuck.set()
            await worker.stop(5)
