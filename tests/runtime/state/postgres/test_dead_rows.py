"""What keeps dead rows is found: whoever holds a snapshot, and tables that are full of what is gone."""

from collections.abc import Iterator

import psycopg
import pytest

from runtime.cli.database_state import find_slowdowns
from runtime.errors import SettingsError
from runtime.state.postgres.database import Database
from runtime.state.postgres.dead_rows import find_dead_row_causes
from tests.postgres_servers import USER, PostgresServer
from tests.servers import free_port


@pytest.fixture
def dumping(postgres: PostgresServer) -> Iterator[psycopg.Connection]:
    """Another client of the same user, in the middle of a dump."""
    with psycopg.connect(postgres.url) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        connection.execute("SELECT count(*) FROM causeline.standings")
        yield connection


async def prepared(url: str) -> None:
    database = Database(url)
    await database.prepare()
    await database.close()


async def test_where_nobody_holds_anything_nothing_is_said(postgres: PostgresServer):
    """Also not of a transaction that has just begun."""
    await prepared(postgres.url)
    with psycopg.connect(postgres.url) as connection:
        connection.execute("SELECT 1")
        assert await find_dead_row_causes(postgres.url) == []


async def test_an_old_transaction_of_another_client_is_told_with_how_to_end_it(
    postgres: PostgresServer, dumping: psycopg.Connection
):
    """By its session and user."""
    (said,) = await find_dead_row_causes(postgres.url, old_s=0)
    pid = dumping.info.backend_pid
    assert said == (
        f"session {pid} of {USER} has been open for 0 min, so that no dead rows are cleared and steps get slower: end "
        f"it, or SELECT pg_terminate_backend({pid})"
    )
    dumping.rollback()
    assert await find_dead_row_causes(postgres.url, old_s=0) == []


async def test_a_transaction_that_others_hide_is_told_by_the_dead_rows_that_it_keeps(postgres: PostgresServer):
    """As where the user of workers may not see what other users do."""
    await prepared(postgres.url)
    with psycopg.connect(postgres.admin.rpartition("/")[0] + "/causeline") as dump:
        dump.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        dump.execute("SELECT count(*) FROM causeline.spent")
        with psycopg.connect(postgres.url, autocommit=True) as owner:
            owner.execute("INSERT INTO causeline.spent SELECT 'a', 'b', n, 1, 1 FROM generate_series(1, 9000) AS n")
            owner.execute("DELETE FROM causeline.spent")
            owner.execute("VACUUM ANALYZE causeline.spent")
        assert await find_dead_row_causes(postgres.url, old_s=0, dead=10_000) == []
        (said,) = await find_dead_row_causes(postgres.url, old_s=0, dead=8_000)
    assert said.startswith("table causeline.spent has 9,000 dead rows beside 0: a transaction that is open for long")
    assert "pg_read_all_stats" in said


async def test_a_replication_slot_that_nobody_reads_is_told(postgres: PostgresServer):
    """It keeps what it may still be asked for."""
    await prepared(postgres.url)
    with psycopg.connect(postgres.admin, autocommit=True) as admin:
        admin.execute("SELECT pg_create_physical_replication_slot('gone', true)")
        try:
            assert await find_dead_row_causes(postgres.url) == []  # one without a snapshot keeps no rows
        finally:
            admin.execute("SELECT pg_drop_replication_slot('gone')")


def test_the_command_says_so_and_does_without_a_database_that_is_away():
    """What can't be asked is not as it should not be."""
    assert find_slowdowns(None) == []
    (said,) = find_slowdowns(f"postgresql://{USER}:s3cret@127.0.0.1:{free_port()}/causeline")
    assert not said.is_open
    assert "can't be asked what slows it down: the PostgreSQL server does not answer" in said.words
    assert "s3cret" not in said.words
    with pytest.raises(SettingsError):
        find_slowdowns("postgresql://[half")
