"""Publishers and workers of a bus, who do anything at any time; the plain model of it says what must come of it."""

import asyncio
from collections import Counter
from collections.abc import Coroutine
from dataclasses import dataclass
from random import Random
from typing import Any, ClassVar, Final, TypeVar

from hypothesis import note
from hypothesis.stateful import RuleBasedStateMachine

from runtime.bus.contract import place_of
from runtime.bus.deliveries import Delivery
from runtime.bus.envelope import decode
from runtime.bus.timing import Timing
from runtime.semconv import DeadLetterReason
from tests.contract.backends import BusBackend
from tests.contract.bus_model import KILLS, VANISHINGS, Entry, Group, Hand, Key, Owed, entry_id
from tests.contract.made import CHANNEL, attempt, event

GROUPS: Final = ("sms", "billing")
WORKERS: Final = ("w1", "w2", "w3")
CELLS: Final = ("cell-1", "cell-2")

Answer = TypeVar("Answer")


def one_of(chance: Random, *values: Answer) -> Answer:
    """One of these; said, or a failure could not be understood."""
    found = chance.choice(values)
    note(f"    {found}")
    return found


@dataclass(eq=False)
class Belief:
    """A consumer believes to hold a delivery of a group; it may long have lost it."""

    group: str
    hand: Hand
    key: Key
    delivery: Delivery
    attempt: int = 0

    def __str__(self) -> str:
        return f"{self.hand} of {self.group}: {self.key}"


class WorkingBus(RuleBasedStateMachine):
    """A bus on an empty server, and its model: what publishers and workers do."""

    happened: ClassVar[Counter[str]]
    loop: ClassVar[asyncio.AbstractEventLoop]
    backend: ClassVar[BusBackend]

    def __init__(self) -> None:
        super().__init__()
        self.run(self.backend.client.flushall())
        self.groups: dict[str, Group] = {}
        self.stream: list[Entry] = []
        self.last = 0, 0
        self.published = 0
        self.beliefs: list[Belief] = []
        self.held_back: set[int] = set()

    def run(self, call: Coroutine[Any, Any, Answer]) -> Answer:
        return self.loop.run_until_complete(call)

    def any_group(self, chance: Random, such: str = "owed") -> tuple[str, Group]:
        """One of those that have such a thing."""
        name = one_of(chance, *(name for name, group in self.groups.items() if getattr(group, such)))
        return name, self.groups[name]

    @property
    def live(self) -> list[Belief]:
        """Beliefs that are true."""
        return [one for one in self.beliefs if self.groups[one.group].owner(one.hand)]

    def believe(self, group: str, consumer: str, delivery: Delivery, owed: Owed) -> None:
        known = {event(number).id: number for number in range(self.published + 1)}
        assert (known[delivery.event_id], delivery.round) == owed.key
        assert (delivery.foreign, delivery.is_retry) == (owed.foreign and owed.place[0] == "s", owed.place[0] == "r")
        self.beliefs = [*self.beliefs[-19:], Belief(group, (consumer, owed.place), owed.key, delivery)]

    def publish(self, chance: Random) -> None:
        for _ in range(one_of(chance, 1, 2, 3)):
            self.published += 1
            self._publish(self.published)

    def publish_for_later(self, _: Random) -> None:
        """It is in nobody's books until its time has come; said twice it comes once."""
        self.published += 1
        later = event(self.published, timing=Timing(delay_ms=3_600_000))
        for _again in range(2):
            assert self.run(self.backend.bus.publish(later)).groups == len(self.groups)
        self.held_back.add(self.published)
        self.happened["held back"] += 1

    def publish_a_copy(self, chance: Random) -> None:
        """The event's mark has expired."""
        number = one_of(chance, *(one for one in range(1, self.published + 1) if one not in self.held_back))
        self.run(self.backend.client.delete(self.backend.keys.publish_mark(event(number).id)))
        self._publish(number)
        self.happened["copied"] += 1

    def write_from_elsewhere(self, _: Random) -> None:
        self.published += 1
        self.run(self.backend.client.xadd(self.backend.keys.stream, {"e": event(self.published).encode()}))
        self._added(self.published, foreign=True)
        self.happened["foreign"] += 1

    def come(self, entries: list[tuple[bytes, dict[bytes, bytes]]]) -> None:
        """Events came that were held back, in this order."""
        known = {str(event(number).id): number for number in self.held_back}
        for entry, fields in entries:
            number = known[str(decode(fields[b"e"], CHANNEL).id)]
            self.held_back.remove(number)
            self._owe(entry, number, foreign=False)
            self.happened["came"] += 1

    def _publish(self, number: int) -> None:
        assert self.run(self.backend.bus.publish(event(number))).groups == len(self.groups)
        self._added(number, foreign=False)

    def _added(self, number: int, *, foreign: bool) -> None:
        ((entry, _),) = self.run(self.backend.client.xrevrange(self.backend.keys.stream, count=1))
        self._owe(entry, number, foreign=foreign)

    def _owe(self, entry: bytes, number: int, *, foreign: bool) -> None:
        self.last = entry_id(entry.decode())
        self.stream.append(Entry(self.last, number, foreign))
        for group in self.groups.values():
            group.add(Owed((number, 0), foreign, booked=not foreign))

    def subscribe(self, chance: Random) -> None:
        name, start = one_of(chance, *GROUPS), one_of(chance, "", "earliest", "latest")
        answer = self.run(self.backend.subscribe(name, start=start))
        assert answer.is_new == (name not in self.groups)
        if answer.is_new:
            early = start == "earliest" or (not start and not self.groups)
            kept = [Owed((one.number, 0), one.foreign) for one in self.stream] if early else []
            self.groups[name] = Group(kept, (0, 0) if early else self.last)
            self.happened["early" if kept else "late"] += 1

    def trim(self, _: Random) -> None:
        low = min(group.needs_from() for group in self.groups.values())
        kept = [one for one in self.stream if one.id >= low]
        assert self.run(self.backend.bus.trim(CHANNEL)) == len(self.stream) - len(kept)
        self.happened["trimmed"] += len(self.stream) - len(kept)
        self.stream = kept

    def read(self, chance: Random) -> None:
        """Sometimes the answer is lost."""
        name, group = self.any_group(chance, "can_be_read")
        worker, limit, is_lost = (
            one_of(chance, *WORKERS),
            one_of(chance, 1, 2, 3, 4),
            one_of(chance, False, False, True),
        )
        expected = group.take(worker, limit)
        found = self.run(self.backend.bus.read(CHANNEL, name, worker, limit, 1))
        assert len(found) == len(expected)
        for delivery, owed in zip(found, expected, strict=True):
            owed.place = place_of(delivery)
            assert owed.place not in group.held, "two consumers hold one entry"
            group.held[owed.place] = owed
            if not delivery.is_retry:
                group.last = max(group.last, entry_id(delivery.entry))
            if not is_lost:
                self.believe(name, worker, delivery, owed)
        self.happened["lost-answer"] += is_lost and bool(found)

    def ask_what_a_lost_answer_brought(self, chance: Random) -> None:
        (name, group), worker = self.any_group(chance), one_of(chance, *WORKERS)
        known = {one.hand[1] for one in self.live if one.group == name and one.hand[0] == worker}
        found = self.run(self.backend.bus.find_held(CHANNEL, name, worker, known, 100))
        expected = group.holds(worker, known)
        assert [place_of(one) for one in found] == [one.place for one in expected]
        for delivery, owed in zip(found, expected, strict=True):
            self.believe(name, worker, delivery, owed)

    def work(self, chance: Random) -> None:
        """Begins what is held, and ends it; sometimes twice, because an answer was lost."""
        belief = one_of(chance, *self.live)
        how = one_of(chance, "ack", "ack", "retry", "retry", "bury", "postpone", "postpone", "lapse", *["nothing"] * 4)
        status = self._begin(belief)
        if status == "poison":
            how = "bury"
        if status in ("ok", "poison") and how != "nothing":
            for _ in range(one_of(chance, 1, 2)):
                self._settle(belief, how)

    def try_anything(self, chance: Random) -> None:
        """By whoever believes to hold something: again, too late, or in another way."""
        belief = one_of(chance, *self.beliefs)
        how = one_of(chance, "begin", "ack", "retry", "bury", "postpone", "later", "lapse")
        if how == "begin":
            self._begin(belief)
        elif belief not in self.live or belief.attempt or how in ("postpone", "later", "lapse"):
            self._settle(belief, how)

    def _begin(self, belief: Belief) -> str:
        group, isolated = self.groups[belief.group], belief.hand[0] in CELLS
        expected = group.begin(belief.hand, isolated=isolated)
        begun = self.run(
            self.backend.begin(belief.delivery, belief.hand[0], isolated=isolated, kills=KILLS, vanishings=VANISHINGS)
        )
        assert (begun.status, begun.attempt, begun.fails) == expected
        belief.attempt = begun.attempt or belief.attempt
        self.happened[begun.status] += 1
        return begun.status

    def _settle(self, belief: Belief, how: str) -> None:
        group, bus = self.groups[belief.group], self.backend.bus
        hand, key, delivery, consumer = belief.hand, belief.key, belief.delivery, belief.hand[0]
        is_again = group.owner(hand) is None
        number = belief.attempt or 1
        record = attempt(delivery, number, worker=consumer, message=f"{belief.hand}")
        match how:
            case "ack":
                expected = group.ack(hand, key)
                answer = self.run(bus.ack(delivery, consumer, [], {})) is not None
            case "lapse":
                if key[1]:  # whoever replays a letter wants it all the same
                    return
                expected = group.lapse(hand, key)
                answer = self.run(bus.lapse(delivery, consumer)) is not None
            case "retry":
                expected = group.retry(hand, key, number, record.message)
                answer = self.run(bus.retry(delivery, consumer, record, 0))
            case "bury":
                expected = group.bury(hand, key)
                answer = bool(self.run(bus.bury(delivery, consumer, record, DeadLetterReason.MAX_ATTEMPTS, number)))
            case _:
                expected = group.postpone(hand, key, later=how == "later")
                delay_ms = 3_600_000 if how == "later" else 0
                answer = self.run(bus.postpone(delivery, consumer, delay_ms))
                how = "postpone"
        assert answer == expected
        self.happened[f"{how}-again" if is_again and answer else how] += answer
        self.happened["stale"] += not answer
