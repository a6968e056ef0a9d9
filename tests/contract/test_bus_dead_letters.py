"""A dead letter keeps its event and its whole history; a replay reaches its own group alone, once."""

import asyncio
from dataclasses import replace

import pytest

from runtime.bus.deliveries import Delivery
from runtime.bus.records import DeadLetter
from runtime.causality import identity
from runtime.semconv import DeadLetterReason
from tests.contract.backends import BusBackend
from tests.contract.made import CHANNEL, TRACE, attempt, event


async def die(backend: BusBackend, delivery: Delivery, attempts: int = 1) -> None:
    """The delivery's attempts fail, the last one for good."""
    for number in range(1, attempts + 1):
        begun = await backend.begin(delivery)
        assert (begun.status, begun.attempt) == ("ok", number)
        if number < attempts:
            assert await backend.bus.retry(delivery, "w1", attempt(delivery, number), 0)
            delivery = await backend.again(delivery.group)
    last = attempt(delivery, attempts)
    assert await backend.bus.bury(delivery, "w1", last, DeadLetterReason.MAX_ATTEMPTS, attempts)


async def dead(backend: BusBackend, attempts: int = 1) -> DeadLetter:
    """The letter of group `sms`; group `billing` has not read yet."""
    for group in ("sms", "billing"):
        await backend.subscribe(group)
    await backend.bus.publish(event(1))
    await die(backend, await backend.one("sms"), attempts)
    (letter,) = await backend.dead()
    return letter


async def test_a_dead_letter_says_what_died_of_what(backend: BusBackend):
    """The whole letter."""
    letter = await dead(backend, attempts=2)
    delivery = identity.delivery_id(event(1).id, "sms", 0)
    assert replace(letter, dead_ms=0) == DeadLetter(
        id=identity.dead_letter_id(delivery),
        channel=CHANNEL,
        group="sms",
        event_id=event(1).id,
        delivery_id=delivery,
        round=0,
        reason=DeadLetterReason.MAX_ATTEMPTS,
        attempts=2,
        dead_ms=0,
        state="dead",
        envelope=event(1).encode().decode(),
        error_type="OSError",
        message="no route, attempt 2",
        subject="parcel-1",
        correlation_id=event(1).correlation_id,
    )
    assert await backend.counts("sms") == {"owed": 1, "dead": 1}
    assert await backend.counts("billing") == {"owed": 1, "pending": 1}


async def test_a_dead_letter_keeps_the_error_of_every_attempt(backend: BusBackend):
    """Lists go without, one letter has them all."""
    listed = await dead(backend, attempts=3)
    letter = await backend.letters.get(listed.id)
    assert letter is not None
    assert listed.history == ()
    assert [(one.round, one.attempt, one.message) for one in letter.history] == [
        (0, number, f"no route, attempt {number}") for number in (1, 2, 3)
    ]


async def test_a_replay_owes_the_same_event_to_its_group_once_more(backend: BusBackend):
    """One more round; id, correlation and cause of the event are as they were, and it is pending at once."""
    letter = await dead(backend)
    assert await backend.replay(letter) == "replayed"
    assert await backend.counts("sms") == {"owed": 1, "pending": 1}
    delivery = await backend.one("sms")
    assert delivery.envelope == event(1)
    assert delivery.id == identity.delivery_id(event(1).id, "sms", 1)
    assert (delivery.round, delivery.event_id) == (1, event(1).id)
    assert (delivery.replay, delivery.origin) == (identity.replay_id(letter.id), letter.id)
    begun = await backend.begin(delivery)
    assert (begun.attempt, begun.before) == (1, None)
    assert begun.first_ms == begun.started_ms


async def test_a_replay_reaches_the_group_that_failed_and_no_other(backend: BusBackend):
    """The other group sees the event once, as if nothing had happened."""
    letter = await dead(backend)
    other = await backend.ledger("billing")
    await backend.replay(letter)
    assert replace(await backend.ledger("billing"), oldest_unprocessed_ms=None) == replace(
        other, oldest_unprocessed_ms=None
    )
    assert [one.round for one in await backend.take("billing")] == [0]
    assert len(await backend.take("sms")) == 1


async def test_twenty_replays_at_once_make_one(backend: BusBackend):
    """One says that it did it, the others that it was done; one delivery, one line in the audit."""
    letter = await dead(backend)
    statuses = await asyncio.gather(*(backend.replay(letter, f"ann-{number}") for number in range(20)))
    assert sorted(statuses) == ["already_settled"] * 19 + ["replayed"]
    assert len(await backend.take("sms", limit=50)) == 1
    assert len(await backend.letters.audit(None, 50)) == 1
    assert await backend.counts("sms") == {"owed": 1, "pending": 1}


async def test_a_replay_that_succeeds_is_told_on_its_letter(backend: BusBackend):
    """The letter says that it was replayed, by whom, and that all is well now."""
    letter = await dead(backend)
    await backend.replay(letter, "ann")
    (waiting,) = await backend.dead("replayed")
    assert (waiting.operator, waiting.replay_outcome) == ("ann", "pending")
    delivery = await backend.one("sms")
    await backend.begin(delivery)
    assert await backend.bus.ack(delivery, "w1", [], {}) is not None
    (settled,) = await backend.dead("replayed")
    assert (settled.id, settled.replay_outcome) == (letter.id, "ok")
    assert settled.replay_id == identity.replay_id(letter.id)
    assert await backend.dead() == []
    assert await backend.counts("sms") == {"owed": 1, "done": 1}


async def test_a_replay_that_dies_comes_back_as_a_letter_of_its_own(backend: BusBackend):
    """Two letters: the first says that its replay died, the second has the history of both rounds."""
    first = await dead(backend, attempts=2)
    await backend.replay(first)
    await die(backend, await backend.one("sms"), attempts=2)
    (second,) = await backend.dead()
    (replayed,) = await backend.dead("replayed")
    assert (replayed.id, replayed.replay_outcome) == (first.id, "dead")
    assert second.id == identity.dead_letter_id(identity.delivery_id(event(1).id, "sms", 1))
    assert (second.round, second.event_id, second.envelope) == (1, first.event_id, first.envelope)
    assert (second.replay_id, second.settled_ms, second.operator, second.replay_outcome) == (None, None, "", "")
    whole = await backend.letters.get(second.id)
    assert whole is not None
    assert [(one.round, one.attempt) for one in whole.history] == [(0, 1), (0, 2), (1, 1), (1, 2)]
    assert await backend.counts("sms") == {"owed": 1, "dead": 1}


async def test_a_letter_that_came_back_can_be_replayed_again(backend: BusBackend):
    """Round two; its success is told on the second letter and leaves the first one alone."""
    await backend.replay(await dead(backend))
    await die(backend, await backend.one("sms"))
    (second,) = await backend.dead()
    assert await backend.replay(second) == "replayed"
    delivery = await backend.one("sms")
    assert (delivery.round, delivery.origin) == (2, second.id)
    await backend.begin(delivery)
    await backend.bus.ack(delivery, "w1", [], {})
    outcomes = {one.round: one.replay_outcome for one in await backend.dead("replayed")}
    assert outcomes == {0: "dead", 1: "ok"}


@pytest.mark.parametrize("has_begun", [True, False])
async def test_a_replay_whose_worker_dies_goes_on(backend: BusBackend, has_begun: bool):
    """With the replay that it came from."""
    letter = await dead(backend)
    await backend.replay(letter)
    delivery = await backend.one("sms")
    if has_begun:
        await backend.begin(delivery)
    await backend.bus.forfeit(CHANNEL, "sms", "w1", "lost")
    found = await backend.suspect("sms") if has_begun else await backend.again("sms")
    assert (found.id, found.round, found.origin, found.replay) == (delivery.id, 1, letter.id, delivery.replay)


async def test_a_retried_replay_still_knows_its_letter(backend: BusBackend):
    """The outcome is told after the second attempt as after the first."""
    letter = await dead(backend)
    await backend.replay(letter)
    delivery = await backend.one("sms")
    await backend.begin(delivery)
    await backend.bus.retry(delivery, "w1", attempt(delivery), 0)
    again = await backend.again("sms")
    assert (again.round, again.replay, again.origin) == (1, delivery.replay, letter.id)
    await backend.bus.ack(again, "w1", [], {})
    assert [one.replay_outcome for one in await backend.dead("replayed")] == ["ok"]


async def test_a_replay_runs_though_a_copy_of_its_event_was_done(backend: BusBackend):
    """Whoever replays it knows of one that died."""
    await backend.subscribe("sms")
    await backend.bus.publish(event(1))
    await backend.client.delete(backend.keys.publish_mark(event(1).id))
    await backend.bus.publish(event(1))
    one, copy = await backend.take("sms")
    for delivery in (one, copy):
        assert (await backend.begin(delivery)).status == "ok"
    await backend.bus.ack(copy, "w1", [], {})
    await backend.bus.bury(one, "w1", attempt(one), DeadLetterReason.MAX_ATTEMPTS, 1)
    (letter,) = await backend.dead()
    await backend.replay(letter)
    assert (await backend.begin(await backend.one("sms"))).status == "ok"


async def test_a_discarded_letter_stays_readable(backend: BusBackend):
    """It no longer waits, and the ledger books it apart."""
    letter = await dead(backend)
    settlement = await backend.letters.discard(letter, "ann", "parcel lost", TRACE)
    assert (settlement.status, settlement.settlement_id) == ("discarded", identity.discard_id(letter.id))
    (discarded,) = await backend.dead("discarded")
    assert (discarded.id, discarded.state, discarded.operator) == (letter.id, "discarded", "ann")
    assert await backend.dead() == []
    assert await backend.counts("sms") == {"owed": 1, "discarded": 1}
    ((_, line),) = await backend.letters.audit(None, 10)
    assert (line.action, line.dead_letter_id, line.event_id) == ("discard", letter.id, letter.event_id)
    assert (line.channel, line.group, line.operator, line.reason) == (CHANNEL, "sms", "ann", "parcel lost")


@pytest.mark.parametrize("first", ["replay", "discard"])
@pytest.mark.parametrize("second", ["replay", "discard"])
async def test_a_letter_is_settled_once(backend: BusBackend, first: str, second: str):
    """Whatever comes second changes nothing, and names what was done."""
    letter = await dead(backend)

    async def settle(how: str) -> tuple[str, object]:
        if how == "replay":
            return await backend.replay(letter), None
        settlement = await backend.letters.discard(letter, "bob", "late", TRACE)
        return settlement.status, None

    await settle(first)
    before = await backend.dump()
    assert (await settle(second))[0] == "already_settled"
    assert await backend.dump() == before


async def test_a_letter_that_is_not_there_is_not_found(backend: BusBackend):
    """Neither call makes one."""
    letter = replace(await dead(backend), id=event(77).id)
    before = await backend.dump()
    assert await backend.replay(letter) == "not_found"
    assert (await backend.letters.discard(letter, "ann", "", TRACE)).status == "not_found"
    assert await backend.letters.get(letter.id) is None
    assert await backend.dump() == before


async def test_poison_is_buried_without_an_attempt_of_its_own(backend: BusBackend):
    """The history says which attempts never ended, and in whose hands they were lost."""
    await backend.subscribe("sms")
    await backend.bus.publish(event(1))
    delivery = await backend.one("sms")
    await backend.begin(delivery)
    await backend.bus.forfeit(CHANNEL, "sms", "w1", "killed")
    await backend.bus.claim(delivery, "cell")
    poison = await backend.begin(delivery, "cell", isolated=True, kills=1)
    assert poison.status == "poison"
    assert await backend.bus.bury(delivery, "cell", None, DeadLetterReason.POISON, poison.attempt)
    (listed,) = await backend.dead()
    letter = await backend.letters.get(listed.id)
    assert letter is not None
    assert (letter.reason, letter.attempts, letter.message) == (DeadLetterReason.POISON, 1, "")
    assert letter.history == (poison.before,)
    assert [(one.attempt, one.outcome, one.worker) for one in letter.history] == [(1, "lost", "w1")]


async def test_what_is_no_envelope_can_be_buried_and_replayed(backend: BusBackend):
    """It is kept as it came, under an id made from where it lay, which its replay keeps."""
    await backend.subscribe("sms")
    await backend.client.xadd(backend.keys.stream, {"e": b"\xff\x00 not JSON"})
    delivery = await backend.one("sms")
    assert delivery.envelope is None
    await die(backend, delivery)
    (letter,) = await backend.dead()
    assert await backend.counts("sms") == {"owed": 1, "dead": 1}
    assert (letter.event_id, letter.correlation_id) == (delivery.event_id, None)
    assert letter.envelope == b"\xff\x00 not JSON".decode(errors="replace")
    await backend.replay(letter)
    again = await backend.one("sms")
    assert (again.raw, again.event_id, again.round) == (b"\xff\x00 not JSON", delivery.event_id, 1)
