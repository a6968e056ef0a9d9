"""Whatever is asked of a group that keeps an order, by whomever: of a key one event is under way at a time, none begins
before those that came earlier have ended, and all of it comes to an end."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from random import Random
from typing import Final

from runtime.bus.deliveries import Delivery, Loss
from runtime.causality import identity
from runtime.semconv import DeadLetterReason
from tests.contract.backends import BusBackend, Clients
from tests.contract.made import CHANNEL, attempt, event

GROUP: Final = "books"
BY: Final = "order"
KEYS: Final = ("a", "b", None)
WORKERS: Final = ("w1", "w2", "w3")
CELL: Final = "cell"
SEEDS: Final = 12
STEPS: Final = 150

#: What must have happened at the end, or the walks prove less than they seem to.
EVERYTHING: Final = frozenset(
    [
        "ack",
        "retry",
        "postpone",
        "bury",
        "lapse",
        "stale",
        "forfeit",
        "claimed",
        "replayed",
        "copy",
        "duplicate",
        "behind",
    ]
)


@dataclass
class Walk:
    """One group, those who work for it, and what they have seen.

    Attributes:
        keys: of each event, by number.
        ended: events whose round 0 has ended.
        held: what consumers believe to hold.
        under_way: deliveries that have begun and not ended, by key.
    """

    backend: BusBackend
    chance: Random
    happened: Counter[str]
    keys: dict[int, str | None] = field(default_factory=dict)
    ended: set[int] = field(default_factory=set)
    held: list[tuple[str, Delivery]] = field(default_factory=list)
    under_way: dict[str, Delivery] = field(default_factory=dict)

    async def publish(self) -> None:
        number = len(self.keys) + 1
        self.keys[number] = self.chance.choice(KEYS)
        await self.backend.bus.publish(event(number, data={"order": self.keys[number]}))

    async def publish_a_copy(self) -> None:
        number = self.chance.choice([*self.keys])
        await self.backend.client.delete(self.backend.keys.publish_mark(event(number).id))
        await self.backend.bus.publish(event(number, data={"order": self.keys[number]}))
        self.happened["copy"] += 1

    async def sort(self) -> None:
        """Several do at once."""
        await asyncio.gather(*(self.backend.bus.sort(CHANNEL, GROUP, BY, 1) for _ in range(self.chance.choice((1, 2)))))

    async def read(self) -> None:
        await self.backend.bus.promote(CHANNEL, GROUP)
        consumer, limit = self.chance.choice(WORKERS), self.chance.choice((1, 2, 5))
        found = await self.backend.bus.read_turns(CHANNEL, GROUP, consumer, limit, 1)
        self.held += [(consumer, one) for one in found]

    async def work(self) -> None:
        """Begins what somebody believes to hold, and ends it perhaps."""
        if not self.held:
            return
        consumer, delivery = self.chance.choice(self.held)
        begun = await self.backend.begin(delivery, consumer, isolated=consumer == CELL, kills=99, vanishings=99)
        if begun.status in ("stale", "suspect", "duplicate"):
            self.held.remove((consumer, delivery))
            self.happened[begun.status] += 1
            return
        self._check_begins(delivery)
        how = self.chance.choice(("ack", "ack", "retry", "postpone", "bury", "lapse", "nothing", "nothing"))
        if how != "nothing":
            await self.end(how, consumer, delivery)

    async def end(self, how: str, consumer: str, delivery: Delivery) -> None:
        bus, record = self.backend.bus, attempt(delivery, worker=consumer)
        match how:
            case "ack":
                done = await bus.ack(delivery, consumer, [], {}) is not None
            case "retry":
                done = await bus.retry(delivery, consumer, record, 0)
            case "postpone":
                done = await bus.postpone(delivery, consumer, 0)
            case "bury":
                done = bool(await bus.bury(delivery, consumer, record, DeadLetterReason.MAX_ATTEMPTS, 1))
            case _:
                done = delivery.round == 0 and await bus.lapse(delivery, consumer) is not None
        if not done:
            return
        self.happened[how] += 1
        self.held.remove((consumer, delivery))
        del self.under_way[delivery.key or ""]
        if how not in ("retry", "postpone") and delivery.round == 0:
            self.ended.add(self._number(delivery))

    async def forfeit(self) -> None:
        """A consumer is gone, or only silent: what it believes to hold it may yet try to end."""
        loss: Loss = self.chance.choice(("killed", "vanished", "lost"))
        self.happened["forfeit"] += await self.backend.bus.forfeit(
            CHANNEL, GROUP, self.chance.choice((*WORKERS, CELL)), loss
        )

    async def claim(self) -> None:
        for suspect in await self.backend.bus.suspects(CHANNEL, GROUP, 10):
            assert await self.backend.bus.claim(suspect.delivery, CELL)
            self.held.append((CELL, suspect.delivery))
            self.happened["claimed"] += 1

    async def replay(self) -> None:
        letters = await self.backend.dead()
        if letters:
            await self.backend.replay(self.chance.choice(letters))
            self.happened["replayed"] += 1

    async def check(self) -> None:
        """The ledger adds up, and of a key one delivery is due or held."""
        ledger = await self.backend.ledger(GROUP)
        assert ledger.accounted == ledger.owed
        keys = self.backend.keys
        waiting = [await self.backend.client.llen(keys.behind(GROUP, key or "")) for key in KEYS]
        assert sum(waiting) == ledger.behind
        self.happened["behind"] += ledger.behind
        due = [fields[b"d"].decode() for _, fields in await self.backend.client.xrange(keys.retries(GROUP))]
        put_off = [one.decode() for one in await self.backend.client.zrange(keys.waiting(GROUP), 0, -1)]
        holders = [one.decode() for one in (await self.backend.client.hgetall(keys.turns(GROUP))).values()]
        assert sorted(due + put_off) == sorted(holders)

    async def finish(self) -> None:
        """Whatever happened, all of it can be brought to its end, and nothing is left."""
        for consumer in (*WORKERS, CELL):
            await self.backend.bus.forfeit(CHANNEL, GROUP, consumer, "lost")
        self.held, self.under_way = [], {}
        while True:
            await self.backend.bus.sort(CHANNEL, GROUP, BY, 1)
            await self.backend.bus.promote(CHANNEL, GROUP)
            found = await self.backend.bus.read_turns(CHANNEL, GROUP, CELL, 10, 1)
            for suspect in await self.backend.bus.suspects(CHANNEL, GROUP, 10):
                assert await self.backend.bus.claim(suspect.delivery, CELL)
                found.append(suspect.delivery)
            if not found:
                break
            for delivery in found:
                begun = await self.backend.begin(delivery, CELL, isolated=True, kills=99, vanishings=99)
                if begun.status == "ok":
                    self._check_begins(delivery)
                    self.held.append((CELL, delivery))
                    await self.end("ack", CELL, delivery)
        await self.check()
        ledger = await self.backend.ledger(GROUP)
        assert (ledger.pending, ledger.retrying, ledger.behind) == (0, 0, 0)
        left = [key async for key in self.backend.client.scan_iter(match="*:d:books:*", count=1000)]
        assert (left, await self.backend.client.exists(self.backend.keys.turns(GROUP))) == ([], 0)

    def _number(self, delivery: Delivery) -> int:
        return next(number for number in self.keys if event(number).id == delivery.event_id)

    def _check_begins(self, delivery: Delivery) -> None:
        """No other of its key is under way, and those that came before have ended."""
        key, number = delivery.key or "", self._number(delivery)
        other = self.under_way.get(key)
        assert other is None or other.id == delivery.id, f"{other} and {delivery} are both under way"
        self.under_way[key] = delivery
        if delivery.round == 0:
            before = {one for one, of in self.keys.items() if (of or "") == key and one < number}
            assert before <= self.ended, f"{number} begins before {before - self.ended}"


async def test_of_a_key_one_at_a_time_and_in_order_whatever_happens(clients: Clients):
    """Under seeds of all kinds of trouble."""
    happened = Counter[str]()
    for seed in range(SEEDS):
        await clients.client.flushall()
        backend, chance = clients.bus(), Random(seed)
        await backend.subscribe(GROUP, order_by=BY)
        walk = Walk(backend, chance, happened)
        steps = [walk.publish, walk.sort, walk.read, walk.read, *[walk.work] * 5, walk.claim, walk.forfeit, walk.replay]
        await walk.publish()
        for number in range(STEPS):
            step = walk.publish_a_copy if chance.random() < 0.05 else chance.choice(steps)
            await step()
            if number % 10 == 0:
                await walk.check()
        await walk.finish()
    assert EVERYTHING - set(+happened) == set(), happened


def test_ids_of_deliveries_are_as_long_as_scripts_take_them_for():
    """They find a group's turns by the name of any of its deliveries."""
    assert len(str(identity.delivery_id(event(1).id, GROUP, 0))) == 36
