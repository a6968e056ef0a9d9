"""What is too much goes: the oldest chains first, and last of all what is not done. Freed room is used again."""

import pytest

from collector.otlp.decode.spans import decode
from collector.store.batch import merge_batches
from collector.store.database import Database
from collector.store.records import RecordWriter
from collector.store.retention.policy import Policy
from runtime import semconv
from runtime.semconv import NodeKind
from tests.collector.store.retention.stores import DAY_MS, clean, names, subjects
from tests.collector.story import Story, place, uid

#: What is looked at here is the file, or what a process has in mind of it: each test has one of its own.
pytestmark = pytest.mark.usefixtures("path")

#: Blocks of a file are 256 KiB, and each table takes some.
MIB = 2**20
NOISE = f"{3**40_000:x}"


def fill(database: Database, *chains: int, at: float = 0) -> None:
    """Stores chains of two traces that take 60 KB each and do not compress; a chain lies on the day of its number."""
    stories = []
    for number in chains:
        story = Story()
        for part in range(2):
            where = place(f"{number}-{part}", "s")
            noise = {f"k{part}": NOISE[(number * 977 + part * 31) % 5000 :][:30_000][:: 1 if number % 2 else -1]}
            links = [place(f"{number}-0", "s")] if part else []
            story.add(str(number), where, at=(at + number) * DAY_MS + part, links=links, attributes=noise)
        stories.append(decode(story.request()))
    with database.writing() as session:
        RecordWriter(database).write(session, merge_batches(stories))
    assert database.checkpoint()


def size(database: Database) -> int:
    """Bytes of the file."""
    return database.path.stat().st_size


def test_the_oldest_chains_go_first_and_whole(database: Database) -> None:
    """Until there is room again; what is left is the newest, and no half of anything."""
    fill(database, *range(100))
    most = size(database) * 0.6
    assert clean(database, 101, Policy(gib=most / 2**30)).spans % 2 == 0

    kept = sorted(int(name) for name in names(database))
    assert kept == list(range(kept[0], 100))
    assert 10 < kept[0] < 90
    rows = database._connection.execute("SELECT count(*) FROM spans GROUP BY name").fetchall()
    assert set(rows) == {(2,)}


def test_nothing_goes_while_there_is_room(database: Database) -> None:
    """However old it is."""
    fill(database, *range(10))
    assert clean(database, 10_000, Policy(gib=1)).records == 0


def test_what_is_not_done_goes_last_and_the_newest_minutes_never(database: Database) -> None:
    """The oldest run still goes on; it is there after all that is done is gone, but for what is minutes old."""
    run = Story()
    run.node(NodeKind.RUN, uid("run"), "run", place("r", "r"), more={semconv.WORKFLOW: "w"})
    with database.writing() as session:
        RecordWriter(database).write(session, decode(run.request()))
    fill(database, *range(60))
    clean(database, 59.001, Policy(gib=size(database) * 0.5 / 2**30))
    assert "run" in names(database)
    assert "0" not in names(database)
    clean(database, 59.001, Policy(gib=1 / 2**30))
    assert names(database) == {"59"}


def test_a_chain_that_never_ends_gives_way_when_nothing_else_is_left(database: Database) -> None:
    """Its oldest spans go, and not all of it."""
    story = Story()
    for number in range(60):
        noise = {"noise": NOISE[number * 50 :][:30_000]}
        story.add(str(number), place("t", str(number)), at=number * DAY_MS, attributes=noise)
    with database.writing() as session:
        RecordWriter(database).write(session, decode(story.request()))
    assert database.checkpoint()
    clean(database, 59, Policy(gib=1 / 2**30))
    assert names(database) == {"59"}


def test_the_file_does_not_grow_over_many_rounds(database: Database) -> None:
    """What a round frees the next one fills."""
    policy = Policy(gib=2 * MIB / 2**30)
    sizes = []
    for round_ in range(9):
        fill(database, *range(20 * round_, 20 * round_ + 20))
        clean(database, 20 * round_ + 20, policy)
        sizes.append(size(database))
    assert max(sizes[6:]) <= max(sizes[:6]) * 1.1
    assert len(names(database)) > 10


def test_age_keeps_the_file_from_growing_too(database: Database) -> None:
    """Rounds of a day each, of which the last three are kept."""
    sizes = []
    for round_ in range(9):
        fill(database, *range(20 * round_, 20 * round_ + 20))
        clean(database, 20 * round_ + 20, Policy(days=40))
        sizes.append(size(database))
    assert max(sizes[6:]) <= max(sizes[:6]) * 1.1
    assert subjects(database) == {None}
    assert len(names(database)) == 40
