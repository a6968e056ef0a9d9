"""The version of a database's schema: read it, refuse what is newer, bring what is older up to date."""

from pathlib import Path
from typing import Final

import duckdb

from collector.errors import SchemaNewerError, StartError
from collector.store import ddl, derived

_VERSIONS: Final = "CREATE TABLE schema_version (version INTEGER NOT NULL, applied_at TIMESTAMPTZ NOT NULL)"


def newest_version() -> int:
    """Returns the version that this collector writes."""
    return ddl.migrations()[-1][0]


def read_version(connection: duckdb.DuckDBPyConnection) -> int:
    """Returns the version of a database; 0 where it is empty.

    Raises:
        StartError: when tables are there that the collector did not make.
    """
    tables = {row[0] for row in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    if "schema_version" in tables:
        ((found,),) = connection.execute("SELECT max(version) FROM schema_version").fetchall()
        return int(found or 0)
    if tables:
        raise StartError("the database holds tables of somebody else; name another file in CAUSELINE_DATABASE")
    return 0


def refuse_newer(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Makes sure that a database can be written by this collector.

    Raises:
        SchemaNewerError: when a newer collector wrote it.
    """
    found = read_version(connection)
    if found > newest_version():
        raise SchemaNewerError(
            f"the database {path} has schema version {found}, newer than this collector's {newest_version()}; "
            "nothing was "
            "changed: start the newer collector, or name another file in CAUSELINE_DATABASE"
        )


def migrate(connection: duckdb.DuckDBPyConnection) -> None:
    """Applies the migrations that a database lacks, and replaces what is derived, unless it is there as it has to be.

    A new database takes one transaction for all, since each waits for the disk; in an older one each migration has a
    transaction of its own.
    """
    found = read_version(connection)
    if found == newest_version() and derived.are_current(connection):
        return
    connection.execute("BEGIN")
    for number, statements in ddl.migrations():
        if number > found:
            _apply(connection, number, statements)
            if found:
                connection.execute("COMMIT")
                connection.execute("BEGIN")
    derived.replace(connection)
    connection.execute("COMMIT")
    if 0 < found < newest_version():
        # A column of another type is worked out again from the log, by each start until that is folded into the file.
        connection.execute("CHECKPOINT")


def _apply(connection: duckdb.DuckDBPyConnection, number: int, statements: str) -> None:
    if number == 1:
        connection.execute(_VERSIONS)
    connection.execute(statements)
    connection.execute("INSERT INTO schema_version VALUES ($version, now())", {"version": number})
