"""No driver's error reaches whoever calls: a server that is away is unavailable, one that refuses has refused."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest

from runtime.budgets.account import Parked
from runtime.bus.deliveries import Delivery
from runtime.bus.ledger import read_ledger
from runtime.dead_letters.letter_changes import LetterChange, UnconfirmedChanges
from runtime.errors import CommandRefusedError, ServerError, ServerUnavailableError
from runtime.resilience.breaker import Breaker
from runtime.resilience.breaker_state import Permit
from runtime.resilience.redis import RedisBreakers
from runtime.semconv import DeadLetterReason
from runtime.state.runs import Life
from runtime.state.tasks import Claim, Commit
from tests.contract.backends import LEASE_MS, Clients
from tests.contract.made import CHANNEL, attempt, event, run, task, uuid
from tests.contract.presences import worker
from tests.runtime.proxy import Proxy
from tests.servers import free_port
from tests.waiting import until

DELIVERY = Delivery(uuid(1), CHANNEL, "sms", "1-0", False, uuid(2), 0, b"{}", None)
CLAIM: Any = Claim(task(), "w1|1", 1, 0, 0, 0, 0, 0, None, {})
BREAKER = Breaker("carrier")

Call = Callable[[Clients], Awaitable[Any]]

READING: dict[str, Call] = {
    "held": lambda on: on.bus().bus.find_held(CHANNEL, "sms", "w1", (), 1),
    "suspects": lambda on: on.bus().bus.suspects(CHANNEL, "sms", 1),
    "pending": lambda on: on.bus().bus.count_pending(CHANNEL, "sms"),
    "read_state": lambda on: on.bus().bus.read_state(CHANNEL, "sms", "key"),
    "outbox.contains": lambda on: on.bus().bus.outbox(CHANNEL).contains("1-0"),
    "outbox.older": lambda on: on.bus().bus.outbox(CHANNEL).read_older(0, "", 1),
    "ledger": lambda on: read_ledger(on.client, 1),
    "letters": lambda on: on.bus().dead(),
    "unconfirmed letters": lambda on: UnconfirmedChanges(on.client).list_older(CHANNEL, 0, 1),
    "suspect steps": lambda on: on.store().store.suspects(1),
    "get": lambda on: on.store().store.get(uuid(1)),
    "result": lambda on: on.store().store.result(uuid(1), "pickup"),
    "runs": lambda on: on.store().store.runs(1),
    "list_unconfirmed_lives": lambda on: on.store().store.list_unconfirmed_lives(0, 1),
    "state": lambda on: on.store().store.read(uuid(1), "key"),
    "forfeit steps": lambda on: on.store().store.forfeit("w1", "lost"),
    "gone": lambda on: on.presence().list_gone_workers(0),
    "workers": lambda on: on.presence().workers(),
    "glance": lambda on: RedisBreakers(on.client).glance(BREAKER),
    "breakers": lambda on: RedisBreakers(on.client).all(),
    "breaker": lambda on: RedisBreakers(on.client).get("carrier"),
    "forfeit": lambda on: on.bus().bus.forfeit(CHANNEL, "sms", "w1", "lost"),
    "expire": lambda on: on.bus().bus.expire(CHANNEL, "sms", 1),
}
WRITING: dict[str, Call] = {
    "subscribe": lambda on: on.bus().subscribe("sms"),
    "publish": lambda on: on.bus().bus.publish(event(1)),
    "publish inside": lambda on: on.bus().bus.publish(event(2), inside=True),
    "read": lambda on: on.bus().take("sms"),
    "begin": lambda on: on.bus().begin(DELIVERY),
    "ack": lambda on: on.bus().bus.ack(DELIVERY, "w1", [], {}),
    "retry": lambda on: on.bus().bus.retry(DELIVERY, "w1", attempt(DELIVERY), 0),
    "postpone": lambda on: on.bus().bus.postpone(DELIVERY, "w1", 0),
    "bury": lambda on: on.bus().bus.bury(DELIVERY, "w1", None, DeadLetterReason.POISON, 1),
    "promote": lambda on: on.bus().bus.promote(CHANNEL, "sms"),
    "renew": lambda on: on.bus().bus.renew("w1", [(CHANNEL, "sms")], [DELIVERY]),
    "claim": lambda on: on.bus().bus.claim(DELIVERY, "cell"),
    "trim": lambda on: on.bus().bus.trim(CHANNEL),
    "reap": lambda on: on.bus().bus.reap(CHANNEL, "sms", 0),
    "forget": lambda on: on.bus().bus.forget(CHANNEL, uuid(1)),
    "outbox.remove": lambda on: on.bus().bus.outbox(CHANNEL).remove("1-0"),
    "confirm letters": lambda on: UnconfirmedChanges(on.client).confirm(
        [LetterChange(CHANNEL, "sms", uuid(1), "died")]
    ),
    "start": lambda on: on.store().store.start(run()),
    "list_due": lambda on: on.store().store.list_due(1),
    "claim a step": lambda on: on.store().store.claim(task(), "w1|1", LEASE_MS, []),
    "renew steps": lambda on: on.store().store.renew([CLAIM], LEASE_MS),
    "commit": lambda on: on.store().store.commit(CLAIM, Commit("1")),
    "retry a step": lambda on: on.store().store.retry(CLAIM, 0),
    "release": lambda on: on.store().store.release(CLAIM),
    "fail": lambda on: on.store().store.fail(CLAIM, "OSError", "no route"),
    "cancel": lambda on: on.store().store.cancel(uuid(1)),
    "confirm": lambda on: on.store().store.confirm(Life(uuid(1))),
    "write": lambda on: on.store().store.write("key", "1"),
    "wait": lambda on: on.store().store.wait(0.01),
    "join": lambda on: on.presence().join(worker()),
    "beat": lambda on: on.presence().beat("w1"),
    "leave": lambda on: on.presence().leave("w1"),
    "declare": lambda on: RedisBreakers(on.client).declare("crew", {BREAKER: []}),
    "ask": lambda on: RedisBreakers(on.client).request_permit(BREAKER, Parked(uuid(1), "step 1"), LEASE_MS),
    "record": lambda on: RedisBreakers(on.client).record(BREAKER, Permit(0), "failed"),
    "renew a permit": lambda on: RedisBreakers(on.client).renew(BREAKER, Permit(0, "1"), LEASE_MS),
    "open": lambda on: RedisBreakers(on.client).open("carrier", "ann", "", hold=True),
    "close": lambda on: RedisBreakers(on.client).close("carrier", "ann", ""),
}


async def errors(on: Clients, calls: dict[str, Call]) -> dict[str, str]:
    """What each call raises, by its class; of our own errors alone."""

    async def error(call: Call) -> str:
        try:
            await call(on)
        except ServerError as raised:
            return type(raised).__name__
        return "nothing"

    return dict(zip(calls, await asyncio.gather(*(error(call) for call in calls.values())), strict=True))


async def test_a_server_that_is_away_is_unavailable():
    """Whatever it is asked."""
    calls = READING | WRITING
    async with Clients(f"redis://127.0.0.1:{free_port()}/0") as clients:
        assert await errors(clients, calls) == dict.fromkeys(calls, "ServerUnavailableError")


async def test_a_server_that_refuses_has_refused(clients: Clients, server_url: str):
    """A user that has no right to anything; some calls have an answer for that."""
    calls = READING | WRITING
    address = urlsplit(server_url)
    await clients.client.acl_setuser("nobody", enabled=True, passwords=["+pw"], categories=["-@all"])
    async with Clients(f"redis://nobody:pw@{address.hostname}:{address.port}/0") as powerless:
        assert await errors(powerless, calls) == dict.fromkeys(calls, "CommandRefusedError")
    await clients.client.acl_deluser("nobody")


async def test_keys_of_another_kind_are_refused(clients: Clients):
    """Another program uses a key of ours; the call says so in the server's words."""
    backend = clients.bus()
    await clients.client.set(backend.keys.stream, "mine")
    with pytest.raises(CommandRefusedError, match="WRONGTYPE"):
        await backend.bus.publish(event(1))
    await clients.client.set(backend.keys.counters, "mine")
    with pytest.raises(CommandRefusedError) as refused:
        await backend.subscribe("sms")
    assert "WRONGTYPE" in refused.value.answer


@asynccontextmanager
async def without_replicas(clients: Clients) -> AsyncIterator[None]:
    """Too few replicas are there, and the server takes no writes."""
    await clients.client.config_set("min-replicas-to-write", "1")
    try:
        yield
    finally:
        await clients.client.config_set("min-replicas-to-write", "0")


@asynccontextmanager
async def failed_over(clients: Clients) -> AsyncIterator[None]:
    """The server is a replica by now; its primary is away."""
    await clients.client.execute_command("REPLICAOF", "127.0.0.1", str(free_port()))
    try:
        yield
    finally:
        await clients.client.execute_command("REPLICAOF", "NO", "ONE")


@pytest.mark.parametrize("trouble", [without_replicas, failed_over])
async def test_a_server_that_takes_no_writes_is_unavailable(clients: Clients, trouble: Callable[[Clients], Any]):
    """It will again: what was asked may succeed later, and nothing has changed. What it need not write for goes on."""
    backend = clients.bus()
    await backend.subscribe("sms")
    await backend.bus.publish(event(1))
    delivery = await backend.one("sms")
    await clients.store().store.start(run())
    claim = await clients.store().claim(task())
    writing: dict[str, Call] = {
        "publish": lambda on: on.bus().bus.publish(event(2)),
        "read": lambda on: on.bus().take("sms"),
        "begin": lambda on: on.bus().begin(delivery),
        "ack": lambda on: on.bus().bus.ack(delivery, "w1", [], {}),
        "retry": lambda on: on.bus().bus.retry(delivery, "w1", attempt(delivery), 0),
        "bury": lambda on: on.bus().bus.bury(delivery, "w1", None, DeadLetterReason.POISON, 1),
        "forfeit": lambda on: on.bus().bus.forfeit(CHANNEL, "sms", "w1", "lost"),
        "renew": lambda on: on.bus().bus.renew("w1", [(CHANNEL, "sms")], [delivery]),
        "start": lambda on: on.store().store.start(run(2)),
        "commit": lambda on: on.store().store.commit(claim, Commit("1")),
        "forfeit steps": lambda on: on.store().store.forfeit("w1", "lost"),
        "beat": lambda on: on.presence().beat("w1"),
    }
    before = await backend.dump()
    async with trouble(clients):
        assert await errors(clients, writing) == dict.fromkeys(writing, "ServerUnavailableError")
        reading = await errors(clients, {name: READING[name] for name in ("held", "pending", "get", "gone")})
        assert set(reading.values()) == {"nothing"}
    assert await backend.dump() == before


async def test_a_read_that_is_cut_off_is_unavailable(server_url: str):
    """And what its answer may have brought is found afterwards."""
    async with Proxy(server_url) as way, Clients(way.url) as clients, Clients(server_url) as direct:
        backend = direct.bus()
        await backend.subscribe("sms")
        reading = asyncio.create_task(clients.bus().bus.read(CHANNEL, "sms", "w1", 10, 60_000))

        async def is_blocked() -> bool:
            return any("b" in client["flags"] for client in await direct.client.client_list())

        await until(is_blocked)
        way.silence()
        await backend.bus.publish(event(1))
        await until(lambda: backend.bus.find_held(CHANNEL, "sms", "w1", (), 1))
        await way.go_away()
        with pytest.raises(ServerUnavailableError):
            await reading
        (found,) = await backend.bus.find_held(CHANNEL, "sms", "w1", (), 10)
        assert found.event_id == event(1).id


async def test_a_script_that_the_server_does_not_know_is_told_to_it(clients: Clients):
    """After a restart it knows none; nobody notices."""
    backend = clients.bus()
    await backend.subscribe("sms")
    await clients.client.script_flush()
    await backend.bus.publish(event(1))
    assert (await backend.one("sms")).event_id == event(1).id


async def test_words_that_can_not_be_written_are_replaced(clients: Clients):
    """Half a character must not keep a failure from being written down."""
    store = clients.store()
    await store.store.start(run())
    assert await store.store.fail(await store.claim(task()), "OSError", "half a \ud83d")
    record = await store.store.get(uuid(1))
    assert record is not None
    assert record.error == "half a ?"
