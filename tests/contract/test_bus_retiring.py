"""A group that is retired owes nothing more; its dead letters stay readable, and are nobody's to process."""

from runtime.bus.records import DeadLetter
from runtime.dead_letters.groups import Groups
from runtime.semconv import DeadLetterReason
from tests.contract.backends import LEASE_MS, BusBackend
from tests.contract.made import CHANNEL, TRACE, attempt, event


async def die(backend: BusBackend, number: int) -> None:
    """An event dies in group `sms`."""
    await backend.bus.publish(event(number))
    delivery = await backend.one("sms")
    await backend.begin(delivery)
    await backend.bus.bury(delivery, "w1", attempt(delivery), DeadLetterReason.MAX_ATTEMPTS, 1)


async def retire(backend: BusBackend) -> None:
    await Groups(backend.client, LEASE_MS).retire(CHANNEL, "sms", "ann", "renamed")


async def left_behind(backend: BusBackend) -> DeadLetter:
    """The letter of group `sms`, which was retired."""
    await backend.subscribe("sms")
    await die(backend, 1)
    await retire(backend)
    (letter,) = await backend.dead()
    return letter


async def test_a_group_that_is_retired_owes_nothing_and_says_what_it_owed(backend: BusBackend):
    """What was due, what waited for another attempt, and what was dead."""
    for group in ("sms", "billing"):
        await backend.subscribe(group)
    await die(backend, 1)
    for number in (2, 3, 4):
        await backend.bus.publish(event(number))
    first = (await backend.take("sms", limit=1))[0]
    await backend.begin(first)
    await backend.bus.retry(first, "w1", attempt(first), 60_000)
    retired = await Groups(backend.client, LEASE_MS).retire(CHANNEL, "sms", "ann", "renamed")
    assert (retired.pending, retired.retrying, retired.dead) == (2, 1, 1)
    assert await backend.bus.groups_of("logistics") == [(CHANNEL, "billing")]
    assert await backend.counts("billing") == {"owed": 4, "pending": 4}
    assert [letter.event_id for letter in await backend.dead()] == [event(1).id]
    ((_, line),) = await backend.letters.audit(None, 10)
    assert (line.action, line.group, line.operator, line.reason) == ("retire", "sms", "ann", "renamed")


async def test_a_letter_of_a_retired_group_is_not_replayed_to_nobody(backend: BusBackend):
    """It stays as it was, and whoever asks is told why."""
    letter = await left_behind(backend)
    before = await backend.dump()
    assert await backend.replay(letter) == "group_retired"
    assert await backend.dump() == before


async def test_a_letter_of_a_retired_group_can_be_discarded(backend: BusBackend):
    """Nobody's ledger books it."""
    letter = await left_behind(backend)
    counters = await backend.client.hgetall(backend.keys.counters)
    assert (await backend.letters.discard(letter, "ann", "gone", TRACE)).status == "discarded"
    assert await backend.client.hgetall(backend.keys.counters) == counters
    assert [one.id for one in await backend.dead("discarded")] == [letter.id]


async def test_a_group_that_is_made_anew_owes_again_what_it_left_behind(backend: BusBackend):
    """Its ledger counts the letters that are listed, and a replay reaches it."""
    letter = await left_behind(backend)
    await backend.subscribe("sms")
    assert await backend.counts("sms") == {"owed": 1, "dead": 1}
    await die(backend, 2)
    assert await backend.counts("sms") == {"owed": 2, "dead": 2}
    assert await backend.replay(letter) == "replayed"
    delivery = await backend.one("sms")
    assert (delivery.event_id, delivery.round) == (letter.event_id, 1)
    await backend.begin(delivery)
    await backend.bus.ack(delivery, "w1", [], {})
    assert await backend.counts("sms") == {"owed": 2, "done": 1, "dead": 1}
