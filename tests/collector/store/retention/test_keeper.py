"""The thread that cleans: soon and again, never in a hurry, and gone when it is told to be."""

import threading
from concurrent.futures import ThreadPoolExecutor

import duckdb
import pytest

from collector.errors import RoomError, StoreError
from collector.store.database import Database
from collector.store.retention import cleaning, keeper
from collector.store.retention.keeper import Keeper
from collector.store.retention.policy import Policy
from tests.collector.store.retention.stores import DAY_NS, counts, shipped
from tests.collector.story import ORIGIN_NS
from tests.waiting import until

#: What is looked at here is the file, or what a process has in mind of it: each test has one of its own.
pytestmark = pytest.mark.usefixtures("path")


@pytest.fixture
def clock() -> list[int]:
    """The time, in days after the origin, as a test sets it."""
    return [0]


def kept(database: Database, clock: list[int], policy: Policy | None = None, interval: float = 0.01) -> Keeper:
    """A keeper of ten days, by that clock."""
    return Keeper(database, policy or Policy(days=10), interval, lambda: ORIGIN_NS + clock[0] * DAY_NS)


async def test_it_cleans_again_and_again(database: Database, clock: list[int]) -> None:
    """And tells of the last time."""
    shipped(database, 0)
    keeper = kept(database, clock)
    keeper.start()
    await until(lambda: keeper.last_cleaning)
    assert counts(database)["spans"] == 15
    clock[0] = 11
    await until(lambda: keeper.last_cleaning is not None and keeper.last_cleaning.removed.spans)
    keeper.close()
    keeper.close()
    assert "spans" not in counts(database)
    assert keeper.last_cleaning is not None
    assert keeper.last_cleaning.at_ns == ORIGIN_NS + 11 * DAY_NS


def test_where_all_is_kept_it_does_nothing(database: Database, clock: list[int]) -> None:
    """Not even look."""
    keeper = kept(database, clock, Policy())
    keeper.start()
    keeper.close()
    assert keeper.last_cleaning is None


def test_it_ends_in_the_middle_of_a_cleaning(
    database: Database, clock: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long its statement or its rest would take."""
    started = threading.Event()

    def endless(base: Database, *_: object) -> int:
        with base.reading() as session:
            started.set()
            return session.count("SELECT count(*) FROM range(1_000_000_000_000) WHERE range % 7 = 3", {})

    monkeypatch.setattr(cleaning.removal, "find_slice_end", endless)
    shipped(database, 0)
    keeper = kept(database, clock)
    keeper.start()
    assert started.wait(20)
    keeper.close()
    assert not keeper._background._thread.is_alive()
    assert keeper.last_cleaning is None


async def test_a_cleaning_that_fails_is_tried_again(
    database: Database, clock: list[int], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """With a line in the log."""
    real, left = cleaning.removal.remove_rejections, [2]

    def failing(base: Database, until_ns: int) -> None:
        if left[0]:
            left[0] -= 1
            raise duckdb.TransactionException("conflict")
        real(base, until_ns)

    monkeypatch.setattr(cleaning.removal, "remove_rejections", failing)
    keeper = kept(database, clock)
    keeper.start()
    await until(lambda: keeper.last_cleaning)
    keeper.close()
    assert [record.getMessage() for record in caplog.records if "tried again" in record.getMessage()] != []


@pytest.mark.parametrize(
    ("error", "wait"), [(RoomError("it needs more; ask again"), 5.0), (StoreError("it is broken"), 600.0)]
)
def test_a_cleaning_that_needs_more_memory_is_tried_again_soon(
    database: Database, clock: list[int], monkeypatch: pytest.MonkeyPatch, error: StoreError, wait: float
) -> None:
    """While the database has it; what fails of anything else waits for its time, and so does what went well."""
    failures = [error]

    def failing(*_: object) -> None:
        if failures:
            raise failures.pop()

    monkeypatch.setattr(cleaning.removal, "remove_sources", failing)
    cramped = kept(database, clock, interval=600.0)
    assert cramped._clean_when_due() == pytest.approx(wait, abs=1.0)
    cramped._due = 0.0
    assert cramped._clean_when_due() == pytest.approx(600.0, abs=1.0)
    assert cramped.last_cleaning is not None


def test_it_rests_longer_than_it_works(database: Database, clock: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    """Three times as long as the step before took, and never more than some seconds."""
    rests: list[float] = []
    now = iter([0.0, 1.0, 1.0, 101.0, 101.0])
    monkeypatch.setattr(keeper.time, "monotonic", lambda: next(now))
    resting = kept(database, clock)
    monkeypatch.setattr(resting._background._end, "wait", lambda seconds: rests.append(seconds))
    resting._rest()
    resting._rest()
    assert rests == [3.0, 5.0]


@pytest.mark.parametrize(("times", "rest"), [(1.05, 3.0), (1.5, 0.25)])
def test_it_rests_less_where_more_comes_in_than_goes(
    database: Database, clock: list[int], monkeypatch: pytest.MonkeyPatch, times: float, rest: float
) -> None:
    """Else whoever sends faster than it removes at its ease could fill the disk."""
    shipped(database, 0)
    database.checkpoint()
    hurried = kept(database, clock, Policy(gib=database.used_bytes / times / 2**30))
    hurried.clean()
    rests: list[float] = []
    now = iter([101.0, 101.0])
    monkeypatch.setattr(keeper.time, "monotonic", lambda: next(now))
    monkeypatch.setattr(hurried._background._end, "wait", lambda seconds: rests.append(seconds))
    hurried._resumed = 100.0
    hurried._rest()
    assert rests == [rest]


def test_where_too_much_is_left_it_cleans_again_soon(
    database: Database, clock: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What came while it cleaned may be more than it has removed; where nothing can go, it does not hurry."""
    shipped(database, 0)
    database.checkpoint()
    clock[0] = 1
    small = kept(database, clock, Policy(gib=1 / 2**30), interval=600.0)
    assert small._clean_and_plan() == 5.0
    assert "spans" not in counts(database)
    assert small._clean_and_plan() == 600.0


def test_a_store_that_cannot_say_how_full_it_is_is_cleaned_at_its_time(
    database: Database, clock: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where the end cuts that question off: nothing is raised in the thread."""
    shipped(database, 0)
    clock[0] = 11
    cleaned = kept(database, clock, Policy(days=10, gib=1), interval=600.0)

    def cut_off(_: Database) -> int:
        raise duckdb.InterruptException("cut off")

    monkeypatch.setattr(Database, "used_bytes", property(cut_off))
    assert cleaned._clean_and_plan() == 600.0
    assert not cleaned._has_grown()


@pytest.mark.parametrize(
    ("used", "expected"),
    [([100, 100], 1), ([100, 111], 2), ([80, 109], 1), ([80, 111], 2), ([150, 159], 1), ([150, 161], 2)],
    ids=["full", "too full", "fuller", "and too full", "nothing can go", "more came"],
)
def test_it_does_not_wait_for_its_time_where_too_much_came(
    used: list[int], expected: int, database: Database, clock: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a tenth of what may be: a disk can be full sooner. What can't go yet is not tried all the time."""
    now, cleanings = [1_000.0], []
    monkeypatch.setattr(keeper.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(Database, "used_bytes", property(lambda _: used[0] * 2**20))
    looking = kept(database, clock, Policy(gib=100 / 1024), interval=600.0)
    monkeypatch.setattr(looking, "clean", lambda: cleanings.append(now[0]))
    assert looking._clean_when_due() == 10.0
    for _ in range(5):
        now[0] += 10
        used[0] = used[1]
        assert looking._clean_when_due() == 10.0
    assert len(cleanings) == expected


def test_where_size_is_no_limit_it_waits_for_its_time(database: Database, clock: list[int]) -> None:
    assert kept(database, clock, interval=600.0)._clean_when_due() == pytest.approx(600.0, abs=60)


def test_removing_beside_the_writer_never_fails_a_transaction(database: Database, clock: list[int]) -> None:
    """Spans are stored at the same time as others of the same tables are removed."""
    shipped(database, *range(8))
    clock[0] = 1_000
    with ThreadPoolExecutor(2) as pool:
        removing = pool.submit(kept(database, clock).clean)
        storing = pool.submit(shipped, database, *range(990, 998), first=100)
        removing.result()
        storing.result()
    assert counts(database)["spans"] == 8 * 15
    assert counts(database)["resources"] == 1
