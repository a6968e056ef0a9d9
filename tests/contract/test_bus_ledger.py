"""The ledger moves with the work: after every call, each counter is what is really there, and they sum to what is owed.

Seeded random walks over everything that a bus and an operator can do, with two groups and two consumers. Drawing the
rules by hypothesis was tried: its walks hardly ever got past reading, and proved nothing.
"""

import random
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any, Final

import pytest

from runtime.bus.contract import Delivery
from runtime.bus.keys import ChannelKeys
from runtime.semconv import DeadLetterReason
from tests.contract.backends import BusBackend
from tests.contract.made import CHANNEL, TRACE, attempt, event

GROUPS: Final = ("sms", "billing")
CONSUMERS: Final = ("w1", "w2")
KEYS: Final = ChannelKeys(CHANNEL)
STEPS: Final = 150
"""Calls of a walk at least; it goes on until everything that can happen has happened."""

EVERYTHING: Final = frozenset(
    {"ok", "stale", "duplicate", "poison", "ack", "retry", "bury", "postponed", "replayed", "discarded"}
)


class Walk:
    """A bus, and what its consumers believe to hold: some of it has long been taken from them."""

    def __init__(self, backend: BusBackend, seed: int) -> None:
        self.backend = backend
        self.chance = random.Random(seed)
        self.held: list[tuple[Delivery, str]] = []
        self.published = self.copies = 0
        self.births: dict[str, int] = {}
        self.happened: Counter[str] = Counter()

    @property
    def group(self) -> str:
        """Any group that there is."""
        return self.chance.choice(list(self.births))

    @property
    def consumer(self) -> str:
        return self.chance.choice(CONSUMERS)

    async def step(self) -> None:
        """Any call, those that move work more often than the others."""
        calls: dict[Callable[[], Awaitable[None]], int] = {
            self.publish: 4,
            self.copy: 1,
            self.read: 5,
            self.reclaim: 5,
            self.work: 12,
            self.promote: 4,
            self.settle: 4,
            self.subscribe: 1,
            self.trim: 1,
        }
        (call,) = self.chance.choices(list(calls), list(calls.values()))
        await call()

    async def subscribe(self) -> None:
        group = self.chance.choice(GROUPS)
        await self.backend.subscribe(group)
        self.births.setdefault(group, self.published + self.copies)

    async def publish(self) -> None:
        """A new event, sometimes the last one again, which counts for nothing."""
        self.published += self.chance.random() < 0.8 or not self.published
        await self.backend.bus.publish(event(self.published))

    async def copy(self) -> None:
        """An event is published again after its mark is gone; the groups owe it once more."""
        if self.published:
            made = event(self.chance.randint(1, self.published))
            self.copies += await self.backend.client.delete(KEYS.published(made.id))
            await self.backend.bus.publish(made)

    async def read(self) -> None:
        consumer = self.consumer
        taken = await self.backend.bus.read(CHANNEL, self.group, consumer, self.chance.randint(1, 3), 1)
        self.held += [(delivery, consumer) for delivery in taken]

    async def reclaim(self) -> None:
        consumer = self.consumer
        taken = await self.backend.bus.reclaim(CHANNEL, self.group, consumer, 0, 2)
        self.held += [(delivery, consumer) for delivery in taken]

    async def promote(self) -> None:
        await self.backend.bus.promote(CHANNEL, self.group)

    async def trim(self) -> None:
        await self.backend.bus.trim(CHANNEL)

    async def settle(self) -> None:
        """An operator replays or discards a letter, sometimes one that is settled already."""
        letters = await self.backend.dead(self.chance.choice(["dead", "dead", "all"]))
        if not letters:
            return
        letter = self.chance.choice(letters)
        if self.chance.random() < 0.3:
            self.happened[(await self.backend.letters.discard(letter, "ann", "walk", TRACE)).status] += 1
        else:
            self.happened[await self.backend.replay(letter)] += 1

    async def work(self) -> None:
        """A consumer does something with what it believes to hold, or dies over it."""
        if not self.held:
            return
        delivery, consumer = self.held.pop(self.chance.randrange(len(self.held)))
        bus = self.backend.bus
        if self.chance.random() < 0.1:
            self.happened["postponed"] += await bus.postpone(delivery, consumer, 0)
            return
        begun = await bus.begin(delivery, consumer, 7, solo=delivery.reclaimed, death_limit=1)
        self.happened[begun.status] += 1
        if begun.status == "poison":
            await bus.bury(delivery, consumer, None, DeadLetterReason.POISON, begun.attempt)
        elif begun.status == "ok":
            await self.end(delivery, consumer, begun.attempt)

    async def end(self, delivery: Delivery, consumer: str, number: int) -> None:
        bus, record = self.backend.bus, attempt(delivery, number)
        how = self.chance.choice(["ack", "retry", "bury", "die", "die"])
        if how == "ack":
            self.happened[how] += await bus.ack(delivery, consumer, [], {}) is not None
        elif how == "retry":
            self.happened[how] += await bus.retry(delivery, consumer, record, 0)
        elif how == "bury":
            reason = DeadLetterReason.MAX_ATTEMPTS
            self.happened[how] += bool(await bus.bury(delivery, consumer, record, reason, number))

    async def check(self) -> None:
        """What the ledger says of every group is what is there."""
        for group, birth in self.births.items():
            ledger = await self.backend.ledger(group)
            total = ledger.done + ledger.pending + ledger.retrying + ledger.dead + ledger.discarded
            owed = self.published + self.copies - birth
            assert (total, ledger.owed) == (owed, owed)
            assert ledger.pending == await self.unsettled(group)
            assert ledger.retrying == await self.backend.client.zcard(KEYS.waiting(group))
            assert ledger.dead == await self.backend.client.zcard(KEYS.dead(group))
            letters = Counter(one.state for one in await self.backend.dead("all") if one.group == group)
            assert (ledger.dead, ledger.discarded) == (letters["dead"], letters["discarded"])

    async def unsettled(self, group: str) -> int:
        """Entries that are pending or unread, of the channel's stream and of the group's retries."""
        count = 0
        for stream in (KEYS.stream, KEYS.retries(group)):
            infos: Any = await self.backend.client.xinfo_groups(stream)
            info = next(one for one in infos if one["name"].decode() == group)
            unread: Any = await self.backend.client.xrange(stream, min=b"(" + info["last-delivered-id"])
            count += info["pending"] + len(unread)
        return count


@pytest.mark.parametrize("seed", range(3))
async def test_after_every_call_the_ledger_is_true(backend: BusBackend, seed: int):
    """Whatever comes after whatever, by whomever; and everything that can happen does happen on the way."""
    walk = Walk(backend, seed)
    await walk.subscribe()
    steps = 0
    while steps < STEPS or EVERYTHING - set(+walk.happened):
        await walk.step()
        await walk.check()
        steps += 1
        assert steps < 10 * STEPS, f"this never happened: {EVERYTHING - set(+walk.happened)}"
