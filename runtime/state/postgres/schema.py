"""Sets a database up: whether it is fit, its tables, and this version's functions."""

import logging
from typing import Any, Final, cast

from psycopg import AsyncConnection, sql

from runtime.errors import CommandRefusedError, ServerUnavailableError
from runtime.state.postgres import functions

_log = logging.getLogger("causeline.server")

#: The oldest version of PostgreSQL that the functions run on.
OLDEST: Final = 14
#: Two that set a database up at once go one after the other; "causelin" as a number.
LOCK: Final = 0x63617573656C696E

_FITNESS: Final = """
SELECT current_setting('server_version_num')::integer / 10000 AS version,
    current_setting('server_encoding') AS encoding, current_setting('synchronous_commit') AS synchronous,
    pg_is_in_recovery() AS is_standby, to_regprocedure($1) IS NOT NULL AS has_functions
"""


async def prepare(connection: AsyncConnection[Any], shown: str) -> None:
    """Makes tables and functions where they are not there yet.

    Args:
        connection: without a transaction.
        shown: the server's address.

    Raises:
        CommandRefusedError: the database is not fit for the state of runs.
        ServerUnavailableError: the server is a standby now.
        psycopg.Error: the server refuses, or is away.
    """
    found = await _fetch_row(connection, _FITNESS, functions.qualify_function("now_ms") + "()")
    _check_fitness(found, shown)
    if not found["has_functions"]:
        await _install(connection)


def _check_fitness(found: dict[str, Any], shown: str) -> None:
    """Raises: as `prepare`."""
    if found["version"] < OLDEST:
        raise CommandRefusedError(
            f"the PostgreSQL server at {shown} is version {found['version']}, which is too old: runs are kept in "
            f"version {OLDEST} or newer; name another in CAUSELINE_STATE_URL"
        )
    if found["encoding"] != "UTF8":
        raise CommandRefusedError(
            f"the database at {shown} has the encoding {found['encoding']}: make one with ENCODING 'UTF8' and name it "
            "in CAUSELINE_STATE_URL"
        )
    if found["is_standby"]:
        raise ServerUnavailableError(
            f"the PostgreSQL server at {shown} is a standby and takes no writes: name the primary in "
            "CAUSELINE_STATE_URL, or all of them with target_session_attrs=read-write"
        )
    if found["synchronous"] == "off":
        _log.warning(
            "the PostgreSQL server at %s has synchronous_commit=off: what it acknowledged in the last second may be "
            "gone when it crashes, and steps that were done run again; turn it on for the state of runs",
            shown,
        )


async def _install(connection: AsyncConnection[Any]) -> None:
    async with connection.transaction():
        await connection.execute("SET LOCAL idle_in_transaction_session_timeout = '60s'")
        await connection.execute("SET LOCAL check_function_bodies = off")  # one may call another that comes later
        await connection.execute("SELECT pg_advisory_xact_lock($1)", (LOCK,))
        there = await _fetch_row(connection, "SELECT to_regnamespace($1) IS NOT NULL AS is_there", functions.SCHEMA)
        if not there["is_there"]:
            await connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(functions.SCHEMA)))
        await connection.execute("CREATE TABLE IF NOT EXISTS causeline.migrations (number integer PRIMARY KEY)")
        done = await _fetch_row(connection, "SELECT coalesce(max(number), 0) AS number FROM causeline.migrations")
        for number, text in enumerate(functions.read_migrations(), start=1):
            if number > done["number"]:
                await _execute(connection, text)
                await connection.execute("INSERT INTO causeline.migrations VALUES ($1)", (number,))
        name = functions.qualify_function("now_ms") + "()"
        there = await _fetch_row(connection, "SELECT to_regprocedure($1) IS NOT NULL AS is_there", name)
        if not there["is_there"]:
            await _execute(connection, functions.read_definitions())


async def _execute(connection: AsyncConnection[Any], text: str) -> None:
    """Executes statements of ours, without values."""
    await connection.execute(text.encode())


async def _fetch_row(connection: AsyncConnection[Any], text: str, *values: Any) -> dict[str, Any]:
    """The only row of an answer."""
    row = await (await connection.execute(text.encode(), values)).fetchone()
    return cast("dict[str, Any]", row)
