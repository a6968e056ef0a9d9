"""What became of a letter is noted with it, until somebody confirms that it is told."""

import pytest

from runtime.bus.records import DeadLetter
from runtime.causality import identity
from runtime.dead_letters.unconfirmed import Untold, UntoldLetters
from runtime.semconv import DeadLetterReason
from tests.contract.backends import BusBackend
from tests.contract.made import CHANNEL, TRACE, attempt, event


async def dead(backend: BusBackend) -> DeadLetter:
    """A letter of group sms."""
    await backend.bus.subscribe(CHANNEL, "sms", "{}")
    await backend.bus.publish(event())
    delivery = await backend.one("sms")
    await backend.bus.begin(delivery, "w1", TRACE.trace_id, solo=False, death_limit=3)
    await backend.bus.bury(delivery, "w1", attempt(delivery), DeadLetterReason.MAX_ATTEMPTS, 1)
    (letter,) = await backend.dead()
    return letter


async def test_a_death_waits_to_be_told_until_it_is_confirmed(backend: BusBackend):
    """Its letter stays."""
    letter, untold = await dead(backend), UntoldLetters(backend.client)
    assert letter.id == identity.dead_letter_id(letter.delivery_id)
    (news,) = await untold.older(CHANNEL, 0, 10)
    assert news == Untold(CHANNEL, "sms", letter.id, "died")
    await untold.confirm([news])
    assert await untold.older(CHANNEL, 0, 10) == []
    assert await backend.dead() == [letter]


@pytest.mark.parametrize("how", ["replay", "discard"])
async def test_a_settlement_waits_to_be_told_beside_the_death(backend: BusBackend, how: str):
    """One does not stand for the other; where it stands in telemetry is kept for whoever tells it."""
    letter, untold = await dead(backend), UntoldLetters(backend.client)
    if how == "replay":
        await backend.replay(letter)
    else:
        await backend.letters.discard(letter, "ann", "parcel lost", TRACE)
    assert [one.what for one in await untold.older(CHANNEL, 0, 10)] == ["died", "settled"]
    found = await backend.letters.traced(letter.id)
    assert found is not None
    assert (found[1].settled, found[0].operator) == (TRACE, "ann")
    assert found[0].why == ("" if how == "replay" else "parcel lost")


async def test_what_is_young_is_left_to_whoever_saw_it(backend: BusBackend):
    """It is about to be confirmed."""
    await dead(backend)
    assert await UntoldLetters(backend.client).older(CHANNEL, 60_000, 10) == []
