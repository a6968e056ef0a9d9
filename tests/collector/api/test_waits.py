"""What runs wait for: of some runs, and of all."""

from datetime import UTC, datetime, timedelta

from collector.client import CollectorClient
from runtime.admin import OpenWait
from tests.collector.operations.memory import MemoryBus
from tests.collector.story import MS, ORIGIN_NS, uid

BEGAN_MS = ORIGIN_NS // MS
RUNS = [uid(f"run-{number}") for number in range(4)]


def asked(bus: MemoryBus) -> None:
    """Four runs, of which two wait, the last one first. No span tells of any: those of a worker that was killed are
    lost."""
    for run in RUNS:
        bus.accept(run)
    for number in (0, 1):
        since = BEGAN_MS + 9 - number
        bus.waiting[RUNS[number]] = [OpenWait("approval", "", "approve#2", since, None, "{}")]


def test_all_runs_that_wait_are_told_the_longest_first(client: CollectorClient, bus: MemoryBus):
    """Though no span tells of them."""
    asked(bus)
    found = client.waits()
    assert [(wait.run_id, wait.name, wait.step) for wait in found.items] == [
        (str(RUNS[1]), "approval", "approve, round 2"),
        (str(RUNS[0]), "approval", "approve, round 2"),
    ]
    assert found.items[0].since == datetime(2026, 1, 1, tzinfo=UTC) + timedelta(milliseconds=8)
    assert not found.truncated


def test_some_runs_are_asked_about(client: CollectorClient, bus: MemoryBus):
    """Those of a page of a list."""
    asked(bus)
    assert [wait.run_id for wait in client.waits([str(RUNS[0]), str(RUNS[2])]).items] == [str(RUNS[0])]
    found = client.waits(limit=1)
    assert (len(found.items), found.truncated) == (1, True)
