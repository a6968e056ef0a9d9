"""A worker keeps what it finds in its process out of collections of garbage, and leaves little to them."""

import gc
from collections.abc import Iterator

import pytest

from runtime import Context
from runtime.definitions.buffer import Buffer
from runtime.worker.delivery_work import DeliveryWork
from runtime.worker.garbage import StartupObjects
from tests.runtime.worker.bench import WELL, Bench
from tests.waiting import until


@pytest.fixture(autouse=True)
def _unfrozen() -> Iterator[None]:
    former = gc.get_threshold()
    gc.unfreeze()
    gc.set_threshold(700, 10, 10)
    yield
    gc.unfreeze()
    gc.set_threshold(*former)


def test_what_is_there_is_kept_out_until_the_end():
    """Then it is collected as ever."""
    standing = StartupObjects()
    standing.freeze()
    assert gc.get_freeze_count() > 1_000
    standing.unfreeze()
    assert gc.get_freeze_count() == 0


def test_what_somebody_else_keeps_out_stays_so():
    """A server that forks, say, or a worker that began before."""
    gc.freeze()
    standing = StartupObjects()
    standing.freeze()
    standing.unfreeze()
    assert gc.get_freeze_count() > 1_000


def test_who_has_kept_nothing_out_gives_nothing_back():
    """However often it is told to."""
    standing, other = StartupObjects(), StartupObjects()
    standing.freeze()
    other.unfreeze()
    assert gc.get_freeze_count() > 1_000
    standing.unfreeze()
    standing.unfreeze()
    gc.freeze()
    standing.unfreeze()
    assert gc.get_freeze_count() > 1_000


def test_young_objects_are_looked_through_less_often_until_the_end():
    """As from Python 3.13 on; then as before."""
    standing = StartupObjects()
    standing.freeze()
    assert gc.get_threshold() == (2_000, 10, 10)
    standing.unfreeze()
    assert gc.get_threshold() == (700, 10, 10)


def test_how_often_somebody_else_has_them_looked_through_stays_so():
    """It is their process."""
    gc.set_threshold(50_000, 20, 5)
    standing = StartupObjects()
    standing.freeze()
    assert gc.get_threshold() == (50_000, 20, 5)
    standing.unfreeze()
    assert gc.get_threshold() == (50_000, 20, 5)


async def test_what_an_attempt_was_made_of_goes_with_it(bench: Bench):
    """It holds itself by no circle: what does waits for a collection, which stops all else that the worker does."""
    gc.collect()
    gc.disable()
    try:

        @bench.work()
        async def work(order: int, ctx: Context) -> None:
            assert _made()

        async with bench.app:
            await bench.begin()
            assert await bench.ended() == WELL
            await until(lambda: not _made(), "nothing is left of it")
    finally:
        gc.enable()


def _made() -> list[Buffer | DeliveryWork]:
    return [one for one in gc.get_objects() if isinstance(one, Buffer | DeliveryWork)]
