"""What is exported and imported is the same to the last value, however often; ranges hold what began in them."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from collector.otlp.decode import logs, metrics
from collector.store.database import Database
from collector.store.queries import Query
from collector.store.records import RecordWriter
from collector.store.tables import OWN, TABLES
from runtime import semconv
from runtime.semconv import NodeKind
from tests.collector.store.exchange.exports import exported, loaded
from tests.collector.store.retention.signals import log, points
from tests.collector.store.retention.stores import DAY_MS, DAY_NS, counts, shipped, subjects, tell
from tests.collector.story import CONSUMER, ORIGIN_NS, PRODUCER, Story, Value, place, uid


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Database]:
    """Another store."""
    database = Database.open(tmp_path / "other" / "causeline.duckdb")
    yield database
    database.close()


def odd() -> Story:
    """Every type of value, at its limits, and text that is hard to carry."""
    story = Story("Zürich \U0001f4e6")
    story.add(
        "plain", place("o", "plain"), attributes={"big": 2**63 - 1, "yes": True, "nan": float("nan"), "inf": 1e308}
    )
    span = story.add("nul \0 \u202e name", place("o", "odd"), links=[place("nowhere", "at all")])
    span.attributes.add(key="bytes").value.bytes_value = b"\x00\xff"
    span.attributes.add(key="empty")
    nested = span.attributes.add(key="list").value.array_value.values
    nested.add().array_value.values.add().int_value = -(2**63)
    nested.add().kvlist_value.values.add(key="k").value.double_value = -0.0
    span.attributes.add(key="map").value.kvlist_value.values.add(key="").value.string_value = "\n"
    span.trace_state, span.flags, span.dropped_attributes_count = "a=b", 2**32 - 1, 7
    return story


def marker() -> Story:
    """Work that goes on."""
    story = Story()
    more = {semconv.PENDING: True}
    story.node(NodeKind.STEP, uid("p"), "marker", place("p", "marker"), parent=place("p", "p"), more=more)
    return story


def again(name: str) -> Story:
    """A span that comes with another name each time."""
    story = Story()
    story.add(name, place("again", "again"))
    return story


def fill(database: Database) -> None:
    """Rows in every table."""
    shipped(database, 0, 5)
    tell(database, odd(), marker())
    tell(database, again("first"), again("second"))
    with database.writing() as session:
        RecordWriter(database).write(session, logs.decode(log("alone", day=1)))
        RecordWriter(database).write(session, metrics.decode(points(1)))
        for kept in (True, False, None):
            session.run(Query.INGEST_INSERT_REJECTION, at_ns=ORIGIN_NS, reason="r", records=1, kept=kept)


Rows = dict[str, list[tuple[object, ...]]]


def rows(database: Database) -> Rows:
    """Every value of every table, as text with its type."""
    with database.reading() as session:
        cursor: duckdb.DuckDBPyConnection = session._cursor
        values = "CAST(columns(lambda c: c <> 'stored_us') AS VARCHAR)"  # when it was stored is another time here
        return {table.name: cursor.table(table.name).project(values).order("ALL").fetchall() for table in TABLES}


def test_every_table_is_exported_but_those_of_the_collector_itself(database: Database) -> None:
    """Whoever adds a table decides."""
    found = database._connection.execute("SELECT table_name FROM duckdb_tables() WHERE NOT temporary").fetchall()
    assert {name for (name,) in found} == {table.name for table in TABLES} | set(OWN)


def test_everything_arrives_whole_and_once(database: Database, other: Database, tmp_path: Path) -> None:
    """Twice is as good as once, and back again adds nothing."""
    fill(database)
    folder = exported(database, tmp_path / "all")
    assert loaded(other, folder).added == {name: len(each) for name, each in rows(database).items()}
    assert all(rows(other).values())
    assert rows(other) == rows(database)

    assert set(loaded(other, folder).added.values()) == {0}
    assert set(loaded(database, exported(other, tmp_path / "back")).added.values()) == {0}
    assert rows(other) == rows(database)


def test_what_came_in_by_both_ways_is_there_once(database: Database, other: Database, tmp_path: Path) -> None:
    """Sent to both, or a part of it imported before."""
    fill(database)
    shipped(other, 0)
    loaded(other, exported(database, tmp_path / "part", ORIGIN_NS + DAY_NS))
    loaded(other, exported(database, tmp_path / "all"))
    assert rows(other) == rows(database)


def test_a_range_holds_what_began_in_it(database: Database, other: Database, tmp_path: Path) -> None:
    """With its events and links and what it names, and nothing else."""
    shipped(database, 0, 5, 10)
    with database.writing() as session:
        for day in (0, 5, 10):
            RecordWriter(database).write(session, logs.decode(log(str(day), day=day)))
            RecordWriter(database).write(session, metrics.decode(points(day)))
    loaded(other, exported(database, tmp_path / "range", ORIGIN_NS + 4 * DAY_NS, ORIGIN_NS + 10 * DAY_NS))
    assert subjects(other) == {"S-0001"}
    found = counts(other)
    assert (found["span_events"], found["span_links"], found["logs"], found["metric_points"]) == (3, 11, 1, 1)


def test_more_rows_than_a_transaction_takes_arrive(database: Database, other: Database, tmp_path: Path) -> None:
    """Of spans, and of what hangs on one of them."""
    story = Story()
    for number in range(10_500):
        story.add("s", place("t", str(number)), at=number * DAY_MS / 1_000_000)
    for number in range(10_500):
        story.spans[0].events.add(name="e", time_unix_nano=number + 1)
    tell(database, story)
    loaded(other, exported(database, tmp_path / "many"))
    assert counts(other) == counts(database)


def test_a_record_that_another_is_shown_instead_of_comes_with_what_it_names(
    database: Database, other: Database, tmp_path: Path
) -> None:
    """Where it came from may be a service that no other record is of."""
    one, another = again("again"), again("again")
    another.service = "another"
    tell(database, one, another)
    loaded(other, exported(database, tmp_path / "both"))
    assert rows(other) == rows(database)
    assert counts(other)["resources"] == 2


def beginning_and_end() -> tuple[Story, Story]:
    """A span as it was sent open, and as it ended; each with an event and a link of its own."""
    begun, ended = again("begun"), again("ended")
    begun.spans[0].end_time_unix_nano = 0
    for story, name in ((begun, "first"), (ended, "last")):
        story.spans[0].events.add(name=name, time_unix_nano=ORIGIN_NS)
        story.spans[0].links.add(trace_id=bytes(15) + b"1", span_id=bytes(7) + b"1", trace_state=name)
    return begun, ended


def without_counts(database: Database) -> dict[str, list[tuple[object, ...]]]:
    """All rows but how often a record came beside another: that is of each way's own."""
    return {name: each for name, each in rows(database).items() if name != "replacements"}


@pytest.mark.parametrize("order", ["early late early", "late early late"])
def test_the_record_that_ended_is_shown_in_whichever_order_exports_come(
    database: Database, other: Database, tmp_path: Path, order: str
) -> None:
    """With its own events alone; the other record is kept beside it, and counted as often as where both were sent."""
    begun, ended = beginning_and_end()
    tell(database, begun)
    folders = {"early": exported(database, tmp_path / "early")}
    tell(database, ended)
    folders["late"] = exported(database, tmp_path / "late")
    for name in order.split():
        loaded(other, folders[name])
    assert rows(other) == rows(database)


@pytest.mark.parametrize("is_open_first", [True, False])
def test_records_that_are_sent_and_imported_contest_as_if_all_were_sent(
    database: Database, other: Database, tmp_path: Path, *, is_open_first: bool
) -> None:
    """Each store has got one of them by itself; whichever is imported into the other, the answer is the same."""
    first, second = beginning_and_end() if is_open_first else beginning_and_end()[::-1]
    tell(database, first)
    tell(other, second)
    loaded(other, exported(database, tmp_path / "one"))
    assert len(rows(other)["replacements"]) == 1
    tell(database, second)
    assert without_counts(other) == without_counts(database)
    tell(other, *beginning_and_end())  # that they are sent again changes nothing
    assert len(rows(other)["replacements"]) == 1
    assert without_counts(other) == without_counts(database)


def message_of_others() -> Story:
    """A message that something else sent, whose id is a UUID."""
    story = Story()
    about: dict[str, Value] = {semconv.EVENT_ID: str(uid("message")), semconv.CHANNEL: "orders"}
    story.add("send", place("m", "send"), kind=PRODUCER, attributes=about)
    story.add("process", place("m", "take"), kind=CONSUMER, parent=place("m", "send"), attributes=about)
    return story


def event_of_ours() -> Story:
    """An event of the runtime on the same channel."""
    story = Story()
    about: dict[str, Value] = {semconv.CHANNEL: "orders"}
    story.node(NodeKind.EVENT, uid("event"), "publish orders", place("e", "send"), span_kind=PRODUCER, more=about)
    return story


@pytest.mark.parametrize("is_ours_imported", [True, False])
def test_a_message_has_the_id_that_its_channel_gives_it_whichever_is_imported(
    database: Database, other: Database, tmp_path: Path, *, is_ours_imported: bool
) -> None:
    """On a channel of ours another one than elsewhere; that the channel is ours may be learnt by the import alone."""
    stories = [event_of_ours(), message_of_others()]
    imported, sent = stories if is_ours_imported else stories[::-1]
    tell(database, imported)
    tell(other, sent)
    loaded(other, exported(database, tmp_path / "one"))
    tell(database, sent)
    assert rows(other) == rows(database)


def test_a_record_that_is_not_shown_goes_with_the_one_that_is(
    database: Database, other: Database, tmp_path: Path
) -> None:
    """Though it began in another range, by a clock that was set between."""
    begun, ended = beginning_and_end()
    begun.spans[0].start_time_unix_nano += DAY_NS
    tell(database, begun, ended)
    loaded(other, exported(database, tmp_path / "later", ORIGIN_NS + DAY_NS))
    assert counts(other) == {}
    loaded(other, exported(database, tmp_path / "first", 0, ORIGIN_NS + DAY_NS))
    assert without_counts(other) == without_counts(database)


def test_only_its_user_can_read_it(database: Database, tmp_path: Path) -> None:
    """Payloads are inside."""
    fill(database)
    folder = exported(database, tmp_path / "private")
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
