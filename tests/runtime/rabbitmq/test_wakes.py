"""Wake-ups over a real RabbitMQ: one worker for each, and nobody's trouble when they are lost."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress

import pytest
from aio_pika.abc import AbstractChannel
from aiormq.channel import Channel
from aiormq.exceptions import ChannelInvalidStateError

from runtime import App
from runtime.errors import BrokerUnavailableError, SettingsError
from runtime.rabbitmq.address import WAKE_SETTING, Address
from runtime.rabbitmq.driver import PikaBroker
from runtime.rabbitmq.wakes import RabbitWakes
from runtime.server.client import Clients
from runtime.settings import Settings
from runtime.state.connections import choose_place
from runtime.state.keys import StateKeys
from runtime.testing import Recorder
from tests.postgres_servers import PostgresServer
from tests.rabbit_servers import PASSWORD, RabbitServer
from tests.stranger import Stranger
from tests.waiting import until

#: Seconds that nothing here takes; what ends before was woken.
LONG = 30.0
SOON = 0.05

Make = Callable[[str], RabbitWakes]


@pytest.fixture
async def make() -> AsyncIterator[Make]:
    """Wake-ups of app `shop` by way of a server, each on a connection of its own."""
    made: list[RabbitWakes] = []

    def wakes(url: str) -> RabbitWakes:
        made.append(RabbitWakes(PikaBroker(Address.parse(url, WAKE_SETTING), "test"), "shop"))
        return made[-1]

    yield wakes
    for one in made:
        await one.close()


async def woken(wakes: RabbitWakes, agents: tuple[str, ...] = (), timeout: float = LONG) -> bool:
    """Whether a wake-up came."""
    began = time.monotonic()
    await wakes.wait(timeout, agents)
    return time.monotonic() - began < timeout


async def reading(wakes: RabbitWakes, agents: tuple[str, ...] = ()) -> None:
    """Waits until its queues are read, and empty."""
    queues = {wakes._queue_name(agent) for agent in ("", *agents)}

    async def is_reading() -> bool:
        await wakes.wait(SOON, agents)
        return wakes._read >= queues

    await until(is_reading)


async def rung(told: Callable[[], Awaitable[object]], waiting: "asyncio.Task[bool]") -> None:
    """Tells until whoever waits has heard: the first may be lost."""

    async def has_heard() -> bool:
        await told()
        return waiting.done()

    await until(has_heard)


async def test_who_waits_is_woken_by_what_another_process_tells(make: Make, rabbit_server: RabbitServer) -> None:
    """The first wake-up of a process, too, which waits for its connection."""
    worker, client = make(rabbit_server.url), make(rabbit_server.url)
    await reading(worker)
    waiting = asyncio.create_task(woken(worker))
    await client.wake_workers({"": 1})
    assert await waiting


async def test_a_wake_up_that_lay_there_already_is_used_up_as_any_other(
    make: Make, rabbit_server: RabbitServer, stranger: Stranger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It comes before the worker has begun to read all its queues; what is not used up keeps the next from coming."""
    before, worker = make(rabbit_server.url), make(rabbit_server.url)
    await reading(before)
    await before.close()
    await stranger.send(worker._queue_name(), b"")
    waiting, consume = asyncio.create_task(woken(worker)), RabbitWakes._consume

    async def slowly(self: RabbitWakes, channel: Channel, queue: str) -> None:
        await consume(self, channel, queue)
        await until(waiting.done)

    monkeypatch.setattr(RabbitWakes, "_consume", slowly)
    assert await waiting
    again = asyncio.create_task(woken(worker))
    await rung(lambda: worker.wake_workers({"": 1}), again)
    assert await again


async def test_each_wake_up_is_for_one_worker(make: Make, rabbit_server: RabbitServer) -> None:
    """Three for three, who each go on to the next."""
    workers, client = [make(rabbit_server.url) for _ in range(3)], make(rabbit_server.url)
    for one in workers:
        await reading(one)
    waiting = [asyncio.create_task(woken(one)) for one in workers]
    await client.wake_workers({"": 1})
    done, others = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    assert (len(done), len(others)) == (1, 2)
    await client.wake_workers({"": 2})
    assert all(await asyncio.gather(*others))


async def test_a_worker_of_an_agent_hears_of_that_agents_steps(make: Make, rabbit_server: RabbitServer) -> None:
    """And of those that are for whoever comes; not of another agent's."""
    worker, client = make(rabbit_server.url), make(rabbit_server.url)
    await reading(worker, ("packer",))
    await client.wake_workers({"driver": 1})
    assert not await woken(worker, ("packer",), SOON)
    await client.wake_workers({"packer": 1})
    assert await woken(worker, ("packer",))


async def test_what_is_left_is_removed_at_once(make: Make, rabbit_server: RabbitServer) -> None:
    """What a worker holds, and what is still in the queue: nobody looks a hundred times for what is done."""
    worker = make(rabbit_server.url)
    await reading(worker)
    await worker.wake_workers({"": 100})
    await until(worker.discard_wakes)

    async def are_none() -> bool:
        return not await worker.discard_wakes()

    await until(are_none)
    assert not await woken(worker, timeout=SOON)


async def test_a_queue_that_somebody_removes_is_made_again(
    make: Make, rabbit_server: RabbitServer, stranger: Stranger, caplog: pytest.LogCaptureFixture
) -> None:
    """RabbitMQ says that it delivers no more."""
    worker = make(rabbit_server.url)
    await reading(worker)
    await stranger.remove(worker._queue_name())
    await until(lambda: "delivers no more" in caplog.text)
    waiting = asyncio.create_task(woken(worker))
    await rung(lambda: worker.wake_workers({"": 1}), waiting)
    assert await waiting


@pytest.mark.parametrize("trouble", ["its channel is closed at once", "nobody thought of it"])
async def test_whatever_ends_a_connection_is_told_of_and_the_next_one_wakes(
    make: Make,
    rabbit_server: RabbitServer,
    trouble: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Nobody waits for the task that keeps it: one that had ended would be noticed by nobody."""
    worker, troubles = make(rabbit_server.url), [trouble]
    opened = worker._broker.open_unconfirmed_channel

    async def channel() -> AbstractChannel:
        made = await opened()
        if troubles:
            troubles.clear()
            await made.close()
            monkeypatch.setattr(made, "get_underlay_channel", not_open)
            if trouble == "nobody thought of it":
                raise KeyError(trouble)
        return made

    async def not_open() -> None:
        raise ChannelInvalidStateError("Channel was not opened")

    monkeypatch.setattr(worker._broker, "open_unconfirmed_channel", channel)
    await reading(worker)
    told = "workers of app shop wake by themselves" if "closed" in trouble else "in a way that nobody thought of"
    assert told in caplog.text
    waiting = asyncio.create_task(woken(worker))
    await rung(lambda: worker.wake_workers({"": 1}), waiting)
    assert await waiting


async def test_a_server_that_lets_nobody_in_is_told_of_once(
    make: Make, rabbit_server: RabbitServer, caplog: pytest.LogCaptureFixture
) -> None:
    """With the setting to see to, and no password; waiting goes on without it."""
    worker = make(rabbit_server.url_of("nobody", "another-secret"))
    with caplog.at_level(logging.INFO, "causeline.worker"):
        for _ in range(4):
            assert not await woken(worker, timeout=SOON)
            await worker.wake_workers({"": 1})
        await until(lambda: caplog.messages)
        tries = worker._tries
        await until(lambda: worker._tries > tries)  # it goes on trying, and says no more
    (line,) = caplog.messages
    assert line.startswith("workers of app shop wake by themselves, a little later: RabbitMQ at amqp://127.0.0.1:")
    assert line.endswith("does not let user nobody in: see to the user and the password in CAUSELINE_WAKE_URL")
    assert "another-secret" not in line


async def test_a_cancellation_that_the_driver_loses_holds_nobody_up_who_closes(monkeypatch: pytest.MonkeyPatch) -> None:
    """It comes at the moment in which the server refuses, say."""
    broker = PikaBroker(Address.parse("amqp://127.0.0.1:1", WAKE_SETTING), "test")
    wakes, asked = RabbitWakes(broker, "shop"), asyncio.Event()

    async def channel() -> AbstractChannel:
        asked.set()
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        raise BrokerUnavailableError("it lets nobody in")

    monkeypatch.setattr(broker, "open_unconfirmed_channel", channel)
    await wakes.wait(SOON, [])
    await asked.wait()
    async with asyncio.timeout(LONG):
        await wakes.close()


def test_they_are_for_runs_in_postgresql_alone(settings: Settings) -> None:
    """With runs on the other server, its own scripts wake workers."""
    wrong = settings.model_copy(update={"wake_url": "amqp://127.0.0.1", "state_url": None})
    with pytest.raises(
        SettingsError, match="CAUSELINE_WAKE_URL is for runs that are in PostgreSQL, and CAUSELINE_STAT"
    ):
        choose_place(Clients.of("redis://127.0.0.1:1"), wrong)
    unusable = settings.model_copy(update={"wake_url": "amqp://", "state_url": "postgresql://127.0.0.1/x"})
    with pytest.raises(SettingsError, match=r"CAUSELINE_WAKE_URL='amqp://\*\*\*' can't be used"):
        choose_place(Clients.of("redis://127.0.0.1:1"), unusable)


@pytest.mark.slow
async def test_runs_go_on_while_the_broker_is_killed_and_wake_by_it_when_it_is_back(
    mortal_rabbit_server: RabbitServer,
    postgres_server: PostgresServer,
    settings: Settings,
    facts: Recorder,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Due steps are found by looking. One line when it is gone, one when it is back; the bus wakes nobody meanwhile."""
    postgres_server.empty()
    given = settings.model_copy(update={"state_url": postgres_server.url, "wake_url": mortal_rabbit_server.url})
    app = App("shop", settings=given, observer=facts)
    line = app.workflow("line", number=int)

    @line.step
    async def first(number: int) -> int:
        return number + 1

    @line.step
    async def second(first: int) -> int:
        return first + 1

    async def runs() -> list[int]:
        started = await asyncio.gather(*(app.start(line, number=number) for number in range(10)))
        return list(await asyncio.gather(*(run.result(LONG) for run in started)))

    with caplog.at_level(logging.INFO, "causeline.worker"):
        async with app:
            assert await runs() == list(range(2, 12))
            await asyncio.to_thread(mortal_rabbit_server.kill)
            assert await runs() == list(range(2, 12))
            await until(lambda: [one for one in caplog.messages if "wake" in one])
            assert await runs() == list(range(2, 12))
            await asyncio.to_thread(mortal_rabbit_server.start)
            await until(lambda: "are woken over RabbitMQ" in caplog.messages[-1])
            assert await runs() == list(range(2, 12))
            async with Stranger(mortal_rabbit_server.url) as stranger:
                assert await stranger.count("causeline.shop.wake") == 0  # it is there
            keys = StateKeys("shop")
            assert not await app.session.server.clients.commands.exists(keys.wake)
    gone, back = (one for one in caplog.messages if "wake" in one or "woken" in one)
    assert gone.startswith("workers of app shop wake by themselves, a little later: RabbitMQ at amqp://127.0.0.1:")
    assert back == f"workers of app shop are woken over RabbitMQ at amqp://127.0.0.1:{mortal_rabbit_server.port}/ again"
    assert PASSWORD not in caplog.text
