"""Who stores spans comes first: what is asked never has a transaction refused for want of memory."""

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from collector.errors import RoomError
from collector.otlp.decode.spans import decode
from collector.store.batch import Batch
from collector.store.database import Database
from collector.store.precedence import Precedence
from collector.store.queries import Query
from collector.store.question import Question
from collector.store.session import Session
from collector.store.writer import Writer
from tests.collector.fresh import open_database
from tests.collector.story import Story, place
from tests.waiting import until_sync

#: MiB that the database may take, and those of them that a question leaves to others.
MEMORY, LEFT = 96, 6

USED = "SELECT CAST(sum(memory_usage_bytes) AS BIGINT) FROM duckdb_memory()"


@pytest.fixture
def small(path: Path) -> Iterator[Database]:
    """A database that may take little, and put nothing on the disk."""
    open_database(path).close()
    database = Database.open(path, MEMORY)
    database._connection.execute("SET max_temp_directory_size = '0KiB'")
    yield database
    database.close()


def batch(trace: str) -> Batch:
    """Spans for which what the question leaves does not suffice."""
    story = Story()
    for index in range(4_000):
        story.add(f"{trace} {index}", place(trace, str(index)), at=index)
    return decode(story.request())


def take_all(session: Session) -> None:
    """Takes all memory but a little."""
    session._cursor.execute("CREATE TEMP TABLE held AS SELECT 0::UBIGINT AS number LIMIT 0")
    while session._cursor.execute(USED).fetchall()[0][0] < (MEMORY - LEFT) * 2**20:
        session._cursor.execute("INSERT INTO held SELECT hash(range) FROM range(20_000)")


def greedy(database: Database, has_all: threading.Event) -> None:
    """A question that takes all memory, and keeps it until it has to give way."""
    with database.reading() as session:
        take_all(session)
        has_all.set()
        until_sync(session._question.check)


def test_spans_are_stored_while_a_question_takes_all_that_it_may(
    small: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each request is acknowledged; the question is told to come again, and may, again and again. No quiet moment frees
    what the next request needs."""
    monkeypatch.setattr("collector.store.writer.QUIET_SECONDS", 3_600.0)
    writer = Writer(small, 10_000)
    writer.start()
    with ThreadPoolExecutor() as threads:
        for number in range(3):
            has_all = threading.Event()
            asked: Future[None] = threads.submit(greedy, small, has_all)
            assert has_all.wait(60)
            writer.submit(batch(f"t{number}")).result(60)
            with pytest.raises(RoomError, match="spans that came in needed the memory that it had; ask again"):
                asked.result(60)
    writer.close()
    with small.reading() as session:
        assert session.one(Query.OVERVIEW_STORED_COUNTS)["stored"] == 12_000


def test_whoever_asks_meanwhile_is_answered_after(database: Database) -> None:
    """And not told anything of it; who has precedence may ask as well."""
    with ThreadPoolExecutor() as threads:
        with database.precedence.hold():
            asked = threads.submit(lambda: stored(database))
            assert stored(database) == 0
            assert not asked.done()
        assert asked.result(60) == 0


def stored(database: Database) -> int:
    """How many spans there are."""
    with database.reading() as session:
        return int(session.one(Query.OVERVIEW_STORED_COUNTS)["stored"])


def test_a_question_that_gave_way_may_be_asked_anew(database: Database) -> None:
    """In the same request: it is not ended for good."""
    question = Question()
    with question.make_current():
        with database.reading() as session:
            question.give_way(RoomError("ask again"))
            with pytest.raises(RoomError):
                session.rows(Query.OVERVIEW_STORED_COUNTS)
        assert stored(database) == 0


def test_who_does_not_notice_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Something else than a question may use the database."""
    monkeypatch.setattr("collector.store.precedence._LONGEST", 0.1)
    with Precedence(lambda: False).hold():
        pass


def test_somebody_asks_from_the_first_question_until_a_second_after_the_last() -> None:
    """A page asks one question after the other; what works in the background is no question."""
    now = [0.0]
    precedence, asked = Precedence(lambda: True, lambda: now[0]), Question()
    with precedence.admit(Question()):
        assert not precedence.has_recent_questions
    assert not precedence.has_recent_questions
    with asked.make_current(), precedence.admit(asked):
        now[0] = 60.0
        assert precedence.has_recent_questions
    now[0] = 60.9
    assert precedence.has_recent_questions
    now[0] = 61.0
    assert not precedence.has_recent_questions


def test_who_waits_for_rest_is_alone_once_all_is_answered() -> None:
    """Whoever asks meanwhile waits until it is done; what a question asks while it is answered does not."""
    precedence, asked = Precedence(lambda: True), Question()
    has_begun, is_done = threading.Event(), threading.Event()

    def rest() -> bool:
        with precedence.wait_for_rest(60) as is_alone:
            has_begun.set()
            is_done.wait(60)
            return is_alone

    def ask() -> None:
        with precedence.admit(Question()):
            pass

    with ThreadPoolExecutor() as threads:
        with precedence.admit(asked):
            resting = threads.submit(rest)
            until_sync(lambda: bool(precedence._holders))
            with precedence.admit(asked):
                assert not has_begun.is_set()
        assert has_begun.wait(60)
        other = threads.submit(ask)
        with pytest.raises(TimeoutError):
            other.result(0.1)
        is_done.set()
        assert resting.result(60)
        other.result(60)


@pytest.mark.parametrize("patience", [None, 0.0, 0.02])
def test_who_is_not_alone_in_time_keeps_nobody_waiting(patience: float | None) -> None:
    """Neither what is answered for long, nor who asks after that, is in its way."""
    precedence = Precedence(lambda: True)
    with precedence.admit(Question()), ThreadPoolExecutor() as threads:

        def rest() -> bool:
            with precedence.wait_for_rest(patience) as is_alone, precedence.admit(Question()):
                return is_alone

        assert not threads.submit(rest).result(60)


def test_who_comes_first_keeps_its_precedence_when_another_gives_it_up() -> None:
    """Nobody begins before both are done."""
    precedence, ended = Precedence(lambda: True), Question()
    ended.end(RoomError("ended"))
    with ThreadPoolExecutor() as threads, precedence.hold():

        def rest() -> None:
            with precedence.wait_for_rest(60):
                pass

        threads.submit(rest).result(60)

        def ask() -> None:
            with precedence.admit(ended):
                pass

        with pytest.raises(RoomError):
            threads.submit(ask).result(60)
