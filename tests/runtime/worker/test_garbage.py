"""What a worker finds in its process is left out of collections of garbage while it works."""

import gc
from collections.abc import Iterator

import pytest

from runtime.worker.garbage import Standing


@pytest.fixture(autouse=True)
def _unfrozen() -> Iterator[None]:
    gc.unfreeze()
    yield
    gc.unfreeze()


def test_what_is_there_is_kept_out_until_the_end():
    """Then it is collected as ever."""
    standing = Standing()
    standing.keep_out()
    assert gc.get_freeze_count() > 1_000
    standing.give_back()
    assert gc.get_freeze_count() == 0


def test_what_somebody_else_keeps_out_stays_so():
    """A server that forks, say, or a worker that began before."""
    gc.freeze()
    standing = Standing()
    standing.keep_out()
    standing.give_back()
    assert gc.get_freeze_count() > 1_000


def test_who_has_kept_nothing_out_gives_nothing_back():
    """However often it is told to."""
    standing, other = Standing(), Standing()
    standing.keep_out()
    other.give_back()
    assert gc.get_freeze_count() > 1_000
    standing.give_back()
    standing.give_back()
    gc.freeze()
    standing.give_back()
    assert gc.get_freeze_count() > 1_000
