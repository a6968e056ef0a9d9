"""What runs wait for: of some runs, and of all."""

from datetime import UTC, datetime, timedelta

from collector.client import CollectorClient
from runtime import semconv
from runtime.admin import OpenWait
from runtime.semconv import NodeKind
from tests.collector.live import LiveCollector
from tests.collector.operations.memory import MemoryBus
from tests.collector.story import MS, ORIGIN_NS, PRODUCER, Story, place, uid

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


def begun(*numbers: int) -> Story:
    """Spans of runs that have begun, the first one first."""
    story = Story("shop")
    for at, number in enumerate(numbers):
        more = {semconv.WORKFLOW: "w", semconv.SUBJECT: f"S-{number}", semconv.RUN_ID: str(RUNS[number])}
        began = place(f"run-{number}", "start")
        story.node(NodeKind.RUN, RUNS[number], "start w", began, at=at * 1000, span_kind=PRODUCER, more=more)
    return story


def test_runs_that_wait_are_listed_as_the_server_has_them(
    client: CollectorClient, bus: MemoryBus, collector: LiveCollector
):
    """Newest first, page by page, and only those that the other filters leave."""
    asked(bus)
    collector.tell(begun(2, 1, 0))
    assert [run.run_id for run in client.runs(status="waiting").items] == [str(RUNS[0]), str(RUNS[1])]
    assert [run.status for run in client.runs(status="waiting").items] == ["running", "running"]
    page = client.runs(status="waiting", limit=1)
    assert [run.run_id for run in client.runs(status="waiting", limit=1, cursor=page.next).items] == [str(RUNS[1])]
    assert [run.run_id for run in client.runs(status="waiting", q="S-1").items] == [str(RUNS[1])]
    assert client.runs(status="waiting", source="others").items == []
    bus.waiting.clear()
    assert client.runs(status="waiting").items == []


def test_without_a_bus_no_run_of_ours_is_known_to_wait(
    client: CollectorClient, bus: MemoryBus, collector: LiveCollector
):
    """Runs of others are still listed: spans tell how they stand."""
    asked(bus)
    collector.tell(begun(0))
    bus.away = "server not reachable"
    assert client.runs(status="waiting").items == []
