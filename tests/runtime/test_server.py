"""A connection that is given up half-way leaves nothing behind."""

import asyncio
import threading
from pathlib import Path

import pytest

from runtime import server as module
from runtime.errors import ServerError
from runtime.server import Server
from runtime.settings import Settings
from tests.conditions import until


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
