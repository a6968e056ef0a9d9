"""Many commands on one connection: in order, each with its own answer, and none at the cost of another."""

import asyncio
from typing import Any

import pytest
import redis.exceptions as driver
from redis.asyncio import Connection, ConnectionPool

from runtime.errors import CommandRefusedError, ServerUnavailableError
from runtime.server.client import Clients
from runtime.server.command_packing import pack_command
from runtime.server.shared_connection import SharedConnection
from tests.runtime.proxy import Proxy
from tests.waiting import until


async def test_commands_share_a_connection_and_keep_their_order(far: Clients, proxy: Proxy):
    """Each is given its own answer."""
    answers = await asyncio.gather(*(far.commands.incr("number") for _ in range(500)))
    assert answers == list(range(1, 501))
    assert proxy.opened == 1


async def test_a_command_that_is_refused_costs_no_other_its_answer(clients: Clients):
    """Its error is its own."""
    await clients.commands.set("text", "abc")
    found = await asyncio.gather(
        clients.commands.get("text"),
        clients.commands.incr("text"),
        clients.commands.get("text"),
        return_exceptions=True,
    )
    assert (found[0], found[2]) == (b"abc", b"abc")
    assert isinstance(found[1], CommandRefusedError)


async def asked(clients: Clients, event: asyncio.Event) -> None:
    """Counts, and says so before it asks: whoever waits for that goes on in the same turn of the event loop."""
    event.set()
    await clients.commands.incr("number")


async def test_whoever_gives_up_takes_no_answer_of_another(clients: Clients, monkeypatch: pytest.MonkeyPatch):
    """Its answer comes, and is dropped."""
    await clients.commands.ping()
    line, sent = clients.commands.line, asyncio.Event()
    assert line is not None
    flush = line._flush
    monkeypatch.setattr(line, "_flush", lambda: (flush(), sent.set()))
    given_up = asyncio.create_task(clients.commands.incr("number"))
    await sent.wait()
    others = [asyncio.create_task(clients.commands.incr("number")) for _ in range(3)]
    given_up.cancel()
    assert await asyncio.gather(*others) == [2, 3, 4]


async def test_what_was_given_up_before_it_was_sent_is_not_sent(clients: Clients):
    """Nobody would take what it brings."""
    begun = asyncio.Event()
    given_up = asyncio.create_task(asked(clients, begun))
    await begun.wait()
    given_up.cancel()
    with pytest.raises(asyncio.CancelledError):
        await given_up
    assert await clients.commands.incr("number") == 1


async def test_all_that_was_on_a_lost_connection_is_asked_again(far: Clients, proxy: Proxy):
    """Those that were carried out, too: every command of ours is safe to repeat."""
    await far.commands.ping()
    proxy.lose_answer_to("marked")
    values = [f"value-{number}" for number in range(20)]
    sets = (far.commands.set("marked" if value == "value-7" else value, value) for value in values)
    assert await asyncio.gather(*sets) == [True] * 20
    assert proxy.lost == 1
    assert await far.commands.get("value-19") == b"value-19"


async def test_a_large_command_travels_apart(far: Clients, proxy: Proxy):
    """A server that cuts off whoever sends it cuts off nobody else."""
    await far.commands.ping()
    large: Any = "x" * 100_000
    assert await asyncio.gather(far.commands.set("large", large), far.commands.set("small", "x")) == [True, True]
    assert proxy.opened == 2


async def test_a_pipeline_is_answered_in_order_whatever_becomes_of_each(far: Clients, proxy: Proxy):
    """A refusal stands in its place, what was on a lost connection is asked again, and what is large travels apart."""
    await far.commands.set("text", "abc")
    proxy.lose_answer_to("marked")
    async with far.commands.pipeline() as pipe:
        pipe.incr("number")
        pipe.incr("text")
        pipe.set("marked", "x")
        pipe.set("large", "x" * 100_000)
        pipe.zadd("scores", {"a": 1.5})
        pipe.zrange("scores", 0, -1, withscores=True)
        found = await pipe.execute(raise_on_error=False)
    assert isinstance(found.pop(1), driver.ResponseError)
    assert found[1:] == [True, True, *found[3:]]
    assert found[-1] == [(b"a", 1.5)]
    assert found[0] in (1, 2)  # it was carried out before the connection was lost, or not
    assert proxy.lost == 1
    assert await far.commands.get("large") == b"x" * 100_000


async def test_an_answer_that_can_not_be_read_stands_in_its_place(clients: Clients):
    """All others are read."""

    def refuse(answer: object, **_: object) -> None:
        raise ValueError(answer)

    clients.commands.set_response_callback("GET", refuse)
    async with clients.commands.pipeline() as pipe:
        pipe.incr("number")
        pipe.get("number")
        first, second = await pipe.execute(raise_on_error=False)
    assert first == 1
    assert isinstance(second, ValueError)


async def test_a_pipeline_raises_what_its_first_failure_was(clients: Clients):
    """Also of a value that can't be sent: all others are carried out."""
    unfit: Any = object()
    async with clients.commands.pipeline() as pipe:
        pipe.incr("number")
        pipe.execute_command("SET", "unfit", unfit)
        with pytest.raises(CommandRefusedError, match="SET can't be sent"):
            await pipe.execute()
    assert await clients.commands.get("number") == b"1"


async def test_a_wait_that_is_given_up_takes_nothing_for_nobody(clients: Clients):
    """Its connection goes with it; the next wait has another."""
    waiting = asyncio.create_task(clients.reads.blpop(["list"], timeout=4))
    await until(lambda: _blocked(clients))
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await until(lambda: _not_blocked(clients))
    await clients.commands.lpush("list", "kept")
    assert await clients.reads.blpop(["list"], timeout=4) == (b"list", b"kept")


async def test_a_server_that_is_away_is_said_to_be(far: Clients, proxy: Proxy):
    """To all who ask, and it is found again when it is back."""
    await far.commands.ping()
    await proxy.go_away()
    found = await asyncio.gather(*(far.commands.incr("number") for _ in range(3)), return_exceptions=True)
    assert [type(one) for one in found] == [ServerUnavailableError] * 3
    await proxy.come_back()
    assert await far.commands.ping()


async def test_a_server_that_ends_as_it_greets_is_noticed_at_once():
    """Nothing tells of that end again: an answer would be waited for until its time is up."""

    class Ended(Connection):
        async def connect(self) -> None:
            await super().connect()
            await until(lambda: self._reader.at_eof())

    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"LIB-VER")
        await reader.readuntil(b".")  # within the version; what is left unread would make it no orderly end
        await reader.read(65_536)
        writer.write(b"+OK\r\n" * 2)
        writer.close()

    server = await asyncio.start_server(greet, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        line = SharedConnection(
            ConnectionPool(connection_class=Ended, host="127.0.0.1", port=port, protocol=2), timeout=3600
        )
        with pytest.raises(driver.ConnectionError, match="lost as it was made"):
            await line.ask(pack_command(("PING",)))


async def test_a_connection_that_is_lost_and_made_again_is_another(far: Clients, proxy: Proxy):
    """One that is never lost stays the same, whatever is asked on it."""
    assert far.commands.shared_connection == 0
    await far.commands.ping()
    await far.commands.incr("number")
    assert far.commands.shared_connection == 1
    proxy.lose_answer_to("number")
    await far.commands.incr("number")
    assert far.commands.shared_connection == 2


async def _blocked(clients: Clients) -> bool:
    info: Any = await clients.commands.info("clients")
    return bool(info["blocked_clients"])


async def _not_blocked(clients: Clients) -> bool:
    return not await _blocked(clients)
