"""A client that loses an answer asks again: every call is executed twice here, and the second answer is what counts."""

from typing import Any

import pytest

from runtime.causality import identity
from runtime.causality.trace_context import TraceContext
from runtime.semconv import DeadLetterReason
from runtime.server.scripts import Scripts
from runtime.state.contract import Task
from tests.contract.backends import LEASE_MS, BusBackend, StateBackend
from tests.contract.made import CHANNEL, attempt, event, outgoing, run, uuid


@pytest.fixture(autouse=True)
def lossy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every script's first answer is lost on the way."""
    ready = Scripts._script

    def twice(self: Scripts, name: str, *, once: bool) -> Any:
        script = ready(self, name, once=once)

        async def call(keys: list[str], args: list[Any]) -> Any:
            await script(keys=list(keys), args=list(args))
            return await script(keys=list(keys), args=list(args))

        return call

    monkeypatch.setattr(Scripts, "_script", twice)


async def test_a_delivery_that_succeeds_is_no_stale_one(backend: BusBackend):
    """One attempt, one ack, its events once in the outbox."""
    await backend.bus.subscribe(CHANNEL, "sms", "{}")
    await backend.bus.publish(event(1))
    delivery = await backend.one("sms")
    begun = await backend.bus.begin(delivery, "w1", 7, solo=True, death_limit=1)
    assert (begun.status, begun.attempt) == ("ok", 1)
    entries = await backend.bus.ack(delivery, "w1", [outgoing(50)], {})
    assert entries is not None
    assert len(entries) == await backend.client.xlen("causeline:1:{shipment.delivered.0}:out") == 1
    assert await backend.counts("sms") == {"owed": 1, "done": 1}


async def test_a_retry_is_booked_once_and_said_to_be(backend: BusBackend):
    """The ledger moves once; so it does for one that is put off."""
    await backend.bus.subscribe(CHANNEL, "sms", "{}")
    await backend.bus.publish(event(1))
    delivery = await backend.one("sms")
    await backend.bus.begin(delivery, "w1", 7, solo=False, death_limit=3)
    assert await backend.bus.retry(delivery, "w1", attempt(delivery), 0)
    assert await backend.counts("sms") == {"owed": 1, "retrying": 1}
    await backend.bus.promote(CHANNEL, "sms")
    delivery = await backend.one("sms")
    assert await backend.bus.postpone(delivery, "w1", 0)
    assert await backend.counts("sms") == {"owed": 1, "retrying": 1}
    await backend.bus.promote(CHANNEL, "sms")
    delivery = await backend.one("sms")
    begun = await backend.bus.begin(delivery, "w1", 7, solo=False, death_limit=3)
    assert (begun.attempt, begun.fails) == (2, 1)


async def test_a_death_and_a_replay_are_told(backend: BusBackend):
    """Whoever buries or replays learns that it was they who did."""
    await backend.bus.subscribe(CHANNEL, "sms", "{}")
    await backend.bus.publish(event(1))
    delivery = await backend.one("sms")
    await backend.bus.begin(delivery, "w1", 7, solo=False, death_limit=3)
    assert await backend.bus.bury(delivery, "w1", attempt(delivery), DeadLetterReason.MAX_ATTEMPTS, 1)
    (letter,) = await backend.dead()
    settlement = await backend.letters.replay(letter, "ada", TraceContext(1, 2))
    assert (settlement.status, settlement.settlement_id) == ("replayed", identity.replay_id(letter.id))
    assert await backend.counts("sms") == {"owed": 1, "pending": 1}


async def test_what_others_wrote_is_booked_once(backend: BusBackend):
    """Whether it is begun or put off first."""
    await backend.bus.subscribe(CHANNEL, "sms", "{}")
    await backend.client.xadd("causeline:1:{shipment.delivered.0}:s", {"e": event(1).encode()})
    delivery = await backend.one("sms")
    assert delivery.foreign
    assert await backend.bus.postpone(delivery, "w1", 0)
    await backend.bus.promote(CHANNEL, "sms")
    delivery = await backend.one("sms")
    await backend.bus.begin(delivery, "w1", 7, solo=False, death_limit=3)
    assert await backend.bus.ack(delivery, "w1", [], {}) == []
    assert await backend.counts("sms") == {"owed": 1, "done": 1}


async def test_a_step_that_is_committed_is_no_stale_one(state: StateBackend):
    """One attempt, one commit, the run's end told to whoever committed its last step."""
    await state.store.start(run(needs={"pickup": 0}))
    claim = await state.store.claim(Task(uuid(1), "shipment", "pickup"), "t1", LEASE_MS, [])
    assert claim is not None
    assert (claim.attempt, claim.died) == (1, False)
    assert await state.store.retry(claim, 0, "OSError: no route")
    claim = await state.store.claim(Task(uuid(1), "shipment", "pickup"), "t2", LEASE_MS, [])
    assert claim is not None
    assert (claim.attempt, claim.fails) == (2, 1)
    committed = await state.store.commit(claim, '"ok"', [], [outgoing(50)], {})
    assert committed is not None
    assert committed.ended is not None
    assert len(committed.entries) == await state.client.xlen(state.store.keys.outbox) == 1


async def test_who_fails_or_cancels_a_run_learns_of_its_end(state: StateBackend):
    """Somebody has to tell it."""
    await state.store.start(run(needs={"pickup": 0}))
    claim = await state.store.claim(Task(uuid(1), "shipment", "pickup"), "t1", LEASE_MS, [])
    assert claim is not None
    assert await state.store.fail(claim, "OSError", "no route") is not None


async def test_an_attempt_that_is_let_go_blames_nobody(state: StateBackend):
    """The next one is due at once, has the next number, and no death was counted."""
    await state.store.start(run(needs={"pickup": 0}))
    claim = await state.store.claim(Task(uuid(1), "shipment", "pickup"), "t1", LEASE_MS, [])
    assert claim is not None
    await state.store.renew(claim, LEASE_MS, solo=True)
    assert await state.store.release(claim)
    claim = await state.store.claim(Task(uuid(1), "shipment", "pickup"), "t2", LEASE_MS, [])
    assert claim is not None
    assert (claim.attempt, claim.fails, claim.deaths, claim.died) == (2, 0, 0, False)
