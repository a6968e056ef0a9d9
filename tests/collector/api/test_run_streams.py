"""What a run streams is served as it comes, and as one answer; from any offset, without secrets, to its end."""

import asyncio
import json
import threading
from pathlib import Path
from typing import Any

import httpx
import pytest

from collector.api import run_stream
from collector.client import ApiError, CollectorClient, CollectorUnavailable
from collector.models import NodeStatus
from collector.operations.link import make_connector
from runtime import App, Context, Retry, Settings
from runtime.admin import StreamEvent, StreamEventKind
from tests.collector.live import LiveCollector
from tests.collector.operations.memory import MemoryBus
from tests.collector.raw import Peer
from tests.collector.story import MS, ORIGIN_NS, uid
from tests.waiting import until, until_sync

RUN = uid("run")
TOKEN = "ghp_" + "a1B2" * 9


def chunk(offset: int, value: Any, attempt: int = 1) -> StreamEvent:
    """A chunk of step `write`."""
    return StreamEvent(StreamEventKind.CHUNK, offset, "write", attempt, ORIGIN_NS // MS, value)


@pytest.fixture
def ended(bus: MemoryBus) -> None:
    """A run that has streamed three things, and failed."""
    bus.accept(RUN, status="failed", error_type="OSError", error=f"no route with {TOKEN}")
    again = StreamEvent(StreamEventKind.ATTEMPT, 2, "write", 2, ORIGIN_NS // MS)
    bus.streams[RUN] = [chunk(1, "Hel"), again, chunk(3, {"password": "x7-hidden", "text": f"use {TOKEN}"}, 2)]


def parsed(text: str) -> list[tuple[str, str, dict[str, Any]]]:
    """Server-sent events: id, event and data."""
    found = []
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if "data" in fields:
            found.append((fields["id"], fields["event"], json.loads(fields["data"])))
    return found


def get(collector: LiveCollector, after: str = "", path: str = "stream", **headers: str) -> httpx.Response:
    """An answer that ends by itself."""
    url = f"{collector.url}/api/runs/{RUN}/{path}{after}"
    return httpx.get(url, headers=headers, trust_env=False, timeout=20)


@pytest.mark.usefixtures("ended")
def test_a_stream_is_told_as_events_with_their_offsets_as_ids(collector: LiveCollector) -> None:
    """The last one is the end of the run; nobody may store or gather it."""
    answer = get(collector)
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.text.startswith("retry: 1000\n\n")
    chunk, again, secret, end = parsed(answer.text)
    assert chunk[:2] == ("1", "chunk")
    assert {name: chunk[2][name] for name in ("kind", "offset", "step", "attempt", "at", "value")} == {
        "kind": "chunk",
        "offset": 1,
        "step": "write",
        "attempt": 1,
        "at": "2026-01-01T00:00:00Z",
        "value": "Hel",
    }
    assert (again[1], again[2]["step"], again[2]["attempt"]) == ("attempt", "write", 2)
    assert secret[:2] == ("3", "chunk")
    assert end[:2] == ("3", "end")
    assert end[2]["status"] == "failed"
    assert end[2]["error"].startswith("no route with")


@pytest.mark.usefixtures("ended")
@pytest.mark.parametrize("route", ["stream", "streamed"])
def test_secrets_are_not_told(collector: LiveCollector, route: str) -> None:
    """Neither by their names nor by their looks, nor in the error."""
    text = get(collector, path=route).text
    assert "hidden" not in text
    assert TOKEN not in text
    assert "Hel" in text


@pytest.mark.usefixtures("ended")
def test_who_has_read_so_far_goes_on_from_there(collector: LiveCollector) -> None:
    """A browser says so in a header, which wins: it asks at the same address again."""
    assert [one[0] for one in parsed(get(collector, "?after=2").text)] == ["3", "3"]
    answer = get(collector, "?after=0", **{"Last-Event-ID": "3"})
    assert [one[1] for one in parsed(answer.text)] == ["end"]


@pytest.mark.usefixtures("ended")
@pytest.mark.parametrize(
    ("after", "header", "says"),
    [
        ("?after=4", None, "nothing with offset 4"),
        ("?after=-1", None, "after: Input should be greater than or equal to 0"),
        ("?after=x", None, "after: "),
        ("", "x", "Last-Event-ID: 'x' is not an offset"),
        ("", "99999999999999999999", "is not an offset"),
        ("?before=1", None, "takes no parameter 'before'"),
    ],
)
def test_an_offset_that_cannot_be_is_refused(
    collector: LiveCollector, after: str, header: str | None, says: str
) -> None:
    """Before anything is sent."""
    answer = get(collector, after, **({"Last-Event-ID": header} if header else {}))
    assert answer.status_code == 422
    assert says in answer.json()["error"]["message"]


def test_a_run_that_nobody_has_and_a_bus_that_is_away_are_said(collector: LiveCollector, bus: MemoryBus) -> None:
    """As everywhere."""
    assert get(collector).status_code == 404
    assert get(collector, path="streamed").status_code == 404
    bus.away = "gone"
    assert (get(collector).status_code, get(collector).json()["error"]["code"]) == (503, "bus_unavailable")


@pytest.mark.usefixtures("ended")
def test_the_client_reads_it_event_by_event_and_in_pages(client: CollectorClient) -> None:
    """Typed, with the end."""
    events = list(client.stream_run(str(RUN), after=1))
    assert [(one.kind, one.offset, one.attempt, one.status) for one in events] == [
        ("attempt", 2, 2, None),
        ("chunk", 3, 2, None),
        ("end", 3, None, NodeStatus.FAILED),
    ]
    page = client.run_streamed(str(RUN), limit=1)
    assert ([one.value for one in page.items], page.last, page.status, page.complete) == (["Hel"], 1, "failed", False)
    page = client.run_streamed(str(RUN), after=3)
    assert ([one.kind for one in page.items], page.complete) == (["end"], True)
    with pytest.raises(ApiError, match="nothing with offset 9"):
        list(client.stream_run(str(RUN), after=9))


def test_a_run_whose_steps_are_being_undone_goes_on(client: CollectorClient, bus: MemoryBus) -> None:
    """Its stream has no end yet."""
    bus.accept(RUN, status="undoing")
    bus.streams[RUN] = [chunk(1, "Hel")]
    page = client.run_streamed(str(RUN))
    assert (page.status, [one.kind for one in page.items]) == (NodeStatus.RUNNING, ["chunk"])


def test_a_stream_that_is_silent_says_that_it_is_there(
    path: Path, bus: MemoryBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It outlives the time that any other question has, too."""
    monkeypatch.setattr(run_stream, "QUIET", 0.05)
    bus.accept(RUN)
    with LiveCollector(path, bus, question_limit=0.2) as live, Peer(live.url) as peer:
        peer.send(f"GET /api/runs/{RUN}/stream HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        said = b""
        while said.count(b": still there") < 8:
            more = peer.hear_some()
            assert more, said
            said += more


def test_more_streams_than_there_may_be_are_turned_away(
    collector: LiveCollector, bus: MemoryBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And taken again once a reader has gone."""
    monkeypatch.setattr(run_stream, "MOST", 1)
    monkeypatch.setattr(run_stream, "QUIET", 0.05)
    bus.accept(RUN)
    with Peer(collector.url) as peer:
        peer.send(f"GET /api/runs/{RUN}/stream HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        until_sync(lambda: b"retry" in peer.hear_some())
        answer = get(collector)
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "busy")
        assert answer.headers["retry-after"] == "1"
    bus.accept(RUN, status="ok")
    until_sync(lambda: get(collector).status_code == 200, "the reader's place is free")


async def test_streams_that_are_asked_for_at_once_are_counted_at_once(
    collector: LiveCollector, bus: MemoryBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the bus says that there are such runs; and those that it does not know hold no place."""
    monkeypatch.setattr(run_stream, "MOST", 2)
    look, go = bus.read_stream_page, threading.Event()

    async def slowly(*asked: Any) -> Any:
        await asyncio.to_thread(go.wait, 30)
        return await look(*asked)

    monkeypatch.setattr(bus, "read_stream_page", slowly)
    async with httpx.AsyncClient(trust_env=False, timeout=30) as http:
        asking = [asyncio.ensure_future(http.get(f"{collector.url}/api/runs/{RUN}/stream")) for _ in range(5)]
        await until(lambda: sum(one.done() for one in asking) == 3, "those that are too many")
        assert {one.result().status_code for one in asking if one.done()} == {503}
        go.set()
        statuses = sorted([(await one).status_code for one in asking])
        assert statuses == [404, 404, 503, 503, 503]
        bus.accept(RUN, status="ok")
        assert (await http.get(f"{collector.url}/api/runs/{RUN}/stream")).status_code == 200


def test_whether_there_is_a_stream_is_answered_without_one(collector: LiveCollector, bus: MemoryBus) -> None:
    """HEAD does not wait for the run's end."""
    bus.accept(RUN)
    with Peer(collector.url) as peer:
        peer.send(f"HEAD /api/runs/{RUN}/stream HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        said = peer.hear()
    assert said.startswith(b"HTTP/1.1 200")
    assert b"content-type: text/event-stream" in said


def test_a_collector_that_ends_ends_its_streams(path: Path, bus: MemoryBus) -> None:
    """In order, so that readers know to come back: there was no end of the run."""
    bus.accept(RUN)
    bus.streams[RUN] = [chunk(1, "Hel")]
    with LiveCollector(path, bus, question_limit=0.3) as live, Peer(live.url) as peer:
        peer.send(f"GET /api/runs/{RUN}/stream HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        said = b""
        while b'"Hel"' not in said:
            said += peer.hear_some()
        live.server.should_exit = True
        while more := peer.hear_some():
            said += more
    assert said.endswith(b"\r\n0\r\n\r\n")
    assert b"event: end" not in said


def test_a_client_whose_collector_is_gone_says_so(bus: MemoryBus, path: Path) -> None:
    """After it has tried to go on."""
    bus.accept(RUN)
    bus.streams[RUN] = [chunk(1, "Hel")]
    with LiveCollector(path, bus) as live, CollectorClient(live.url) as client:
        reading = client.stream_run(str(RUN))
        assert next(reading).value == "Hel"
        live.server.should_exit = True
        with pytest.raises(CollectorUnavailable):
            next(reading)


@pytest.fixture
def app(redis_url: str, tmp_path: Path) -> App:
    """An app on a real server."""
    return App("shop", settings=Settings(redis_url=redis_url, home=tmp_path, telemetry=False, run_stream_kib=64))


@pytest.mark.redis
async def test_a_real_run_is_followed_while_it_goes_on(app: App, redis_url: str, path: Path) -> None:
    """Over retries, a lost connection and a gap, by several readers."""
    gates = [asyncio.Event() for _ in range(2)]
    workflow = app.workflow("talk")

    @workflow.step(retry=Retry(attempts=2, first_delay=0, max_delay=0))
    async def write(context: Context) -> str:
        await context.stream(f"try {context.attempt}")
        await gates[context.attempt - 1].wait()
        if context.attempt == 1:
            raise OSError("no route")
        for number in range(100):
            await context.stream(f"{number:01000}")
        return "done"

    with LiveCollector(path, make_connector(redis_url)) as live, CollectorClient(live.url) as client:
        async with app:
            run = await app.start(workflow)
            first, second = (client.stream_run(str(run.id)) for _ in range(2))
            assert (await asyncio.to_thread(next, first)).value == "try 1"
            assert (await asyncio.to_thread(next, second)).value == "try 1"
            gates[0].set()
            assert (await asyncio.to_thread(next, first)).kind == "attempt"
            again = await asyncio.to_thread(next, first)
            assert (again.value, again.attempt, again.offset) == ("try 2", 2, 3)
            assert (await asyncio.to_thread(client.run_streamed, str(run.id))).complete
            await asyncio.to_thread(first.close)
            gates[1].set()
            assert await run.result(10) == "done"
            rest = await asyncio.to_thread(lambda: list(client.stream_run(str(run.id), after=again.offset)))
            assert (rest[0].kind, rest[-1].kind, rest[-1].status) == ("gap", "end", NodeStatus.OK)
            assert [one.offset for one in rest[1:-1]] == list(range(rest[0].offset + 1, 104))
            await asyncio.to_thread(second.close)
