"""A server whose memory is full takes nothing new, and lets everything go on that is under way: that empties it."""

import pytest

from runtime.budgets.account import Parked
from runtime.errors import ServerFullError, ServerUnavailableError
from runtime.outbox.relay import Relay
from runtime.resilience.breaker import Breaker
from runtime.resilience.breaker_state import Permit
from runtime.resilience.redis import RedisBreakers
from runtime.semconv import DeadLetterReason
from runtime.state.runs import Life
from runtime.state.tasks import Commit
from runtime.testing import FakeClock, Recorder
from tests.contract.backends import LEASE_MS, BusBackend, Clients, StateBackend
from tests.contract.full_server import full
from tests.contract.made import CHANNEL, TRACE, attempt, event, outgoing, run, task, uuid
from tests.contract.presences import worker

pytestmark = pytest.mark.in_memory


async def test_an_event_from_outside_is_refused_and_changes_nothing(backend: BusBackend):
    """Whoever publishes may try again later: with or without groups, and while the script is not known yet."""
    for groups in (0, 1):
        before = await backend.dump()
        async with full(backend.client):
            with pytest.raises(ServerFullError, match="memory is full"):
                await backend.bus.publish(event(1))
        assert await backend.dump() == before
        if not groups:
            await backend.subscribe("sms")
    await backend.bus.publish(event(1))
    assert await backend.counts("sms") == {"owed": 1, "pending": 1}


async def test_a_run_is_refused_and_changes_nothing(state: StateBackend):
    """It was not accepted."""
    async with full(state.client):
        with pytest.raises(ServerFullError):
            await state.store.start(run())
    assert await state.dump() == {}
    assert (await state.store.start(run())).id == run().id


async def test_being_full_is_a_trouble_that_passes(backend: BusBackend):
    """Whoever waits for the server waits for this too."""
    assert issubclass(ServerFullError, ServerUnavailableError)
    async with full(backend.client):
        with pytest.raises(ServerUnavailableError):
            await backend.bus.publish(event(1))


async def test_known_events_and_runs_are_no_new_ones(backend: BusBackend, state: StateBackend):
    """Who repeats what was taken is told that it was."""
    published, accepted = await backend.bus.publish(event(1)), await state.store.start(run())
    async with full(backend.client):
        assert await backend.bus.publish(event(1)) == published
        assert await state.store.start(run()) == accepted


async def test_deliveries_go_on(backend: BusBackend):
    """Begun, done with all that they publish and write, tried again, put off, buried, renewed, taken, trimmed."""
    bus = backend.bus
    for number in range(7):
        await bus.publish(event(number))
    async with full(backend.client):
        assert (await backend.subscribe("sms")).is_new
        assert not (await backend.subscribe("sms")).is_new
        done, failed, off, dead, lost, expired, _ = taken = await backend.take("sms")
        assert await bus.find_held(CHANNEL, "sms", "w1", (), 10) == taken
        for delivery in (done, failed, dead, lost):
            assert (await backend.begin(delivery)).status == "ok"
        assert len(await bus.ack(done, "w1", [outgoing(50)], {"seen": "1"}) or ()) == 1
        assert await bus.retry(failed, "w1", attempt(failed), 0)
        assert await bus.postpone(off, "w1", 0)
        assert await bus.bury(dead, "w1", attempt(dead), DeadLetterReason.MAX_ATTEMPTS, 1)
        assert await bus.renew("w1", [(CHANNEL, "sms")], [lost, expired]) == []
        await backend.client.xclaim(
            backend.keys.stream, "sms", "w1", 0, [expired.entry], idle=2 * LEASE_MS, justid=True
        )
        assert await bus.expire(CHANNEL, "sms", LEASE_MS) == 1
        assert await bus.forfeit(CHANNEL, "sms", "w1", "killed") == 2
        assert await bus.promote(CHANNEL, "sms") is None
        assert await bus.claim(await backend.suspect("sms"), "cell")
        assert (await backend.begin(lost, "cell", isolated=True)).status == "ok"
        assert await bus.ack(lost, "cell", [], {}) == []
        for delivery in await backend.take("sms", limit=8):
            assert (await backend.begin(delivery)).status == "ok"
            assert await bus.ack(delivery, "w1", [], {}) == []
        assert await bus.trim(CHANNEL) == 7
        await bus.reap(CHANNEL, "sms", 0)
    assert await backend.counts("sms") == {"owed": 7, "done": 6, "dead": 1}


async def test_a_copy_and_poison_are_settled(backend: BusBackend):
    """They use up no room."""
    await backend.subscribe("sms")
    await backend.bus.publish(event(1))
    await backend.bus.ack(await backend.one("sms"), "w1", [], {})
    await backend.client.delete(backend.keys.publish_mark(event(1).id))
    for number in (1, 2):
        await backend.bus.publish(event(number))
    copy, poison = await backend.take("sms")
    async with full(backend.client):
        assert (await backend.begin(copy)).status == "duplicate"
        await backend.begin(poison)
        await backend.bus.forfeit(CHANNEL, "sms", "w1", "killed")
        assert await backend.bus.claim(poison, "cell")
        assert (await backend.begin(poison, "cell", isolated=True, kills=1)).status == "poison"
        assert await backend.bus.bury(poison, "cell", None, DeadLetterReason.POISON, 1)
    assert await backend.counts("sms") == {"owed": 3, "done": 2, "dead": 1}


async def test_a_lost_group_is_made_again(backend: BusBackend):
    """Or nobody could empty its channel."""
    await backend.subscribe("sms")
    await backend.bus.publish(event(1))
    await backend.client.xgroup_destroy(backend.keys.stream, "sms")
    async with full(backend.client):
        await backend.subscribe("sms", start="earliest")
        assert (await backend.one("sms")).event_id == event(1).id


async def test_steps_go_on(state: StateBackend):
    """Claimed, committed, tried again, put off, released, failed, renewed, taken, given to cells; runs end."""
    store = state.store
    for number in range(1, 7):
        await store.start(run(number, {"pickup": 0}))
    async with full(state.client):
        claims = [await state.claim(task("pickup", number)) for number in range(1, 7)]
        assert await store.renew(claims, LEASE_MS) == []
        done = await store.commit(claims[0], Commit("1", (), [outgoing(50)], {"key": "1"}, {"key": "2"}))
        assert done is not None
        assert (len(done.entries), done.ended is not None) == (1, True)
        assert await store.retry(claims[1], 0)
        assert await store.postpone(claims[2], 0)
        assert await store.release(claims[3])
        assert await store.fail(claims[4], "OSError", "no route")
        assert await store.cancel(uuid(4))
        assert await store.forfeit("w1", "killed") == 1
        held = await state.claim(task("pickup", 6), worker="cell")
        assert held.kills == 1
        assert await store.commit(held, Commit("1"))
        await store.write("open", "true")
        assert len(await store.list_unconfirmed_lives(0, 10)) == 4
        await store.confirm(Life(uuid(1)))
    assert await store.read(None, "open") == "true"


async def test_what_was_published_inside_is_carried(backend: BusBackend, clients: Clients):
    """From its outbox into its channel, whether somebody reads that or not: in the end it needs no more room."""
    await backend.subscribe("sms")
    await backend.bus.publish(event(1))
    delivery = await backend.one("sms")
    facts = Recorder()
    relay = Relay(backend.bus, facts, FakeClock())
    outbox = backend.bus.outbox(CHANNEL)
    async with full(backend.client):
        entries = await backend.bus.ack(delivery, "w1", [outgoing(50), outgoing(51, CHANNEL)], {})
        assert await relay.carry(outbox, entries or ()) == 2
        assert await outbox.read_older(0, "", 10) == ([], "")
    assert len(facts.facts) == 2
    assert (await backend.one("sms")).event_id == outgoing(51).envelope.id
    assert await clients.client.smembers("causeline:1:channels") == {b"notices", CHANNEL.encode()}


async def test_workers_come_beat_and_leave(clients: Clients):
    """One that starts now is the one that empties the server."""
    presence = clients.presence()
    async with full(clients.client):
        await presence.join(worker("w1"))
        await presence.beat("w1")
        assert [one.record for one in await presence.workers()] == [worker("w1")]
        assert await presence.list_gone_workers(0) == []
        await presence.leave("w1")
        assert await presence.workers() == []


async def test_breakers_learn_and_answer(clients: Clients):
    """One that does not open would let all work fail; one that does not close would hold it up."""
    breakers, breaker = RedisBreakers(clients.client), Breaker("carrier", failures=1, cooldown=60)
    async with full(clients.client):
        permit = await breakers.request_permit(breaker, Parked(uuid(1), "step 1"), 1_000)
        assert isinstance(permit, Permit)
        await breakers.record(breaker, permit, "failed")
        assert isinstance(await breakers.request_permit(breaker, Parked(uuid(1), "step 1"), 1_000), int)


@pytest.mark.parametrize("how", ["replay", "discard"])
async def test_an_operator_is_refused_and_nothing_changes(backend: BusBackend, how: str):
    """A replay makes new work; what is given up stays readable and frees nothing."""
    await backend.subscribe("sms")
    await backend.bus.publish(event(1))
    delivery = await backend.one("sms")
    await backend.bus.bury(delivery, "w1", attempt(delivery), DeadLetterReason.MAX_ATTEMPTS, 1)
    (letter,) = await backend.dead()
    before = await backend.dump()
    async with full(backend.client):
        settling = backend.replay(letter) if how == "replay" else backend.letters.discard(letter, "ann", "", TRACE)
        with pytest.raises(ServerFullError):
            await settling
    assert await backend.dump() == before
    assert await backend.replay(letter) == "replayed"
