"""Spans that were stored before there were roles read as if they came today, in slices that a restart keeps."""

from pathlib import Path
from typing import Any

import duckdb
import pytest

from collector.otlp.decode import spans
from collector.store import rereading
from collector.store.database import Database
from collector.store.queries.upkeep import Upkeep
from collector.store.records import RecordWriter
from tests.collector.agents.recording import read
from tests.collector.agents.sent import SentTrace, langgraph
from tests.collector.fresh import open_database
from tests.collector.shipment import Shipment
from tests.collector.store import widened
from tests.waiting import until

#: What is looked at here is the file, or what a process has in mind of it: each test has one of its own.
pytestmark = pytest.mark.usefixtures("path")

#: The last schema without roles.
BEFORE_ROLES = 7

READ = (
    "span_id, node_id, node_kind, role, session_id, user_id, work, agent, workflow, operation, step, subject, "
    "error_type, outcome, event_id, attributes"
)


def fill(database: Database) -> None:
    """What real programs sent, and a run of ours."""
    requests = [read(name)[0].SerializeToString() for name in ("pydantic_ai", "langgraph_hard_gen_ai", "celery")]
    for request in (*requests, Shipment(1).story.request()):
        with database.writing() as session:
            RecordWriter(database).write(session, spans.decode(request))


def outdated(path: Path, of: Path, version: int = BEFORE_ROLES) -> None:
    """A store that an older collector made of the same spans."""
    # What was not understood then, such as how a span of others ended, was not stored.
    widened.store(path, of, version, left_out=("outcome", "agent"))
    with duckdb.connect(path) as connection:
        connection.execute(f"ATTACH '{of}' AS today (READ_ONLY)")
        connection.execute(
            "UPDATE spans SET outcome = known.outcome, agent = known.agent FROM today.spans AS known "
            "WHERE (known.trace_id, known.span_id) = (spans.trace_id, spans.span_id) AND known.attributes::VARCHAR "
            "LIKE '%causeline.node.id%'"
        )


def told(database: Database) -> list[Any]:
    """What is stored of each span."""
    return database._connection.execute(f"SELECT {READ} FROM spans ORDER BY ALL").fetchall()  # noqa: S608 names are our own


@pytest.fixture
def expected(tmp_path: Path, path: Path) -> list[Any]:
    """What today's collector makes of them; the older store is at `path`."""
    today = tmp_path / "today.duckdb"
    database = open_database(today)
    fill(database)
    found = told(database)
    database.close()
    outdated(path, today)
    return found


def test_older_spans_read_as_those_of_today(path: Path, expected: list[Any]) -> None:
    """Roles, sessions, users, tokens, agents, and how they ended; what they are known by stays."""
    database = Database.open(path)
    assert told(database) != expected

    slices = 1
    while rereading.reread_slice(database, most=10):
        slices += 1

    assert told(database) == expected
    assert slices > 5
    assert not rereading.reread_slice(database)
    database.close()


def test_a_restart_goes_on_where_the_last_one_ended(path: Path, expected: list[Any]) -> None:
    """No slice is read twice; spans that come meanwhile are read as they come, and not again."""
    reached: list[int] = []
    more = True
    while more:
        database = Database.open(path)
        more = rereading.reread_slice(database, most=15)
        if more:
            with database.reading() as session:
                reached.append(session.one(Upkeep.REREADING_STATE)["next_ns"])
        if len(reached) == 1:
            langgraph(trace := SentTrace())
            trace.store(database)
            came = {row[0] for row in told(database)} - {row[0] for row in expected}
        found = told(database)
        database.close()

    assert len(reached) > 3
    assert reached == sorted(set(reached))
    assert [row for row in found if row[0] not in came] == expected


def test_an_import_is_read_anew_and_the_rest_is_not(database: Database) -> None:
    """Its file may be of an older collector."""
    fill(database)
    while rereading.reread_slice(database):
        pass
    expected = told(database)
    database._connection.execute("UPDATE spans SET stored_us = CASE WHEN role = 'tool' THEN 2_000 ELSE 1_000 END")
    database._connection.execute("UPDATE spans SET role = NULL WHERE role IN ('tool', 'agent')")
    with database.writing() as session:
        rereading.schedule_rereading(session, 1_500)

    while rereading.reread_slice(database):
        pass

    agents = {row[0] for row in expected if row[3] == "agent"}
    assert [row for row in told(database) if row[0] not in agents] == [row for row in expected if row[0] not in agents]
    assert {row[3] for row in told(database) if row[0] in agents} == {None}


async def test_it_happens_while_a_collector_runs(path: Path, expected: list[Any]) -> None:
    """And ends with it."""
    database = Database.open(path)
    rereader = rereading.background(database, first=0)
    rereader.start()
    await until(lambda: told(database) == expected)
    rereader.close()
    rereader.close()
    assert not rereader._thread.is_alive()
    database.close()
