"""When the first and the last of what is stored began is known whatever was removed before."""

import random
from typing import Final

import pytest

from collector.otlp.decode.spans import decode
from collector.store.database import Database
from collector.store.queries import Query
from collector.store.queries.statement import Statement
from collector.store.queries.upkeep import Upkeep
from collector.store.records import RecordWriter
from tests.collector.story import ORIGIN_NS, Story, place

#: What is looked at here is the file, or what a process has in mind of it: each test has one of its own.
pytestmark = pytest.mark.usefixtures("path")

SECOND_NS: Final = 10**9

ALL: Final = {"from_ns": 0, "until_ns": 2**63 - 1, "kinds": None, "workflow": None, "step": None, "of_agents": True}

#: Each with what it binds, and under which names it tells the first and the last.
ASKED: Final[tuple[tuple[Statement, dict[str, object], tuple[str, ...]], ...]] = (
    (Query.LISTS_EXTENT, {}, ("oldest_ns", "newest_ns")),
    (Query.EXTENT, {**ALL, "wants_first": True, "wants_last": True}, ("first_ns", "last_ns")),
    (Query.STEPS_OTHERS_ANY, {"first_ns": 0, "end_ns": 2**63 - 1}, ("first_ns", "last_ns")),
    (Upkeep.RETENTION_OLDEST, {}, ("oldest_ns",)),
    (Upkeep.RETENTION_RECORDS, {}, ("oldest_ns",)),
)


def many(database: Database, first_ns: int, count: int) -> None:
    """Copies of the one span that is stored, a second apart."""
    database._connection.execute(
        "INSERT INTO spans BY NAME SELECT * EXCLUDE (n) REPLACE ($first + n * $second AS start_ns, n AS span_id) "
        "FROM (FROM spans LIMIT 1), range($count) AS numbers(n)",
        {"first": first_ns, "second": SECOND_NS, "count": count},
    )


def check(database: Database) -> None:
    """All that tells of ends agrees with a look at every row."""
    rows = database._connection.execute("SELECT start_ns FROM spans").fetchall()
    expected = (min(rows)[0], max(rows)[0]) if rows else (None, None)
    with database.reading() as session:
        for query, values, names in ASKED:
            row = session.one(query, **values)
            assert tuple(row[name] for name in names) == expected[: len(names)], query
        stored = database._connection.execute("SELECT coalesce(min(stored_us), 0) FROM spans").fetchone()
        assert (session.one(Query.INGEST_OLDEST_STORED)["stored_us"],) == stored


@pytest.mark.parametrize("seed", range(3))
def test_the_ends_of_what_is_left_are_found(database: Database, seed: int) -> None:
    """Some is removed, or all, and what comes then may be older: over several of the database's groups of rows."""
    story = Story()
    story.add("one", place("t", "s"), attributes={"openinference.span.kind": "AGENT"})
    with database.writing() as session:
        RecordWriter(database).write(session, decode(story.request()))
    check(database)
    chance = random.Random(seed)
    kept = "CREATE TEMP TABLE kept AS FROM spans LIMIT 1"
    database._connection.execute(kept)
    many(database, ORIGIN_NS, 400_000)
    check(database)
    for _ in range(4):
        cut_ns = ORIGIN_NS + chance.randrange(400_000) * SECOND_NS
        side = chance.choice((">=", "<"))
        database._connection.execute(f"DELETE FROM spans WHERE start_ns {side} $cut", {"cut": cut_ns})  # noqa: S608 ours
        check(database)
    database._connection.execute("DELETE FROM spans")
    check(database)
    database._connection.execute("INSERT INTO spans FROM kept")
    check(database)
    many(database, ORIGIN_NS - 100 * SECOND_NS, 10)
    check(database)
