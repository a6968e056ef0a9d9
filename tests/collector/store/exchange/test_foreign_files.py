"""Files from anywhere: what does not fit is refused in a sentence, nothing of it is stored, and nothing breaks."""

import io
import json
import random
import tarfile
from pathlib import Path

import duckdb
import pytest

from collector.errors import ArchiveError
from collector.store import ddl, schema
from collector.store.database import Database
from collector.store.exchange import archive, manifest
from collector.store.tables import OWN
from tests.collector.store.exchange.exports import exported, loaded
from tests.collector.store.retention.stores import counts, shipped


@pytest.fixture
def folder(database: Database, tmp_path: Path) -> Path:
    """An export of a shipment; the store is empty again."""
    shipped(database, 0)
    folder = exported(database, tmp_path / "export")
    for name in counts(database):
        database._connection.table(name)
        database._connection.execute(f"DELETE FROM {name}")  # noqa: S608 names of our own
    return folder


def told(folder: Path, **changes: object) -> None:
    """Changes a manifest."""
    path = folder / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def refused(database: Database, folder: Path) -> str:
    """Why an import is refused; nothing is stored."""
    with pytest.raises(ArchiveError) as raised:
        loaded(database, folder)
    assert counts(database) == {}
    assert "\n" not in str(raised.value)
    return str(raised.value)


def test_a_newer_schema_is_refused(database: Database, folder: Path) -> None:
    """It says which is newer."""
    told(folder, schema_version=schema.newest_version() + 1)
    assert "newer than this collector's" in refused(database, folder)


@pytest.mark.parametrize("version", range(1, schema.newest_version()))
def test_an_older_schema_is_brought_up_to_date(database: Database, tmp_path: Path, version: int) -> None:
    """By the same migrations as a database: a span that an older collector stored is a span."""
    (old := tmp_path / "old").mkdir()
    with duckdb.connect() as connection:
        for number, statements in ddl.migrations():
            if number <= version:
                connection.execute(statements)
        connection.execute("""
            INSERT INTO spans BY NAME SELECT
                uuid() AS trace_id, 1 AS span_id, '' AS trace_state, 0 AS flags, 'old' AS name, 1 AS kind,
                5 AS start_ns, 6 AS end_ns, 0 AS status_code, '' AS status_message, [] AS attributes,
                0 AS dropped_attributes_count, 0 AS dropped_events_count, 0 AS dropped_links_count,
                1 AS resource_id, 1 AS scope_id, 's' AS service, uuid() AS node_id, 'span' AS node_kind
        """)
        connection.execute("INSERT INTO rejections (at_ns, reason, spans) VALUES (1, 'old', 1)")
        tables = [name for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()]
        tables = [name for name in tables if name not in OWN]
        for name in tables:
            connection.execute(f"COPY {name} TO $path (FORMAT parquet)", {"path": str(old / f"{name}.parquet")})
        rows = {name: len(connection.table(name)) for name in tables}
    said = {"format": "causeline-export", "format_version": 1, "schema_version": version, "tables": rows}
    (old / "manifest.json").write_text(json.dumps({**said, "since": "s", "until": "u"}))
    assert loaded(database, old).added["spans"] == 1
    assert counts(database) == {"spans": 1, "rejections": 1}


def test_a_file_that_is_missing_or_shorter_is_refused(database: Database, folder: Path) -> None:
    """The manifest says what there has to be."""
    told(folder, tables={"spans": 14})
    assert "has 15 rows, and 14 are told of" in refused(database, folder)
    (folder / "spans.parquet").unlink()
    assert "spans.parquet is missing" in refused(database, folder)


def test_a_small_file_of_very_many_rows_is_refused_unread(database: Database, folder: Path) -> None:
    """All of them alike, they take next to nothing until somebody reads them."""
    path = str(folder / "rejections.parquet")
    alike = "SELECT 1::UBIGINT AS at_ns, 'x' AS reason, 1::UBIGINT AS spans FROM range(500_000)"
    duckdb.execute(f"COPY ({alike}) TO $path (FORMAT parquet, COMPRESSION zstd)", {"path": path})
    told(folder, tables={"rejections": 500_000})
    assert "more than any export has in so few bytes" in refused(database, folder)


@pytest.mark.parametrize(
    "select",
    [
        "SELECT 1 AS a",
        "SELECT * EXCLUDE (trace_id) FROM spans",
        "SELECT *, 1 AS more FROM spans",
        "SELECT * REPLACE ('x' AS trace_id) FROM spans",
        "SELECT * REPLACE (NULL AS name) FROM spans",
    ],
)
def test_other_columns_are_refused(database: Database, folder: Path, select: str) -> None:
    """Unknown ones, missing ones, of other types, and empty ones."""
    path = folder / "spans.parquet"
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE spans AS FROM read_parquet($path)", {"path": str(path)})
        connection.execute(f"COPY ({select}) TO $path (FORMAT parquet)", {"path": str(path)})
    assert "spans.parquet does not fit" in refused(database, folder)


@pytest.mark.parametrize("text", ["", "[]", '{"format": "other"}', '{"tables": {"spans": -1}}', "\0", "9" * 2**21])
def test_a_manifest_that_is_none_is_refused(database: Database, folder: Path, text: str) -> None:
    """Whatever is in it."""
    (folder / "manifest.json").write_text(text)
    assert "manifest.json" in refused(database, folder)


@pytest.mark.parametrize("name", ["schema_version", "staged", 'x"; DROP TABLE spans; --', "../spans"])
def test_a_table_that_is_none_is_refused(database: Database, folder: Path, name: str) -> None:
    """And the collector's own."""
    told(folder, tables={name: 0})
    assert "has no table" in refused(database, folder)


def test_bytes_that_were_changed_never_break_anything(database: Database, folder: Path) -> None:
    """A file is read, or refused in a sentence."""
    chance = random.Random(7)
    path = folder / "spans.parquet"
    whole = path.read_bytes()
    for _ in range(8):
        broken = bytearray(whole)
        for _ in range(chance.choice([1, 20])):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        path.write_bytes(broken[: chance.choice([len(broken), chance.randrange(len(broken))])])
        try:
            loaded(database, folder)
        except ArchiveError as error:
            assert str(error)  # noqa: PT017 either is well
    path.write_bytes(whole)
    loaded(database, folder)


def tar(*members: tuple[str, bytes, bytes]) -> io.BytesIO:
    """A tar of names, contents and types."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as packed:
        for name, content, kind in members:
            info = tarfile.TarInfo(name)
            info.size, info.type, info.linkname = len(content), kind, "/etc/passwd"
            packed.addfile(info, io.BytesIO(content))
    file.seek(0)
    return file


@pytest.mark.parametrize(
    "file",
    [
        tar(("../manifest.json", b"{}", tarfile.REGTYPE)),
        tar(("/tmp/manifest.json", b"{}", tarfile.REGTYPE)),  # noqa: S108 it is not written
        tar(("notes.txt", b"{}", tarfile.REGTYPE)),
        tar(("manifest.json", b"", tarfile.SYMTYPE)),
        tar(("manifest.json", b"", tarfile.LNKTYPE)),
        tar(("manifest.json", b"{}", tarfile.REGTYPE), ("manifest.json", b"{}", tarfile.REGTYPE)),
        io.BytesIO(tar(("manifest.json", b"x" * 5_000, tarfile.REGTYPE)).getvalue()[:2_000]),
        io.BytesIO(b"no tar at all" * 100),
        io.BytesIO(b""),
    ],
)
def test_a_tar_is_not_believed(tmp_path: Path, file: io.BytesIO) -> None:
    """No path leads out of the folder, no link is followed, nothing is written twice."""
    (folder := tmp_path / "deep").mkdir()
    with pytest.raises(ArchiveError):
        _unpacked(file, folder)
    assert {path.name for path in tmp_path.iterdir()} == {"deep"}
    assert not any(path.is_symlink() for path in folder.iterdir())


def _unpacked(file: io.BytesIO, folder: Path) -> None:
    archive.unpack(file, folder)
    manifest.read(folder)


def test_a_tar_holds_what_its_folder_holds(folder: Path, tmp_path: Path) -> None:
    """And is one that every tool reads."""
    packed = io.BytesIO(b"".join(archive.pack(folder)))
    with tarfile.open(fileobj=packed) as file:
        assert [member.mode for member in file] == [0o600] * len(archive.MEMBERS)
    packed.seek(0)
    (again := tmp_path / "again").mkdir()
    archive.unpack(packed, again)
    assert {path.name: path.read_bytes() for path in again.iterdir()} == {
        path.name: path.read_bytes() for path in folder.iterdir()
    }
