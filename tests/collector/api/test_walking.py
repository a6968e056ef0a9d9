"""Pages neither skip nor repeat: random data is walked while more of it comes in."""

import random
from collections.abc import Callable
from typing import Any, Final

import pytest

from collector.client import CollectorClient
from collector.models import Page
from runtime import semconv
from runtime.semconv import NodeKind
from tests.collector.live import LiveCollector
from tests.collector.story import CONSUMER, PRODUCER, Story, place, uid

#: Milliseconds among which times are drawn: few, so that many are equal.
TIMES: Final = 9


def told(story: Story, number: int, at: int, *, late: bool = False) -> None:
    """A run, an event and a trace of a number; the late part of it tells of an earlier begin."""
    name = f"{number}{'-late' if late else ''}"
    run, event = uid(f"run {number}"), uid(f"event {number}")
    more = {semconv.WORKFLOW: "w", semconv.RUN_ID: str(run), semconv.SUBJECT: f"{number}"}
    ended = {semconv.OUTCOME: "ok"} if late else {}
    story.node(NodeKind.RUN, run, "run", place(f"r{number}", name), at=at, more={**more, **ended})
    about = {semconv.CHANNEL: "c", semconv.EVENT_ID: str(event)}
    if late:
        story.node(NodeKind.EVENT, event, "publish", place(f"e{number}", name), span_kind=PRODUCER, at=at, more=about)
    else:
        delivery = {**about, semconv.GROUP: "g", semconv.OUTCOME: "ok"}
        story.node(
            NodeKind.DELIVERY,
            uid(f"d {number}"),
            "process",
            place(f"e{number}", name),
            span_kind=CONSUMER,
            at=at,
            more=delivery,
        )
    story.add("root" if late else "child", place(f"t{number}", name), at=at)


LISTS: Final[dict[str, Callable[[CollectorClient, str | None], tuple[Page[Any], list[str]]]]] = {
    "runs": lambda client, cursor: _ids(client.runs(limit=4, cursor=cursor, last="all", source="own"), "subject"),
    "ok runs": lambda client, cursor: _ids(client.runs(limit=4, cursor=cursor, workflow="w"), "subject"),
    "all runs": lambda client, cursor: _ids(client.runs(limit=7, cursor=cursor, last="all"), "run_id"),
    "events": lambda client, cursor: _ids(client.events(limit=4, cursor=cursor, last="all"), "event_id"),
    "traces": lambda client, cursor: _ids(client.traces(limit=11, cursor=cursor, last="all"), "trace_id"),
}


def _ids(page: Page[Any], name: str) -> tuple[Page[Any], list[str]]:
    return page, [getattr(item, name) for item in page.items]


@pytest.mark.parametrize("seed", [0, *[pytest.param(seed, marks=pytest.mark.battery) for seed in range(1, 9)]])
def test_all_lists_are_walked_while_spans_come_in(collector: LiveCollector, client: CollectorClient, seed: int) -> None:
    """What was there at first is listed once, whatever is told of it meanwhile; what joins is not in between."""
    rng = random.Random(seed)
    first = Story()
    for number in range(20):
        told(first, number, 100 + rng.randrange(TIMES))
    collector.tell(first)

    walks: dict[str, list[str]] = {name: [] for name in LISTS}
    cursors: dict[str, str | None] = dict.fromkeys(LISTS)
    number = 20
    while True:
        for name in [name for name in LISTS if not walks[name] or cursors[name]]:
            page, ids = LISTS[name](client, cursors[name])
            walks[name] += ids
            cursors[name] = page.next
        if not any(cursors.values()):
            break
        meanwhile = Story()
        for moved in rng.sample(range(20), 5):
            told(meanwhile, moved, rng.randrange(110), late=True)
        for _ in range(3):
            told(meanwhile, number, rng.randrange(110))
            number += 1
        collector.tell(meanwhile)

    numbers = [str(each) for each in range(20)]
    assert sorted(walks["runs"], key=int) == numbers
    assert sorted(walks["ok runs"], key=int) == numbers
    assert len(walks["all runs"]) == len(set(walks["all runs"])) == 40  # each number's trace of others is one as well
    assert sorted(walks["events"]) == sorted(str(uid(f"event {each}")) for each in range(20))
    assert len(walks["traces"]) == len(set(walks["traces"])) == 60


def test_an_iterator_walks_all_pages(client: CollectorClient, collector: LiveCollector) -> None:
    """Of every list."""
    story = Story()
    for number in range(7):
        told(story, number, number)
    collector.tell(story)
    assert [run.subject for run in client.every_run(last="all", source="own")] == ["6", "5", "4", "3", "2", "1", "0"]
    assert len(list(client.every_run(last="all"))) == 14
    assert len(list(client.every_event(channel="c"))) == 7
    assert len(list(client.every_trace(service="story"))) == 21
    assert [step.step for step in client.every_step(kind="delivery")] == ["g"]
    assert list(client.every_dead_letter()) == []
    assert list(client.every_audit_entry()) == []
