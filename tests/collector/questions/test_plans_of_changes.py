"""Golden plans of what has just come in: figures read of all that is stored only what was stored since they were worked
out."""

from collections.abc import Iterator

import pytest

from collector.otlp.decode.spans import decode
from collector.store import materialized, work_in_range
from collector.store.database import Database
from collector.store.queries import Query
from collector.store.records import RecordWriter
from runtime import semconv
from runtime.causality import identity
from runtime.semconv import NodeKind
from tests.collector.fresh import open_database
from tests.collector.questions.filling import FILL
from tests.collector.questions.scans import MOST
from tests.collector.story import Story, place, uid

STEPS = 5


@pytest.fixture(scope="module")
def settled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A store of which all is known, and what few spans in it say is worked out."""
    database = open_database(tmp_path_factory.mktemp("changes") / "causeline.duckdb")
    database._connection.execute(FILL)
    database._connection.execute("INSERT INTO materialized SELECT max(stored_us) + 1, max(stored_us) + 1 FROM spans")
    assert database.checkpoint()
    records = RecordWriter(database)
    story, run = Story(), uid("fresh")
    about = {semconv.WORKFLOW: "order", semconv.RUN_ID: str(run)}
    story.node(NodeKind.RUN, run, "start", place("fresh", "start"), more=about)
    for number in range(STEPS):
        more = {**about, semconv.STEP: f"step-{number}", semconv.OUTCOME: "ok"}
        story.node(
            NodeKind.STEP, identity.step_id(run, f"step-{number}"), "step", place("fresh", str(number)), more=more
        )
    with database.writing() as session:
        records.write(session, decode(story.request()))
    yield database
    database.close()


def test_what_has_just_come_in_is_read_by_when_it_was_stored(settled: Database, scanned: dict[str, int]) -> None:
    """Of all time, in which every span lies."""
    with settled.reading() as session:
        found = work_in_range.stage_work_in_range(session, 0, 2**62)
        (count,) = session._cursor.execute("SELECT count(*) FROM work_anew").fetchone() or ()
    assert (found["has_changed"], found["unchanged_ns"], count) == (True, 2**62, STEPS)
    assert Query.MATERIALIZED_KEEP_ANEW in scanned
    assert {query: rows for query, rows in scanned.items() if rows > MOST} == {}


def test_what_has_just_come_in_is_worked_out_ahead_by_when_it_was_stored(
    settled: Database, scanned: dict[str, int]
) -> None:
    """And nothing that was known before is looked for."""
    materialized.materialize_slice(settled)
    assert settled._connection.execute("SELECT count(*) FROM materialized_work").fetchone() == (STEPS,)
    assert Query.MATERIALIZED_WORK in scanned
    assert Query.MATERIALIZED_DELETE_WORK not in scanned
    assert {query: rows for query, rows in scanned.items() if rows > MOST} == {}
