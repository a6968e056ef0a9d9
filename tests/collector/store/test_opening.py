"""A file is opened with the log beside it, or refused; and how what is stored lies in it."""

import random
import shutil
from pathlib import Path

import duckdb
import pytest

from collector.errors import SchemaNewerError, StartError
from collector.otlp.decode.spans import decode
from collector.store.database import Database
from collector.store.queries import Query
from collector.store.records import RecordWriter
from collector.store.vacuum import vacuum
from tests.collector.story import Story, place

CALLS, STEPS, TOLD, WORDS = 400, 20, 70, 40

NEWER = "INSERT INTO schema_version VALUES (1000000, now())"


def killed(path: Path, *statements: str, folded: str = "") -> Path:
    """A database beside whose file lies a log, as after a crash; in the file is what came before."""
    open_ = path.with_name("open.duckdb")
    if folded:
        Database.open(open_).close()
    with duckdb.connect(open_, config={"checkpoint_threshold": "1GiB"}) as connection:
        if folded:
            connection.execute(folded)
            connection.execute("CHECKPOINT")
        for statement in statements:
            connection.execute(statement)
        for suffix in ("", ".wal"):
            shutil.copy(f"{open_}{suffix}", f"{path}{suffix}")
    open_.unlink()
    return path


def lying(path: Path) -> dict[str, bytes]:
    """What lies in its folder."""
    return {entry.name: entry.read_bytes() for entry in path.parent.iterdir()}


def test_what_the_log_holds_is_there_after_a_crash(path: Path) -> None:
    """And is folded into the file when that is closed."""
    killed(path, "INSERT INTO own_channels VALUES ('late')", folded="INSERT INTO own_channels VALUES ('early')")
    database = Database.open(path)
    with database.reading() as session:
        assert {row["channel"] for row in session.rows(Query.INGEST_OWN_CHANNELS)} == {"early", "late"}
    database.close()
    assert set(lying(path)) == {path.name}


@pytest.mark.parametrize("folded", ["", NEWER, "INSERT INTO own_channels VALUES ('early')"])
def test_a_newer_collectors_file_and_log_are_left_as_they_are(path: Path, folded: str) -> None:
    """Whether its version lies in the file, or it was killed before anything of it, or its last migration, did."""
    made = "CREATE TABLE schema_version (version INTEGER NOT NULL, applied_at TIMESTAMPTZ NOT NULL)"
    logged = {"": (made, NEWER), NEWER: ("CREATE TABLE of_tomorrow (id INTEGER)",)}.get(folded, (NEWER,))
    killed(path, *logged, folded=folded)
    before = lying(path)
    with pytest.raises(SchemaNewerError, match="nothing was changed"):
        Database.open(path)
    assert lying(path) == before


@pytest.mark.parametrize("is_broken", [True, False])
def test_a_file_and_a_log_of_somebody_else_are_left_as_they_are(path: Path, is_broken: bool) -> None:
    """Whether it is a database or none."""
    killed(path, "CREATE TABLE accounts (id INTEGER)")
    if is_broken:
        path.write_bytes(b"no database at all")
    before = lying(path)
    with pytest.raises(StartError, match="can't be opened" if is_broken else "somebody else"):
        Database.open(path)
    assert lying(path) == before


def test_what_models_were_told_takes_a_third_of_its_length(path: Path) -> None:
    """Each call is told the last messages before it again, and most spans say little; also in a file that is written
    anew."""
    chance, story, length = random.Random(5), Story(), 0
    known = ["".join(chance.choices("etaoinshrdlu", k=chance.randint(2, 9))) for _ in range(2_000)]
    said = [" ".join(chance.choices(known, k=WORDS)) for _ in range(CALLS + TOLD)]
    for number in range(CALLS):
        prompt = "\n".join(said[number : number + TOLD])
        length += len(prompt)
        story.add(f"call {number}", place(f"t{number}", "call"), attributes={"llm.prompt": prompt})
        for step in range(STEPS):
            story.add(f"call {number}", place(f"t{number}", f"s{step}"), attributes={"step": f"step {step}"})
    database = Database.open(path)
    with database.writing() as session:
        RecordWriter(database).write(session, decode(story.request()))
    assert database.checkpoint()
    database.close()
    assert path.stat().st_size < length / 3
    assert vacuum(path).after < length / 3
