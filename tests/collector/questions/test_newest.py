"""A list that is read a short time at a time is the list."""

import random
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from collector.otlp.decode.spans import decode
from collector.questions import events, newest, runs, traces
from collector.questions.paging import Place
from collector.questions.windows import Range
from collector.store.database import Database, Session
from collector.store.records import Records
from runtime import semconv
from runtime.semconv import NodeKind
from tests.collector.story import ORIGIN_NS, Story, place, uid

Find = Callable[[Session, Place, int], Any]

LISTS: dict[str, tuple[Find, str]] = {
    "events": (lambda session, at, limit: events.find(session, at, channel=None, q=None, limit=limit), "event_id"),
    "runs": (lambda session, at, limit: runs.find(session, at, runs.Filter(), limit), "run_id"),
    "traces": (lambda session, at, limit: traces.find(session, at, traces.Wanted(), limit), "trace_id"),
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
            agent = {"gen_ai.operation.name": "invoke_agent"}
            story.add("agent", place(f"other {name}", "root"), at=at, attributes=agent)
    return story


def pages(database: Database, name: str, limit: int, within: Range) -> list[list[str]]:
    """The ids of all pages."""
    find, column = LISTS[name]
    found, at = [], Place(within)
    with database.reading() as session:
        while True:
            page = find(session, at, limit)
            found.append([getattr(item, column) for item in page.items])
            following = Place.read(page.next)
            if following is None:
                return found
            at = following


@pytest.mark.parametrize("name", LISTS)
def test_pages_are_the_same_however_far_each_look_goes_back(
    database: Database, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """All of it, and a part of it; to the last row, and in the same order."""
    with database.writing() as session:
        Records(database).write(session, decode(told(1).request()))
    part = Range(ORIGIN_NS + 4_000 * 10**6, ORIGIN_NS + 70_000 * 10**6, None)
    for within in (Range.everything(), part):
        for limit in (2, 100):
            monkeypatch.setattr(newest, "_FEW", 1_000)
            monkeypatch.setattr(newest, "_SPARE", 0)  # nothing is looked for by its id
            whole = pages(database, name, limit, within)
            assert sum(map(len, whole)) > 2
            monkeypatch.setattr(newest, "_FEW", 0)
            for spans, spare in ((2, 1), (9, 1), (9, 2)):
                monkeypatch.setattr(newest, "_SPANS", spans)
                monkeypatch.setattr(newest, "_SPARE", spare)
                assert pages(database, name, limit, within) == whole


@pytest.mark.parametrize("name", ["events", "runs"])
def test_a_search_finds_the_same_by_ids_and_in_one_statement(
    database: Database, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Page by page: texts, ids of several forms, and what nobody has."""
    with database.writing() as session:
        Records(database).write(session, decode(told(2).request()))
    find = {
        "events": lambda session, at, limit, q: events.find(session, at, channel=None, q=q, limit=limit),
        "runs": lambda session, at, limit, q: runs.find(session, at, runs.Filter(q=q, source="own"), limit),
    }[name]
    asked = [
        "c",
        "publish",
        "run w",
        "D",
        "nobody's",
        str(uid("event 2/3")),
        uid("run 2/5").hex,
        place("2/4", "g").span,
    ]
    found = []
    for most in (0, 2_000):
        monkeypatch.setattr(newest, "_MOST_FOUND", most)
        for q in asked:
            words = f"{q:016x}" if isinstance(q, int) else str(q)
            monkeypatch.setitem(LISTS, name, (partial(find, q=words), LISTS[name][1]))
            found.append(pages(database, name, 3, Range.everything()))
    assert found[: len(asked)] == found[len(asked) :]
    assert sum(len(page) > 1 for page in found) > 1
