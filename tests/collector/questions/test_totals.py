"""What a window holds, held against what was told, one by one."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from collector.models import BusState, NodeStatus
from collector.otlp.decode.spans import decode
from collector.questions import overview, runs
from collector.questions.overview import BusPicture
from collector.questions.paging import PagePosition
from collector.questions.runs import RunCriteria
from collector.questions.windows import Range
from collector.store.database import Database
from collector.store.records import RecordWriter
from runtime import semconv
from runtime.semconv import NodeKind
from tests.collector.questions.all_kinds import Told
from tests.collector.story import ORIGIN_NS, Story, place, uid

MS = 10**6


@dataclass
class Event:
    """When it was published, and when it was delivered to each group, in milliseconds."""

    published: list[int]
    delivered: list[int] = field(default_factory=list)

    @property
    def begun(self) -> int | None:
        """When it began: with its first publication, else with its first delivery."""
        return min(self.published or self.delivered, default=None)


def some_events(chance: random.Random, count: int) -> list[Event]:
    """Events of all kinds: never published here, published again by who took over, never delivered, delivered late."""
    return [
        Event(
            [chance.randrange(100) for _ in range(chance.choice((0, 1, 1, 1, 2)))],
            [chance.randrange(100) for _ in range(chance.randrange(4))],
        )
        for _ in range(count)
    ]


def told(events: Sequence[Event], chance: random.Random) -> list[bytes]:
    """Requests in which their spans come, in any order; the deliveries of one event lie in two traces."""
    story = Story()
    for number, event in enumerate(events):
        node, about = uid(f"event {number}"), {semconv.CHANNEL: "orders", semconv.EVENT_ID: str(uid(f"event {number}"))}
        for place_of, at in enumerate(event.published):
            where = place(f"trace {number}", f"published {place_of}")
            story.node(NodeKind.EVENT, node, "publish", where, at=at, more=about)
        for group, at in enumerate(event.delivered):
            where = place(f"trace {number} {group % 2}", f"delivered {group}")
            more = {**about, semconv.GROUP: f"group {group}", semconv.OUTCOME: "ok"}
            story.node(NodeKind.DELIVERY, uid(f"{number} {group}"), "process", where, cause=node, at=at, more=more)
    spans = list(story.spans)
    chance.shuffle(spans)
    cuts = sorted(chance.randrange(len(spans) + 1) for _ in range(3))
    parts = [spans[a:b] for a, b in zip([0, *cuts], [*cuts, len(spans)], strict=True)]
    return [story.request(part) for part in parts if part]


@pytest.mark.parametrize("seed", range(6))
def test_an_event_counts_once_in_the_window_in_which_it_began(database: Database, seed: int) -> None:
    """Wherever else it was published or delivered, in whatever order that came; deliveries count where they began."""
    chance = random.Random(seed)
    events = some_events(chance, 60)
    records = RecordWriter(database)
    for request in told(events, chance):
        with database.writing() as session:
            records.write(session, decode(request))
    bus = BusPicture(BusState(connected=False))
    for _ in range(12):
        first, end = sorted((chance.randrange(-5, 105), chance.randrange(-5, 105)))
        within = Range(ORIGIN_NS + first * MS, ORIGIN_NS + end * MS, None)
        with database.reading() as session:
            totals = overview._build_totals(session, within, bus)
        assert totals.events == sum(event.begun is not None and first <= event.begun < end for event in events)
        assert totals.deliveries == sum(first <= at < end for event in events for at in event.delivered)


@pytest.mark.parametrize("seed", range(2))
def test_runs_that_failed_are_counted_alike_whoever_looks_whether_they_go_on(
    database: Database, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """Few are looked at one by one, many by the database; both as a list has them, whatever the window."""
    told, counted = Told(seed), set()
    for story, spans in told.parts():
        with database.writing() as session:
            RecordWriter(database).write(session, decode(story.request(spans)))
    bus = BusPicture(BusState(connected=False))
    wanted = RunCriteria(status=NodeStatus.FAILED, source="own")
    for first, end in ((0, 10**9), (900, 40_000), (40_000, 70_000), (10**9, 10**9 + 1)):
        within = Range(ORIGIN_NS + first * MS, ORIGIN_NS + end * MS, None)
        with database.reading() as session:
            few = overview._build_totals(session, within, bus)
            with monkeypatch.context() as patched:
                patched.setattr(overview, "FEW_RUNS", 0)
                many = overview._build_totals(session, within, bus)
            listed = runs.find_runs(session, PagePosition(within), wanted, 500).items
            everything = runs.find_runs(session, PagePosition(within), RunCriteria(source="own"), 500).items
        assert (few.runs, few.runs_failed) == (many.runs, many.runs_failed) == (len(everything), len(listed))
        counted.add(few.runs_failed)
    assert len(counted) > 1
