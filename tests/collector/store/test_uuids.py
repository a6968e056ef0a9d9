"""UUIDs in columns are the ones that the database makes of the same texts."""

from uuid import UUID

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.store import uuids
from collector.store.database import Database

#: Ids in every form, and what is nearly one.
FORMS = st.uuids().flatmap(
    lambda one: st.sampled_from(
        [
            str(one),
            str(one).upper(),
            one.hex,
            f"{{{one}}}",
            f"{{{one}",
            f"{one}}}",
            f" {one}",
            str(one)[:-1],
            f"-{one.hex}-",
        ]
    )
)
TEXTS = st.one_of(FORMS, st.text("0123456789abcdefABCDEFg-{}é", max_size=40), st.none())


@given(st.lists(TEXTS, max_size=12))
@settings(max_examples=150, deadline=None)
def test_a_text_is_the_uuid_that_the_database_reads(memory: duckdb.DuckDBPyConnection, texts: list[str | None]) -> None:
    """Also within a slice of a column, whose bytes begin elsewhere."""
    read = "SELECT TRY_CAST($text AS UUID)"
    expected = [memory.execute(read, {"text": text}).fetchall()[0][0] for text in texts]
    column = pa.array(["before", *texts], pa.string()).slice(1)
    assert uuids.to_uuid_type(uuids.parse_uuids(column)).to_pylist() == expected


@given(
    st.one_of(st.none(), st.text(max_size=8)),
    st.one_of(
        FORMS.filter(bool), st.text(min_size=1, max_size=12), st.builds("{}\x1f{}".format, st.text(max_size=5), FORMS)
    ),
    st.booleans(),
)
@settings(max_examples=150, deadline=None)
def test_an_event_of_others_has_the_id_that_the_database_gives(
    empty_database: Database, channel: str | None, message: str, is_ours: bool
) -> None:
    """What is written and what is asked for must not differ."""
    values = {"ours": is_ours, "channel": channel, "message": message}
    expected = empty_database._connection.execute("SELECT message_event($ours, $channel, $message)", values).fetchall()
    assert UUID(bytes=uuids.message_event_id(channel, message, is_ours=is_ours)) == expected[0][0]


def test_a_span_that_carries_no_id_has_the_one_that_the_database_gives(empty_database: Database) -> None:
    """SHA-256 over its ids, as a UUIDv8."""
    contents = [bytes([n]) * 24 for n in range(50)]
    expected = [
        empty_database._connection.execute("SELECT foreign_node($bytes)", {"bytes": content}).fetchall()[0][0]
        for content in contents
    ]
    assert [UUID(bytes=one.tobytes()) for one in uuids.hash_contents(contents)] == expected
    assert {one.version for one in expected} == {8}


@pytest.fixture(scope="module")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Database:
    """One with its macros."""
    return Database.open(tmp_path_factory.mktemp("uuids") / "c.duckdb")
