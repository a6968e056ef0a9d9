"""The version of a database's schema: read it, refuse what is newer, bring what is older up to date."""

from pathlib import Path
from typing import Final

import duckdb

from collector.errors import SchemaNewerError, StartError
from collector.store import ddl

_VERSIONS: Final = "CREATE TABLE schema_version (version INTEGER NOT NULL, applied_at TIMESTAMPTZ NOT NULL)"


def newest() -> int:
    """Returns the version that this collector writes."""
    return ddl.migrations()[-1][0]


def version(connection: duckdb.DuckDBPyConnection) -> int:
    """Returns the version of a database; 0 where it is empty.

    Raises:
        StartError: when tables are there that the collector did not make.
    """
    tables = {row[0] for row in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    if "schema_version" in tables:
        row = connection.execute("SELECT max(version) FROM schema_version").fetchone()
        return int(row[0]) if row and row[0] is not None else 0
    if tables:
        raise StartError("the database holds tables of somebody else; name another file in CAUSELINE_DATABASE")
    return 0


def refuse_newer(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Makes sure that a database can be written by this collector.

    Raises:
        SchemaNewerError: when a newer collector wrote it.
    """
    found = version(connection)
    if found > newest():
        raise SchemaNewerError(
            f"the database {path} has schema version {found}, newer than this collector's {newest()}; nothing was "
            "changed: start the newer collector, or name another file in CAUSELINE_DATABASE"
        )


def migrate(connection: duckdb.DuckDBPyConnection) -> None:
    """Applies the migrations that a database lacks, each in a transaction of its own, then replaces what is derived."""
    found = version(connection)
    for number, statements in ddl.migrations():
        if number <= found:
            continue
        connection.execute("BEGIN")
        if number == 1:
            connection.execute(_VERSIONS)
        connection.execute(statements)
        connection.execute("INSERT INTO schema_version VALUES ($version, now())", {"version": number})
        connection.execute("COMMIT")
    for name in ddl.DERIVED:
        connection.execute(ddl.text(name))
