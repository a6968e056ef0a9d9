"""Connections: given up half-way they leave nothing behind, gone silent they are given up."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis

from runtime import App
from runtime.bus.ledger import read_ledger
from runtime.errors import CommandRefusedError, ServerDeniedError, ServerError, ServerUnavailableError
from runtime.server import client as client_module
from runtime.server import connection as module
from runtime.server.client import Clients
from runtime.server.connection import Server
from runtime.settings import Settings
from runtime.testing import Recorder
from tests.runtime.proxy import Proxy
from tests.waiting import until


class Held:
    """An embedded server's hold, and whether it was let go."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.closed = threading.Event()

    def close(self) -> None:
        """Lets go."""
        self.closed.set()


async def test_a_connect_given_up_while_it_joins_lets_go_of_the_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The thread that joins can't be stopped; what it brings must be closed when it comes."""
    began, go, held = threading.Event(), threading.Event(), Held("redis://127.0.0.1:1")

    def slow(_: Path) -> Held:
        began.set()
        go.wait(30)
        return held

    monkeypatch.setattr(module, "join", slow)
    connecting = asyncio.create_task(Server.connect(Settings(home=tmp_path)))
    await until(began.is_set)
    connecting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await connecting
    go.set()
    await until(held.closed.is_set)


async def test_a_connect_given_up_while_it_checks_closes_everything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Clients and the hold on the embedded server."""
    asked, held = asyncio.Event(), Held("redis://127.0.0.1:1")

    async def silent(_: Server) -> None:
        asked.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(module, "join", lambda _: held)
    monkeypatch.setattr(Server, "check", silent)
    connecting = asyncio.create_task(Server.connect(Settings(home=tmp_path)))
    await asked.wait()
    connecting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await connecting
    assert held.closed.is_set()


@pytest.mark.parametrize("url", ["redis://ann:hunter2@127.0.0.1:1/0", "redis://127.0.0.1:1/0?password=hunter2"])
async def test_an_error_names_the_server_and_no_password(url: str, tmp_path: Path) -> None:
    """Wherever the address holds one."""
    with pytest.raises(ServerError, match=r"redis://127\.0\.0\.1:1/0 ") as told:
        await Server.connect(Settings(home=tmp_path, redis_url=url))
    assert "hunter2" not in str(told.value)


@pytest.fixture
def guarded(redis_url: str) -> Iterator[str]:
    """A server that lets one user in, and one more that may not ask about its memory."""
    with redis.Redis.from_url(redis_url) as client:
        client.execute_command("ACL", "SETUSER", "ann", "on", ">hunter2", "~*", "&*", "+@all")
        client.execute_command("ACL", "SETUSER", "bob", "on", ">hunter2", "~*", "&*", "+@all", "-info")
        yield redis_url.removeprefix("redis://")
        client.execute_command("ACL", "DELUSER", "ann", "bob")


async def test_a_server_that_does_not_let_one_in_says_so(guarded: str, tmp_path: Path) -> None:
    """It is there: to start it would not help."""
    for who in ("ann:wrong", "nobody:hunter2"):
        with pytest.raises(
            ServerDeniedError, match=r"at redis://127.* does not let this user in .*: see to the user and"
        ):
            await Server.connect(Settings(home=tmp_path, redis_url=f"redis://{who}@{guarded}"))
    server = await Server.connect(Settings(home=tmp_path, redis_url=f"redis://ann:hunter2@{guarded}"))
    await server.close()


async def test_a_server_may_withhold_what_it_says_of_its_memory(
    guarded: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """That is a warning; all else works."""
    server = await Server.connect(Settings(home=tmp_path, redis_url=f"redis://bob:hunter2@{guarded}"))
    await server.close()
    assert "does not say whether it drops keys when it is full" in caplog.text


async def test_a_database_that_is_not_there_is_no_server_to_work_with(
    redis_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Nor is it one that keeps a secret."""
    url = f"{redis_url.rpartition('/')[0]}/9999"
    with pytest.raises(
        CommandRefusedError, match=r"/9999 can't be used \(DB index is out of range\): name another in CAU"
    ):
        await Server.connect(Settings(home=tmp_path, redis_url=url))
    assert caplog.text == ""


async def test_what_is_no_server_of_ours_is_named_so(tmp_path: Path) -> None:
    """Somebody else's port."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as other:
        url = f"redis://127.0.0.1:{other.sockets[0].getsockname()[1]}"
        with pytest.raises(CommandRefusedError, match=r"the server at redis://127.* can't be used \(Protocol error"):
            await Server.connect(Settings(home=tmp_path, redis_url=url))


async def test_an_address_with_tls_may_be_the_fault(tmp_path: Path) -> None:
    """A server without answers nothing to it."""
    with pytest.raises(
        ServerUnavailableError, match=r"answers at rediss://127.*write redis:// if it is one without TLS, or"
    ):
        await Server.connect(Settings(home=tmp_path, redis_url="rediss://127.0.0.1:1"))


async def test_a_blocking_read_of_a_connection_gone_silent_ends(
    settings: Settings, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without being tried again inside, which would take as long once more; the next read has a connection that works,
    and reads of nothing are none the worse."""
    monkeypatch.setattr(client_module, "_READ_TIMEOUT_S", 0.2)
    async with Proxy(redis_url) as proxy:
        server = await Server.connect(settings.model_copy(update={"redis_url": proxy.url}))
        assert await server.reader.blpop(["nothing"], timeout=0.02) is None
        opened = proxy.opened
        proxy.silence()
        with pytest.raises(ServerUnavailableError):
            async with asyncio.timeout(5):
                await server.reader.blpop(["nothing"], timeout=0.02)
        assert proxy.opened == opened
        assert await server.reader.blpop(["nothing"], timeout=0.02) is None
        await server.close()


async def test_a_worker_whose_connections_go_silent_works_on(
    settings: Settings, facts: Recorder, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Steps and deliveries alike; what a lost answer had brought is taken over once its lease is over. So is what has
    been done, where the lease was over before that could be written down: a handler runs at least once."""
    monkeypatch.setattr(client_module, "_READ_TIMEOUT_S", 0.5)
    monkeypatch.setattr(client_module, "_COMMAND_TIMEOUT_S", 0.5)
    monkeypatch.setattr("runtime.worker.loop.REST_AFTER_ERROR", 0.02)
    seen: list[int] = []

    def built(url: str) -> tuple[App, Any]:
        app = App("logistics", settings=settings.model_copy(update={"redis_url": url}), observer=facts)
        workflow = app.workflow("shipment", order=int)
        workflow.step(name="pickup")(lambda order: order + 1)
        app.subscribe("parcels", group="sms")(lambda parcel: seen.append(parcel))
        return app, workflow

    async with Proxy(redis_url) as proxy:
        (worker, _), (starter, workflow) = built(proxy.url), built(redis_url)
        async with worker, starter.client():
            await starter.publish("parcels", 1)
            await until(lambda: 1 in seen, "the first event has come")
            proxy.silence()
            await starter.publish("parcels", 2)
            run = await starter.start(workflow, order=1)
            await until(lambda: 2 in seen, "the second event has come")
            assert await run.result(15) == 2

            async def is_done() -> bool:
                (channel,) = await read_ledger(starter.session.server.client, 5_000)
                return [group.done for group in channel.groups] == [2]

            await until(is_done, "each event is done, and counted once")
    assert set(seen) == {1, 2}


@pytest.mark.parametrize("name", ["client", "reader"])
async def test_connections_are_kept_alive(settings: Settings, name: str) -> None:
    """Many a NAT forgets one that says nothing for some minutes."""
    server = await Server.connect(settings)
    client = getattr(server, name)
    await client.ping()
    connection = await client.connection_pool.get_connection()
    raw = connection._writer.get_extra_info("socket")
    assert raw.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
    await client.connection_pool.release(connection)
    await server.close()


async def test_who_asks_for_the_time_in_one_turn_shares_an_answer(
    clients: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who asks later is told a later one."""
    asked, time = 0, clients.commands.time

    async def counted() -> tuple[int, int]:
        nonlocal asked
        asked += 1
        return await time()

    monkeypatch.setattr(clients.commands, "time", counted)
    together = await asyncio.gather(*(clients.commands.now_ms() for _ in range(20)))
    assert (together, asked) == ([together[0]] * 20, 1)

    async def is_later() -> bool:
        return await clients.commands.now_ms() > together[0]

    await until(is_later)
    assert asked > 1
