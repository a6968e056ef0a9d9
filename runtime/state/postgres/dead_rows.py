"""What keeps a database from clearing dead rows away: then tables that change often grow, and all of it gets slower."""

from typing import Any, Final

import psycopg

from runtime.state.postgres import address
from runtime.state.postgres.connections import OURS

#: Seconds that a transaction of anybody may stay open before it is told of.
OLD_S: Final = 600.0
#: Dead rows of a table that are told of, where they are also so many times the others.
_DEAD: Final = 20_000
_TIMES: Final = 5

#: A snapshot that somebody holds, whoever it is. What sessions of others do is seen by who may (`pg_read_all_stats`).
_HOLDERS: Final = """
SELECT 'session ' || pid || ' of ' || coalesce(usename::text, 'nobody') AS who,
    extract(epoch FROM now() - xact_start)::float8 AS for_s,
    'end it, or SELECT pg_terminate_backend(' || pid || ')' AS advice
FROM pg_stat_activity
WHERE datname = current_database() AND (backend_xmin IS NOT NULL OR backend_xid IS NOT NULL)
    AND xact_start < now() - make_interval(secs => $1) AND pid <> pg_backend_pid()
UNION ALL
SELECT 'prepared transaction ' || gid, extract(epoch FROM now() - prepared)::float8, 'commit it, or ROLLBACK PREPARED'
FROM pg_prepared_xacts WHERE database = current_database() AND prepared < now() - make_interval(secs => $1)
UNION ALL
SELECT 'replication slot ' || slot_name, NULL, 'nobody reads it: SELECT pg_drop_replication_slot, if nobody will'
FROM pg_replication_slots WHERE (xmin IS NOT NULL OR catalog_xmin IS NOT NULL) AND NOT active
ORDER BY for_s DESC NULLS LAST LIMIT 5
"""
_DEAD_ROWS: Final = """
SELECT relname, n_dead_tup AS dead, n_live_tup AS live FROM pg_stat_user_tables
WHERE schemaname = 'causeline' AND n_dead_tup > $1 AND n_dead_tup > $2 * n_live_tup ORDER BY n_dead_tup DESC LIMIT 1
"""


async def find_dead_row_causes(url: str, old_s: float = OLD_S, dead: int = _DEAD) -> list[str]:
    """What keeps dead rows, a sentence each that says what to do; none where all is well.

    Args:
        url: the database's address.
        old_s: seconds that a transaction may stay open.
        dead: dead rows of a table that are told of.

    Raises:
        SettingsError: the address can't be used.
        psycopg.Error: the database does not answer.
    """
    parameters = address.connection_parameters(url)
    connection = await psycopg.AsyncConnection.connect(**parameters, autocommit=True, prepare_threshold=None, **OURS)
    async with connection:
        holders = await (await connection.execute(_HOLDERS, (old_s,))).fetchall()
        tables = await (await connection.execute(_DEAD_ROWS, (dead, _TIMES))).fetchall()
    return [*map(_describe_holder, holders), *map(_describe_table, tables)]


def _describe_holder(row: Any) -> str:
    since = f" has been open for {row['for_s'] / 60:,.0f} min" if row["for_s"] is not None else " keeps what is old"
    return f"{row['who']}{since}, so that no dead rows are cleared and steps get slower: {row['advice']}"


def _describe_table(row: Any) -> str:
    return (
        f"table causeline.{row['relname']} has {row['dead']:,} dead rows beside {row['live']:,}: a transaction that is "
        "open for long (GRANT pg_read_all_stats shows whose), or autovacuum is off or too slow"
    )
