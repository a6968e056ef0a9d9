"""The ledger moves with the work: after every call, each counter is what is really there, and they sum to what is owed.

A random walk over everything that a bus and an operator can do, with two groups and two consumers.
"""

import asyncio
from collections.abc import Awaitable
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from runtime.bus.contract import Delivery
from runtime.bus.keys import ChannelKeys
from runtime.semconv import DeadLetterReason
from tests.contract.backends import BusBackend, Clients
from tests.contract.made import CHANNEL, attempt, event

Answer = TypeVar("Answer")

GROUPS = ("sms", "billing")
CONSUMERS = ("w1", "w2")
KEYS = ChannelKeys(CHANNEL)


class Walk(RuleBasedStateMachine):
    """A bus, and what its consumers believe to hold: some of it has long been taken from them."""

    url = ""

    @initialize(late=st.booleans())
    def open(self, late: bool) -> None:
        self.runner = asyncio.Runner()
        self.clients = Clients(self.url)
        self.backend: BusBackend = self.clients.bus()
        self.held: list[tuple[Delivery, str]] = []
        self.published = self.copies = 0
        self.births: dict[str, int] = {}
        self.do(self.clients.client.flushdb())
        self.subscribe(GROUPS[0])
        if not late:
            self.subscribe(GROUPS[1])

    def do(self, awaitable: Awaitable[Answer]) -> Answer:
        async def awaited() -> Answer:
            return await awaitable

        return self.runner.run(awaited())

    def teardown(self) -> None:
        if hasattr(self, "runner"):
            self.do(self.clients.__aexit__())
            self.runner.close()

    @rule(group=st.sampled_from(GROUPS))
    def subscribe(self, group: str) -> None:
        self.do(self.backend.bus.subscribe(CHANNEL, group, "{}"))
        self.births.setdefault(group, self.published + self.copies)

    @rule()
    def publish(self) -> None:
        self.published += 1
        self.do(self.backend.bus.publish(event(self.published)))

    @precondition(lambda self: self.published)
    @rule()
    def publish_the_same_again(self) -> None:
        self.do(self.backend.bus.publish(event(self.published)))

    @precondition(lambda self: self.published)
    @rule(data=st.data())
    def publish_a_copy_after_its_mark_is_gone(self, data: st.DataObject) -> None:
        number = data.draw(st.integers(1, self.published))
        self.do(self.clients.client.delete(KEYS.published(event(number).id)))
        self.do(self.backend.bus.publish(event(number)))
        self.copies += 1

    @rule(group=st.sampled_from(GROUPS), consumer=st.sampled_from(CONSUMERS), limit=st.integers(1, 4))
    def read(self, group: str, consumer: str, limit: int) -> None:
        if group in self.births:
            taken = self.do(self.backend.bus.read(CHANNEL, group, consumer, limit, 1))
            self.held += [(delivery, consumer) for delivery in taken]

    @rule(group=st.sampled_from(GROUPS), consumer=st.sampled_from(CONSUMERS))
    def reclaim(self, group: str, consumer: str) -> None:
        if group in self.births:
            taken = self.do(self.backend.bus.reclaim(CHANNEL, group, consumer, 0, 2))
            self.held += [(delivery, consumer) for delivery in taken]

    @precondition(lambda self: self.held)
    @rule(data=st.data(), how=st.sampled_from(["ack", "ack", "retry", "retry", "postpone", "bury", "bury", "abandon"]))
    def work(self, data: st.DataObject, how: str) -> None:
        place = data.draw(st.integers(0, len(self.held) - 1))
        delivery, consumer = self.held[place]
        if how != "abandon":
            del self.held[place]
        if how == "postpone":
            self.do(self.backend.bus.postpone(delivery, consumer, 0))
            return
        begun = self.do(self.backend.bus.begin(delivery, consumer, 7, solo=delivery.reclaimed, death_limit=2))
        record = attempt(delivery, max(1, begun.attempt))
        if begun.status == "poison":
            self.do(self.backend.bus.bury(delivery, consumer, None, DeadLetterReason.POISON, begun.attempt))
        elif begun.status == "ok" and how == "ack":
            self.do(self.backend.bus.ack(delivery, consumer, [], {}))
        elif begun.status == "ok" and how == "retry":
            self.do(self.backend.bus.retry(delivery, consumer, record, 0))
        elif begun.status == "ok" and how == "bury":
            reason = DeadLetterReason.MAX_ATTEMPTS
            self.do(self.backend.bus.bury(delivery, consumer, record, reason, begun.attempt))

    @rule(group=st.sampled_from(GROUPS))
    def promote(self, group: str) -> None:
        if group in self.births:
            self.do(self.backend.bus.promote(CHANNEL, group))

    @rule(data=st.data(), state=st.sampled_from(["dead", "dead", "all"]), discard=st.booleans())
    def settle(self, data: st.DataObject, state: str, discard: bool) -> None:
        letters = self.do(self.backend.dead(state))
        if not letters:
            return
        letter = data.draw(st.sampled_from(letters))
        if discard:
            self.do(self.backend.letters.discard(letter, "ann", "walk"))
        else:
            self.do(self.backend.replay(letter))

    @rule()
    def trim(self) -> None:
        self.do(self.backend.bus.trim(CHANNEL))

    @invariant()
    def the_ledger_is_true(self) -> None:
        for group in self.births:
            self.do(self.check(group))

    async def check(self, group: str) -> None:
        ledger = await self.backend.ledger(group)
        total = ledger.done + ledger.pending + ledger.retrying + ledger.dead + ledger.discarded
        owed = self.published + self.copies - self.births[group]
        assert (total, ledger.owed) == (owed, owed)
        client = self.clients.client
        assert ledger.pending == await self.unsettled(group)
        assert ledger.retrying == await client.zcard(KEYS.waiting(group))
        assert ledger.dead == await client.zcard(KEYS.dead(group))
        states = [letter.state for letter in await self.backend.dead("all") if letter.group == group]
        assert (ledger.dead, ledger.discarded) == (states.count("dead"), states.count("discarded"))

    async def unsettled(self, group: str) -> int:
        """Entries that are pending or unread, of the channel's stream and of the group's retries."""
        client = self.clients.client
        count = 0
        for stream in (KEYS.stream, KEYS.retries(group)):
            infos: Any = await client.xinfo_groups(stream)
            info = next(one for one in infos if one["name"].decode() == group)
            unread: Any = await client.xrange(stream, min=b"(" + info["last-delivered-id"])
            count += info["pending"] + len(unread)
        return count


def test_after_every_call_the_ledger_is_true(server_url: str):
    """Publish, subscribe, read, reclaim, begin, ack, retry, postpone, bury, promote, replay, discard, trim."""

    class Here(Walk):
        url = server_url

    walks = settings(
        max_examples=30,
        stateful_step_count=40,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Here, settings=walks)
