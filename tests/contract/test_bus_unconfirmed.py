"""What became of a letter is noted with it, until somebody confirms that it is exported."""

import pytest

from runtime.bus.records import DeadLetter
from runtime.causality import identity
from runtime.dead_letters.letter_changes import LetterChange, UnconfirmedChanges
from runtime.semconv import DeadLetterReason
from tests.contract.backends import BusBackend
from tests.contract.made import CHANNEL, TRACE, attempt, event


async def dead(backend: BusBackend) -> DeadLetter:
    """A letter of group sms."""
    await backend.subscribe("sms")
    await backend.bus.publish(event())
    delivery = await backend.one("sms")
    await backend.begin(delivery, "w1", TRACE.trace_id)
    await backend.bus.bury(delivery, "w1", attempt(delivery), DeadLetterReason.MAX_ATTEMPTS, 1)
    (letter,) = await backend.dead()
    return letter


async def test_a_death_waits_until_it_is_confirmed(backend: BusBackend):
    """Its letter stays."""
    letter, changes = await dead(backend), UnconfirmedChanges(backend.client)
    assert letter.id == identity.dead_letter_id(letter.delivery_id)
    ((change, _),) = await changes.list_older(CHANNEL, 0, 10)
    assert change == LetterChange(CHANNEL, "sms", letter.id, "died")
    await changes.confirm([change])
    assert await changes.list_older(CHANNEL, 0, 10) == []
    assert await backend.dead() == [letter]


@pytest.mark.parametrize("how", ["replay", "discard"])
async def test_a_settlement_waits_beside_the_death(backend: BusBackend, how: str):
    """One does not stand for the other; where it stands in telemetry is kept for whoever emits it."""
    letter, changes = await dead(backend), UnconfirmedChanges(backend.client)
    if how == "replay":
        await backend.replay(letter)
    else:
        await backend.letters.discard(letter, "ann", "parcel lost", TRACE)
    assert [one.what for one, _ in await changes.list_older(CHANNEL, 0, 10)] == ["died", "settled"]
    found = await backend.letters.find_with_traces(letter.id)
    assert found is not None
    assert (found[1].settled, found[0].operator) == (TRACE, "ann")
    assert found[0].why == ("" if how == "replay" else "parcel lost")


async def test_what_is_young_is_left_to_whoever_saw_it(backend: BusBackend):
    """It is about to be confirmed."""
    await dead(backend)
    assert await UnconfirmedChanges(backend.client).list_older(CHANNEL, 60_000, 10) == []
