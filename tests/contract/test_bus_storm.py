"""Publishers, workers, cells and those who take over from the dead, all at once: each event ends once in each group."""

import asyncio
from collections import Counter
from random import Random
from typing import Final

from runtime.bus.deliveries import Delivery
from runtime.semconv import DeadLetterReason
from tests.contract.backends import BusBackend
from tests.contract.made import CHANNEL, attempt, event

GROUPS: Final = ("sms", "billing")
EVENTS: Final = 80
WORKERS: Final = 4


class Storm:
    """One group's workers, and what has become of its events."""

    def __init__(self, backend: BusBackend, group: str) -> None:
        self.backend = backend
        self.group = group
        self.ended: Counter[object] = Counter()
        self.chance = Random(group)

    @property
    def is_over(self) -> bool:
        return self.ended.total() >= EVENTS

    async def work(self, consumer: str) -> None:
        while not self.is_over:
            for delivery in await self.backend.bus.read(CHANNEL, self.group, consumer, 3, 5):
                begun = await self.backend.begin(delivery, consumer, kills=99, vanishings=99)
                if begun.status == "ok":
                    await self.end(delivery, consumer, begun.attempt)

    async def end(self, delivery: Delivery, consumer: str, number: int) -> None:
        """Ends the attempt in some way, or dies over it."""
        bus, record = self.backend.bus, attempt(delivery, number, worker=consumer)
        match self.chance.choice(["ack", "ack", "retry", "postpone", "bury", "die", "die"]):
            case "ack":
                self.ended[delivery.event_id] += await bus.ack(delivery, consumer, [], {}) is not None
            case "retry":
                await bus.retry(delivery, consumer, record, 0)
            case "postpone":
                await bus.postpone(delivery, consumer, 0)
            case "bury":
                reason = DeadLetterReason.MAX_ATTEMPTS
                self.ended[delivery.event_id] += bool(await bus.bury(delivery, consumer, record, reason, number))

    async def take_over(self, consumer: str) -> None:
        """A worker is taken for gone now and then, right or wrong; what it held goes on."""
        while not self.is_over:
            await self.backend.bus.forfeit(CHANNEL, self.group, consumer, self.chance.choice(["killed", "lost"]))
            await asyncio.sleep(self.chance.uniform(0, 0.02))  # a rhythm by chance, which waits for nothing

    async def isolate(self, cell: str) -> None:
        while not self.is_over:
            for suspect in await self.backend.bus.suspects(CHANNEL, self.group, 5):
                delivery = suspect.delivery
                if await self.backend.bus.claim(delivery, cell):
                    begun = await self.backend.begin(delivery, cell, isolated=True, kills=99, vanishings=99)
                    if begun.status == "ok":
                        await self.end(delivery, cell, begun.attempt)

    async def tidy(self) -> None:
        while not self.is_over:
            await self.backend.bus.promote(CHANNEL, self.group)
            await self.backend.bus.trim(CHANNEL)
            await self.backend.bus.held(CHANNEL, self.group, "w0", (), 10)
            await asyncio.sleep(0.001)  # a rhythm, which waits for nothing


async def test_each_event_ends_once_in_each_group(backend: BusBackend):
    """Whoever dies or is only taken for dead, and whoever comes too late; nothing is left over."""
    storms = [Storm(backend, group) for group in GROUPS]
    for storm in storms:
        await backend.subscribe(storm.group)

    async def publish() -> None:
        for number in range(EVENTS):
            await backend.bus.publish(event(number))

    async with asyncio.timeout(60), asyncio.TaskGroup() as everybody:
        everybody.create_task(publish())
        for storm in storms:
            everybody.create_task(storm.tidy())
            for number in range(WORKERS):
                everybody.create_task(storm.work(f"w{number}"))
                everybody.create_task(storm.take_over(f"w{number}"))
            for cell in ("cell-1", "cell-2"):
                everybody.create_task(storm.isolate(cell))
                everybody.create_task(storm.take_over(cell))
    for storm in storms:
        assert storm.ended == {event(number).id: 1 for number in range(EVENTS)}
        counts = await backend.counts(storm.group)
        assert counts["owed"] == EVENTS == counts["done"] + counts["dead"]
    await backend.bus.trim(CHANNEL)
    assert await backend.client.xlen(backend.keys.stream) == 0
