"""What is worked out ahead of work never differs from what all records say now."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from collector.errors import StoreError
from collector.otlp.decode import logs
from collector.otlp.decode.spans import decode
from collector.store import materialized, rereading, work_in_range
from collector.store.database import Database, Session
from collector.store.queries import Query
from collector.store.records import RecordWriter
from collector.store.retention import removal
from collector.store.retention.policy import Policy
from runtime import semconv
from runtime.causality import identity
from runtime.semconv import NodeKind
from tests.collector.fresh import open_database
from tests.collector.store.exchange.exports import exported, loaded
from tests.collector.store.retention.stores import clean, shipped
from tests.collector.story import MS, ORIGIN_NS, Story, any_value, place, uid

MINUTE_NS = 60_000 * MS
#: The times that are asked about: all, and parts of it that cut work in two.
#: Orders in which records come; more of them in the battery.
SEEDS = [0, *(pytest.param(seed, marks=pytest.mark.battery) for seed in range(1, 4))]
RANGES = ((0, 2**62), (ORIGIN_NS + MINUTE_NS, ORIGIN_NS + 3 * MINUTE_NS), (ORIGIN_NS + 2 * MINUTE_NS, 2**62))

#: Outcomes of attempts that left to wait, or ran no code of their step.
_PAUSES = ("waiting", "skipped", "spread", "gathered")

COLUMNS = "* EXCLUDE (tries), list_sort(tries) AS tries"

#: Scores that count of a step or delivery, by whatever judged it.
SCORED = """
    SELECT node_id, list(struct_pack(name := name, score := score) ORDER BY name) AS scored
    FROM scores_where(node_kind IN ('step', 'delivery')) GROUP BY node_id
"""


_RECORDS: WeakKeyDictionary[Database, RecordWriter] = WeakKeyDictionary()


def figures(database: Database) -> list[list[Any]]:
    """What became of the work that began within each range, as figures read it."""
    with database.reading() as session:
        return [begun_within(session, first, last) for first, last in RANGES]


def begun_within(session: Session, first: int, last: int) -> list[Any]:
    """What became of the work that began within a range; what ran no code is in no figure."""
    everything = {"kind": None, "workflow": None, "step": None}
    session.run(Query.STEPS_NODES, **everything, **work_in_range.stage_work_in_range(session, first, last))
    return session._cursor.execute(f"SELECT {COLUMNS} FROM step_nodes ORDER BY node_id").fetchall()  # noqa: S608 names are our own


def truth(database: Database) -> list[list[Any]]:
    """The same from the records alone."""
    asked = f"""
        SELECT {COLUMNS}
        FROM (
            SELECT * EXCLUDE (scored) REPLACE (coalesce(scored, []) AS scores)
            FROM work_to_materialize(-9223372036854775808, true) LEFT JOIN ({SCORED}) USING (node_id)
        )
        WHERE has_worked ORDER BY node_id
    """  # noqa: S608 names are our own
    found = database._connection.execute(asked)
    start = [name for name, *_ in found.description].index("start_ns")
    rows = found.fetchall()
    return [[row for row in rows if first <= row[start] < last] for first, last in RANGES]


def store(database: Database, *records: Span | LogRecord) -> None:
    """Stores spans in one transaction, and log records in another."""
    spans = [record for record in records if isinstance(record, Span)]
    if spans:
        with database.writing() as session:
            _records(database).write(session, decode(Story().request(spans)))
    told = [record for record in records if isinstance(record, LogRecord)]
    if told:
        request = ExportLogsServiceRequest()
        request.resource_logs.add().scope_logs.add().log_records.extend(told)
        with database.writing() as session:
            _records(database).write(session, logs.decode(request.SerializeToString()))


def _records(database: Database) -> RecordWriter:
    """What stores records in it; one all along, as in a collector: another would read anew which ids are stored, and
    know of all of them no more than that they were stored before."""
    if database not in _RECORDS:
        _RECORDS[database] = RecordWriter(database)
    return _RECORDS[database]


def judged(chance: random.Random, span: Span) -> Iterator[LogRecord]:
    """Has a span judged, as it is told itself, or by log records, which say what they are in either way."""
    for _ in range(chance.choice((0, 0, 1, 2))):
        said = {
            semconv.EVALUATION_NAME: chance.choice(("correct", "short")),
            semconv.EVALUATION_SCORE: chance.choice((0.0, 0.25, 1.0, 7.0)),
        }
        attributes = [KeyValue(key=name, value=any_value(value)) for name, value in said.items()]
        at = span.end_time_unix_nano + chance.randrange(3)
        if chance.random() < 0.5:
            span.events.add(name=semconv.EVALUATION_EVENT, time_unix_nano=at, attributes=attributes)
        else:
            name = chance.choice((semconv.EVALUATION_EVENT, ""))
            if not name:
                attributes.append(KeyValue(key="event.name", value=any_value(semconv.EVALUATION_EVENT)))
            where = {"trace_id": span.trace_id, "span_id": span.span_id}
            yield LogRecord(time_unix_nano=at, event_name=name, attributes=attributes, **where)


def all_of_it(database: Database, most: int = materialized.SLICE) -> int:
    """Works out everything; returns in how many slices."""
    slices = 1
    while materialized.materialize_slice(database, most):
        slices += 1
    return slices


def run(chance: random.Random, number: int) -> Iterator[Span]:
    """A run whose steps are tried again and again; it may fail, be resumed, or have no end."""
    story, node = Story(), uid(f"run-{number}")
    of_run = {semconv.WORKFLOW: "order", semconv.RUN_ID: str(node)}

    def where(name: str) -> Any:
        return place(f"run-{number}", name)

    begun = chance.uniform(0, 200_000)
    yield story.node(NodeKind.RUN, node, "start", where("start"), at=begun, more=of_run)
    ending = chance.choice(("ok", "failed", "cancelled", None))
    failed = f"step-{chance.randrange(3)}"
    for index in range(3):
        name = f"step-{index}"
        step, tries = identity.step_id(node, name), chance.randint(1, 3)
        for attempt in range(1, tries + 1):
            outcome = chance.choice(("ok", "retry", "failed", "lost", "cancelled", "stale", *_PAUSES))
            at = begun + index * 20_000 + attempt * chance.choice((5, 5_000, 100_000))
            more = {**of_run, semconv.STEP: name, semconv.ATTEMPT: attempt, semconv.AGENT: f"agent-{attempt}"}
            if chance.random() < 0.4:
                marker = {**more, semconv.PENDING: True}
                yield story.node(
                    NodeKind.STEP,
                    step,
                    name,
                    where(f"{name}-{attempt}-marker"),
                    at=at,
                    more=marker,
                    parent=where(f"{name}-{attempt}"),
                )
            if chance.random() < 0.9:
                ended = {**more, semconv.OUTCOME: outcome}
                parent = where("end") if chance.random() < 0.8 else None
                lasts = chance.randint(-1, 9)
                yield story.node(
                    NodeKind.STEP,
                    step,
                    name,
                    where(f"{name}-{attempt}"),
                    at=at,
                    lasts=lasts,
                    more=ended,
                    parent=parent,
                    failed="" if outcome == "ok" else "Error: no",
                )
    if ending is not None:
        more = {**of_run, semconv.OUTCOME: ending, **({semconv.STEP: failed} if ending == "failed" else {})}
        yield story.node(NodeKind.RUN, node, "end", where("end"), at=begun, lasts=80_000, more=more)


def delivery(chance: random.Random, number: int) -> Iterator[Span]:
    """A delivery that may die, also before its first attempt, and be replayed."""
    story, event = Story(), uid(f"event-{number}")
    about = {semconv.CHANNEL: "orders", semconv.EVENT_ID: str(event), semconv.GROUP: f"group-{number % 3}"}
    node = identity.delivery_id(event, "group", 0)
    begun = chance.uniform(0, 200_000)
    tries = chance.randint(0, 3)
    for attempt in range(1, tries + 1):
        outcome = chance.choice(("ok", "retry", "failed", "duplicate", "dead_letter"))
        more = {**about, semconv.ATTEMPT: attempt, semconv.ROUND: 0, semconv.OUTCOME: outcome}
        where = place(f"event-{number}", f"try-{attempt}")
        yield story.node(NodeKind.DELIVERY, node, "process", where, cause=event, at=begun + attempt * 9_000, more=more)
    if not tries or chance.random() < 0.3:
        more = {**about, semconv.ROUND: 0, semconv.ATTEMPTS: tries, semconv.REASON: "max_attempts"}
        where = place(f"event-{number}", "letter")
        letter = identity.dead_letter_id(node)
        yield story.node(NodeKind.DEAD_LETTER, letter, "dead_letter", where, cause=node, at=begun + 40_000, more=more)
    if chance.random() < 0.3:
        again = identity.delivery_id(event, "group", 1)
        more = {**about, semconv.ATTEMPT: 1, semconv.ROUND: 1, semconv.OUTCOME: "ok"}
        yield story.node(NodeKind.DELIVERY, again, "process", place(f"event-{number}", "again"), at=begun, more=more)


@pytest.mark.parametrize("seed", SEEDS)
def test_in_whatever_order_records_come_figures_are_those_of_all_of_them(seed: int, database: Database) -> None:
    """One by one or together, worked out between any two of them, also of a part of what has changed."""
    chance = random.Random(seed)
    spans = [span for number in range(12) for span in (*run(chance, number), *delivery(chance, number))]
    records: list[Span | LogRecord] = [*spans, *(record for span in spans for record in judged(chance, span))]
    chance.shuffle(records)
    while records:
        count = chance.choice((1, 5, 25))
        store(database, *records[:count])
        del records[:count]
        if chance.random() < 0.5:
            materialized.materialize_slice(database, chance.choice((1, 10, 1_000)))
        assert figures(database) == truth(database)
    all_of_it(database)
    of_nodes, *_ = all_in_all = truth(database)
    assert figures(database) == all_in_all
    worked = "SELECT count(*) FROM materialized_work WHERE has_worked"
    assert database._connection.execute(worked).fetchall() == [(len(of_nodes),)]
    assert len(of_nodes) > 20
    assert len([row for row in of_nodes if row[-2]]) > 10


def known(database: Database) -> list[UUID]:
    """The nodes that are worked out."""
    return [row[0] for row in database._connection.execute("SELECT node_id FROM materialized_work").fetchall()]


def test_what_has_changed_is_worked_out_in_slices(database: Database) -> None:
    """Each of which a restart keeps."""
    shipments = shipped(database, 1, 2, 3, 4)
    assert all_of_it(database, most=len(shipments[0].story.spans)) == len(shipments)
    assert all_of_it(database) == 1
    assert figures(database) == truth(database)


def test_more_nodes_than_are_worked_out_together_are_worked_out_in_parts(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody has to hold all of them in memory."""
    monkeypatch.setattr(materialized, "PART", 3)
    shipped(database, 1, 2, 3)
    all_of_it(database)
    assert len(known(database)) == len(set(known(database))) == len(truth(database)[0]) == 21
    assert figures(database) == truth(database)


def test_what_was_worked_out_before_it_was_cut_off_counts_once(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some of it is written, and nothing says yet that it is known; more comes in, and it is worked out at last."""
    monkeypatch.setattr(materialized, "PART", 3)
    replace, written = materialized._replace_work, list[int]()

    def cut_off(*of_part: Any) -> None:
        if len(written) == 2:
            raise StoreError("cut off")
        replace(*of_part)
        written.append(1)

    store(database, *run(random.Random(1), 1))
    all_of_it(database)
    before = len(known(database))
    monkeypatch.setattr(materialized, "_replace_work", cut_off)
    for number in range(2, 6):
        store(database, *run(random.Random(number), number))
    with pytest.raises(StoreError):
        materialized.materialize_slice(database)
    assert len(known(database)) == before + 6
    assert figures(database) == truth(database)
    store(database, *run(random.Random(9), 9))
    assert figures(database) == truth(database)
    monkeypatch.setattr(materialized, "_replace_work", replace)
    all_of_it(database)
    assert len(set(known(database))) == len(known(database)) > before + 6
    store(database, *run(random.Random(10), 10))
    assert figures(database) == truth(database)


def test_what_is_removed_is_in_no_figure(database: Database) -> None:
    """With its whole chain."""
    shipped(database, 1, 2, 3, 4)
    all_of_it(database)
    clean(database, 4.5, Policy(days=2))
    assert len(truth(database)[0]) == 14
    assert figures(database) == truth(database)
    all_of_it(database)
    assert len(known(database)) == 14


def test_what_is_cut_off_is_in_no_figure(database: Database) -> None:
    """Of a step the first attempt, of another all of them: what is left is a step that began later, and one less."""
    (shipment,) = shipped(database, 0)
    all_of_it(database)
    assert sum(removal.cut_spans(database, ORIGIN_NS + 46 * MS, None)) > 0
    assert shipment.steps["pickup"] not in [row[0] for row in figures(database)[0]]
    assert figures(database) == truth(database)
    all_of_it(database)
    assert figures(database) == truth(database)
    assert len(known(database)) == 6


def test_a_record_that_is_shown_no_more_is_in_no_figure(database: Database) -> None:
    """Two records of one span that are of different nodes: one of both is shown."""
    story = Story()
    where = place("run", "step")
    told = {semconv.STEP: "a", semconv.WORKFLOW: "order", semconv.OUTCOME: "ok"}
    store(database, story.node(NodeKind.STEP, uid("first"), "a", where, lasts=1, more=told))
    all_of_it(database)
    assert known(database) == [uid("first")]
    store(database, story.node(NodeKind.STEP, uid("second"), "a", where, lasts=5, more=told))
    assert [row[0] for row in figures(database)[0]] == [uid("second")]
    all_of_it(database)
    assert known(database) == [uid("second")]


def test_what_is_read_anew_is_worked_out_anew(database: Database) -> None:
    """Rules of today may find another agent."""
    shipped(database, 1)
    all_of_it(database)
    database._connection.execute("UPDATE spans SET agent = 'old' WHERE node_kind = 'step'")
    database._connection.execute("UPDATE materialized_work SET agent = 'old' WHERE kind = 'step'")
    while rereading.reread_slice(database):
        pass
    assert "old" not in {row[5] for row in figures(database)[0]}
    assert figures(database) == truth(database)


def test_what_is_stored_by_a_clock_that_was_set_back_is_in_all_figures(database: Database) -> None:
    """By its time it was stored before what is known."""
    chance = random.Random(7)
    spans = [span for number in range(4) for span in run(chance, number)]
    hour_us = 3_600 * 10**6
    store(database, *spans[::2])
    all_of_it(database)
    for statement in (
        "UPDATE spans SET stored_us = stored_us + $us",
        "UPDATE materialized SET until_us = until_us + $us, reached_us = reached_us + $us",
    ):
        database._connection.execute(statement, {"us": hour_us})
    database.sightings.forget()
    database._committed_us += hour_us
    store(database, *spans[1::4])
    assert figures(database) == truth(database)
    all_of_it(database)
    store(database, *spans[3::4])
    assert figures(database) == truth(database)
    all_of_it(database)
    assert figures(database) == truth(database)


def test_a_clock_that_was_set_back_while_nothing_ran_is_noticed(path: Path) -> None:
    """By what is known."""
    chance = random.Random(8)
    spans = [span for number in range(4) for span in run(chance, number)]
    database = open_database(path)
    store(database, *spans[::2])
    all_of_it(database)
    ahead = "UPDATE materialized SET until_us = until_us + 3600e6, reached_us = reached_us + 3600e6"
    database._connection.execute(ahead)
    database.close()
    database = Database.open(path)
    store(database, *spans[1::2])
    assert figures(database) == truth(database)
    database.close()


def test_what_is_imported_is_in_all_figures(database: Database, tmp_path: Path) -> None:
    """It is stored now, whenever it began; spans of which nobody knows when they were stored count, too."""
    other = open_database(tmp_path / "other.duckdb")
    shipments = shipped(other, 1, 2)
    folder = exported(other, tmp_path / "some")
    other.close()
    store(database, *shipments[0].story.spans[:9])
    all_of_it(database)
    loaded(database, folder)
    assert figures(database) == truth(database)
    all_of_it(database)
    assert figures(database) == truth(database)
    assert len(known(database)) == 14

    database._connection.execute("UPDATE spans SET stored_us = NULL")
    database._connection.execute("DELETE FROM materialized_work")
    database._connection.execute("DELETE FROM materialized")
    assert figures(database) == truth(database)
    all_of_it(database)
    assert len(known(database)) == 14
    assert figures(database) == truth(database)


def judgement(span: Span) -> LogRecord:
    """A log record that judges a span."""
    return LogRecord(
        time_unix_nano=span.end_time_unix_nano,
        event_name=semconv.EVALUATION_EVENT,
        attributes=[KeyValue(key=semconv.EVALUATION_SCORE, value=any_value(0.25))],
        trace_id=span.trace_id,
        span_id=span.span_id,
    )


def test_a_score_that_is_imported_for_a_step_that_is_known_is_in_all_figures(
    database: Database, tmp_path: Path
) -> None:
    """The export holds its span as it is stored already, and a log record that is not."""
    step, where = uid("step"), place("run", "step")
    told = {semconv.STEP: "a", semconv.WORKFLOW: "order", semconv.OUTCOME: "ok"}
    span = Story().node(NodeKind.STEP, step, "a", where, more=told)
    record = judgement(span)
    other = open_database(tmp_path / "other.duckdb")
    store(other, span, record)
    folder = exported(other, tmp_path / "judged")
    other.close()
    store(database, span)
    all_of_it(database)
    loaded(database, folder)
    assert [row[-2] for row in figures(database)[0]] == [[{"name": "", "score": 0.25}]]
    assert figures(database) == truth(database)
    all_of_it(database)
    assert figures(database) == truth(database)
