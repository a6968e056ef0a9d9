"""Names may hold anything that a sender writes: every route, and the client, take them as they are."""

from typing import Final

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from collector.client import ApiError, CollectorClient
from runtime import semconv
from runtime.semconv import NodeKind
from tests.collector.live import LiveCollector
from tests.collector.operations.memory import MemoryBus
from tests.collector.story import CONSUMER, PRODUCER, Story, place, uid

NASTY: Final = (
    "team/printer",
    "/",
    "//",
    "..",
    "../x",
    ".",
    "a%2Fb",
    "100%",
    "%",
    "a?b",
    "a#b",
    "a b",
    " a ",
    "a\nb",
    "\t",
    "",
    "x" * 500,
    "é",
    "e\u0301",
    "🚀",
    "a&b=c;d",
    "a+b",
    "\\",
    "'; DROP TABLE spans; --",
    '"',
    "<b>",
    "a\x00b",
    "\u202e",
    "one",
    "null",
    "y" * 2_000,
)


@pytest.fixture
def named(collector: LiveCollector, bus: MemoryBus) -> list[str]:
    """A workflow, a step, a channel, a group, an agent and a service of each name."""
    body = b""
    for number, name in enumerate(NASTY):
        story = Story(name)
        story.node(
            NodeKind.RUN,
            uid(f"run {number}"),
            "start",
            place(f"{number}", "run"),
            span_kind=PRODUCER,
            more={semconv.WORKFLOW: name, semconv.SUBJECT: name, semconv.RUN_ID: str(uid(f"run {number}"))},
        )
        story.node(
            NodeKind.STEP,
            uid(f"step {number}"),
            "step",
            place(f"{number}", "step"),
            more={semconv.WORKFLOW: name, semconv.STEP: name, semconv.AGENT: name, semconv.OUTCOME: "ok"},
        )
        about = {semconv.CHANNEL: name, semconv.EVENT_ID: str(uid(f"event {number}"))}
        story.node(
            NodeKind.EVENT,
            uid(f"event {number}"),
            "publish",
            place(f"{number}", "event"),
            span_kind=PRODUCER,
            more=about,
        )
        story.node(
            NodeKind.DELIVERY,
            uid(f"delivery {number}"),
            "process",
            place(f"{number}", "delivery"),
            span_kind=CONSUMER,
            more={**about, semconv.GROUP: name, semconv.OUTCOME: "ok"},
        )
        body += story.request()  # requests that follow each other are one, with the resources of both
        bus.owe(name, name, consumers=1)
    collector.post(body).raise_for_status()
    return list(NASTY)


def test_every_route_finds_what_has_the_name(client: CollectorClient, named: list[str]) -> None:
    """Exactly that, and nothing beside it."""
    for name in named:
        step = client.step(name, name, kind="delivery")
        assert (step.figures.workflow, step.figures.step, step.figures.nodes) == (name, name, 1), name
    for number, name in enumerate(named[:: len(named) // 6]):
        number *= len(named) // 6
        assert [run.run_id for run in client.runs(workflow=name).items] == [str(uid(f"run {number}"))], name
        assert [each.event_id for each in client.events(channel=name).items] == [str(uid(f"event {number}"))], name
        assert {each.service for each in client.traces(service=name).items} == {name}
        assert {each.workflow for each in client.steps(workflow=name).items} == {name}


def test_the_bus_is_asked_for_any_name(client: CollectorClient, named: list[str]) -> None:
    """What groups owe, letters, and workers."""
    for name in named:
        (channel,) = client.channels(channel=name, group=name).items
        assert (channel.channel, [each.group for each in channel.groups]) == (name, [name])
        assert client.dead_letters(channel=name, group=name, reason=name).items == []
        assert client.workers(app=name).items == []
    assert {row.group: row.spans_done for row in client.ledger().items} == dict.fromkeys(named, 1)


def test_pages_in_the_order_of_names_hold_each_once(client: CollectorClient, named: list[str]) -> None:
    """However they sort."""
    steps: list[tuple[str, str]] = []
    groups: list[str] = []
    step_cursor = group_cursor = None
    while not steps or step_cursor:
        page = client.steps(limit=7, cursor=step_cursor)
        steps += [(each.kind, each.step) for each in page.items]
        step_cursor = page.next
    while not groups or group_cursor:
        channels = client.channels(limit=4, cursor=group_cursor)
        groups += [group.group for channel in channels.items for group in channel.groups]
        group_cursor = channels.next
    assert sorted(steps) == sorted((kind, name) for kind in ("step", "delivery") for name in named)
    assert sorted(groups) == sorted(named)
    assert [each.step for each in client.every_step(kind="step")] == sorted(named)


def test_a_path_still_leads_to_names_that_fit_into_it(collector: LiveCollector, client: CollectorClient) -> None:
    """Programs that were written for it go on."""
    story = Story()
    more = {semconv.WORKFLOW: "eu/orders", semconv.STEP: "pay now", semconv.OUTCOME: "ok"}
    story.node(NodeKind.STEP, uid("s"), "step", place("t", "s"), more=more)
    collector.tell(story)
    answer = client._api._http.get("/api/steps/eu%2Forders/pay%20now")
    assert answer.json()["figures"] == client.step("eu/orders", "pay now").figures.model_dump(mode="json")


@pytest.fixture
def messages(collector: LiveCollector) -> dict[str, str]:
    """Spans that other systems sent messages in, whose ids are any text; by id, the names of the spans."""
    ids = ("..", ".", "/", "//", "a/b/causality", "a/b", " sp ", "one", "x" * 4_000, "a?b#c&d=e", "%2e%2e", "a\\b")
    request = ExportTraceServiceRequest()
    spans = request.resource_spans.add().scope_spans.add().spans
    for number, id_ in enumerate(ids, 1):
        span = spans.add(trace_id=number.to_bytes(16), span_id=number.to_bytes(8), name=f"send {number}", kind=4)
        span.start_time_unix_nano = span.end_time_unix_nano = 1_790_000_000_000_000_000 + number
        for key, value in (("messaging.message.id", id_), ("messaging.destination.name", f"send {number}")):
            span.attributes.add(key=key).value.string_value = value
    collector.post(request.SerializeToString()).raise_for_status()
    return {id_: f"send {number}" for number, id_ in enumerate(ids, 1)}


def test_a_message_is_found_by_an_id_of_any_text(client: CollectorClient, messages: dict[str, str]) -> None:
    """Also where no path could hold it, or where it would be another one."""
    for id_, name in messages.items():
        detail = client.node(id_)
        assert detail.node.name == name, id_
        assert client.causality(id_).focus == detail.node.id, id_
        assert client.event(id_).event_id == detail.node.id, id_


def test_text_that_is_no_id_is_not_found(client: CollectorClient) -> None:
    """Whatever another route it would be."""
    for name in NASTY:
        for ask in (client.run, client.node, client.trace, client.dead_letter):
            with pytest.raises(ApiError) as raised:
                ask(name)
            assert raised.value.status in (404, 422), name
    for id_ in (f"{uid('x')}/causality", f"{uid('x')}/cancel"):
        with pytest.raises(ApiError) as raised:
            client.node(id_)
        assert raised.value.code == "not_found"
