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
#: How many of those that work are wrongly taken for gone.
DOUBTS: Final = 0.1


class Storm:
    """One group's workers, and what has become of its events."""

    def __init__(self, backend: BusBackend, group: str) -> None:
        self.backend = backend
        self.group = group
        self.ended: Counter[object] = Counter()
        self.chance = Random(group)
        self.doubted = asyncio.Queue[str]()

    @property
    def is_over(self) -> bool:
        return self.ended.total() >= EVENTS

    async def work(self, consumer: str) -> None:
        while not self.is_over:
            for delivery in await self.backend.bus.read(CHANNEL, self.group, consumer, 3, 5):
                begun = await self.backend.begin(delivery, consumer, kills=99, vanishings=99)
                if begun.status == "ok":
                    await self.end(delivery, consumer, begun.attempt)

    def doubt(self, consumer: str) -> None:
        """It is taken for gone soon, right or wrong."""
        self.doubted.put_nowait(consumer)

    async def end(self, delivery: Delivery, consumer: str, number: int) -> None:
        """Ends the attempt in some way, or dies over it."""
        bus, record = self.backend.bus, attempt(delivery, number, worker=consumer)
        if self.chance.random() < DOUBTS:
            self.doubt(consumer)
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
            case "die":
                self.doubt(consumer)

    async def take_over(self) -> None:
        """What a worker holds that is doubted goes on."""
        while True:
            consumer = await self.doubted.get()
            await self.backend.bus.forfeit(CHANNEL, self.group, consumer, self.chance.choice(["killed", "lost"]))

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
            await self.backend.bus.find_held(CHANNEL, self.group, "w0", (), 10)


async def test_each_event_ends_once_in_each_group(backend: BusBackend):
    """Whoever dies or is only taken for dead, and whoever comes too late; nothing is left over."""
    storms = [Storm(backend, group) for group in GROUPS]
    for storm in storms:
        await backend.subscribe(storm.group)

    async def publish() -> None:
        for number in range(EVENTS):
            await backend.bus.publish(event(number))

    async with asyncio.timeout(60), asyncio.TaskGroup() as others:
        taking = [others.create_task(storm.take_over()) for storm in storms for _ in range(2)]
        async with asyncio.TaskGroup() as everybody:
            everybody.create_task(publish())
            for storm in storms:
                everybody.create_task(storm.tidy())
                for number in range(WORKERS):
                    everybody.create_task(storm.work(f"w{number}"))
                for cell in ("cell-1", "cell-2"):
                    everybody.create_task(storm.isolate(cell))
        for one in taking:
            one.cancel()
    for storm in storms:
        assert storm.ended == {event(number).id: 1 for number in range(EVENTS)}
        counts = await backend.counts(storm.group)
        assert counts["owed"] == EVENTS == counts["done"] + counts["dead"]
    await backend.bus.trim(CHANNEL)
    assert await backend.client.xlen(backend.keys.stream) == 0
