"""Exports that tests make, change, and read again."""

from pathlib import Path

from collector.store.database import Database
from collector.store.exchange.export import export
from collector.store.exchange.load import ImportCounts, load
from collector.store.exchange.workspace import open_workspace

EVER_NS = 2**62


def exported(database: Database, folder: Path, since_ns: int = 0, until_ns: int = EVER_NS) -> Path:
    """A folder with an export."""
    folder.mkdir()
    export(database, folder, since_ns, until_ns)
    return folder


def loaded(database: Database, folder: Path) -> ImportCounts:
    """What became of an import."""
    with open_workspace(database.path) as space:
        return load(database, folder, space)
