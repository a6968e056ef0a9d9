"""The demo of orders, by the command that its page has."""

import os
import re
import signal
from pathlib import Path

import pytest

from sample_agents.orders.ledger import FILE, Ledger
from tests.runtime.cli.commands import begin, forked, processes_of, surroundings
from tests.waiting import until_sync

DOCS = Path(__file__).parents[3] / "docs"

pytestmark = [pytest.mark.redis, pytest.mark.slow]


def test_it_ends_with_books_that_agree_and_the_latency_by_subscribers(tmp_path: Path) -> None:
    """The collector counts as many runs of each end, and draws an order of each fate, or the status were 1."""
    page = (DOCS / "orders.md").read_text()
    (words,) = re.findall(r"^causeline (demo orders --headless .*)$", page, re.MULTILINE)
    ended = forked(*words.split(), folder=tmp_path)
    assert (ended.status, ended.err) == (0, "")
    for name, count in {"orders charged twice": 0, "orders refunded twice": 0}.items():
        assert re.search(rf"{name} +{count}\b", ended.out)
    kept, worth = (re.search(rf"{name} +([\d.,]+) EUR", ended.out) for name in ("money kept", "worth of the parcels"))
    assert kept is not None
    assert worth is not None
    assert kept[1] == worth[1]
    assert re.findall(r"^(\d+) +12 +\d+ ms", ended.out, re.MULTILINE) == ["1", "2", "5"]


def test_a_worker_that_is_killed_on_the_way_changes_nothing_in_the_books(tmp_path: Path) -> None:
    """Whatever it had under way is done by another: nobody pays twice, and everybody who should be is refunded."""
    env = surroundings(tmp_path, {"CAUSELINE_LEASE": "2"})
    books = tmp_path / "home" / FILE
    words = ("demo", "orders", "--headless", "--size", "20", "--subscribers", "1")
    with begin(*words, folder=tmp_path, env=env) as demo:
        until_sync(lambda: books.exists() and len(Ledger(books).entries()) > 3, "some orders are paid", 60)
        os.kill(workers_of(tmp_path)[0], signal.SIGKILL)
        said, err = demo.communicate()
    assert (demo.returncode, err) == (0, "")
    assert re.search(r"worker-\d ended; starting it again", said)
    assert re.search(r"orders charged twice +0\b", said)


def workers_of(folder: Path) -> list[int]:
    """The workers that were given a home below a folder."""
    words = {pid: Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0") for pid in processes_of(folder)}
    return [pid for pid, one in words.items() if b"worker" in one]


def test_an_option_of_another_sample_is_refused_by_name(tmp_path: Path) -> None:
    """In one line, and with status 2."""
    ended = forked("demo", "orders", "--headless", "--width", "5", folder=tmp_path)
    assert ended.status == 2
    assert "unrecognized arguments: --width 5" in ended.err
