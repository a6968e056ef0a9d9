"""Runs and events: windows, paging, filters, search."""

from datetime import UTC, datetime, timedelta

import pytest

from collector.client import ApiError, CollectorClient
from collector.models import NodeStatus
from runtime import semconv
from runtime.semconv import NodeKind
from tests.collector.live import LiveCollector
from tests.collector.shipment import CHANNEL, Shipment
from tests.collector.story import PRODUCER, Story, Where, place, uid

ORIGIN = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def shipments(collector: LiveCollector) -> list[Shipment]:
    """Seven shipments, a minute apart; two began in the same nanosecond."""
    shipments = [Shipment(number=number, start=max(number, 1) * 60_000) for number in range(7)]
    collector.tell(*(shipment.story for shipment in shipments))
    return shipments


def test_a_quiet_hour_falls_back_to_the_latest_with_data(client: CollectorClient, shipments: list[Shipment]) -> None:
    """And says so; the newest record is inside."""
    page = client.runs()
    assert page.items[0].subject == "S-0006"
    assert len(page.items) == 7
    assert page.window
    assert page.window.fallback
    assert page.window.end - page.window.start == timedelta(hours=1)
    assert client.events().window.fallback


def test_a_window_with_data_is_taken_as_asked(client: CollectorClient, shipments: list[Shipment]) -> None:
    """Its begin is inside, its end is not."""
    page = client.runs(start=ORIGIN + timedelta(minutes=2), end=ORIGIN + timedelta(minutes=4))
    assert [run.subject for run in page.items] == ["S-0003", "S-0002"]
    assert page.window
    assert not page.window.fallback


def test_an_empty_store_answers_with_the_window_asked_for(client: CollectorClient) -> None:
    """There is nothing to fall back to."""
    page = client.runs()
    assert page.items == []
    assert page.next is None
    assert page.window
    assert not page.window.fallback


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 50])
def test_pages_hold_everything_once(client: CollectorClient, shipments: list[Shipment], limit: int) -> None:
    """Newest first, whatever the page's size, although two began at once."""
    runs: list[str] = []
    events: list[str] = []
    run_cursor = event_cursor = None
    for place_ in range(pages := -(-7 // limit)):
        run_page = client.runs(limit=limit, cursor=run_cursor)
        event_page = client.events(limit=limit, cursor=event_cursor)
        runs += [run.run_id for run in run_page.items]
        events += [event.event_id for event in event_page.items]
        run_cursor, event_cursor = run_page.next, event_page.next
        assert (run_cursor is None) == (event_cursor is None) == (place_ == pages - 1)
    assert sorted(runs) == sorted(str(shipment.run) for shipment in shipments)
    assert sorted(events) == sorted(str(shipment.event) for shipment in shipments)
    assert runs[0] == str(shipments[6].run)


def test_a_page_does_not_move_when_newer_runs_arrive(
    collector: LiveCollector, client: CollectorClient, shipments: list[Shipment]
) -> None:
    """The next page goes on where the last one ended."""
    first = client.runs(limit=3)
    collector.tell(Shipment(number=99, start=700_000).story)
    second = client.runs(limit=3, cursor=first.next)
    assert [run.subject for run in (*first.items, *second.items)] == [f"S-000{n}" for n in (6, 5, 4, 3, 2)] + [
        second.items[-1].subject
    ]


def test_a_window_before_all_times_is_refused(client: CollectorClient) -> None:
    """An hour before its end would be no time that there is."""
    for ask in (client.events, client.runs, client.steps, client.overview):
        with pytest.raises(ApiError) as raised:
            ask(end=datetime.min.replace(tzinfo=UTC))
        assert (raised.value.status, raised.value.code) == (422, "bad_request")


def test_a_window_of_all_times_is_taken(client: CollectorClient, shipments: list[Shipment]) -> None:
    """However long; and a late one that is as long falls back no further than to 1970."""
    first, last = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    assert len(client.events(start=first, end=last).items) == 7
    late = client.events(start=datetime(3000, 1, 1, tzinfo=UTC), end=last)
    assert len(late.items) == 7
    assert late.window
    assert late.window.start == datetime(1970, 1, 1, tzinfo=UTC)


def test_all_pages_are_of_the_first_ones_window(collector: LiveCollector, client: CollectorClient) -> None:
    """A quiet hour that ends, and an hour that slides on, take nothing away from a list that is being read."""
    collector.tell(*(Shipment(number=number, start=number * 1000).story for number in range(4)))
    run_page, event_page = client.runs(limit=1), client.events(limit=1)
    windows = (run_page.window, event_page.window)
    assert all(window and window.fallback for window in windows)
    since_origin = (datetime.now(UTC) - ORIGIN) / timedelta(milliseconds=1)
    collector.tell(Shipment(number=99, start=since_origin - 10_000).story)

    runs, events = list(run_page.items), list(event_page.items)
    while run_page.next and event_page.next:
        run_page = client.runs(limit=1, cursor=run_page.next, start=datetime.now(UTC))
        event_page = client.events(limit=1, cursor=event_page.next)
        runs += run_page.items
        events += event_page.items
        assert (run_page.window, event_page.window) == windows

    assert [run.subject for run in runs] == [event.subject for event in events]
    assert [run.subject for run in runs] == ["S-0003", "S-0002", "S-0001", "S-0000"]
    assert (run_page.next, event_page.next) == (None, None)


def test_a_search_of_all_times_stays_one(client: CollectorClient, shipments: list[Shipment]) -> None:
    """Its cursor says that it has no window."""
    first = client.events(q="ünna", limit=5)
    second = client.events(q="ünna", limit=5, cursor=first.next)
    assert (len(first.items), len(second.items), second.window, second.next) == (5, 2, None, None)


def test_a_clock_that_is_far_ahead_does_not_lead_there(
    collector: LiveCollector, client: CollectorClient, shipments: list[Shipment]
) -> None:
    """One span of the year 2200 is no latest hour, neither before now nor before an end that is asked for."""
    asks = (client.events, client.runs, client.steps, client.overview)
    usual = [ask().window for ask in asks]
    collector.tell(Shipment(number=99, start=174 * 365 * 86_400_000).story)
    assert [ask().window for ask in asks] == usual
    assert [ask(end=ORIGIN + timedelta(days=30)).window for ask in asks] == usual
    nothing = client.events(end=ORIGIN - timedelta(days=1))
    assert (nothing.items, nothing.window.fallback) == ([], False)


def test_a_clock_that_is_a_little_ahead_is_followed(collector: LiveCollector, client: CollectorClient) -> None:
    """Whoever looks at once sees what was just sent."""
    since_origin = (datetime.now(UTC) - ORIGIN) / timedelta(milliseconds=1)
    collector.tell(Shipment(number=1, start=since_origin + 30_000).story)
    assert [event.subject for event in client.events().items] == ["S-0001"]


@pytest.mark.parametrize("q", ["S-0004", "s-0004", " 0004 "])
def test_a_run_is_found_by_its_subject(client: CollectorClient, shipments: list[Shipment], q: str) -> None:
    """Wherever in time, in any case."""
    page = client.runs(q=q)
    assert [run.run_id for run in page.items] == [str(shipments[4].run)]
    assert page.window is None


def test_a_run_is_found_by_its_ids_and_its_workflow(client: CollectorClient, shipments: list[Shipment]) -> None:
    """What a log line may hold."""
    for q in (str(shipments[4].run), str(shipments[4].correlation)):
        assert [run.subject for run in client.runs(q=q).items] == ["S-0004"]
    assert len(client.runs(q="SHIP").items) == 7
    assert client.runs(workflow="other").items == []
    assert len(client.runs(workflow="shipment").items) == 7


def test_an_event_is_found_by_subject_ids_and_payload(client: CollectorClient, shipments: list[Shipment]) -> None:
    """What the user of an event system holds."""
    wanted = shipments[4]
    for q in ("s-0004", str(wanted.event), str(wanted.correlation), '"number": "S-0004"'):
        assert [event.event_id for event in client.events(q=q).items] == [str(wanted.event)], q
    assert len(client.events(q="ÜNNA").items) == 7
    assert client.events(q="100%_'; DROP TABLE spans").items == []
    assert client.events(channel="other").items == []
    assert len(client.events(channel=CHANNEL).items) == 7


def test_runs_are_filtered_by_status(collector: LiveCollector, client: CollectorClient) -> None:
    """One that has not ended still runs."""
    story = Story()
    for index, outcome in enumerate(("ok", "failed", "cancelled", "")):
        run, start = uid(f"run {index}"), place("t", f"start {index}")
        more = {semconv.WORKFLOW: "w", semconv.SUBJECT: outcome or "running"}
        story.node(NodeKind.RUN, run, "start w", start, span_kind=PRODUCER, more=more, at=index)
        if outcome:
            ended = {**more, semconv.OUTCOME: outcome, semconv.OPERATION: "invoke_workflow"}
            story.node(
                NodeKind.RUN, run, "invoke_workflow w", place("t", f"end {index}"), more=ended, at=index, lasts=9
            )
    collector.tell(story)

    for status in ("ok", "failed", "cancelled", "running"):
        page = client.runs(status=status)
        assert [(run.subject, run.status) for run in page.items] == [(status, NodeStatus(status))]
    assert client.runs(status="dead").items == []
    assert [run.duration_ms for run in client.runs().items] == [None, 9.0, 9.0, 9.0]


def test_a_run_has_its_steps_and_events(client: CollectorClient, shipments: list[Shipment]) -> None:
    """In the order in which they began, with causes, keys, errors and scores."""
    wanted = shipments[2]

    detail = client.run(str(wanted.run))

    assert (detail.run.steps, detail.run.failed_steps, detail.run.retries) == (4, 0, 1)
    assert (detail.run.subject, detail.run.input_keys, detail.run.service) == ("S-0002", ["order"], "logistics")
    assert detail.run.duration_ms == 100.0
    assert [(step.step, step.depth, step.attempts, step.status) for step in detail.steps] == [
        ("pickup", 1, 1, NodeStatus.OK),
        ("sorting", 2, 2, NodeStatus.OK),
        ("transit", 3, 1, NodeStatus.OK),
        ("delivery", 4, 1, NodeStatus.OK),
    ]
    sorting = detail.steps[1]
    assert sorting.causes == [str(wanted.steps["pickup"])]
    assert (sorting.keys_read, sorting.context_size, sorting.score, sorting.error) == (["order"], 200, 1.0, None)
    assert detail.steps[0].causes == []
    assert [event.event_id for event in detail.events] == [str(wanted.event)]


def test_an_event_shows_how_each_group_fared_in_its_newest_round(
    client: CollectorClient, shipments: list[Shipment]
) -> None:
    """The replay succeeded, so the group did; every round is there to look at."""
    detail = client.event(str(shipments[2].event).upper())

    assert [(brief.group, brief.status, brief.round) for brief in detail.deliveries] == [
        ("billing", NodeStatus.OK, 0),
        ("board", NodeStatus.OK, 0),
        ("sms", NodeStatus.OK, 1),
    ]
    assert [(node.group, node.round, node.status) for node in detail.rounds] == [
        ("billing", 0, NodeStatus.OK),
        ("board", 0, NodeStatus.OK),
        ("sms", 0, NodeStatus.DEAD),
        ("sms", 1, NodeStatus.OK),
    ]
    assert detail.payload == '{"number": "S-0002", "to": "Ünna"}'
    assert detail.causation_id == str(shipments[2].steps["delivery"])


def test_an_event_whose_publish_was_lost_is_listed(collector: LiveCollector, client: CollectorClient) -> None:
    """A group received it."""
    shipment = Shipment()
    collector.post(shipment.story.request([span for span in shipment.story.spans if "publish" not in span.name]))
    assert [event.event_id for event in client.events(q=shipment.subject).items] == [str(shipment.event)]
    assert client.event(str(shipment.event)).payload is None


def test_a_list_shows_the_beginning_of_payloads_or_all_of_them(
    client: CollectorClient, collector: LiveCollector
) -> None:
    """Whoever saves a list has what was sent."""
    story, payload = Story(), '{"text": "' + "x" * 900 + ' the end"}'
    story.node(NodeKind.EVENT, uid("long"), "publish", Where(7, 7), more={semconv.PAYLOAD: payload}, span_kind=PRODUCER)
    collector.tell(story)
    lengths = [len(client.events(q="the end", whole=whole).items[0].payload or "") for whole in (False, True)]
    assert lengths == [500 + len("… [cut: 500 of 920 characters]"), len(payload)]
