"""A database without rows: made once in a process by real migrations, and copied for each test."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from collector.store.database import Database


def open_database(path: Path) -> Database:
    """Opens a database, where there is none one without rows."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_migrated())
    return Database.open(path)


@cache
def _migrated() -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "causeline.duckdb"
        Database.open(path).close()
        return path.read_bytes()
