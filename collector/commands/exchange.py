"""`causeline collector export` and `import`: on the database's file where nobody holds it, else through who does."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from collector.client import CollectorClient
from collector.commands.size import format_bytes
from collector.errors import ArchiveError, DatabaseLockedError, StartError
from collector.models import ImportAnswer
from collector.store.database import Database
from collector.store.exchange import archive
from collector.store.exchange import export as exports
from collector.store.exchange import load as loads
from collector.store.exchange import manifest as manifests
from collector.store.exchange.workspace import open_workspace, remove_leftovers, require_room
from collector.times import nanoseconds

#: The ending of an export that is one file; what is named otherwise is a folder.
_FILE: Final = ".tar"

#: Bytes that are read of a file at once.
_PIECE: Final = 2**20


@dataclass(frozen=True, slots=True)
class StoreLocation:
    """Where the store is.

    Args:
        database: its file.
        collector: address of the collector that most likely has it open.
        client: returns a client of that.
        asked: whether that collector is to be asked in any case.
        kept_days: days that spans are kept, 0 for ever.
    """

    database: Path
    collector: str
    client: Callable[[], CollectorClient]
    asked: bool
    kept_days: float


def export(place: StoreLocation, target: Path, since: datetime | None, until: datetime | None) -> str:
    """Writes a time range; returns what to say.

    Args:
        place: where the store is.
        target: a file whose name ends with `.tar`, or a folder; neither may be there.
        since: begin of the range; None for all that is stored.
        until: its end, exclusive.

    Raises:
        ArchiveError: when the target is there, or can't be written.
        StartError: when the store can't be used.
        ApiError: when the collector refuses.
    """
    until = until or datetime.now(UTC)
    if since is not None and since >= until:
        raise ArchiveError(f"the range ends ({until.isoformat()}) before it begins ({since.isoformat()})")
    if target.exists() and not (target.is_dir() and target.suffix != _FILE and not any(target.iterdir())):
        raise ArchiveError(f"{target} is there already: name another one, or move it away")
    with _open_folder_beside(target) as folder:
        try:
            if place.asked:
                raise DatabaseLockedError(str(place.database))
            if not place.database.exists():
                raise StartError(f"there is no database {place.database}; name it in CAUSELINE_DATABASE")
            database = Database.open(place.database)
        except DatabaseLockedError:
            _download(place.client(), folder, since, until)
        else:
            try:
                require_room(folder, database.used_bytes)
                exports.export(database, folder, nanoseconds(since) if since else 0, nanoseconds(until))
            finally:
                database.close()
        manifest = manifests.read(folder)
        size = _write_target(folder, target)
    return f"{target}: {_format_counts(manifest.tables)}, {format_bytes(size)}"


def import_(place: StoreLocation, source: Path) -> str:
    """Reads an export into the store; returns what to say.

    Args:
        place: where the store is; a database that is not there is made.
        source: the file or the folder.

    Raises:
        ArchiveError: when it is no export, or does not fit.
        StartError: when the store can't be used.
        ApiError: when the collector refuses.
    """
    if not source.exists():
        raise ArchiveError(f"there is no {source}")
    try:
        if place.asked:
            raise DatabaseLockedError(str(place.database))
        database = Database.open(place.database)
    except DatabaseLockedError:
        return _describe_import(_upload(place.client(), source), place.collector)
    try:
        remove_leftovers(database.path)
        with open_workspace(database.path) as space, _open_export(source, database.path) as folder:
            found = loads.load(database, folder, space)
    finally:
        database.close()
    answer = ImportAnswer(
        rows=found.rows, added=found.added, since=found.since, until=found.until, kept_days=place.kept_days
    )
    return _describe_import(answer, str(place.database))


@contextmanager
def _open_folder_beside(target: Path) -> Iterator[Path]:
    """A folder where an export is put together, on the disk of its target."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ArchiveError(f"{target.parent} can't be made ({error.strerror})") from None
    with open_workspace(target.absolute()) as folder:
        yield folder


def _download(client: CollectorClient, folder: Path, since: datetime | None, until: datetime) -> None:
    file = folder / "sent.tar"
    file.touch(0o600)
    with client, file.open("wb") as sent:
        client.export(sent, since=since, until=until)
    with file.open("rb") as sent:
        archive.unpack(sent, folder)
    file.unlink()


def _write_target(folder: Path, target: Path) -> int:
    """Makes the target of what a folder holds, in one step; returns its bytes."""
    try:
        if target.suffix != _FILE:
            (whole := folder / "whole").mkdir(mode=0o700)
            for name in archive.MEMBERS:
                (folder / name).rename(whole / name)
            whole.replace(target)
            return sum(path.stat().st_size for path in target.iterdir())
        whole = folder / "whole.tar"
        whole.touch(0o600)
        with whole.open("wb") as file:
            file.writelines(archive.pack(folder))
        whole.replace(target)
        return target.stat().st_size
    except OSError as error:
        raise ArchiveError(f"{target} can't be written ({error.strerror})") from None


def _upload(client: CollectorClient, source: Path) -> ImportAnswer:
    with client:
        if source.is_dir():
            manifests.read(source)
            return client.import_(archive.pack(source))
        with source.open("rb") as file:
            return client.import_(iter(lambda: file.read(_PIECE), b""))


@contextmanager
def _open_export(source: Path, database: Path) -> Iterator[Path]:
    if source.is_dir():
        yield source
        return
    with open_workspace(database) as folder, source.open("rb") as file:
        archive.unpack(file, folder)
        yield folder


def _format_counts(rows: Mapping[str, int]) -> str:
    return f"{rows['spans']:,} spans, {rows['logs']:,} log records and {rows['metric_points']:,} data points"


def _describe_import(answer: ImportAnswer, where: str) -> str:
    said = f"{where}: {_format_counts(answer.added)} are new, of {_format_counts(answer.rows)}"
    oldest = datetime.now(UTC) - timedelta(days=answer.kept_days)
    if answer.kept_days and datetime.fromisoformat(answer.since) < oldest:
        said += (
            f"\nWhat is older than {answer.kept_days:g} days goes with the next cleaning: to keep it, import it into a "
            "database of its own (CAUSELINE_DATABASE) with CAUSELINE_RETENTION_DAYS=0"
        )
    return said
