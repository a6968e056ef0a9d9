"""A bus does what the plain model of it does, whatever is asked of it in whatever order, by whomever.

`BATTERY=long` looks much longer, and elsewhere each time; it belongs to the battery then.
"""

import asyncio
import os
from collections import Counter
from collections.abc import Mapping
from random import Random
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule, run_state_machine_as_test

from runtime.bus.contract import place_of
from runtime.bus.deliveries import Loss
from runtime.bus.overflow import format_entry
from runtime.causality import identity
from tests.conftest import TIME_LIMIT
from tests.contract.backends import LEASE_MS, Clients
from tests.contract.bus_machine import CELLS, WORKERS, WorkingBus, one_of
from tests.contract.bus_model import SUSPECTS, Group, Key, Owed, Record, entry_id
from tests.contract.made import CHANNEL, TRACE, event

LONG: Final = os.environ.get("BATTERY") == "long"
PROFILE: Final = settings(
    max_examples=400 if LONG else 40,
    stateful_step_count=100 if LONG else 45,
    derandomize=not LONG,
    database=None,
    deadline=None,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
    print_blob=LONG,
)
pytestmark = [pytest.mark.battery] if LONG else []
SEEDS: Final = st.integers(0, 2**64 - 1)
EVERYTHING: Final = frozenset(
    [
        "ok",
        "stale",
        "duplicate",
        "suspect",
        "poison",
        "ack",
        "retry",
        "postpone",
        "bury",
        "ack-again",
        "retry-again",
        "postpone-again",
        "bury-again",
        "lost-answer",
        "claimed",
        "replayed",
        "discarded",
        "already_settled",
        "suspected",
        "due-again",
        "expired",
        "renewed",
        "trimmed",
        "copied",
        "lapse",
        "lapse-again",
        "held back",
        "came",
        "foreign",
        "early",
        "late",
    ]
)
"""What must have happened at the end, or the walks prove less than they seem to."""


class BusMachine(WorkingBus):
    """What happens beside: time passes, workers go, cells come, operators decide."""

    #: How often each step is taken among those that are possible.
    STEPS: Final = {
        "work": 12,
        "read": 8,
        "promote": 6,
        "claim": 8,
        "try_anything": 6,
        "forfeit": 5,
        "decide": 4,
        "publish": 3,
        "publish_for_later": 1,
        "publish_a_copy": 3,
        "let_a_lease_end": 2,
        "ask_what_a_lost_answer_brought": 2,
        "write_from_elsewhere": 1,
        "trim": 1,
        "subscribe": 1,
    }

    @initialize(early=st.booleans(), seed=SEEDS)
    def begin(self, early: bool, seed: int) -> None:
        """Somebody publishes, and somebody reads."""
        self.seed, self.steps, chance = seed, 0, Random(seed)
        if early:
            self.publish(chance)
        self.subscribe(chance)
        self.publish(chance)

    # One rule with a seed, not one for each step with what it draws: rules are switched off at random, and hardly
    # anything would ever happen; and what there is to be drawn from depends on the server's clock now and then.
    @rule(seed=SEEDS)
    def step(self, seed: int) -> None:
        """Any that is possible."""
        self.steps += 1
        chance = Random(f"{self.seed} {seed} {self.steps}")  # the same seeds are tried again and again
        steps = [name for name, times in self.STEPS.items() if self.is_possible(name) for _ in range(times)]
        getattr(self, one_of(chance, *steps))(chance)

    def is_possible(self, step: str) -> bool:
        if step in ("work", "let_a_lease_end"):
            return bool(self.live)
        if step == "try_anything":
            return bool(self.beliefs)
        if step == "promote" and self.held_back:
            return bool(self.groups)
        needed = {"read": "can_be_read", "promote": "waiting", "forfeit": "held", "claim": "has_suspects"}
        needed |= {"decide": "letters", "ask_what_a_lost_answer_brought": "owed"}
        return step not in needed or any(getattr(group, needed[step]) for group in self.groups.values())

    def promote(self, chance: Random) -> None:
        """Hands on what is due; sometimes an hour has passed."""
        name = one_of(chance, *(name for name, group in self.groups.items() if group.waiting or self.held_back))
        group, keys = self.groups[name], self.backend.keys
        if one_of(chance, False, True):
            if self.held_back:
                self.run(self.backend.client.zadd(keys.later, {str(event(one).id): 1 for one in self.held_back}))
            for key, owed in group.waiting.items():
                owed.later = False
                self.run(self.backend.client.zadd(keys.waiting(name), {str(delivery_id(name, key)): 1}))
        before = self.run(self.backend.client.xlen(keys.retries(name)))
        left, last = self.run(self.backend.bus.promote(CHANNEL, name)), format_entry(self.last)
        self.come(self.run(self.backend.client.xrange(keys.stream, f"({last}")))
        assert (left is None) == (not self.held_back and not any(owed.later for owed in group.waiting.values()))
        entries = self.run(self.backend.client.xrange(keys.retries(name)))[before:]
        known = {str(delivery_id(name, key)): key for key in group.waiting}
        group.promote([known[fields[b"d"].decode()] for _, fields in entries])

    def forfeit(self, chance: Random) -> None:
        name, group = self.any_group(chance, "held")
        running = [record.holder[0] for record in group.records.values() if record.holder]
        consumer = one_of(chance, *WORKERS, *CELLS, *running * 3)
        loss: Loss = one_of(chance, "killed", "vanished", "lost")
        expected = self._forfeited(group.forfeit(consumer, loss))
        assert self.run(self.backend.bus.forfeit(CHANNEL, name, consumer, loss)) == expected

    def let_a_lease_end(self, chance: Random) -> None:
        """One that is renewed in the last moment is not taken."""
        belief = one_of(chance, *self.live)
        group, bus, keys = self.groups[belief.group], self.backend.bus, self.backend.keys
        stream = keys.retries(belief.group) if belief.delivery.is_retry else keys.stream
        consumer, entry, idle = belief.hand[0], belief.delivery.entry, 2 * LEASE_MS
        self.run(self.backend.client.xclaim(stream, belief.group, consumer, 0, [entry], idle=idle, justid=True))
        if one_of(chance, False, True):
            lost = [one for one in self.beliefs if one not in self.live]
            for one in (belief, *lost[:1]):
                renewed = self.run(bus.renew(one.hand[0], [(CHANNEL, one.group)], [one.delivery]))
                assert renewed == ([] if one is belief else [one.delivery])
            assert self.run(bus.expire(CHANNEL, belief.group, LEASE_MS)) == 0
            self.happened["renewed"] += 1
            return
        taken = self._forfeited(group.forfeit(consumer, "lost", {belief.hand[1]}))
        assert self.run(bus.expire(CHANNEL, belief.group, LEASE_MS)) == taken
        self.happened["expired"] += taken

    def _forfeited(self, taken: list[Owed]) -> int:
        self.happened["suspected"] += sum(one.consumer == SUSPECTS for one in taken)
        self.happened["due-again"] += sum(one.state == "waiting" for one in taken)
        return len(taken)

    def claim(self, chance: Random) -> None:
        """A cell takes one of those that wait; another finds it taken."""
        (name, group), cell = self.any_group(chance, "has_suspects"), one_of(chance, *CELLS)
        expected = sorted(group.holds(SUSPECTS), key=lambda one: entry_id(one.place))
        found = self.run(self.backend.bus.suspects(CHANNEL, name, 100))
        vanished = [group.records[one.key].vanished if one.key in group.records else 0 for one in expected]
        places = [(one.place, count) for one, count in zip(expected, vanished, strict=True)]
        assert [(place_of(one.delivery), one.vanished) for one in found] == places
        if not found:  # copies of their events were done
            return
        which = one_of(chance, *range(len(found)))
        owed, suspect = expected[which], found[which]
        for _ in range(2):
            assert self.run(self.backend.bus.claim(suspect.delivery, cell))
        assert not self.run(self.backend.bus.claim(suspect.delivery, "cell-3"))
        owed.consumer = cell
        self.believe(name, cell, suspect.delivery, owed)
        self.happened["claimed"] += 1

    def decide(self, chance: Random) -> None:
        """An operator replays or discards a letter, sometimes one that is settled."""
        name, group = self.any_group(chance, "letters")
        key = one_of(chance, *group.letters)
        letter = self.run(self.backend.letters.get(identity.dead_letter_id(delivery_id(name, key))))
        assert letter is not None
        assert (letter.state, letter.replay_outcome) == (group.letters[key].state, group.letters[key].outcome)
        is_replay = one_of(chance, True, False)
        expected = group.settle_letter(key, replay=is_replay)
        letters = self.backend.letters
        call = letters.replay(letter, "ann", TRACE) if is_replay else letters.discard(letter, "ann", "", TRACE)
        assert self.run(call).status == expected
        self.happened[expected] += 1

    @invariant()
    def all_is_as_the_model_has_it(self) -> None:
        """The ledger adds up and is true, everything is owed in one place and held by one consumer, and nobody is
        blamed without reason."""
        if not self.groups:
            return
        self.happened["steps"] += 1
        client, keys = self.backend.client, self.backend.keys
        pipe = client.pipeline()
        pipe.hgetall(keys.counters)
        pipe.xrange(keys.stream)
        records = [(name, key) for name, group in self.groups.items() for key in group.records]
        for name in self.groups:
            for stream in (keys.stream, keys.retries(name)):
                pipe.xpending_range(stream, name, "-", "+", 1000)
        for name, key in records:
            pipe.hgetall(keys.delivery(name, delivery_id(name, key)))
        counters, stream, *rest = self.run(pipe.execute())
        entries = {entry_id(entry.decode()) for entry, _ in stream}
        assert entries == {one.id for one in self.stream}
        for at, (name, group) in enumerate(self.groups.items()):
            assert ledger(counters, name) == group.ledger(), f"{ledger(counters, name)} is not {group.ledger()}"
            check_places(group, rest[2 * at], rest[2 * at + 1], entries)
        for (name, key), raw in zip(records, rest[2 * len(self.groups) :], strict=True):
            check_record(self.groups[name].records[key], raw)

    def teardown(self) -> None:
        """Whatever happened, all of it can be brought to its end."""
        for name, group in self.groups.items():
            for consumer in (*WORKERS, *CELLS):
                self.run(self.backend.bus.forfeit(CHANNEL, name, consumer, "lost"))
            self.run(self._finish(name))
            left = self.run(self.backend.counts(name))
            assert left.get("owed", 0) == sum(count for state, count in left.items() if state != "owed")
            assert set(left) <= {"owed", "done", "dead", "discarded", "expired"}, f"{group.ledger()} ended as {left}"

    async def _finish(self, name: str) -> None:
        backend = self.backend
        while True:
            for member in await backend.client.zrange(backend.keys.waiting(name), 0, -1):
                await backend.client.zadd(backend.keys.waiting(name), {member: 1})
            await backend.bus.promote(CHANNEL, name)
            taken = await backend.bus.read(CHANNEL, name, "w1", 100, 1)
            for suspect in await backend.bus.suspects(CHANNEL, name, 100):
                assert await backend.bus.claim(suspect.delivery, "w1")
                taken.append(suspect.delivery)
            if not taken:
                return
            for delivery in taken:
                await backend.begin(delivery, isolated=True, kills=99, vanishings=99)
                await backend.bus.ack(delivery, "w1", [], {})


def delivery_id(group: str, key: Key) -> Any:
    """The node id of a delivery."""
    return identity.delivery_id(event(key[0]).id, group, key[1])


def ledger(counters: Mapping[bytes, bytes], group: str) -> dict[str, int]:
    """The counters of a group that are not zero, as the server has them."""

    def counter(name: str) -> int:
        return int(counters.get(name.encode(), 0))

    found = {
        state: counter(f"{group}:{state}") for state in ("done", "pending", "retrying", "dead", "discarded", "expired")
    }
    found["owed"] = counter("published") - counter(f"{group}:birth")
    assert found["owed"] == sum(count for state, count in found.items() if state != "owed")
    return {state: count for state, count in found.items() if count}


def check_places(group: Group, events: Any, retries: Any, entries: set[tuple[int, int]]) -> None:
    """All that is held is held by whom the model says, and is there; nothing unread is missing."""
    held = {f"s{one['message_id'].decode()}": one["consumer"].decode() for one in events}
    held |= {f"r{one['message_id'].decode()}": one["consumer"].decode() for one in retries}
    assert held == {spot: one.consumer for spot, one in group.held.items()}
    assert all(entry_id(spot) in entries for spot in held if spot[0] == "s")
    assert len(group.unread) == sum(entry > group.last for entry in entries)


def check_record(record: Record, raw: Mapping[bytes, bytes]) -> None:
    """Attempts, failures and losses are those that were counted."""
    found = [int(raw.get(field, 0)) for field in (b"n", b"fails", b"deaths", b"vanished", b"suspect")]
    assert found == [record.begun, record.fails, record.killed, record.vanished, int(record.suspect)]
    assert (b"holder" in raw, b"e" in raw) == (record.holder is not None, record.kept)


@pytest.mark.timeout(3600 if LONG else TIME_LIMIT)
def test_a_bus_is_what_its_model_is(server_url: str):
    """In every order; and everything that can happen has happened."""
    with asyncio.Runner() as runner:
        clients, happened = Clients(server_url), Counter[str]()
        members = {"loop": runner.get_loop(), "backend": clients.bus(), "happened": happened}
        try:
            run_state_machine_as_test(type("Machine", (BusMachine,), members), settings=PROFILE)
        finally:
            runner.run(clients.clients.close())
        assert EVERYTHING - set(+happened) == set(), happened
