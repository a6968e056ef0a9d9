"""A client that loses an answer asks again: every script runs twice here, and the second answer is what counts."""

from typing import Any

import pytest

from runtime.budgets.account import Parked
from runtime.causality import identity
from runtime.causality.trace_context import TraceContext
from runtime.resilience.breaker import Breaker
from runtime.resilience.breaker_state import Permit
from runtime.resilience.redis import RedisBreakers
from runtime.semconv import DeadLetterReason
from runtime.server.scripts import Scripts
from runtime.state.tasks import Commit
from tests.contract.backends import LEASE_MS, BusBackend, Clients, StateBackend
from tests.contract.made import CHANNEL, attempt, event, outgoing, run, task, uuid
from tests.contract.presences import worker


@pytest.fixture(autouse=True)
def lossy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every script's first answer is lost on the way."""
    once: Any = Scripts._run

    async def twice(*call: Any) -> Any:
        await once(*call)
        return await once(*call)

    monkeypatch.setattr(Scripts, "_run", twice)


async def held(backend: BusBackend) -> Any:
    """A delivery that `w1` holds."""
    await backend.subscribe("sms")
    await backend.bus.publish(event(1))
    return await backend.one("sms")


async def test_a_group_is_registered_once(backend: BusBackend):
    """It owes what was there, and owes it once. Only that it was new is not told again."""
    await backend.bus.publish(event(1))
    await backend.subscribe("sms")
    assert await backend.counts("sms") == {"owed": 1, "pending": 1}


async def test_an_event_is_published_once(backend: BusBackend):
    """To as many groups as there are."""
    await backend.subscribe("sms")
    assert (await backend.bus.publish(event(1))).groups == 1
    assert await backend.counts("sms") == {"owed": 1, "pending": 1}


async def test_a_delivery_that_succeeds_is_no_stale_one(backend: BusBackend):
    """One attempt, one ack, its events once in the outbox."""
    delivery = await held(backend)
    begun = await backend.begin(delivery, isolated=True, kills=1, vanishings=1)
    assert (begun.status, begun.attempt) == ("ok", 1)
    assert await backend.bus.renew("w1", [(CHANNEL, "sms")], [delivery]) == []
    assert await backend.bus.ack(delivery, "w1", [outgoing(50)], {}) is not None
    assert await backend.client.xlen(backend.keys.outbox) == 1
    assert await backend.counts("sms") == {"owed": 1, "done": 1}


async def test_a_retry_is_booked_once_and_said_to_be(backend: BusBackend):
    """The ledger moves once; so it does for one that is put off."""
    delivery = await held(backend)
    await backend.begin(delivery)
    assert await backend.bus.retry(delivery, "w1", attempt(delivery), 0)
    assert await backend.counts("sms") == {"owed": 1, "retrying": 1}
    delivery = await backend.again("sms")
    assert await backend.bus.postpone(delivery, "w1", 0)
    assert await backend.counts("sms") == {"owed": 1, "retrying": 1}
    delivery = await backend.again("sms")
    begun = await backend.begin(delivery)
    assert (begun.attempt, begun.fails) == (2, 1)


async def test_a_death_and_a_replay_are_told(backend: BusBackend):
    """Whoever buries or replays learns that it was they who did."""
    delivery = await held(backend)
    await backend.begin(delivery)
    assert await backend.bus.bury(delivery, "w1", attempt(delivery), DeadLetterReason.MAX_ATTEMPTS, 1)
    (letter,) = await backend.dead()
    settlement = await backend.letters.replay(letter, "ada", TraceContext(1, 2))
    assert (settlement.status, settlement.settlement_id) == ("replayed", identity.replay_id(letter.id))
    assert await backend.counts("sms") == {"owed": 1, "pending": 1}
    assert len(await backend.letters.audit(None, 10)) == 1


async def test_a_discard_is_told(backend: BusBackend):
    """And noted once."""
    delivery = await held(backend)
    await backend.bus.bury(delivery, "w1", attempt(delivery), DeadLetterReason.MAX_ATTEMPTS, 1)
    (letter,) = await backend.dead()
    assert (await backend.letters.discard(letter, "ada", "lost", TraceContext(1, 2))).status == "discarded"
    assert await backend.counts("sms") == {"owed": 1, "discarded": 1}
    assert len(await backend.letters.audit(None, 10)) == 1


async def test_what_others_wrote_is_booked_once(backend: BusBackend):
    """Whether it is begun or put off first."""
    await backend.subscribe("sms")
    await backend.client.xadd(backend.keys.stream, {"e": event(1).encode()})
    delivery = await backend.one("sms")
    assert delivery.foreign
    assert await backend.bus.postpone(delivery, "w1", 0)
    delivery = await backend.again("sms")
    await backend.begin(delivery)
    assert await backend.bus.ack(delivery, "w1", [], {}) == []
    assert await backend.counts("sms") == {"owed": 1, "done": 1}


async def test_what_a_consumer_held_that_is_gone_is_blamed_once(backend: BusBackend):
    """Taken, claimed and begun by one cell, once."""
    delivery = await held(backend)
    await backend.begin(delivery)
    await backend.bus.forfeit(CHANNEL, "sms", "w1", "vanished")
    (suspect,) = await backend.bus.suspects(CHANNEL, "sms", 10)
    assert suspect.vanished == 1
    assert await backend.bus.claim(delivery, "cell")
    begun = await backend.begin(delivery, "cell", isolated=True, vanishings=2)
    assert (begun.status, begun.attempt) == ("ok", 2)
    assert await backend.counts("sms") == {"owed": 1, "pending": 1}


async def test_what_had_not_begun_is_due_once(backend: BusBackend):
    """Though it was taken twice."""
    await held(backend)
    await backend.bus.forfeit(CHANNEL, "sms", "w1", "killed")
    assert await backend.counts("sms") == {"owed": 1, "retrying": 1}
    assert (await backend.begin(await backend.again("sms", "w2"), "w2", kills=1)).attempt == 1


async def test_a_step_that_is_committed_is_no_stale_one(state: StateBackend):
    """One attempt, one commit, the run's end told to whoever committed its last step."""
    await state.store.start(run(needs={"pickup": 0}))
    claim = await state.claim(task())
    assert (claim.attempt, claim.lost) == (1, None)
    assert await state.store.renew([claim], LEASE_MS) == []
    assert await state.store.retry(claim, 0)
    claim = await state.claim(task(), "2")
    assert (claim.attempt, claim.fails) == (2, 1)
    committed = await state.store.commit(claim, Commit('"ok"', (), [outgoing(50)]))
    assert committed is not None
    assert committed.ended is not None
    assert await state.outgoing() == 1


async def test_who_fails_or_cancels_a_run_learns_of_its_end(state: StateBackend):
    """Somebody has to emit it."""
    for number in (1, 2):
        await state.store.start(run(number, {"pickup": 0}))
    assert await state.store.fail(await state.claim(task()), "OSError", "no route") is not None
    assert await state.store.cancel(uuid(2)) is not None


async def test_an_attempt_that_is_released_or_put_off_blames_nobody(state: StateBackend):
    """The one has been an attempt, the other has not."""
    await state.store.start(run(needs={"pickup": 0}))
    assert await state.store.release(await state.claim(task()))
    assert await state.store.postpone(await state.claim(task(), "2"), 0)
    claim = await state.claim(task(), "3")
    assert (claim.attempt, claim.fails, claim.kills, claim.lost) == (2, 0, 0, None)


async def test_a_step_whose_worker_is_gone_is_blamed_once(state: StateBackend):
    """The cell learns of it once."""
    await state.store.start(run())
    await state.claim(task())
    await state.store.forfeit("w1", "killed")
    claim = await state.claim(task(), worker="cell")
    assert (claim.attempt, claim.kills) == (2, 1)


async def test_a_worker_is_there_once(clients: Clients):
    """However often it says so."""
    presence = clients.presence()
    await presence.join(worker())
    assert [one.record for one in await presence.workers()] == [worker()]
    await presence.leave("w1")


async def test_a_breaker_counts_a_failure_once(clients: Clients):
    """Its second failure opens it, not the repetition of the first."""
    breakers, breaker = RedisBreakers(clients.client), Breaker("carrier", failures=2, cooldown=60)
    work = Parked(uuid(1), "step 1")
    for _ in range(2):
        permit = await breakers.request_permit(breaker, work, 1_000)
        assert isinstance(permit, Permit)
        await breakers.record(breaker, permit, "failed")
    assert isinstance(await breakers.request_permit(breaker, work, 1_000), int)
