"""Success means committed; a span is stored once, however often it is sent."""

import secrets
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pytest

from collector.errors import OverloadedError, StoreError
from collector.otlp.decode.spans import decode
from collector.store.batch import Batch
from collector.store.database import Database
from collector.store.queries import Query
from collector.store.question import Question
from collector.store.records import RecordWriter
from collector.store.transaction_pace import TransactionPace
from collector.store.writer import Writer
from runtime import semconv
from tests.collector.disk import full
from tests.collector.story import Story, place
from tests.waiting import PATIENCE, until, until_sync

#: What is looked at here is the file, or what a process has in mind of it: each test has one of its own.
pytestmark = pytest.mark.usefixtures("path")


@pytest.fixture
def writer(database: Database) -> Iterator[Writer]:
    """A writer that has begun."""
    writer = Writer(database, 100)
    writer.start()
    yield writer
    writer.close()


def batch(*names: str, trace: str = "t") -> Batch:
    """One span a name."""
    story = Story()
    for index, name in enumerate(names):
        story.add(name, place(trace, name), at=index, links=[place("elsewhere", name)]).events.add(name="noted")
    return decode(story.request())


def broken(good: Batch) -> Batch:
    """A batch that no database can take: a column is missing."""
    return replace(good, tables={**good.tables, "spans": good.tables["spans"].drop_columns(["name"])})


def counts(database: Database) -> dict[str, int]:
    """Rows of the tables that a span is spread over."""
    tables = ("spans", "pending", "span_events", "span_links", "resources", "scopes", "rejections")
    connection = database._connection
    return {name: connection.table(name).count("*").fetchall()[0][0] for name in tables}


def checkpoints(database: Database, monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """A list that grows with each checkpoint: whether it was told to put groups of rows together."""
    told: list[bool] = []
    whole = database.checkpoint

    def noting(*, patience: float | None) -> bool:
        told.append(patience is not None)
        return whole(patience=patience)

    monkeypatch.setattr(database, "checkpoint", noting)
    return told


def together(writer: Writer, *batches: Batch) -> None:
    """Starts a writer with batches that share a transaction."""
    futures = [writer.submit(each) for each in batches]
    writer.start()
    for future in futures:
        future.result(60)


def test_done_means_stored(database: Database, writer: Writer) -> None:
    """The moment the future is done, a reader finds the span."""
    writer.submit(batch("a")).result()
    with database.reading() as session:
        assert session.one(Query.OVERVIEW_STORED_COUNTS)["stored"] == 1


def test_what_is_stored_is_read_after_a_start_though_nobody_sends(database: Database) -> None:
    """Questions need to know where ids lie; a store that only they ask would be walked through by each."""
    with database.writing() as session:
        RecordWriter(database).write(session, batch("before"))
    database.sightings.forget()
    writer = Writer(database, 100)
    writer.start()
    until_sync(lambda: database.sightings.is_known)
    writer.close()


def test_questions_are_answered_and_spans_wait_while_a_start_reads_what_is_stored(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a kill the collector is there at once, however much it has stored."""
    reads, look = threading.Event(), RecordWriter.load_stored_ids
    monkeypatch.setattr(RecordWriter, "load_stored_ids", lambda records: (reads.wait(), look(records)))
    writer = Writer(database, 100)
    writer.start()
    sent = writer.submit(batch("a"))
    with database.reading() as session:
        assert session.one(Query.LISTS_EXTENT)["spans"] == 0
    assert (sent.done(), writer.has_loaded_ids) == (False, False)
    reads.set()
    sent.result(PATIENCE)
    assert writer.has_loaded_ids
    writer.close()
    assert counts(database)["spans"] == 1


def test_what_a_start_could_not_read_is_read_before_the_first_span_is_stored(
    database: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A span that is sent again is stored once all the same."""
    with database.writing() as session:
        RecordWriter(database).write(session, batch("a"))

    def fails(_: RecordWriter) -> None:
        raise StoreError("no memory is left")

    with monkeypatch.context() as patched:
        patched.setattr(RecordWriter, "load_stored_ids", fails)
        writer = Writer(database, 100)
        writer.start()
        writer.submit(batch("a", "b")).result(PATIENCE)
        writer.close()
    assert counts(database)["spans"] == 2
    assert database.sightings.is_known
    assert "no memory is left" in caplog.text


def test_a_span_sent_twice_is_stored_once(database: Database, writer: Writer) -> None:
    """In one batch, in the next, and in a batch of which only a part is new; its events and links too."""
    first = batch("a", "b")
    spans = first.tables["spans"]
    again = pa.concat_tables([spans, spans.set_column(0, "row", pa.array([2, 3], pa.int64()))])
    twice = replace(first, tables={**first.tables, "spans": again})
    writer.submit(twice).result()
    writer.submit(batch("b", "c")).result()

    found = counts(database)
    assert (found["spans"], found["span_events"], found["span_links"]) == (3, 3, 3)
    assert (found["resources"], found["scopes"]) == (1, 1)


def test_the_same_span_in_two_requests_of_one_window_is_stored_once(database: Database) -> None:
    """They share a transaction, where nothing is stored yet to compare with."""
    writer = Writer(database, 100)
    together(writer, batch("a"), batch("a"))
    writer.close()
    assert counts(database)["spans"] == 1


@pytest.fixture
def rests(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """A pace at which nothing is stored within the time of a test while somebody asks; set when that begins."""
    begun = threading.Event()

    def rest_seconds(pace: TransactionPace) -> float:
        begun.set()
        return 3_600.0

    monkeypatch.setattr(TransactionPace, "rest_seconds", rest_seconds)
    return begun


def transactions(database: Database) -> int:
    """How many stored spans."""
    ((times,),) = database._connection.execute("SELECT count(DISTINCT stored_us) FROM spans").fetchall()
    return int(times)


@pytest.mark.usefixtures("rests")
@pytest.mark.parametrize(
    ("limit", "before", "spans"), [(1_000, 2, 1), (100, 3, 24)], ids=["as many as before", "a quarter of the room"]
)
def test_beside_a_question_a_transaction_waits_until_it_is_worth_it(
    database: Database, limit: int, before: int, spans: int
) -> None:
    """Until as many requests are there as came together before, each of which sends no other until it is answered, or
    a quarter of the spans that may wait."""
    writer = Writer(database, limit)
    together(writer, *(batch(f"before {number}") for number in range(before)))
    with Question().make_current(), database.reading():
        first, more = writer.submit(batch("a")), writer.submit(batch(*map(str, range(spans))))
        assert first.result(60) is more.result(60) is None
    assert transactions(database) == 2
    writer.close()


@pytest.mark.usefixtures("rests")
def test_nothing_waits_for_more_where_nobody_asks(database: Database) -> None:
    """What works in the background reads as well, and waits for nobody."""
    writer = Writer(database, 100)
    together(writer, batch("a"), batch("b"))
    with database.reading():
        assert writer.submit(batch("c")).result(60) is None
    writer.close()


def test_what_waits_beside_a_question_is_stored_when_the_writer_is_closed(
    database: Database, rests: threading.Event
) -> None:
    """At once, not when its time has come."""
    writer = Writer(database, 100)
    together(writer, batch("a"), batch("b"))
    with Question().make_current(), database.reading():
        waiting = writer.submit(batch("c"))
        assert rests.wait(60)
        writer.close()
    assert waiting.result(0) is None


def test_one_bad_request_does_not_fail_those_that_share_its_transaction(database: Database) -> None:
    """They are tried one by one, and only the bad one is refused."""
    writer = Writer(database, 100)
    futures = [writer.submit(batch("a")), writer.submit(broken(batch("b"))), writer.submit(batch("c"))]
    writer.start()

    assert futures[0].result() is None
    with pytest.raises(StoreError):
        futures[1].result()
    assert futures[2].result() is None
    writer.close()
    assert counts(database)["spans"] == 2


def test_the_writer_goes_on_after_a_failure(database: Database, writer: Writer) -> None:
    """A thread that dies quietly would answer nobody ever again."""
    with pytest.raises(StoreError):
        writer.submit(broken(batch("a"))).result()
    writer.submit(batch("a")).result()
    assert counts(database)["spans"] == 1


def test_a_sender_that_went_away_takes_nobody_with_it(database: Database) -> None:
    """Neither those that share its transaction nor those that come later; what it sent is stored all the same."""
    writer = Writer(database, 100)
    gone, beside = writer.submit(batch("a")), writer.submit(batch("b"))
    assert gone.cancel()
    writer.start()
    assert beside.result(timeout=10) is None
    assert writer.submit(batch("c")).result(timeout=10) is None
    writer.close()
    assert counts(database)["spans"] == 3


@pytest.mark.parametrize("error", [KeyError("name"), TypeError("no span"), pa.ArrowNotImplementedError("no kernel")])
def test_no_error_ends_the_writer(
    database: Database, writer: Writer, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """Whatever it is, the request is answered with it, and the next one is stored."""

    def fail(*_: object) -> None:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(RecordWriter, "write", fail)
        with pytest.raises(StoreError, match=str(error.args[0])):
            writer.submit(batch("a")).result(timeout=10)
    assert writer.submit(batch("a")).result(timeout=10) is None
    assert counts(database)["spans"] == 1


def test_what_waits_is_limited(database: Database) -> None:
    """Spans beyond the limit are refused, and accepted again once the others are stored."""
    writer = Writer(database, 2)
    waiting = writer.submit(batch("a", "b"))
    with pytest.raises(OverloadedError, match="2 spans wait"):
        writer.submit(batch("c"))
    writer.start()
    waiting.result()
    writer.submit(batch("c")).result()
    writer.close()


def test_a_transaction_is_bounded_in_bytes_too(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight requests of one large span each took eight times the memory together."""
    monkeypatch.setattr("collector.store.writer.TRANSACTION_BYTES", 3 * batch("a").weight)
    writer = Writer(database, 100)
    for name in "abcde":
        writer.submit(batch(name))
    assert [len(writer._gather()), writer._waiting.size] == [3, 2]


def test_a_transaction_waits_for_what_is_being_decoded(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Most of what it takes is the same for one request and for many. Where none is expected it begins at once."""
    monkeypatch.setattr("collector.store.writer.WINDOW_SECONDS", 3_600.0)
    writer = Writer(database, 100)
    with ThreadPoolExecutor(1) as thread:
        with writer.expect_request():
            with writer.expect_request():
                writer.submit(batch("a"))
                gathering = thread.submit(writer._gather)
            writer.submit(batch("b"))
        assert len(gathering.result(timeout=60)) == 2
        writer.submit(batch("c"))
        assert len(thread.submit(writer._gather).result(timeout=60)) == 1


def test_who_floods_holds_up_who_sends_little_by_one_request(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of each transaction everybody has a share: what a modest sender hands over is committed with the next one."""
    monkeypatch.setattr("collector.store.writer.TRANSACTION_REQUESTS", 3)
    writer = Writer(database, 1000)
    flood = [writer.submit(batch(str(index)), "10.0.0.1") for index in range(200)]
    modest = [writer.submit(batch("modest", trace=host), host) for host in ("10.0.0.2", "10.0.0.3")]

    writer._commit(writer._gather())

    assert [future.done() for future in modest] == [True, True]
    assert [future.done() for future in flood] == [True] + [False] * 199
    assert counts(database)["spans"] == 3


def test_a_long_log_is_folded_into_the_file_under_load(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a crash all of it would have to be read again, while senders wait."""
    monkeypatch.setattr("collector.store.writer.LARGEST_LOG", 20_000)
    monkeypatch.setattr("collector.store.writer.QUIET_SECONDS", 3_600.0)
    writer, lengths = Writer(database, 1000), []
    writer.start()
    for index in range(30):
        writer.submit(batch(str(index))).result()
        lengths.append(database.log_bytes)
    assert any(later < earlier for earlier, later in pairwise(lengths))
    assert max(lengths) < 100_000
    writer.close()
    assert counts(database)["spans"] == 30


@pytest.mark.parametrize(("apart", "merging"), [(3_600.0, {False}), (1e-9, {True})])
def test_groups_of_rows_are_put_together_under_load_only_after_long(
    database: Database, monkeypatch: pytest.MonkeyPatch, apart: float, merging: set[bool]
) -> None:
    """That takes much memory; a collector that never has a quiet moment does it all the same, from time to time."""
    monkeypatch.setattr("collector.store.writer.LARGEST_LOG", 20_000)
    monkeypatch.setattr("collector.store.writer.QUIET_SECONDS", 3_600.0)
    monkeypatch.setattr("collector.store.writer.LONGEST_APART_SECONDS", apart)
    told = checkpoints(database, monkeypatch)
    writer = Writer(database, 1000)
    writer.start()
    for index in range(12):
        writer.submit(batch(str(index))).result()
    writer.close()
    assert set(told) == merging


async def test_groups_of_rows_are_put_together_in_a_quiet_moment(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then a few spans make a checkpoint, each of which leaves a group of its own."""
    monkeypatch.setattr("collector.store.writer.QUIET_SECONDS", 0.05)
    told = checkpoints(database, monkeypatch)
    writer = Writer(database, 1000)
    writer.start()
    writer.submit(batch("a")).result()
    await until(lambda: bool(told))
    writer.close()
    assert told[0] is True


def test_what_has_no_turn_before_the_end_is_refused_and_not_stored(database: Database) -> None:
    """Nobody was told that it was stored, so it comes again."""
    writer = Writer(database, 1000)
    futures = [writer.submit(batch(str(index))) for index in range(5)]
    writer.close(patience=0)
    writer.start()
    writer.close()
    done = [future.exception(timeout=10) for future in futures]
    assert counts(database)["spans"] == sum(error is None for error in done)
    assert {str(error) for error in done if error} <= {"the collector is ending"}


def test_a_batch_larger_than_the_limit_is_taken_when_nothing_waits(database: Database) -> None:
    """Refused, it would come again for ever."""
    writer = Writer(database, 1)
    writer.start()
    writer.submit(batch("a", "b", "c")).result()
    writer.close()
    assert counts(database)["spans"] == 3


def test_closing_stores_what_was_handed_over_and_refuses_the_rest(database: Database) -> None:
    """Nobody who was taken in is left without an answer."""
    writer = Writer(database, 100)
    futures = [writer.submit(batch(str(index))) for index in range(5)]
    writer.start()
    writer.close()
    assert [future.result(timeout=0) for future in futures] == [None] * 5
    with pytest.raises(OverloadedError):
        writer.submit(batch("late"))
    writer.close()


def test_requests_from_many_threads_are_all_stored(database: Database) -> None:
    """As the server calls it."""
    writer = Writer(database, 10_000)
    writer.start()
    threads = [
        threading.Thread(target=lambda n=n: writer.submit(batch("a", "b", trace=str(n))).result()) for n in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    writer.close()
    assert counts(database)["spans"] == 40


def test_a_marker_is_seen_until_its_span_arrives(database: Database) -> None:
    """Whatever the order; and the tables are tidied in a quiet moment."""
    story = Story()
    marker = story.add(
        "pending step x", place("t", "marker"), parent=place("t", "work"), attributes={semconv.PENDING: True}
    )
    work = story.add("step x", place("t", "work"))
    seen = []
    for spans in ([marker], [marker], [work]):
        with database.writing() as session:
            RecordWriter(database).write(session, decode(story.request(spans)))
        seen.append([row[0] for row in database._connection.execute("SELECT running FROM records").fetchall()])

    assert seen == [[True], [True], [False]]
    with database.writing() as session:
        session.run(Query.INGEST_PURGE_PENDING)
    assert counts(database)["pending"] == 0
    with database.writing() as session:
        RecordWriter(database).write(session, decode(story.request([marker])))
    assert database._connection.execute("SELECT running FROM records").fetchall() == [(False,)]


def test_the_payload_is_kept_once(database: Database) -> None:
    """It may be 8 KiB, and has a column."""
    story = Story()
    story.add("publish c", place("t", "s"), attributes={semconv.PAYLOAD: "{}", "a": 1})
    with database.writing() as session:
        RecordWriter(database).write(session, decode(story.request()))
    rows = database._connection.execute("SELECT payload, keys_of(attributes) FROM spans").fetchall()
    assert rows == [("{}", ["a"])]


async def test_a_full_disk_is_tried_again_at_longer_intervals(
    database: Database, path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Every failure means that the database is opened again; once there is room, all is as it was."""
    monkeypatch.setattr("collector.store.writer.QUIET_SECONDS", 0.05)
    writer = Writer(database, 100)
    story = Story()
    story.add("work", place("t", "large"), attributes={"noise": secrets.token_hex(1_000_000)})
    stored = writer.submit(decode(story.request()))
    writer.start()
    stored.result()
    with full(500_000):
        await until(lambda: caplog.text.count("could not be folded") == 3)
        assert writer._quiet == 0.4
    await until(lambda: not path.with_suffix(".duckdb.wal").exists())
    assert writer.submit(batch("later")).result(timeout=10) is None
    writer.close()
    assert writer._quiet == 0.05
    assert counts(database)["spans"] == 2
