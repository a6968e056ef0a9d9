"""Settled letters and the audit are kept for a while; what still matters to somebody stays."""

import pytest

from runtime.bus.records import DeadLetter
from runtime.dead_letters.groups import Groups
from runtime.semconv import DeadLetterReason
from tests.contract.backends import LEASE_MS, BusBackend
from tests.contract.made import CHANNEL, TRACE, attempt, event

LONG_AGO_MS = 1_000


async def dead(backend: BusBackend, number: int = 1) -> DeadLetter:
    """The letter of an event that died in group `sms`, long ago."""
    await backend.subscribe("sms")
    await backend.bus.publish(event(number))
    delivery = await backend.one("sms")
    await backend.begin(delivery)
    await backend.bus.bury(delivery, "w1", attempt(delivery), DeadLetterReason.MAX_ATTEMPTS, 1)
    letter = next(one for one in await backend.dead() if one.event_id == event(number).id)
    await backend.client.zadd(backend.keys.dead_letters("sms"), {str(letter.id): LONG_AGO_MS})
    await backend.client.hset(backend.keys.letter("sms", letter.id), "dead_ms", LONG_AGO_MS)
    return letter


async def discard(backend: BusBackend, letter: DeadLetter) -> None:
    await backend.letters.discard(letter, "ann", "lost", TRACE)
    await backend.tick()


async def forget(backend: BusBackend, older_than_ms: int = 0) -> int:
    return await backend.bus.forget_letters(CHANNEL, "sms", older_than_ms, 100)


async def test_a_settled_letter_is_kept_for_its_time_and_then_gone(backend: BusBackend):
    """Counted from when it was settled, however long it had waited for that."""
    letter = await dead(backend)
    await discard(backend, letter)
    assert await forget(backend, 60_000) == 0
    assert [one.id for one in await backend.dead("discarded")] == [letter.id]
    assert await forget(backend) == 1
    assert await backend.dead("all") == []
    assert await backend.letters.get(letter.id) is None
    assert await backend.counts("sms") == {"owed": 1, "discarded": 1}


async def test_a_letter_that_waits_for_an_operator_is_never_forgotten(backend: BusBackend):
    """Somebody owes it an answer."""
    letter = await dead(backend)
    assert await forget(backend) == 0
    assert [one.id for one in await backend.dead()] == [letter.id]


@pytest.mark.parametrize("ends_well", [True, False])
async def test_a_letter_stays_while_its_replay_goes_on(backend: BusBackend, ends_well: bool):
    """Then it says how that ended, and goes."""
    letter = await dead(backend)
    await backend.replay(letter)
    await backend.tick()
    assert await forget(backend) == 0
    delivery = await backend.one("sms")
    await backend.begin(delivery)
    if ends_well:
        await backend.bus.ack(delivery, "w1", [], {})
    else:
        await backend.bus.bury(delivery, "w1", attempt(delivery), DeadLetterReason.MAX_ATTEMPTS, 1)
    assert [one.replay_outcome for one in await backend.dead("replayed")] == ["ok" if ends_well else "dead"]
    assert await forget(backend) == 1
    assert await backend.dead("replayed") == []


async def test_the_end_of_a_replay_does_not_bring_a_forgotten_letter_back(backend: BusBackend):
    """Half a letter would be kept for ever."""
    letter = await dead(backend)
    await backend.replay(letter)
    await backend.client.delete(backend.keys.letter("sms", letter.id))
    delivery = await backend.one("sms")
    await backend.begin(delivery)
    await backend.bus.ack(delivery, "w1", [], {})
    assert not await backend.client.exists(backend.keys.letter("sms", letter.id))


async def test_those_behind_many_that_stay_are_forgotten_too(backend: BusBackend, monkeypatch: pytest.MonkeyPatch):
    """One page does not hold up the next, and no more go than were asked for."""
    monkeypatch.setattr("runtime.bus.redis_recovery.PAGE", 2)
    letters = [await dead(backend, number) for number in range(1, 8)]
    letters.sort(key=lambda letter: str(letter.id))  # as the server sorts those that died at one time
    for letter in letters[:3]:
        await backend.replay(letter)
    for letter in letters[3:]:
        await discard(backend, letter)
    assert await backend.bus.forget_letters(CHANNEL, "sms", 0, 1) == 1
    assert await forget(backend) == 3
    assert [one.state for one in await backend.dead("all")] == ["replayed"] * 3


async def test_the_letters_of_a_retired_group_are_forgotten_with_whatever_became_of_them(backend: BusBackend):
    """Their replays go on no more, and are not said to."""
    letter = await dead(backend)
    await backend.replay(letter)
    await Groups(backend.client, LEASE_MS).retire(CHANNEL, "sms", "ann", "renamed")
    await backend.tick()
    assert [(one.state, one.replay_outcome) for one in await backend.dead("replayed")] == [("replayed", "")]
    assert await backend.bus.groups_of("logistics") == []
    assert await backend.bus.groups_of("logistics", retired=True) == [(CHANNEL, "sms")]
    assert await forget(backend) == 1


async def test_what_operators_did_is_kept_for_its_time_and_then_gone(backend: BusBackend):
    """By when they did it."""
    await discard(backend, await dead(backend))
    await backend.bus.forget_audit(CHANNEL, "sms", 60_000)
    assert len(await backend.letters.audit(None, 10)) == 1
    await backend.bus.forget_audit(CHANNEL, "sms", 0)
    assert await backend.letters.audit(None, 10) == []
