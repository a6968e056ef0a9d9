"""Makes of a filled database one of another age, whose days are all as dense: `<source> <file> <days>`. Of less than a
day it keeps the end; of more days it has each span once for each, a day earlier, with other ids. Ids that tell the time
still do; what attributes say of them stays."""

import sys
from pathlib import Path
from typing import Final

import duckdb

from benchmarks.programs import talk
from collector.store.database import Database
from collector.store.opening import connect

_DAY_NS: Final = 86_400 * 10**9
_DAY_MS: Final = 86_400 * 1_000

#: Where a UUID of version 7 has its milliseconds, counted from its lowest bit.
_MS_PLACE: Final = 80

#: Tables of rows that stand for time, and by which column of them, or of the spans that they hang on, that is known.
_TABLES: Final = ("spans", "span_events", "span_links", "materialized_work")

_TRACES: Final = "SELECT trace_id FROM source.spans WHERE start_ns >= $first_ns"

_COLUMNS: Final = """
SELECT column_name, data_type FROM duckdb_columns()
WHERE table_name = $table AND database_name = current_database()
"""

#: Tables that are taken as they are.
_WHOLE: Final = ("resources", "scopes", "own_channels", "materialized", "rereading")


def main(source: Path, file: Path, days: float) -> None:
    """Makes it, and folds it into its file."""
    Database.open(file).close()
    connection = connect(file, 4_096, migrate=False)
    connection.execute(f"ATTACH '{source}' AS source (READ_ONLY)")
    ((newest_ns,),) = connection.execute("SELECT max(start_ns) FROM source.spans").fetchall()
    for table in _WHOLE:
        connection.execute(f"DELETE FROM {table}")  # noqa: S608 a name of ours
        connection.execute(f"INSERT INTO {table} BY NAME SELECT * FROM source.{table}")  # noqa: S608 a name of ours
    for ago in reversed(range(max(1, int(days)))):
        first_ns = newest_ns - int(min(days, 1) * _DAY_NS)
        for table in _TABLES:
            _copy(connection, table, ago, first_ns)
    connection.execute("CHECKPOINT")
    connection.close()
    talk.print_figures(days=days)


def _copy(connection: duckdb.DuckDBPyConnection, table: str, ago: int, first_ns: int) -> None:
    columns = connection.execute(_COLUMNS, {"table": table}).fetchall()
    values = ", ".join(f"{_earlier(name, kind, ago)} AS {name}" for name, kind in columns)
    is_dated = any(name == "start_ns" for name, _ in columns)
    within = "start_ns >= $first_ns" if is_dated else f"trace_id IN ({_TRACES})"
    rows = f"SELECT {values} FROM source.{table} WHERE {within}"  # noqa: S608 names and numbers of ours alone
    connection.execute(f"INSERT INTO {table} BY NAME {rows}", {"first_ns": first_ns})


def _earlier(name: str, kind: str, ago: int) -> str:
    """Returns an expression for the value of a column some days earlier."""
    if not ago:
        return name
    if kind == "UUID":
        return _other_id(name, ago)
    if kind == "UUID[]":
        return f"list_transform({name}, lambda id: {_other_id('id', ago)})"
    if name == "stored_us":
        return f"{name} - {ago * _DAY_NS // 1_000}"
    if name.endswith("_ns"):
        return f"{name} - {ago * _DAY_NS}"
    if name == "tries":
        took = f"start_ns := one.start_ns - {ago * _DAY_NS}, took_ns := one.took_ns, has_failed := one.has_failed"
        return f"list_transform({name}, lambda one: struct_pack({took}))"
    return name


def _other_id(value: str, ago: int) -> str:
    """Returns an expression for an id that was given some days earlier: one that tells no time is just another."""
    number, before = f"CAST({value} AS UHUGEINT)", ago * _DAY_MS << _MS_PLACE
    return f"CAST(CASE WHEN {number} >= {before} THEN {number} - {before} ELSE {number} + {before} END AS UUID)"


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3]))
