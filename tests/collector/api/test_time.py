"""Which time an answer covers: what was asked for, all time where something is looked for, and always said."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from collector.client import ApiError, CollectorClient
from runtime import semconv
from runtime.semconv import NodeKind
from tests.collector.api.test_operations import letter
from tests.collector.live import LiveCollector
from tests.collector.operations.memory import MemoryBus
from tests.collector.shipment import CHANNEL, Shipment
from tests.collector.story import PRODUCER, Story, place, uid

ORIGIN = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = 3_600_000.0


def run(story: Story, subject: str, at: float, outcome: str = "") -> None:
    """A run that was accepted then, and ended an hour later if it did."""
    more = {semconv.WORKFLOW: "nightly", semconv.SUBJECT: subject, semconv.RUN_ID: str(uid(subject))}
    story.node(NodeKind.RUN, uid(subject), "start", place(subject, "start"), span_kind=PRODUCER, at=at, more=more)
    if outcome:
        ended = {**more, semconv.OUTCOME: outcome}
        story.node(NodeKind.RUN, uid(subject), "invoke", place(subject, "end"), at=at, lasts=HOUR, more=ended)


@pytest.fixture
def now() -> float:
    """Milliseconds from the origin of stories until now."""
    return (datetime.now(UTC) - ORIGIN) / timedelta(milliseconds=1)


def test_a_filter_looks_in_all_time(collector: LiveCollector, client: CollectorClient, now: float) -> None:
    """A run that has gone on for three hours is running, and one that failed an hour ago failed."""
    story = Story()
    run(story, "stuck", now - 3 * HOUR)
    run(story, "failed", now - 2 * HOUR, "failed")
    run(story, "fresh", now - 1_000)
    collector.tell(story)

    assert [each.subject for each in client.runs().items] == ["fresh"]
    assert [each.subject for each in client.runs(status="running").items] == ["fresh", "stuck"]
    assert [each.subject for each in client.runs(status="failed").items] == ["failed"]
    assert [each.subject for each in client.runs(workflow="nightly").items] == ["fresh", "failed", "stuck"]
    assert client.runs(status="failed").window is None
    assert [each.subject for each in client.runs(status="running", last="1h").items] == ["fresh"]
    assert client.runs(status="running", last="1h").window is not None


def test_events_of_a_channel_and_traces_of_a_service_are_of_all_time(
    collector: LiveCollector, client: CollectorClient, now: float
) -> None:
    """However long the channel has been quiet."""
    collector.tell(Shipment().story)
    fresh = Story("other")
    about = {semconv.CHANNEL: "other", semconv.EVENT_ID: str(uid("fresh"))}
    fresh.node(NodeKind.EVENT, uid("fresh"), "publish", place("t", "p"), span_kind=PRODUCER, at=now - 1_000, more=about)
    collector.tell(fresh)

    assert [each.channel for each in client.events().items] == ["other"]
    assert [each.channel for each in client.events(channel=CHANNEL).items] == [CHANNEL]
    assert {each.service for each in client.traces().items} == {"other"}
    assert {each.service for each in client.traces(service="logistics").items} == {"logistics"}


def test_a_length_ends_now(collector: LiveCollector, client: CollectorClient, now: float) -> None:
    """Of lists and of figures alike; `all` is all there is."""
    collector.tell(Shipment(start=now - 3 * HOUR).story, Shipment(number=2, start=now - 10_000).story)
    for last, count in (("15m", 1), ("24h", 2), ("all", 2)):
        assert len(client.runs(last=last).items) == count, last
        assert client.overview(last=last).totals.runs == count, last
        assert client.steps(last=last).items[0].nodes == count, last
        window = client.step("shipment", "sorting", last=last).window
        assert window.end - window.start <= timedelta(days=7), last
    whole = client.steps(last="all").window
    assert whole.start <= ORIGIN + timedelta(milliseconds=now - 3 * HOUR + 1_000)
    assert whole.end >= datetime.now(UTC) - timedelta(minutes=1)
    assert client.runs(last="all").window is None


def test_a_step_is_shown_in_the_latest_hour_that_it_did_something_in(
    collector: LiveCollector, client: CollectorClient, now: float
) -> None:
    """Though others have been busy since; a search finds its figures of all time."""
    collector.tell(Shipment(start=now - 30 * HOUR).story)
    busy = Story()
    step = {semconv.WORKFLOW: "w", semconv.STEP: "s", semconv.OUTCOME: "ok"}
    busy.node(NodeKind.STEP, uid("busy"), "step s", place("b", "s"), at=now - 1_000, more=step)
    collector.tell(busy)

    assert [each.step for each in client.steps().items] == ["s"]
    found = client.step("shipment", "sorting")
    assert (found.figures.nodes, found.window.fallback) == (1, True)
    assert [each.step for each in client.steps(q="sorting").items] == ["sorting"]
    assert [each.step for each in client.steps(workflow="shipment").items] == [
        "delivery",
        "pickup",
        "sorting",
        "transit",
    ]


@pytest.mark.parametrize("last", ["", "0m", "15", "m", "-1h", "1w", "1000000d", "all ", "15m15m"])
def test_a_length_that_is_none_is_refused(collector: LiveCollector, last: str) -> None:
    """With the name of the parameter."""
    answer = httpx.get(f"{collector.url}/api/runs", params={"last": last}, trust_env=False, timeout=60)
    assert answer.status_code == 422
    assert answer.json()["error"]["message"].startswith("last")


def test_a_length_with_an_end_is_refused(client: CollectorClient) -> None:
    """They would contradict each other."""
    with pytest.raises(ApiError, match="say either last, or start and end"):
        client.overview(last="1h", end=ORIGIN)


def test_a_length_longer_than_all_time_is_taken(client: CollectorClient, bus: MemoryBus) -> None:
    """It begins in 1970."""
    bus.put(letter(1))
    assert client.runs(last="999999d").items == []
    assert len(client.dead_letters(last="999999d").items) == 1


def test_dead_letters_and_the_audit_have_a_time_range_too(client: CollectorClient, bus: MemoryBus) -> None:
    """Without one they are of all time: what waits, waits however old it is."""
    letters = [letter(number) for number in range(4)]
    for each in letters:
        bus.put(each)
    times = sorted(each.dead_at for each in client.dead_letters().items)
    assert len(times) == 4
    some = client.dead_letters(start=times[1], end=times[3])
    assert sorted(each.dead_at for each in some.items) == times[1:3]
    assert client.dead_letters(last="15m").items == []
    client.discard([str(letters[0].id)], "ada", "no use")
    client.replay([str(letters[1].id)], "bob")
    assert [entry.operator for entry in client.audit(operator="ada").items] == ["ada"]
    assert [entry.operator for entry in client.audit(action="replay").items] == ["bob"]
    assert [entry.operator for entry in client.audit(action="replay", last="all").items] == ["bob"]
    assert client.audit(end=ORIGIN - timedelta(days=9_000)).items == []
    with pytest.raises(ApiError, match="ends before it begins"):
        client.dead_letters(start=times[3], end=times[1])


def test_what_the_bus_says_is_of_a_moment_and_says_which(client: CollectorClient) -> None:
    """Just now."""
    for answer in (client.channels(), client.ledger(), client.workers(), client.dead_letter_summary()):
        assert answer.at is not None
        assert abs(answer.at - datetime.now(UTC)) < timedelta(minutes=1)


@pytest.mark.parametrize("start", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"])
def test_the_first_and_the_last_time_there_is_are_taken_everywhere(collector: LiveCollector, start: str) -> None:
    """The time before them can't be written: it begins with them."""
    story = Story()
    run(story, "old", 0.0, "ok")
    collector.tell(story)
    document = httpx.get(f"{collector.url}/openapi.json", trust_env=False).json()
    ranged = [
        path
        for path, methods in document["paths"].items()
        if "{" not in path and "start" in {one["name"] for one in methods.get("get", {}).get("parameters", [])}
    ]
    assert "/api/overview/trends" in ranged
    for path in ranged:
        answer = httpx.get(f"{collector.url}{path}", params={"start": start}, trust_env=False, timeout=60)
        assert answer.status_code in (200, 422), path
