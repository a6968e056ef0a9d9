"""Questions have an end: by the clock, when who asked has gone, when the collector ends, or by their size."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pyarrow as pa
import pytest
from starlette.types import Message

from collector.api.open_questions import OpenQuestions
from collector.client import CollectorBusy, CollectorClient
from collector.errors import BusyError, TooMuchError
from collector.questions import overview
from collector.store.database import Database, Session
from collector.store.queries import Query
from collector.store.question import Question
from collector.store.recollection import Subject, TimePart
from tests.collector.live import LiveCollector
from tests.collector.operations.memory import MemoryBus
from tests.collector.raw import Peer
from tests.waiting import until_sync

#: A query that takes hours, and no memory.
ENDLESS = "SELECT count(*) FROM range(10_000_000) a, range(10_000_000) b WHERE hash(a.range, b.range) = 1"


class Endless:
    """Counts who has begun to ask, and who has got an answer or an error."""

    def __init__(self) -> None:
        self.begun = 0
        self.instead_of = overview.build_overview
        self.ended: list[str] = []

    def one(self, session: Session, *_: object) -> None:
        """Takes the place of the overview."""
        self.begun += 1
        try:
            session._cursor.execute(ENDLESS).fetchall()
        except BaseException as error:
            self.ended.append(type(error).__name__)
            raise


@pytest.fixture
def endless(monkeypatch: pytest.MonkeyPatch) -> Endless:
    """Every overview takes hours."""
    made = Endless()
    monkeypatch.setattr(overview, "build_overview", made.one)
    return made


@pytest.fixture
def hasty(path: Path, bus: MemoryBus) -> Iterator[LiveCollector]:
    """A collector that gives up soon."""
    with LiveCollector(path, bus, question_limit=0.5) as live:
        yield live


@pytest.fixture
def less_hasty(path: Path, bus: MemoryBus) -> Iterator[LiveCollector]:
    """A collector that gives up when a question has done some of its work, on a busy machine as well."""
    with LiveCollector(path, bus, question_limit=2.0) as live:
        yield live


def test_a_question_that_takes_too_long_is_given_up(hasty: LiveCollector, endless: Endless) -> None:
    """And whoever asked is told so, and when to ask again: that is not the same as being away."""
    with CollectorClient(hasty.url) as client:
        with pytest.raises(CollectorBusy) as raised:
            client.overview()
        assert (raised.value.code, raised.value.status, raised.value.retry_after) == ("busy", 503, 1.0)
        assert "more than 0.5 seconds" in raised.value.message
        assert raised.value.hint
        assert endless.ended == ["InterruptException"]
        assert client.health().status == "ok"


def test_a_question_that_works_out_more_each_time_is_asked_until_it_is_answered(
    less_hasty: LiveCollector, endless: Endless, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it has worked out of some time is remembered, and need not be worked out again."""
    none = pa.table({"id": pa.array([], pa.binary(16))})

    def one(session: Session, *asked: Any) -> object:
        if endless.begun == 3:
            return endless.instead_of(session, *asked)
        session.remember(TimePart(Subject.CALLS, 10**9, endless.begun), none, none)
        return endless.one(session)

    monkeypatch.setattr(overview, "build_overview", one)
    told = httpx.get(f"{less_hasty.url}/api/overview", trust_env=False, timeout=30)
    assert (told.status_code, told.json()["error"]["code"], told.headers["retry-after"]) == (503, "unfinished", "1")
    assert "more than 2 seconds; 1 parts" in told.json()["error"]["message"]
    with CollectorClient(less_hasty.url) as client:
        assert client.overview().spans_stored == 0
    assert endless.begun == 3


def test_a_question_that_works_out_nothing_new_is_not_asked_again(
    less_hasty: LiveCollector, endless: Endless, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is remembered once more is nothing that it has worked out."""
    none, part = pa.table({"id": pa.array([], pa.binary(16))}), TimePart(Subject.CALLS, 10**9, 0)

    def one(session: Session, *_: Any) -> object:
        session.remember(part, none, none)
        return endless.one(session)

    monkeypatch.setattr(overview, "build_overview", one)
    with CollectorClient(less_hasty.url) as client:
        with pytest.raises(CollectorBusy) as raised:
            client.overview()
        assert (raised.value.code, endless.begun) == ("busy", 2)


def test_a_question_ends_when_who_asked_is_gone(collector: LiveCollector, endless: Endless) -> None:
    """Its place is free for others; four are answered at once."""
    for _ in range(6):
        peer = Peer(collector.url)
        begun = endless.begun
        peer.send(b"GET /api/overview HTTP/1.1\r\nHost: localhost\r\n\r\n")
        until_sync(lambda begun=begun: endless.begun > begun)
        peer.reset()
        until_sync(lambda: endless.ended)
        endless.ended.clear()


def test_a_question_ends_when_the_collector_does(path: Path, bus: MemoryBus, endless: Endless) -> None:
    """Leaving the block waits for that."""
    with LiveCollector(path, bus) as live, Peer(live.url) as peer:
        peer.send(b"GET /api/overview HTTP/1.1\r\nHost: localhost\r\n\r\n")
        until_sync(lambda: endless.begun)
    assert endless.ended == ["InterruptException"]


def test_who_waits_for_the_bus_is_given_up_as_well(
    hasty: LiveCollector, bus: MemoryBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of the store runs then that could be interrupted."""

    async def never() -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(bus, "channels", never)
    answer = httpx.get(f"{hasty.url}/api/channels", trust_env=False, timeout=30)
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "busy")


@pytest.mark.parametrize("path", ["/api/overview", "/api/export"])
@pytest.mark.parametrize("is_late", [False, True])
async def test_who_asks_a_collector_that_ends_is_told_so(path: str, *, is_late: bool) -> None:
    """Before it ends or after, and whatever is asked: that did not take too long."""
    asking, asked, said = OpenQuestions(60), asyncio.Event(), list[Message]()

    async def never(*_: object) -> None:
        asked.set()
        await asyncio.Event().wait()

    async def receive() -> Message:
        await asyncio.Event().wait()
        return {}

    async def send(message: Message) -> None:
        said.append(message)

    def answer() -> asyncio.Task[None]:
        scope = {"type": "http", "path": path, "method": "GET", "query_string": b"", "headers": []}
        return asyncio.create_task(asking.answer(never, scope, receive, send))

    if is_late:
        asking.end()
        answering = answer()
    else:
        answering = answer()
        await asked.wait()
        asking.end()
    await answering
    assert said[0]["status"] == 503
    assert b'"message":"the collector is ending"' in said[1]["body"]


def test_an_ended_question_begins_nothing_more(database: Database) -> None:
    """However many queries it still has before it."""
    question = Question()
    with question.make_current(), database.reading() as session:
        assert session.rows(Query.OVERVIEW_STORED_COUNTS)
        assert question.end(BusyError("enough"))
        with pytest.raises(BusyError, match="enough"):
            session.rows(Query.OVERVIEW_STORED_COUNTS)
    with pytest.raises(BusyError, match="enough"), question.make_current(), database.reading():
        pass
    assert not question.end(BusyError("enough"))
    with database.reading() as session:
        assert session.rows(Query.OVERVIEW_STORED_COUNTS)


@pytest.mark.parametrize("how", ["rows", "numbers", "table", "tables", "run"])
def test_no_query_of_a_question_begins_once_it_was_ended(database: Database, how: str) -> None:
    """However it is run: an interruption between two queries is noticed by neither."""
    question = Question()
    with question.make_current(), database.reading() as session:
        question.end(BusyError("enough"))
        with pytest.raises(BusyError, match="enough"):
            getattr(session, how)(Query.INGEST_STORED_IDS)


@pytest.mark.parametrize(("limit", "value"), [("ROWS", 3), ("BYTES", 1000)])
def test_an_answer_is_bounded(monkeypatch: pytest.MonkeyPatch, limit: str, value: int) -> None:
    """In rows and in bytes, over all queries of a question."""
    monkeypatch.setattr(f"collector.store.question.{limit}", value)
    question = Question()
    question.count_rows([("a", {"b": ["c" * 400]})] * 2)
    with pytest.raises(TooMuchError):
        question.count_rows([("a", {"b": ["c" * 400]})] * 2)
