"""A list that is read a short time at a time is the list."""

import random
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from collector.models import NodeStatus
from collector.otlp.decode.spans import decode
from collector.questions import events, newest_pages, runs, sessions, time_ranges, traces
from collector.questions.paging import PagePosition
from collector.questions.windows import Range
from collector.store.database import Database, Session
from collector.store.records import RecordWriter
from runtime import semconv
from runtime.semconv import NodeKind
from tests.collector.story import ORIGIN_NS, Story, place, uid

Find = Callable[[Session, PagePosition, int], Any]

LISTS: dict[str, tuple[Find, str]] = {
    "events": (
        lambda session, at, limit: events.find_events(session, at, channel=None, q=None, limit=limit),
        "event_id",
    ),
    "runs": (lambda session, at, limit: runs.find_runs(session, at, runs.RunCriteria(), limit), "run_id"),
    "others": (
        lambda session, at, limit: runs.find_runs(session, at, runs.RunCriteria(source="others"), limit),
        "run_id",
    ),
    "failed": (
        lambda session, at, limit: runs.find_runs(session, at, runs.RunCriteria(status=NodeStatus.FAILED), limit),
        "run_id",
    ),
    "traces": (lambda session, at, limit: traces.find_traces(session, at, traces.TraceCriteria(), limit), "trace_id"),
    "sessions": (lambda session, at, limit: sessions.find_sessions(session, at, None, None, limit), "session"),
}


def told(seed: int) -> Story:
    """Events with late receivers, some of which alone are known, runs of ours and of others; in bursts."""
    chance, story = random.Random(seed), Story()
    for number in range(14):
        at = chance.choice([0, 1_000, 5_000, 5_000, 60_000, 86_400_000]) + chance.choice([0, number, 10 * number])
        name = f"{seed}/{number}"
        event, run = uid(f"event {name}"), uid(f"run {name}")
        if chance.random() < 0.7:
            story.node(NodeKind.EVENT, event, "publish c", place(name, "event"), at=at, more={semconv.CHANNEL: "c"})
        for group in ("g", "h")[: chance.randrange(3)]:
            about = {semconv.EVENT_ID: str(event), semconv.GROUP: group, semconv.OUTCOME: "ok", semconv.CHANNEL: "c"}
            late = at + chance.choice([1, 50_000, -3])
            story.node(NodeKind.DELIVERY, uid(f"{group} {name}"), "d", place(name, group), at=late, more=about)
        if chance.random() < 0.4:
            story.node(NodeKind.RUN, run, "run w", place(name, "run"), at=at, more={semconv.OUTCOME: "ok"})
        if chance.random() < 0.4:
            agent = {"gen_ai.operation.name": "invoke_agent", "gen_ai.conversation.id": f"s{number % 5}"}
            story.add("agent", place(f"other {name}", "root"), at=at, attributes=agent)
        of_others(story, chance, f"{name}/others", at)
    return story


def of_others(story: Story, chance: random.Random, name: str, at: float) -> None:
    """A trace of others: what it begins with, what lies in that, and one of ours in some; each at any time."""

    def add(what: str, above: str | None, **told: str) -> None:
        parent, more = (
            place(name, above) if above else None,
            {f"gen_ai.{key.replace('__', '.')}": value for key, value in told.items()},
        )
        failed = chance.choice(("", "it broke"))
        when = at + chance.choice((0, 1, 40_000, -3))
        story.add(f"{what} {name}", place(name, what), at=when, parent=parent, attributes=more, failed=failed)

    if chance.random() < 0.8:
        add("root", None)
    if chance.random() < 0.5:
        add("agent", chance.choice(("root", "missing", None)), operation__name="invoke_agent", agent__name="planner")
    if chance.random() < 0.5:
        add("call", chance.choice(("agent", "root", "step", "unknown")), operation__name="chat", request__model="m-1")
    if chance.random() < 0.3:
        node, when = uid(f"step {name}"), at + chance.choice((0, 50_000))
        story.node(NodeKind.STEP, node, "step s", place(name, "step"), at=when, parent=place(name, "root"))
    if chance.random() < 0.3:  # which in this story is a recorded call of ours
        add("tool", chance.choice(("root", "agent", "step", "unknown")), operation__name="execute_tool", tool__name="t")
    if chance.random() < 0.3:
        above, node = chance.choice(("root", "unknown", "missing")), uid(f"marked {name}")
        marked = {semconv.PENDING: True}
        story.node(NodeKind.STEP, node, "step s", place(name, "mark"), at=at, parent=place(name, above), more=marked)


def store(database: Database, story: Story, seed: int) -> None:
    """Stores a story in several transactions, in any order."""
    spans = random.Random(seed).sample(story.spans, len(story.spans))
    for first in range(0, len(spans), 9):
        with database.writing() as session:
            RecordWriter(database).write(session, decode(story.request(spans[first : first + 9])))


def pages(database: Database, name: str, limit: int, within: Range) -> list[list[str]]:
    """The ids of all pages."""
    find, column = LISTS[name]
    found, at = [], PagePosition(within)
    with database.reading() as session:
        while True:
            page = find(session, at, limit)
            found.append([getattr(item, column) for item in page.items])
            following = PagePosition.read(page.next)
            if following is None:
                return found
            at = following


@pytest.mark.parametrize("name", LISTS)
def test_pages_are_the_same_however_far_each_look_goes_back(
    database: Database, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """All of it, and a part of it; to the last row, and in the same order."""
    store(database, told(1), 1)
    part = Range(ORIGIN_NS + 4_000 * 10**6, ORIGIN_NS + 70_000 * 10**6, None)
    for within in (Range.everything(), part):
        for limit in (2, 100):
            with monkeypatch.context() as patched:
                patched.setattr(time_ranges, "_FEW", 1_000)
                for spares in (newest_pages, events, runs):
                    patched.setattr(spares, "_SPARE", 0)  # nothing is looked for by its id
                whole = pages(database, name, limit, within)
            assert sum(map(len, whole)) > 1
            monkeypatch.setattr(time_ranges, "_FEW", 0)
            for spans, spare in ((2, 1), (9, 1), (9, 2)):
                monkeypatch.setattr(time_ranges, "_SPANS", spans)
                monkeypatch.setattr(newest_pages, "_SPARE", spare)
                assert pages(database, name, limit, within) == whole


@pytest.mark.parametrize("name", ["events", "runs", "others"])
def test_a_search_finds_the_same_by_ids_and_in_one_statement(
    database: Database, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Page by page: texts, ids of several forms, and what nobody has."""
    store(database, told(2), 2)
    find = {
        "events": lambda session, at, limit, q: events.find_events(session, at, channel=None, q=q, limit=limit),
        "runs": lambda session, at, limit, q: runs.find_runs(session, at, runs.RunCriteria(q=q, source="own"), limit),
        "others": lambda session, at, limit, q: runs.find_runs(
            session, at, runs.RunCriteria(q=q, source="others"), limit
        ),
    }[name]
    asked = [
        "c",
        "publish",
        "run w",
        "D",
        "nobody's",
        "planner",
        "call 2",
        "M-1",
        f"{place('2/1/others', 'root').trace:032x}",
        place("2/3/others", "agent").span,
        str(uid("event 2/3")),
        uid("run 2/5").hex,
        place("2/4", "g").span,
    ]
    found = []
    for most in (-1, 2_000):
        monkeypatch.setattr(newest_pages, "_MOST_FOUND", most)
        for q in asked:
            words = f"{q:016x}" if isinstance(q, int) else str(q)
            monkeypatch.setitem(LISTS, name, (partial(find, q=words), LISTS[name][1]))
            found.append(pages(database, name, 3, Range.everything()))
    assert found[: len(asked)] == found[len(asked) :]
    assert sum(len(page) > 1 for page in found) > 1
