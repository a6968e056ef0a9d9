"""The tour of the logistics demo and the comparison of shapes, as their page has them."""

import re
from pathlib import Path

import pytest

from tests.runtime.cli.commands import forked

pytestmark = [pytest.mark.redis, pytest.mark.slow]


def test_it_tells_each_act_and_the_day_book_confirms_it(tmp_path: Path) -> None:
    """A breaker that opened, letters that were replayed, and a worker that is killed: the status is 0."""
    ended = forked("demo", "logistics", "--tour", "--headless", "--size", "14", folder=tmp_path, timeout=170)
    assert (ended.status, ended.err) == (0, ""), ended.out
    acts = re.findall(r"^(\d)\. .*\(http://\S+/(\S+)\)$", ended.out, re.MULTILINE)
    assert acts == [("1", "groups"), ("2", "dead-letters"), ("3", "workers")]
    assert re.search(r"worker-1 ended; starting it again", ended.out)
    assert re.search(r"pickups that waited for the breaker: [1-9]", ended.out)
    assert re.search(r"shipments that arrived +42\b", ended.out)
    assert len(re.findall(r"once: 14$", ended.out, re.MULTILINE)) == 7


def test_it_needs_a_worker_of_its_own(tmp_path: Path) -> None:
    """Nobody's worker is killed elsewhere; said in a line."""
    ended = forked("demo", "logistics", "--tour", "--work-only", folder=tmp_path)
    assert ended.status == 2
    assert ended.err.strip().endswith(
        "--tour kills a worker of its own, and with --work-only it has none: leave one out"
    )


def test_shapes_are_compared_without_a_collector_or_a_worker_of_the_demo(tmp_path: Path) -> None:
    """A row a shape under all faults; the status is 0 whatever the figures are: they are no promises."""
    ended = forked("demo", "logistics", "--compare", "--seeds", "1", "--size", "5", folder=tmp_path, timeout=170)
    assert (ended.status, ended.err) == (0, ""), ended.out
    for shape in ("pure", "pure, rereads", "hybrid", "hybrid, 2 workers"):
        assert re.search(rf"^{shape} +\d+\.\d \(\d+\.\d to \d+\.\d\)", ended.out, re.MULTILINE), shape
    assert re.search(r"^trials +6 *$", ended.out, re.MULTILINE)
    assert "killing" not in ended.out
