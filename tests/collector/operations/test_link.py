"""The connection to the bus: made when needed, made again when it broke."""

import asyncio
import inspect

import pytest

from collector.errors import BusUnavailableError
from collector.operations import link as module
from collector.operations.contract import Operations
from collector.operations.link import OperationsLink, make_connector
from runtime.admin import Admin, ServerError
from tests.collector.operations.memory import MemoryBus


class Door:
    """Connects to a bus that may be away, and counts how often."""

    def __init__(self) -> None:
        self.bus = MemoryBus()
        self.connected = 0

    async def connect(self) -> Operations:
        """Knocks."""
        self.connected += 1
        await self.bus.ping()
        return self.bus


@pytest.fixture
def door() -> Door:
    """A door to an empty bus."""
    return Door()


async def ask(link: OperationsLink) -> None:
    """One question."""
    async with link.use() as bus:
        await bus.channels()


async def test_one_connection_serves_all(door: Door) -> None:
    """Made at the first question, not before, and once for questions that come together."""
    link = OperationsLink(door.connect)
    assert door.connected == 0
    await asyncio.gather(*(ask(link) for _ in range(5)))
    await ask(link)
    assert door.connected == 1


async def test_a_bus_that_breaks_is_joined_again(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """The question that found it broken fails; a later one is answered without anybody's help."""
    monkeypatch.setattr(module, "PAUSE_SECONDS", 0.0)
    link = OperationsLink(door.connect)
    await ask(link)
    door.bus.away = "connection lost"
    for _ in range(2):
        with pytest.raises(BusUnavailableError, match="connection lost"):
            await ask(link)
    door.bus.away = ""
    await ask(link)
    assert door.connected == 3


async def test_a_bus_that_is_away_is_not_knocked_at_for_every_question(door: Door) -> None:
    """A page asks several at once; each waiting for a timeout would make it hang."""
    door.bus.away = "nobody there"
    link = OperationsLink(door.connect)
    for _ in range(5):
        with pytest.raises(BusUnavailableError, match="nobody there"):
            await ask(link)
    assert door.connected == 1


async def test_a_connection_that_takes_too_long_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """The overview must answer."""
    monkeypatch.setattr(module, "CONNECT_SECONDS", 0.01)

    async def never() -> Operations:
        await asyncio.Event().wait()
        raise AssertionError

    with pytest.raises(BusUnavailableError, match="within"):
        await ask(OperationsLink(never))


async def test_closing_without_ever_connecting_is_fine(door: Door) -> None:
    """A collector may end before anybody asked."""
    await OperationsLink(door.connect).close()
    assert door.connected == 0


@pytest.mark.parametrize("kept", [Admin, MemoryBus])
def test_the_contract_is_kept(kept: type) -> None:
    """Same methods, same parameters, same defaults: what tests rely on is what the real bus offers."""
    for name, promised in inspect.getmembers(Operations, inspect.isfunction):
        if name.startswith("_"):
            continue
        wanted = inspect.signature(promised).parameters
        given = inspect.signature(getattr(kept, name)).parameters
        assert [(p.name, p.kind, p.default) for p in given.values()] == [
            (p.name, p.kind, p.default) for p in wanted.values()
        ], name


async def test_no_server_is_a_server_error() -> None:
    """Which the link turns into an answer."""
    with pytest.raises(ServerError):
        await make_connector("redis://127.0.0.1:1")()


@pytest.mark.redis
async def test_the_real_bus_answers(redis_url: str) -> None:
    """A new server has no channel, no letter, no audit."""
    link = OperationsLink(make_connector(redis_url))
    async with link.use() as bus:
        await bus.ping()
        assert await bus.channels() == []
        assert await bus.dead_letter_counts() == []
        assert (await bus.dead_letters()).items == ()
        assert (await bus.audit()).items == ()
    await link.close()
