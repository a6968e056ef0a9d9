"""Connections: given up half-way they leave nothing behind, gone silent they are given up."""

import asyncio
import socket
import threading
from pathlib import Path
from typing import Any

import pytest

from runtime import App
from runtime.errors import ServerError, ServerUnavailableError
from runtime.server import client as client_module
from runtime.server import connection as module
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
    """Steps and deliveries alike; what a lost answer had brought is taken over once its lease is over."""
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
            await until(lambda: seen == [1])
            proxy.silence()
            await starter.publish("parcels", 2)
            run = await starter.start(workflow, order=1)
            await until(lambda: seen == [1, 2])
            assert await run.result(15) == 2


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
