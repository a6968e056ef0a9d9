"""An answer of the server is lost on its way: whoever asked asks again, nothing runs twice, and nobody is blamed."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from runtime import Context, NonRetryableError
from runtime.server.scripts import _load_script
from runtime.settings import Settings
from runtime.testing import Recorder
from runtime.worker.worker import Worker
from tests.runtime.proxy import Proxy
from tests.runtime.worker.bench import CHANNEL, NAME, QUICK, WELL, Bench, End, HandlerBench, StepBench
from tests.waiting import until

#: A pause between looks at the server that is longer than a test.
NEVER = 100.0


def script(package: str, name: str) -> str:
    """What a call of a script says."""
    return _load_script(f"runtime.{package}", name, once=False).digest


STEP_CALLS = {
    "its claim": script("state", "claim"),
    "its commit": script("state", "commit"),
    "its retry": script("state", "retry"),
    "its failure": script("state", "finish"),
}
HANDLER_CALLS = {
    "its begin": script("bus", "begin"),
    "its acknowledgement": script("bus", "done"),
    "its retry": script("bus", "retry"),
    "its burial": script("bus", "bury"),
}
CASES = [(StepBench, what, mark) for what, mark in STEP_CALLS.items()] + [
    (HandlerBench, what, mark) for what, mark in HANDLER_CALLS.items()
]


@pytest.fixture
async def proxy(redis_url: str) -> AsyncIterator[Proxy]:
    async with Proxy(redis_url) as proxy:
        yield proxy


@pytest.mark.parametrize(("kind", "what", "mark"), CASES, ids=lambda one: one if " " in str(one) else None)
async def test_whatever_answer_is_lost_the_work_runs_once(
    settings: Settings,
    facts: Recorder,
    proxy: Proxy,
    monkeypatch: pytest.MonkeyPatch,
    kind: type[Bench],
    what: str,
    mark: str,
):
    """It is taken up at once, long before its lease is over; its attempts are those that it would have had."""
    monkeypatch.setattr("runtime.worker.loop.REST_AFTER_ERROR", 0.01)
    monkeypatch.setattr("runtime.worker.recovery_loop.LOOK_EVERY", NEVER)
    bench = kind(settings.model_copy(update={"redis_url": proxy.url, "lease": NEVER}), facts)
    calls: list[tuple[int, int]] = []

    @bench.work(retry=QUICK)
    async def work(order: int, ctx: Context) -> None:
        calls.append((order, ctx.attempt))
        if ctx.attempt > 1:
            await until(lambda: bench.outcomes)  # the last settlement alone is remembered
        if order == 2 or ("retry" in what and ctx.attempt == 1):
            raise NonRetryableError("no bank") if order == 2 else OSError("no route")

    async with bench.app:
        await bench.begin(1)  # from now on the server knows the scripts
        await bench.begin(2)
        assert [await bench.ended(one) for one in (0, 1)] == [WELL, End(False, "NonRetryableError", "no bank")]
        calls.clear()
        facts.clear()
        last = 2 if what in ("its failure", "its burial") else 3
        proxy.lose_answer_to(mark)
        await bench.begin(last)
        assert (await bench.ended(2)).ok is (last == 3)
    assert proxy.lost == 1
    attempts = [1, 2] if "retry" in what else [1]
    assert calls == [(last, attempt) for attempt in attempts]
    end = "ok" if last == 3 else "given up"
    assert bench.outcomes == [(attempt, "retry") for attempt in attempts[:-1]] + [(attempts[-1], end)]


#: What a read says that does not wait.
READ = _load_script("runtime.bus", "read", once=False).digest


@pytest.mark.parametrize("what", ["events", "retries"])
async def test_a_read_that_is_lost_is_taken_up_at_once_however_much_it_brought(
    settings: Settings, facts: Recorder, proxy: Proxy, monkeypatch: pytest.MonkeyPatch, what: str
):
    """All of it, and each once."""
    monkeypatch.setattr("runtime.worker.loop.REST_AFTER_ERROR", 0.01)
    bench = HandlerBench(settings.model_copy(update={"redis_url": proxy.url, "lease": NEVER, "concurrency": 40}), facts)
    seen: list[int] = []

    @bench.work()
    async def work(order: int, ctx: Context) -> None:
        assert ctx.attempt == 1
        seen.append(order)

    async with bench.app.client() as app:
        for order in range(100):
            await bench.begin(order)
        if what == "retries":
            assert len(await app.session.bus.read(CHANNEL, NAME, "gone", 100, 20)) == 100
            assert await bench.loses("gone", "lost") == 100
            await app.session.bus.promote(CHANNEL, NAME)
        for _ in range(2):
            proxy.lose_answer_to(READ)
        async with bench.app:
            await until(lambda: len(seen) >= 100)
    assert proxy.lost == 2
    assert sorted(seen) == list(range(100))


async def test_a_read_that_is_lost_is_taken_up_at_once_however_much_is_under_way(
    settings: Settings, facts: Recorder, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
):
    """More than is looked at in one go."""
    monkeypatch.setattr("runtime.worker.loop.REST_AFTER_ERROR", 0.01)
    many = settings.model_copy(update={"redis_url": proxy.url, "lease": NEVER, "concurrency": 300})
    bench, seen, go_on = HandlerBench(many, facts), list[int](), asyncio.Event()

    @bench.work()
    async def work(order: int) -> None:
        seen.append(order)
        await go_on.wait()

    async with bench.app.client() as app:
        worker = Worker(app.session)
        await worker.start()
        try:
            for order in range(150):
                await bench.begin(order)
            await until(lambda: len(seen) == 150)
            proxy.lose_answer_to(READ)
            await until(lambda: proxy.lost)  # a read of nothing
            for order in range(150, 170):
                proxy.lose_answer_to(READ)
                await bench.begin(order)
            await until(lambda: len(seen) == 170, "what was lost is taken up", 5)
        finally:
            go_on.set()
            await worker.stop(60)
