"""Readers don't hold up those who send spans, nor those who ask whether the collector is well."""

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import httpx
import pytest

from collector.api.query_limit import AT_ONCE, QueryLimit
from collector.errors import OverloadedError
from tests.collector.live import LiveCollector
from tests.collector.operations.memory import MemoryBus
from tests.collector.story import Story, place, uid
from tests.waiting import until

#: More than the threads that AnyIO has for everybody.
MANY = 60


class Questions:
    """Questions to the store that take until they are let go."""

    def __init__(self) -> None:
        self.asked = threading.Semaphore(0)
        self.go = threading.Event()

    def answer(self, *_: object) -> None:
        """Takes the place of a slow query."""
        self.asked.release()
        assert self.go.wait(30)
        raise OverloadedError


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[Questions]:
    """Every trace takes long."""
    questions = Questions()
    monkeypatch.setattr("collector.questions.traces.find_trace", questions.answer)
    yield questions
    questions.go.set()


@pytest.fixture
def collector(path: Path, bus: MemoryBus, monkeypatch: pytest.MonkeyPatch) -> Iterator[LiveCollector]:
    """A collector that lets nobody wait long."""
    monkeypatch.setattr("collector.api.app.QueryLimit", partial(QueryLimit, patience=0.3))
    with LiveCollector(path, bus) as live:
        yield live


async def test_many_slow_questions_hold_up_nobody_else(collector: LiveCollector, slow: Questions) -> None:
    """Some are answered, the others are told to come again; spans are stored and health is told meanwhile."""
    story = Story()
    story.add("work", place("t", "s"))
    target = f"/api/traces/{uid('trace')}"
    async with httpx.AsyncClient(
        base_url=collector.url, trust_env=False, timeout=30, limits=httpx.Limits(max_connections=None)
    ) as client:
        asking = [asyncio.ensure_future(client.get(target)) for _ in range(MANY)]
        for _ in range(AT_ONCE):
            await asyncio.to_thread(slow.asked.acquire, timeout=10)

        stored = await client.post(
            "/v1/traces", content=story.request(), headers={"content-type": "application/x-protobuf"}
        )
        health = await client.get("/healthz")
        bus = await client.get("/api/channels")
        assert [stored.status_code, health.status_code, bus.status_code] == [200, 200, 200]

        await until(lambda: sum(task.done() for task in asking) == MANY - AT_ONCE)
        refused = [task.result() for task in asking if task.done()]
        assert {answer.status_code for answer in refused} == {503}
        assert {answer.headers["retry-after"] for answer in refused} == {"1"}
        assert {answer.json()["error"]["code"] for answer in refused} == {"busy"}
        slow.go.set()
        await asyncio.wait(asking)
        assert (await client.get("/api/runs")).status_code == 200


async def test_a_turn_is_given_back_however_it_ends() -> None:
    """By an answer, by an error, by a client that went away."""
    limit = QueryLimit(1, 0.01)
    for end in (lambda turn: anext(turn, None), lambda turn: turn.athrow(KeyError), lambda turn: turn.aclose()):
        turn = limit()
        await anext(turn)
        with pytest.raises(OverloadedError):
            await anext(limit())
        with contextlib.suppress(KeyError):
            await end(turn)
    await anext(limit())
