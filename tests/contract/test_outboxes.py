"""Published events wait in outboxes, beside the work that published them; there is room for so many."""

import pytest

from runtime.bus.deliveries import OutboxEntry
from runtime.bus.outbox_contract import Outbox
from runtime.errors import OutboxFullError, ServerUnavailableError
from runtime.state.tasks import Commit
from tests.contract.backends import SMALL, BusBackend, StateBackend
from tests.contract.made import CHANNEL, outgoing, run, task
from tests.contract.settlements import begin, held

ROOM = SMALL.outbox
"""Events that a small outbox has room for."""


async def kept(outbox: Outbox) -> list[OutboxEntry]:
    """All that waits."""
    entries, _ = await outbox.read_older(0, "", 100)
    return entries


async def filled(backend: BusBackend, count: int) -> list[OutboxEntry]:
    """The channel's outbox holds so many."""
    delivery = await held(backend)
    await begin(backend, delivery, "w1")
    entries = await backend.bus.ack(delivery, "w1", [outgoing(50 + number) for number in range(count)], {})
    assert entries is not None
    await backend.client.delete(backend.keys.done_mark("sms", delivery.event_id))
    await backend.client.delete(backend.keys.publish_mark(delivery.event_id))
    return entries


async def test_an_ack_whose_events_find_no_room_changes_nothing(backend: BusBackend):
    """It can be made later, by the same worker, once something was carried."""
    first, _ = await filled(backend, ROOM)
    delivery = await held(backend)
    await begin(backend, delivery, "w1")
    before = await backend.dump()
    with pytest.raises(OutboxFullError, match=rf"outbox of channel {CHANNEL} holds {ROOM} events"):
        await backend.small.ack(delivery, "w1", [outgoing(60)], {"seen": "1"})
    assert await backend.dump() == before
    await backend.bus.outbox(CHANNEL).remove(first.entry)
    assert len(await backend.small.ack(delivery, "w1", [outgoing(60)], {"seen": "1"}) or ()) == 1
    assert await backend.bus.read_state(CHANNEL, "sms", "seen") == "1"


async def test_a_full_outbox_stops_nothing_that_publishes_nothing(backend: BusBackend):
    """That is what empties it in the end."""
    await filled(backend, ROOM)
    delivery = await held(backend)
    assert await backend.small.ack(delivery, "w1", [], {"seen": "1"}) == []


async def test_an_ack_that_is_repeated_needs_no_room(backend: BusBackend):
    """Its events are in already."""
    delivery = await held(backend)
    assert await backend.small.ack(delivery, "w1", [outgoing(50), outgoing(51)], {}) is not None
    assert await backend.small.ack(delivery, "w1", [outgoing(50), outgoing(51)], {}) == []


async def test_whoever_is_stale_is_told_so_whether_there_is_room_or_not(backend: BusBackend):
    """Waiting for room would be in vain."""
    await filled(backend, ROOM)
    delivery = await held(backend)
    assert await backend.small.ack(delivery, "w2", [outgoing(60)], {}) is None


async def test_more_events_than_there_is_ever_room_for_are_taken_by_an_empty_outbox(backend: BusBackend):
    """Or what publishes so many could never end."""
    delivery = await held(backend)
    many = [outgoing(50 + number) for number in range(ROOM + 3)]
    assert len(await backend.small.ack(delivery, "w1", many, {}) or ()) == len(many)


async def test_a_commit_whose_events_find_no_room_changes_nothing(state: StateBackend):
    """It can be made later, by the same attempt, once something was carried."""
    for number in (1, 2):
        await state.store.start(run(number))
    full = await state.store.commit(await state.claim(task()), Commit("1", (), [outgoing(50), outgoing(51)]))
    assert full is not None
    claim = await state.claim(task("pickup", 2))
    commit = Commit("1", ["delivery"], [outgoing(60)], {"key": "1"}, {"key": "1"})
    before = await state.dump()
    with pytest.raises(OutboxFullError, match=rf"outbox of app logistics holds {ROOM} events"):
        await state.small.commit(claim, commit)
    assert await state.dump() == before
    await state.store.outbox.remove(full.entries[0].entry)
    assert await state.small.commit(claim, commit) is not None
    assert await state.small.commit(claim, commit) is not None
    assert len(await kept(state.store.outbox)) == ROOM


async def test_a_commit_without_events_and_a_stale_one_need_no_room(state: StateBackend):
    """One ends, the other never will."""
    for number in (1, 2, 3):
        await state.store.start(run(number))
    await state.store.commit(await state.claim(task()), Commit("1", (), [outgoing(50), outgoing(51)]))
    assert await state.small.commit(await state.claim(task("pickup", 2)), Commit("1")) is not None
    stale = await state.claim(task("pickup", 3))
    await state.store.cancel(stale.task.run)
    assert await state.small.commit(stale, Commit("1", (), [outgoing(60)])) is None


async def test_more_events_than_there_is_ever_room_for_are_taken_by_an_apps_empty_outbox(state: StateBackend):
    """Or the step that publishes so many could never end."""
    await state.store.start(run())
    many = [outgoing(50 + number) for number in range(ROOM + 3)]
    done = await state.small.commit(await state.claim(task()), Commit("1", (), many))
    assert done is not None
    assert len(done.entries) == len(many)


async def test_no_room_is_a_trouble_that_passes(backend: BusBackend):
    """Whoever waits for the server waits for this too."""
    await filled(backend, ROOM)
    with pytest.raises(ServerUnavailableError):
        await backend.small.ack(await held(backend), "w1", [outgoing(60)], {})


async def test_entries_are_found_in_order_page_by_page(backend: BusBackend):
    """Each page says where the next begins; the last is empty."""
    entries = await filled(backend, 5)
    outbox = backend.bus.outbox(CHANNEL)
    found, after = [], ""
    while True:
        page, after = await outbox.read_older(0, after, 2)
        if not after:
            break
        found += page
    assert found == entries
    assert await outbox.read_older(60_000, "", 10) == ([], "")


async def test_an_entry_is_there_until_it_is_removed(backend: BusBackend):
    """Removing it twice is as good as once."""
    first, second = await filled(backend, 2)
    outbox = backend.bus.outbox(CHANNEL)
    for _ in range(2):
        await outbox.remove(first.entry)
    assert [await outbox.contains(one.entry) for one in (first, second)] == [False, True]
    assert await kept(outbox) == [second]
