"""A span is one span, in whatever batches and in whatever order its records come."""

import random
from itertools import permutations

import numpy as np
import numpy.typing as npt
import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from collector.otlp.decode.spans import decode
from collector.store import spans
from collector.store.database import Database, Session
from collector.store.queries import Query
from collector.store.queries.statement import Statement
from collector.store.records import RecordWriter
from collector.store.seen_spans import SeenSpans
from runtime import semconv
from runtime.semconv import NodeKind
from tests.collector.story import Story, place, uid


def records() -> list[Span]:
    """One span as it was sent open, as it ended, as it ended later, and that once more; beside two others."""
    story, one = Story(), place("t", "one")
    story.add("open", one).end_time_unix_nano = 0
    story.add("ended", one, lasts=5, links=[place("t", "other")]).events.add(name="half")
    story.add("ended later", one, lasts=9, failed="lost").events.add(name="whole")
    story.add("ended later", one, lasts=9, failed="lost").events.add(name="whole")
    story.add("moved", one, at=-90_000, lasts=90_003)
    story.add("other", place("t", "other"))
    return story.spans


def told(database: Database) -> tuple[list[object], ...]:
    """What is shown, what hangs on it, and what is kept beside it."""
    connection = database._connection
    return tuple(
        connection.execute(f"SELECT {columns} FROM {table} ORDER BY ALL").fetchall()  # noqa: S608 names are our own, values are bound
        for columns, table in (
            ("name, end_ns, status_code", "spans"),
            ("name", "span_events"),
            ("span_id", "span_links"),
            ("name, len(events), len(links)", "superseded"),
            ("*", "(SELECT ended, sum(spans) FROM replacements GROUP BY ended)"),
        )
    )


def store(database: Database, *batches: list[Span]) -> None:
    """Writes batches, each in a transaction of its own."""
    records = RecordWriter(database)
    for batch in batches:
        with database.writing() as session:
            records.write(session, decode(Story().request(batch)))


def test_the_record_that_ended_last_is_shown_however_they_came(tmp_path_factory: pytest.TempPathFactory) -> None:
    """At once, one by one, and in parts; what is not shown is kept, once, with all that hung on it."""
    expected, chance = None, random.Random(1)
    for order in chance.sample(list(permutations(records())), 8):
        cuts = sorted(chance.sample(range(len(order) + 1), chance.randrange(4)))
        batches = [list(order[a:b]) for a, b in zip([0, *cuts], [*cuts, len(order)], strict=True) if a < b]
        database = Database.open(tmp_path_factory.mktemp("order") / "c.duckdb")
        store(database, *batches)
        expected = expected or told(database)
        assert told(database) == expected
        database.close()
    assert expected is not None
    shown, events, links, beside, counted = expected
    assert [row[0] for row in shown] == ["ended later", "other"]
    assert (events, links) == ([("whole",)], [])
    assert [row[0] for row in beside] == ["ended", "moved", "open"]
    assert counted == [(False, 1), (True, 2)]


def test_what_came_is_known_after_a_restart_and_after_an_import(database: Database) -> None:
    """The filter is read anew; a record that is there already is not there twice."""
    store(database, records())
    before = told(database)
    store(database, records()[::-1])
    assert told(database) == before


def test_a_filter_that_is_wrong_about_all_changes_nothing(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may take what is new for what came before; the store knows better, and settles only what did."""
    settled: list[int] = []
    settle = spans._resolve_repeats
    monkeypatch.setattr(SeenSpans, "add", lambda _, keys: np.ones(len(keys), np.bool_))
    monkeypatch.setattr(
        spans,
        "_resolve_repeats",
        lambda session, rows, *rest: settled.append(rows.num_rows) or settle(session, rows, *rest),
    )
    one, other = records()[-2:]
    marker = Story()
    marker.add("pending", place("t", "marker"), parent=place("t", "work"), attributes={semconv.PENDING: True})
    store(database, [one], [other], marker.spans)
    assert settled == []
    store(database, [one], [other, other], marker.spans)
    assert settled == [1, 2, 1]
    counts = [database._connection.table(name).count("*").fetchall() for name in ("spans", "pending", "superseded")]
    assert counts == [[(2,)], [(1,)], [(0,)]]


def test_what_comes_of_a_new_trace_is_not_looked_for_among_all_spans(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the filter is wrong about it, too; of a trace that is known, all that was stored with it is looked at."""
    asked: list[tuple[object, object]] = []
    numbers = Session.numbers

    def listen(session: Session, query: Statement, **values: object) -> npt.NDArray[np.uint64]:
        if query is Query.INGEST_STORED_SUSPECTS:
            asked.append((values["is_within"], values["is_anywhere"]))
        return numbers(session, query, **values)

    monkeypatch.setattr(Session, "numbers", listen)
    monkeypatch.setattr(SeenSpans, "add", lambda _, keys: np.ones(len(keys), np.bool_))
    story = Story()
    for trace, span in (("t", "one"), ("new", "one"), ("t", "two")):
        story.add("work", place(trace, span))
    store(database, *([span] for span in story.spans))
    assert asked == [(False, False), (False, False), (True, False)]
    assert database._connection.table("spans").count("*").fetchall() == [(3,)]


def test_records_that_came_beside_others_are_counted(database: Database) -> None:
    """The end of an open span is no contradiction; two that ended are. What came as it was does not count."""
    one = records()
    store(database, [one[0]], [one[2]], [one[2]])
    counted = database._connection.execute("SELECT ended, sum(spans) FROM replacements GROUP BY ended ORDER BY ended")
    assert counted.fetchall() == [(False, 1)]
    store(database, [one[1]])
    counted = database._connection.execute("SELECT sum(spans) FROM replacements WHERE ended")
    assert counted.fetchall() == [(1,)]


def test_what_another_process_tells_once_more_is_no_contradiction(database: Database) -> None:
    """A worker that takes over tells what was perhaps not told: the same, but for who says so."""
    story, again = Story("one"), Story("two")
    for each in (story, again):
        each.add("work", place("t", "work"))
        with database.writing() as session:
            RecordWriter(database).write(session, decode(each.request()))
    assert database._connection.table("spans").count("*").fetchall() == [(1,)]
    assert database._connection.table("replacements").count("*").fetchall() == [(0,)]


def test_what_is_not_shown_is_kept_whole(database: Database) -> None:
    """All that it said, whether it was shown until now or never was; with its events and links."""
    story, one, step = Story(), place("t", "one"), uid("step")
    about = {semconv.RUN_ID: str(uid("run")), semconv.STEP: "s", semconv.ATTEMPT: 1, semconv.OUTCOME: "ok"}
    for lasts in (5, 9, 7):
        more = {**about, semconv.INPUT: f"input {lasts}", semconv.CONTEXT_SIZE: lasts}
        links = [place("t", f"other {lasts}")]
        span = story.node(
            NodeKind.STEP, step, f"lasts {lasts}", one, more=more, lasts=lasts, links=links, failed="lost"
        )
        span.events.add(name=f"event {lasts}")
    first, second, third = story.spans
    connection = database._connection
    shown = {}
    for index, span in enumerate((first, third)):  # each alone, in a store of its own time
        store(database, [span])
        shown[index] = connection.execute("SELECT * EXCLUDE (stored_us) FROM spans").fetchall()[0]
        connection.execute("DELETE FROM spans; DELETE FROM span_events; DELETE FROM span_links; DELETE FROM superseded")
    store(database, [first], [second, third])
    columns = [row[0] for row in connection.execute("DESCRIBE spans").fetchall() if row[0] != "stored_us"]
    whole = f"SELECT {', '.join(columns)}, events, links FROM superseded ORDER BY name"  # noqa: S608 names are our own
    kept = connection.execute(whole).fetchall()
    assert [row[:-2] for row in kept] == [shown[0], shown[1]]
    assert [[event["name"] for event in row[-2]] for row in kept] == [["event 5"], ["event 7"]]
    assert [len(row[-1]) for row in kept] == [1, 1]
    assert told(database)[0] == [("lasts 9", second.end_time_unix_nano, 2)]
    before = told(database)
    store(database, [third, first, second])
    assert told(database) == before
