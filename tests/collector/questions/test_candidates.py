"""A list of what few are is the list, whichever way it is found: by what says so, or by looking at everything."""

from collections.abc import Callable, Iterator, Mapping
from itertools import cycle, islice, product
from types import ModuleType
from typing import Any, Final, get_args

import pytest

from collector.models import NodeStatus
from collector.models.events import EventStanding
from collector.otlp.decode.spans import decode
from collector.questions import (
    candidates,
    events,
    listed_runs,
    listed_tops,
    newest_pages,
    runs,
    standings,
    time_ranges,
    traces,
    unreceived_events,
)
from collector.questions.paging import PagePosition
from collector.questions.windows import Range
from collector.store import materialized, text_loading
from collector.store.database import Database, Session
from collector.store.records import RecordWriter
from collector.store.retention import removal
from runtime import semconv
from runtime.semconv import NodeKind
from tests.collector.questions.all_kinds import CHANNELS, SERVICES, Told
from tests.collector.story import MS, ORIGIN_NS, Story, place, uid

Find = Callable[[Session, PagePosition, int], Any]

#: More of them in the battery.
SEEDS: Final = [0, *(pytest.param(seed, marks=pytest.mark.battery) for seed in range(1, 6))]

NOBODY: Final = "nobody"

#: How runs can stand, and how none does.
_STANDING: Final = (
    *(NodeStatus.OK, NodeStatus.RUNNING, NodeStatus.FAILED, NodeStatus.CANCELLED, NodeStatus.UNDOING),
    *(NodeStatus.WAITING, NodeStatus.RETRYING, NodeStatus.DEAD),
)


def of_events(channel: str | None, standing: str | None) -> Find:
    """A list of events."""
    return lambda session, at, most: events.find_events(
        session, at, channel=channel, standing=standing, q=None, limit=most
    )


def of_runs(**wanted: Any) -> Find:
    """A list of runs."""
    return lambda session, at, most: runs.find_runs(session, at, runs.RunCriteria(**wanted), most)


def of_traces(**wanted: Any) -> Find:
    """A list of traces."""
    return lambda session, at, most: traces.find_traces(session, at, traces.TraceCriteria(**wanted), most)


def events_asked(_: int) -> Iterator[tuple[str, Find]]:
    """Each channel and each standing, and some together."""
    channels, ways = (None, *CHANNELS, "", NOBODY), (None, *get_args(EventStanding))
    for channel, standing in product(channels, ways):
        if channel is None or standing in (None, "failed", "dead", "unreceived"):
            yield f"channel {channel}, {standing}", of_events(channel, standing)


def runs_asked(source: str) -> Iterator[tuple[str, Find]]:
    """Each filter, and some together, of ours or of others."""
    said = {
        "workflow": ("w", "rare", "", NOBODY, "planner", "top"),
        "app": ("orders", "rare", NOBODY),
        "agent": ("planner", "rare", "orders", NOBODY),
        "model": ("m-1", "rare", NOBODY),
        "session": ("talk-1", NOBODY),
        "status": _STANDING,
    }
    for name, values in said.items():
        for value in values:
            yield f"{name} {value}", of_runs(**{name: value}, source=source)
    for agent, status in (("rare", NodeStatus.FAILED), ("planner", NodeStatus.RUNNING)):
        yield f"{agent}, {status}", of_runs(agent=agent, status=status, source=source)
    yield "w of rare", of_runs(workflow="w", app="rare", source=source)
    yield "w, ok", of_runs(workflow="w", status=NodeStatus.OK, source=source)


def traces_asked(seed: int) -> Iterator[tuple[str, Find]]:
    """Each filter, texts in each of their columns and across two, and ids of several forms."""
    trace, span = place(f"{seed}/3", "event").trace, place(f"{seed}/4", "start").span
    texts = (
        "RARE",
        "naive",
        "top",
        "chat",
        NOBODY,
        "é",
        f"{trace:032x}",
        f"{trace:032x}"[-9:],
        f"{span:016x}",
        "a",
        "chat desk",
    )
    for service in (*SERVICES, NOBODY):
        yield f"service {service}", of_traces(service=service)
    for failed in (True, False):
        yield f"failed {failed}", of_traces(failed=failed)
        yield f"rare, failed {failed}", of_traces(service="rare", failed=failed)
    for text in texts:
        yield f"text {text}", of_traces(q=text)
    yield "half", of_traces(q=f"{trace:032x}"[16:])


LISTS: Final[Mapping[str, Callable[[int], Iterator[tuple[str, Find]]]]] = {
    "events": events_asked,
    "runs": lambda _: runs_asked("own"),
    "runs of others": lambda _: runs_asked("others"),
    "traces": traces_asked,
}


def pages(database: Database, find: Find, limit: int, within: Range) -> list[list[Any]]:
    """All items of all pages."""
    found, at = [], PagePosition(within)
    with database.reading() as session:
        while True:
            page = find(session, at, limit)
            found.append([item.model_dump() for item in page.items])
            following = PagePosition.read(page.next)
            if following is None:
                return found
            at = following


def whole(monkeypatch: pytest.MonkeyPatch, ask: Callable[[], Any]) -> Any:
    """What is answered where nothing is known: by one statement that looks at everything."""
    with monkeypatch.context() as patched:
        for place_, name in (
            (candidates, "find_candidates"),
            (candidates, "follow_candidates"),
            (unreceived_events, "find_candidates"),
        ):
            patched.setattr(place_, name, lambda *_, **__: None)
        for spares in (newest_pages, events, runs):
            patched.setattr(spares, "_SPARE", 0)
        patched.setattr(time_ranges, "_FEW", 10_000)
        patched.setattr(standings, "_TOGETHER", 10_000)
        return ask()


def store(database: Database, told: Told, *, works_out: bool) -> None:
    """Stores a story in several transactions, and works out some of it ahead."""
    for story, spans in told.parts():
        with database.writing() as session:
            RecordWriter(database).write(session, decode(story.request(spans)))
        if works_out and told.chance.random() < 0.3:
            materialized.materialize_slice(database, 20)
    text_loading.load_texts(database)


#: How many are few, how many rows a clue finds at most, how many spans the first look back holds, and of how many
#: events all is read at once, or it is worked out how their groups fared.
BOUNDS: Final[Mapping[str, Mapping[tuple[ModuleType, str], int]]] = {
    "as it is": {},
    "little is few": {
        (candidates, "_FEW"): 1,
        (listed_tops, "MOST_COPIED"): 10,
        (time_ranges, "_FEW"): 0,
        (time_ranges, "_SPANS"): 30,
        (standings, "_AT_ONCE"): 2,
        (standings, "_TOGETHER"): 1,
        (listed_runs, "_AT_ONCE"): 2,
        (listed_runs, "_TOGETHER"): 1,
    },
    "most is too much": {
        (candidates, "_MOST_ROWS"): 3,
        (time_ranges, "_FEW"): 0,
        (time_ranges, "_SPANS"): 30,
        (standings, "_TOGETHER"): 1,
    },
    "traces are looked at a few at a time": {
        (candidates, "_MOST_ROWS"): 3,
        (listed_tops, "MOST"): 20,
        (time_ranges, "_FEW"): 0,
        (time_ranges, "_SPANS"): 30,
        (newest_pages, "_LOOKED"): 2,
        (newest_pages, "_GROWTH"): 2,
    },
}


@pytest.mark.parametrize("bounds", BOUNDS)
@pytest.mark.parametrize("kind", LISTS)
@pytest.mark.parametrize("seed", SEEDS)
def test_what_few_are_is_found_as_if_everything_were_looked_at(
    database: Database, monkeypatch: pytest.MonkeyPatch, kind: str, seed: int, bounds: str
) -> None:
    """All items, in the same order, on the same pages; also of a part of time, and where few is less than there is."""
    store(database, Told(seed), works_out=seed % 2 == 0)
    shapes = cycle(((Range.everything(), 5), (Range(ORIGIN_NS + 900 * MS, ORIGIN_NS + 70_000 * MS, None), 100)))
    filled = 0
    for (what, find), (within, limit) in zip(LISTS[kind](seed), shapes, strict=False):
        wanted = whole(monkeypatch, lambda: pages(database, find, limit, within))  # noqa: B023 asked at once
        with monkeypatch.context() as patched:
            for (module, name), value in BOUNDS[bounds].items():
                patched.setattr(module, name, value)
            assert pages(database, find, limit, within) == wanted, what
        filled += bool(wanted[0])
    assert filled > 10


def listed(database: Database) -> set[str]:
    """The events that nobody received."""
    (page,) = pages(database, of_events(None, standings.UNRECEIVED), 1_000, Range.everything())
    return {item["event_id"] for item in page}


@pytest.mark.parametrize("seed", SEEDS)
def test_what_nobody_received_is_brought_up_to_date(
    database: Database, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """After each transaction, after somebody has received one late, and after records are cut off; asked again or not,
    also with a snapshot that was there before."""
    told, found = Told(seed), set()
    ask = of_events(None, standings.UNRECEIVED)
    for story, spans in told.parts():
        with database.reading() as before:
            page = ask(before, PagePosition(Range.everything()), 1_000)
            with database.writing() as session:
                RecordWriter(database).write(session, decode(story.request(spans)))
            found = listed(database)
            assert found == whole(monkeypatch, lambda: listed(database))
            assert ask(before, PagePosition(Range.everything()), 1_000) == page
    assert found
    late, story = min(found), Story("late")
    about = {semconv.EVENT_ID: late, semconv.GROUP: "late", semconv.OUTCOME: "ok"}
    story.node(NodeKind.DELIVERY, uid("late"), "process", place("late", "1"), at=90_000, more=about)
    with database.writing() as session:
        RecordWriter(database).write(session, decode(story.request()))
    assert listed(database) == whole(monkeypatch, lambda: listed(database)) == found - {late}
    assert sum(removal.cut_spans(database, ORIGIN_NS + 5_002 * MS, None)) > 0
    assert listed(database) == whole(monkeypatch, lambda: listed(database))
    assert listed(database) != found


def test_what_nobody_received_is_not_looked_for_twice(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what was stored since is looked at."""
    asked: list[Any] = []
    look = candidates.find_candidates

    def looking(session: Session, query: Any, /, **values: Any) -> Any:
        asked.append(values.get("since_us", "other"))
        return look(session, query, **values)

    monkeypatch.setattr(candidates, "find_candidates", looking)
    parts = Told(3).parts()
    for story, spans in islice(parts, 3):
        with database.writing() as session:
            RecordWriter(database).write(session, decode(story.request(spans)))
        listed(database)
        listed(database)
    first, *later = [since for since in asked if since != "other" or since is None]
    assert first is None
    assert len(later) == 2
    assert None not in later
