"""Presence on servers that restart, and for users who may not do everything."""

import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.contract.backends import APP, Clients
from tests.contract.presences import WorkerProcess, worker
from tests.contract.test_presence import connections, gone, silence
from tests.servers import KINDS, LiveServer, find_program
from tests.waiting import until


@pytest.fixture(params=KINDS)
def program(request: pytest.FixtureRequest) -> Path:
    """A server's program, once for each kind."""
    found = find_program(request.param)
    if found is None:
        pytest.skip(f"no server of the kind {request.param} on this machine")
    return found


@pytest.fixture
def forgetful(program: Path, tmp_path: Path) -> Iterator[LiveServer]:
    """A server that loses everything when it restarts."""
    with LiveServer(program, tmp_path) as server:
        yield server


@pytest.fixture
def durable(program: Path, tmp_path: Path) -> Iterator[LiveServer]:
    """A server that keeps everything."""
    with LiveServer(program, tmp_path, "--appendonly", "yes", "--appendfsync", "always") as server:
        yield server


async def restarted(server: LiveServer) -> None:
    """Two workers beat; the server restarts; both are there again, and nobody was gone meanwhile. Then one dies."""
    with WorkerProcess(server.url, "w1") as one, WorkerProcess(server.url, "w2"):
        server.restart()
        async with Clients(server.url) as clients:
            presence = clients.presence()

            async def is_back() -> bool:
                assert await gone(presence, 3_000) == []
                there = [await connections(clients, name) for name in ("w1", "w2")]
                beat = [await silence(presence, name) < 200 for name in ("w1", "w2")]
                return there == [1, 1] and all(beat) and not await gone(presence, 0)

            await until(is_back)
            one.kill()
            assert await until(lambda: gone(presence, 200)) == ["w1"]
            assert {one.record for one in await presence.workers()} == {worker("w1"), worker("w2")}


async def test_after_a_restart_nobody_is_gone_who_beats_again(durable: LiveServer):
    """The server remembers the workers, and none of their lines."""
    await restarted(durable)


async def test_after_a_restart_that_lost_everything_workers_are_there_again(forgetful: LiveServer):
    """As they describe themselves."""
    await restarted(forgetful)


@pytest.fixture
async def restricted(clients: Clients, server_url: str) -> AsyncIterator[Clients]:
    """What a user has who may do anything but use channels."""
    await clients.client.acl_setuser("clerk", enabled=True, passwords=["+pw"], keys=["*"], categories=["+@all"])
    await clients.client.execute_command("ACL", "SETUSER", "clerk", "resetchannels")
    async with Clients(_as_clerk(server_url)) as made:
        yield made
    await clients.client.acl_deluser("clerk")


def _as_clerk(url: str) -> str:
    parts = urlsplit(url)
    return f"redis://clerk:pw@{parts.hostname}:{parts.port}/0"


async def test_a_user_who_may_not_subscribe_works_and_is_never_gone(
    restricted: Clients, clients: Clients, caplog: pytest.LogCaptureFixture
):
    """Nobody can see its line: leases alone decide about what it holds. It is told once what to allow."""
    presence, others = restricted.presence(), clients.presence()
    with caplog.at_level(logging.WARNING, "causeline.worker"):
        await presence.join(worker())
        for _ in range(3):
            await presence.beat("w1")
    (warning,) = [record.getMessage() for record in caplog.records]
    assert f"allow the channels causeline:1:{{runs:{APP}.0}}:alive:*" in warning
    assert [one.record for one in await others.workers()] == [worker()]
    assert await gone(others, 0) == []
    await restricted.clients.close()
    assert await gone(others, 0) == []


@pytest.mark.parametrize("command", ["subscribe", "pubsub"])
async def test_a_user_who_lacks_a_command_works_and_takes_nobody_for_gone(
    restricted: Clients, clients: Clients, server_url: str, command: str
):
    """Whether it can't hold a line itself, or can't ask for those of others."""
    await clients.client.execute_command("ACL", "SETUSER", "clerk", "allchannels", f"-{command}")
    presence = restricted.presence()
    await presence.join(worker("w1"))
    with WorkerProcess(server_url, "w2") as other:
        other.kill()
        await until(lambda: _is_silent(clients))
        assert await gone(presence, 200) == ([] if command == "pubsub" else ["w2"])
        assert await gone(clients.presence(), 0) == ["w2"]
    await presence.leave("w1")


async def _is_silent(clients: Clients) -> bool:
    return await silence(clients.presence(), "w2") > 200 and not await connections(clients, "w2")


async def test_one_that_may_not_subscribe_any_more_is_not_gone(restricted: Clients, clients: Clients):
    """Its line was cut, and it was not let in again: it says so."""
    await clients.client.execute_command("ACL", "SETUSER", "clerk", "allchannels")
    presence = restricted.presence()
    await presence.join(worker())
    assert await connections(clients) == 1
    await clients.client.execute_command("ACL", "SETUSER", "clerk", "resetchannels")
    await clients.client.client_kill_filter(_type="pubsub")
    await presence.beat("w1")
    assert await connections(clients) == 0
    assert await gone(clients.presence(), 0) == []
    await presence.beat("w1")
    assert [one.record for one in await clients.presence().workers()] == [worker()]
