"""TERM at random moments, while everything goes on at once: it ends in time and in order, and keeps its promises."""

import random
import threading
import time
from contextlib import ExitStack

import pytest

from tests.collector.persistent import Senders
from tests.collector.raw import Peer
from tests.collector.test_process_ending import PROMISED
from tests.collector.test_process_killed import LONG, Killed, OldSender, await_moment, check, killed
from tests.end_to_end.memory.questions import Poller

__all__ = ["killed"]  # a fixture

SEED = 7

#: Readers that ask everything there is to ask; more than are answered at once, so that some wait.
POLLERS = 5
PACE = 0.02


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("ends", [1, pytest.param(25, marks=pytest.mark.battery)])
def test_term_ends_it_in_time_with_everything_under_way(ends: int, killed: Killed) -> None:
    """Senders over all encodings, and one that stalls in its body; questions; exports, and one that is not read; what
    is old is removed; and in a quiet moment the log is folded into the file."""
    chance = random.Random(SEED)
    killed.listens()
    senders, old, asked = Senders(killed.ports), OldSender(killed.ports[0]), threading.Event()
    url = f"http://127.0.0.1:{killed.ports[0]}"
    pollers = [Poller(url, asked, pace=PACE) for _ in range(POLLERS)]
    for thread in (old, *pollers):
        thread.start()
    slowest = 0.0
    for number in range(ends):
        killed.listens()
        with ExitStack() as stalled:
            stalled.enter_context(Peer(url)).post("/v1/traces", 1000, b"begun")
            reader = stalled.enter_context(Peer(url, window=4096))
            reader.send(b"GET /api/export HTTP/1.1\r\nHost: localhost\r\n\r\n")
            await_moment(("working", "folding")[number % 2], killed, senders, chance)
            slowest = max(slowest, end_in_time(killed))
        killed.start()
        senders.rest.set()
    killed.listens()
    senders.end()
    for event in (asked, old.ending):
        event.set()
    for thread in (old, *pollers):
        thread.join(LONG)
    slowest = max(slowest, end_in_time(killed))
    assert "Traceback" not in killed.said, killed.said[-3000:]
    check(killed.folder / "causeline.duckdb", senders)
    answers = sum(poller.answers for poller in pollers)
    print(f"{ends} ends, slowest {slowest:.1f} s; {senders.acknowledged} acknowledged, {answers} answers")


def end_in_time(killed: Killed) -> float:
    """Ends it with status 0; the seconds that it took."""
    began = time.monotonic()
    killed.end()
    took = time.monotonic() - began
    assert took < PROMISED, killed.said[-3000:]
    return took
