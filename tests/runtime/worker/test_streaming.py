"""What steps stream is read as it comes, from any offset, to an end that says how the run went."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import pytest

from runtime import App, Context, QueryError, Retry, Run, Settings, StreamEvent
from runtime.errors import (
    AttemptStaleError,
    DefinitionError,
    RunFailedError,
    RunNotFoundError,
    ServerFullError,
    UnencodableError,
)
from runtime.server.client import Client
from runtime.testing import harness
from runtime.worker import streaming
from tests.contract.full_server import full
from tests.waiting import until

ONCE = Retry(attempts=1)
QUICK = Retry(attempts=3, first_delay=0, max_delay=0)


@dataclass
class Word:
    """A part of an answer."""

    text: str


@pytest.fixture
def app() -> App:
    """An app without telemetry."""
    return App("shop", settings=Settings(telemetry=False, concurrency=1))


def client(app: App) -> Client:
    """The server's client."""
    return app.session.server.client


def declared(app: App, step: Callable[..., Any], retry: Retry = QUICK) -> Any:
    """A workflow of one step."""
    workflow = app.workflow("write")
    workflow.step(name="work", retry=retry)(step)
    return workflow


async def told(events: AsyncIterator[StreamEvent], most: int = 1000) -> list[tuple[Any, ...]]:
    """Events up to the end, or so many, as what counts of each."""
    found: list[tuple[Any, ...]] = []
    async with asyncio.timeout(15):
        async for one in events:
            found.append((one.kind.value, one.offset, one.attempt, one.status or one.count or one.value))
            if len(found) == most:
                break
    return found


async def test_chunks_are_read_while_the_step_goes_on(app: App):
    """In order; and the run's state comes last."""
    gate = asyncio.Event()

    async def work(context: Context) -> str:
        await context.stream("Hel")
        await context.stream({"lo": [1, None, "ü"]})
        await gate.wait()
        await context.stream(Word("!"))
        return "Hello!"

    workflow = declared(app, work)
    async with harness(app) as bench:
        run = await bench.start(workflow)
        reading = run.stream()
        first = [await anext(reading) for _ in range(2)]
        assert [(one.step, one.attempt, one.value) for one in first] == [
            ("work", 1, "Hel"),
            ("work", 1, {"lo": [1, None, "ü"]}),
        ]
        assert await run.status() == "running"
        gate.set()
        assert await told(reading) == [("chunk", 3, 1, {"text": "!"}), ("end", 3, 0, "ok")]
        assert await run.result(10) == "Hello!"
        assert await told(run.stream(after=2)) == [("chunk", 3, 1, {"text": "!"}), ("end", 3, 0, "ok")]


async def test_a_reader_goes_on_where_it_stopped(app: App):
    """Whoever has lost the connection misses nothing and sees nothing twice."""
    gates = [asyncio.Event() for _ in range(3)]

    async def work(context: Context) -> None:
        for number, gate in enumerate(gates):
            await context.stream(number)
            await gate.wait()

    workflow = declared(app, work)
    async with harness(app) as bench:
        run = await bench.start(workflow)
        seen: list[tuple[Any, ...]] = []
        for gate in gates:
            seen += await told(run.stream(after=seen[-1][1] if seen else 0), most=1)
            gate.set()
        assert [one[3] for one in seen] == [0, 1, 2]
        assert await told(run.stream(after=3)) == [("end", 3, 0, "ok")]


async def test_another_attempt_is_marked_and_the_result_has_nothing_of_the_first(app: App):
    """Readers drop what a failed attempt said."""

    async def work(context: Context) -> str:
        await context.stream(f"try {context.attempt}")
        if context.attempt == 1:
            raise OSError("no route")
        return "done"

    workflow = declared(app, work)
    async with harness(app) as bench:
        run = await bench.start(workflow)
        assert await told(run.stream()) == [
            ("chunk", 1, 1, "try 1"),
            ("attempt", 2, 2, None),
            ("chunk", 3, 2, "try 2"),
            ("end", 3, 0, "ok"),
        ]
        assert await run.result(10) == "done"


async def test_the_end_of_a_run_that_failed_says_of_what(app: App):
    """Also where nothing was streamed, and for readers that come later."""

    async def work(context: Context) -> None:
        raise OSError("no route")

    workflow = declared(app, work, ONCE)
    async with harness(app) as bench:
        run = await bench.start(workflow)
        (end,) = [one async for one in run.stream()]
        assert (end.kind, end.offset, end.status, end.error) == ("end", 0, "failed", "OSError: no route")
        assert await told(run.stream()) == [("end", 0, 0, "failed")]


async def test_a_run_that_is_cancelled_ends_its_stream(app: App):
    """Its step may go on for a moment, and nobody hears it any more."""
    refused: list[BaseException] = []
    gate, over = asyncio.Event(), asyncio.Event()

    async def work(context: Context) -> None:
        await context.stream("a")
        await gate.wait()
        try:
            while True:
                await context.stream("b")
        except AttemptStaleError as error:
            refused.append(error)
            over.set()
            raise

    workflow = declared(app, work)
    async with harness(app) as bench:
        run = await bench.start(workflow)
        reading = run.stream()
        await anext(reading)
        await run.cancel()
        gate.set()
        assert await told(reading) == [("end", 1, 0, "cancelled")]
        await over.wait()
    assert "what it streams is not taken" in str(refused[0])


async def test_chunks_of_one_turn_are_written_down_together(app: App, monkeypatch: pytest.MonkeyPatch):
    """However many steps ask at once."""
    batches: list[int] = []

    async def work(context: Context) -> None:
        await asyncio.gather(*(context.stream(number) for number in range(100)))

    workflow = declared(app, work)
    async with harness(app) as bench:
        store = app.session.store
        original = type(store).stream

        async def counted(self: Any, claim: Any, batch: Any) -> bool:
            batches.append(len(batch.chunks))
            return await original(self, claim, batch)

        monkeypatch.setattr(type(store), "stream", counted)
        run = await bench.start(workflow)
        events = await told(run.stream())
    assert [one[3] for one in events] == [*range(100), "ok"]
    assert batches == [100]


async def test_a_chunk_that_is_too_large_or_cannot_travel_is_refused_by_name(app: App):
    """And the step may go on."""
    refused: list[str] = []

    async def work(context: Context) -> str:
        for chunk in ("x" * 70_000, object()):
            try:
                await context.stream(chunk)
            except UnencodableError as error:
                refused.append(str(error))
        await context.stream("x" * 65_534)
        return "well"

    workflow = declared(app, work)
    async with harness(app) as bench:
        run = await bench.start(workflow)
        assert len(await told(run.stream())) == 2
        assert await run.result(10) == "well"
    assert refused[0].startswith("a chunk that step 'work' streams has 70,002 bytes as JSON, and may have 65,536")
    assert "a chunk that step 'work' streams" in refused[1]


async def test_a_long_stream_keeps_its_newest_and_a_late_reader_is_told_of_the_gap(app: App):
    """How much is gone, and where it goes on."""
    app = App("shop", settings=Settings(telemetry=False, run_stream_kib=64))

    async def work(context: Context) -> None:
        for number in range(100):
            await context.stream(f"{number:01000}")

    workflow = declared(app, work)
    async with harness(app) as bench:
        run = await bench.start(workflow)
        await run.result(10)
        gap, *rest = [one async for one in run.stream(after=10)]
        assert gap.kind == "gap"
        assert gap.count == gap.offset - 10
        assert [one.offset for one in rest[:-1]] == list(range(gap.offset + 1, 101))
        assert 50 < len(rest) < 65
        assert await told(run.stream(after=gap.offset)) == [
            (one.kind, one.offset, one.attempt, one.status or one.value) for one in rest
        ]


async def test_an_offset_that_nothing_has_is_refused(app: App):
    """By what there is."""

    async def work(context: Context) -> None:
        await context.stream(1)

    workflow = declared(app, work)
    async with harness(app) as bench:
        run = await bench.start(workflow)
        await run.result(10)
        for after in (2, -1):
            with pytest.raises(QueryError, match=f"streamed nothing with offset {after}: the last one is 1"):
                await told(run.stream(after=after))
        for nothing in ("1", 0.5, True, None):
            with pytest.raises(QueryError, match=f"can't be read after {nothing!r}: give the offset of an event, or 0"):
                await told(run.stream(after=nothing))  # type: ignore[arg-type]  # that is what is refused
        await client(app).flushall()
        with pytest.raises(RunNotFoundError):
            await told(run.stream())


async def test_what_is_streamed_within_a_recorded_call_is_told_once(app: App):
    """A later attempt takes the call from its record, and streams nothing of it."""

    async def work(context: Context) -> str:
        async def ask() -> str:
            await context.stream("token")
            return "answer"

        answer: str = await context.once("ask", ask)
        if context.attempt == 1:
            raise OSError("no route")
        return answer

    workflow = declared(app, work)
    async with harness(app) as bench:
        run = await bench.start(workflow)
        assert await told(run.stream()) == [("chunk", 1, 1, "token"), ("attempt", 2, 2, None), ("end", 2, 0, "ok")]


async def test_what_is_streamed_before_a_wait_is_told_before_it(app: App):
    """The attempt has ended then; the one after the answer is another."""

    async def work(context: Context) -> str:
        if context.attempt == 1:
            await asyncio.gather(*(context.stream(number) for number in range(600)))
        await context.stream("asking")
        return str(await context.wait_for("approval"))

    workflow = declared(app, work)
    async with harness(app) as bench:
        run = await bench.start(workflow)
        reading = run.stream()
        assert [one[3] for one in await told(reading, most=601)] == [*range(600), "asking"]
        await run.send("approval", "go")
        assert await told(reading) == [
            ("attempt", 602, 2, None),
            ("chunk", 603, 2, "asking"),
            ("end", 603, 0, "ok"),
        ]


async def test_a_step_that_reads_another_run_gives_its_slot_to_it(app: App):
    """With one slot it would else wait for itself."""
    heard: list[Any] = []
    inner = app.workflow("inner")

    @inner.step(retry=ONCE)
    async def speak(context: Context) -> None:
        await context.stream("hello")

    async def work(context: Context) -> None:
        run: Run = await app.start(inner)
        heard.extend([one.value async for one in run.stream()])

    workflow = declared(app, work, ONCE)
    async with harness(app) as bench:
        await bench.run(workflow)
    assert heard == ["hello", None]


async def test_a_handler_cannot_stream(app: App):
    """There is no run whose stream it could be."""

    @app.subscribe("orders", group="billing", retry=ONCE)
    async def bill(event: dict[str, int], context: Context) -> None:
        await context.stream(1)

    async with harness(app) as bench:
        tried = await bench.deliver("billing", {"id": 1})
    assert tried.error is not None
    assert "a handler can't stream" in tried.error.message


async def test_a_full_server_costs_chunks_and_no_result(app: App, caplog: pytest.LogCaptureFixture):
    """What it does not take within a second is dropped, counted, and said; the step commits."""

    async def work(context: Context) -> str:
        async with full(client(app)):
            await context.stream("lost")
            await context.drain()
        await context.stream("kept")
        return "well"

    workflow = declared(app, work, ONCE)
    async with harness(app) as bench:
        run = await bench.start(workflow)
        with caplog.at_level(logging.WARNING, "causeline.worker"):
            assert await run.result(15) == "well"
        assert await told(run.stream()) == [("lost", 1, 1, 1), ("chunk", 2, 1, "kept"), ("end", 2, 0, "ok")]
        assert [(one.ended.chunks, one.ended.chunks_lost) for one in bench.facts.attempts if one.ended] == [(2, 1)]
    assert "step 'work' streamed 1 chunks that the server did not take in time" in caplog.text


async def test_a_short_outage_loses_nothing(app: App, monkeypatch: pytest.MonkeyPatch):
    """What waits is written down once the server takes it again."""

    refused: list[BaseException] = []

    async def work(context: Context) -> None:
        async with full(client(app)):
            await context.stream("a")
            await until(lambda: refused)
        await context.stream("b")

    workflow = declared(app, work, ONCE)
    async with harness(app) as bench:
        store = type(app.session.store)
        original: Any = store.stream

        async def noted(*asked: Any) -> bool:
            try:
                return bool(await original(*asked))
            except ServerFullError as error:
                refused.append(error)
                raise

        monkeypatch.setattr(store, "stream", noted)
        run = await bench.start(workflow)
        assert await told(run.stream()) == [("chunk", 1, 1, "a"), ("chunk", 2, 1, "b"), ("end", 2, 0, "ok")]


async def test_memory_is_bounded_while_the_server_takes_nothing(app: App, monkeypatch: pytest.MonkeyPatch):
    """The oldest chunks are dropped, and readers are told how many."""
    monkeypatch.setattr(streaming, "MOST_WAITING", 1000)
    monkeypatch.setattr(streaming, "PATIENCE", 0.02)

    async def work(context: Context) -> None:
        async with full(client(app)):
            for number in range(40):
                await context.stream(f"{number:098}")
        monkeypatch.setattr(streaming, "PATIENCE", 5)

    workflow = declared(app, work, ONCE)
    async with harness(app) as bench:
        run = await bench.start(workflow)
        lost, *chunks, end = await told(run.stream())
        assert lost == ("lost", 1, 1, 30)
        assert [int(one[3]) for one in chunks] == list(range(30, 40))
        assert end[3] == "ok"


async def test_what_an_attempt_streams_after_its_end_is_refused(app: App):
    """Its code may have been left behind."""
    kept: list[Context] = []

    async def work(context: Context) -> None:
        kept.append(context)

    workflow = declared(app, work)
    async with harness(app) as bench:
        await bench.run(workflow)
        with pytest.raises(DefinitionError, match="the attempt has ended"):
            await kept[0].stream("late")


async def test_a_step_that_streams_without_end_lets_others_go_on(app: App):
    """Its timeout, for one."""

    async def work(context: Context) -> None:
        while True:
            await context.stream("on and on")

    workflow = app.workflow("write")
    workflow.step(name="work", retry=ONCE, timeout=0.2)(work)

    async with harness(app) as bench:
        run = await bench.start(workflow)
        with pytest.raises(RunFailedError, match="took longer than its timeout"):
            await run.result(15)


async def test_others_have_their_turns_while_a_step_streams(app: App):
    """Each chunk is one."""
    turns: list[int] = []

    def count(streaming: asyncio.Event) -> None:
        turns.append(1)
        if streaming.is_set():
            asyncio.get_running_loop().call_soon(count, streaming)

    async def work(context: Context) -> int:
        streaming = asyncio.Event()
        streaming.set()
        count(streaming)
        before = len(turns)
        for number in range(100):
            await context.stream(number)
        streaming.clear()
        return len(turns) - before

    workflow = declared(app, work)
    async with harness(app) as bench:
        assert await bench.run(workflow) >= 100


async def test_who_reads_is_idle_while_nothing_is_said(app: App, monkeypatch: pytest.MonkeyPatch):
    """It hears of more, and does not look for it again and again."""
    gate, looks = asyncio.Event(), []

    async def work(context: Context) -> None:
        await context.stream("a")
        await gate.wait()

    workflow = declared(app, work)
    async with harness(app) as bench:
        store = type(app.session.store)
        original: Any = store.read_stream

        async def counted(*asked: Any) -> Any:
            looks.append(asked)
            return await original(*asked)

        run = await bench.start(workflow)
        reading = run.stream()
        await anext(reading)
        monkeypatch.setattr(store, "read_stream", counted)
        rest = asyncio.create_task(told(reading))
        for _ in range(100):
            await client(app).ping()
        assert len(looks) < 10
        gate.set()
        assert await rest == [("end", 1, 0, "ok")]


async def test_no_reader_is_waited_for(app: App):
    """One that does not read on holds nobody up."""

    async def work(context: Context) -> str:
        for number in range(2000):
            await context.stream(number)
        return "done"

    workflow = declared(app, work)
    async with harness(app) as bench:
        run = await bench.start(workflow)
        idle = run.stream()
        await anext(idle)
        assert await run.result(10) == "done"
        assert len(await told(idle, most=5000)) == 2000


async def test_many_readers_read_the_same(app: App):
    """All of it, each."""

    async def work(context: Context) -> None:
        for number in range(50):
            await context.stream(number)

    workflow = declared(app, work)
    async with harness(app) as bench:
        run = await bench.start(workflow)
        found = await asyncio.gather(*(told(run.stream()) for _ in range(20)))
    assert [one[3] for one in found[0]] == [*range(50), "ok"]
    assert all(one == found[0] for one in found)


async def test_what_was_streamed_is_forgotten_with_the_run(app: App):
    """Nothing of it is left."""

    async def work(context: Context) -> None:
        await context.stream("a")

    workflow = declared(app, work)
    async with harness(app) as bench:
        run = await bench.start(workflow)
        await run.result(10)
        store = app.session.store
        assert await client(app).exists(store.keys.chunks(run.id))
        await bench.turn(60)
        await until(lambda: store.forget_runs(0, 10), "the run is forgotten")
        assert not await client(app).exists(store.keys.chunks(run.id))
