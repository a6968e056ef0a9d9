"""What a start costs: nothing is made anew that is there as it has to be, whoever had the database meanwhile."""

from pathlib import Path

import duckdb
import pytest

from collector.store import derived
from collector.store.database import Database

SEEN = "SELECT view_name, sql, view_oid FROM duckdb_views() WHERE NOT internal ORDER BY ALL"


def views(path: Path) -> list[tuple[object, ...]]:
    """Every view, with the number that DuckDB gave it when it was made."""
    with duckdb.connect(path, read_only=True) as connection:
        return connection.execute(SEEN).fetchall()


def test_a_start_writes_nothing_where_all_is_up_to_date(path: Path) -> None:
    """Not a byte: a restart after a crash has other things to do."""
    Database.open(path).close()
    before = path.read_bytes()
    Database.open(path).close()
    assert path.read_bytes() == before


def test_views_that_another_collector_made_are_made_anew(path: Path) -> None:
    """An earlier one of the same schema version knows nothing of the mark, and replaces every view."""
    Database.open(path).close()
    ours = [(name, sql) for name, sql, _ in views(path)]
    with duckdb.connect(path) as connection:
        connection.execute("CREATE OR REPLACE VIEW records AS SELECT 1 AS earlier")
        connection.execute("DROP VIEW judgements")
    assert [(name, sql) for name, sql, _ in views(path)] != ours
    Database.open(path).close()
    assert [(name, sql) for name, sql, _ in views(path)] == ours


def test_views_are_made_anew_when_their_text_changes(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """That is how a new release brings them, without a migration."""
    Database.open(path).close()
    monkeypatch.setattr(derived, "_read_statements", lambda: ("CREATE OR REPLACE VIEW records AS SELECT 1 AS later",))
    derived._compute_digest.cache_clear()
    try:
        Database.open(path).close()
    finally:
        derived._compute_digest.cache_clear()
    with duckdb.connect(path) as connection:
        assert connection.execute("SELECT * FROM records").fetchall() == [(1,)]
