"""What runs wait for: of some runs, and of all."""

from datetime import UTC, datetime, timedelta

from collector.client import CollectorClient
from collector.store import materialized
from runtime import semconv
from runtime.admin import OpenWait
from runtime.semconv import NodeKind
from tests.collector.live import LiveCollector
from tests.collector.operations.memory import MemoryBus
from tests.collector.story import MS, ORIGIN_NS, Story, place, uid

BEGAN_MS = ORIGIN_NS // MS
RUNS = [uid(f"run-{number}") for number in range(4)]


def asked(collector: LiveCollector, bus: MemoryBus) -> None:
    """Four runs that asked, the last one first; one has its answer, and one is over."""
    for number, run in enumerate(RUNS):
        story, about = Story(), {semconv.WORKFLOW: "release", semconv.RUN_ID: str(run)}
        story.node(NodeKind.RUN, run, "start release", place(f"run-{number}", "start"), more=about)
        more = {**about, semconv.STEP: "approve", semconv.ATTEMPT: 1, semconv.OUTCOME: "waiting"}
        where = place(f"run-{number}", "approve")
        story.node(NodeKind.STEP, uid(f"step-{number}"), "step approve", where, at=9 - number, cause=run, more=more)
        if number == 3:
            ended = {**about, semconv.OUTCOME: "cancelled", semconv.OPERATION: "invoke_workflow"}
            story.node(NodeKind.RUN, run, "invoke_workflow release", place("run-3", "end"), lasts=20, more=ended)
        collector.tell(story)
        bus.accept(run)
    for number in (0, 1):
        since = BEGAN_MS + 9 - number
        bus.waiting[RUNS[number]] = [OpenWait("approval", "", "approve#2", since, None, "{}")]


def test_all_runs_that_wait_are_told_the_longest_first(
    collector: LiveCollector, client: CollectorClient, bus: MemoryBus
):
    """Whether what became of steps is worked out or not; the bus says which wait still."""
    asked(collector, bus)
    for _ in range(2):
        found = client.waits()
        assert [(wait.run_id, wait.name, wait.step) for wait in found.items] == [
            (str(RUNS[1]), "approval", "approve, round 2"),
            (str(RUNS[0]), "approval", "approve, round 2"),
        ]
        assert found.items[0].since == datetime(2026, 1, 1, tzinfo=UTC) + timedelta(milliseconds=8)
        assert not found.truncated
        materialized.step(collector.database)


def test_some_runs_are_asked_about(collector: LiveCollector, client: CollectorClient, bus: MemoryBus):
    """Those of a page of a list."""
    asked(collector, bus)
    assert [wait.run_id for wait in client.waits([str(RUNS[0]), str(RUNS[2])]).items] == [str(RUNS[0])]
    assert client.waits(limit=1).truncated
