"""Any id leads somewhere, and what is shown is found."""

import base64
from collections.abc import Callable

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

from collector.client import ApiError, CollectorClient
from collector.models import NodeKind
from runtime import semconv
from tests.collector.live import LiveCollector
from tests.collector.shipment import Shipment
from tests.collector.story import CONSUMER, INTERNAL, PRODUCER, Story, Value, Where, foreign, place, uid

SHORT = Where(0xA3CE929D0E0E4736, 7)


@pytest.fixture
def collector(emptied: LiveCollector) -> LiveCollector:
    """Without a row."""
    return emptied


@pytest.fixture
def shipment(collector: LiveCollector) -> Shipment:
    """One shipment, and another beside it."""
    shipments = [Shipment(), Shipment(number=2, start=50)]
    collector.tell(*(each.story for each in shipments))
    return shipments[0]


def the_publish(shipment: Shipment) -> Where:
    """Where a shipment's event was published."""
    span = next(span for span in shipment.story.spans if span.name.startswith("publish"))
    return Where(int.from_bytes(span.trace_id, "big"), int.from_bytes(span.span_id, "big"))


def x_ray(trace: int) -> str:
    """A trace id as AWS writes it."""
    return "-".join(("1", f"{trace:032x}"[:8], f"{trace:032x}"[8:]))


FORMS: dict[str, Callable[[Shipment], str]] = {
    "its id": lambda shipment: str(shipment.event),
    "its id as a URN": lambda shipment: shipment.event.urn,
    "its id without hyphens": lambda shipment: shipment.event.hex.upper(),
    "its correlation": lambda shipment: shipment.correlation.hex,
    "its run": lambda shipment: str(shipment.run),
    "its cause": lambda shipment: str(shipment.steps["delivery"]),
    "its trace": lambda shipment: f"{the_publish(shipment).trace:032x}",
    "its trace, as X-Ray has it": lambda shipment: x_ray(the_publish(shipment).trace),
    "the end of its trace": lambda shipment: f"{the_publish(shipment).trace:032x}"[16:],
    "its span": lambda shipment: f"{the_publish(shipment).span:016x}",
    "its span in decimal digits": lambda shipment: str(the_publish(shipment).span),
    "its span in base64": lambda shipment: base64.b64encode(the_publish(shipment).span.to_bytes(8)).decode(),
    "a header": lambda shipment: "00-{0.trace:032x}-{0.span:016x}-01".format(the_publish(shipment)),
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_an_event_is_found_by_whatever_leads_to_it(
    client: CollectorClient, shipment: Shipment, form: Callable[[Shipment], str]
) -> None:
    """And by nothing that leads to another; so is the run that published it, and both among everything."""
    text = form(shipment)
    assert [event.event_id for event in client.events(q=text).items] == [str(shipment.event)]
    assert str(shipment.run) in [run.run_id for run in client.runs(q=text).items]
    found = {id_ for node in client.search(text).items for id_ in (node.id, node.event_id, node.run_id)}
    assert found & {str(shipment.event), str(shipment.run)}


def test_a_span_leads_to_its_node(client: CollectorClient, shipment: Shipment) -> None:
    """By its own id, or with its trace; to its trace as well."""
    where = the_publish(shipment)
    for text in (f"{where.span:016x}", f"00-{where.trace:032x}-{where.span:016x}-01", str(where.span)):
        assert client.node(text).node.id == str(shipment.event)
        assert client.causality(text).focus == str(shipment.event)
        assert client.event(text).event_id == str(shipment.event)
        assert client.trace(text).spans[0].trace_id == f"{where.trace:032x}"


def test_a_trace_of_64_bits_is_found_by_what_its_tracer_prints(
    collector: LiveCollector, client: CollectorClient
) -> None:
    """With leading zeros, without them, and as a number."""
    story = Story()
    story.add("old tracer", SHORT)
    collector.tell(story)
    for text in (f"{SHORT.trace:032x}", f"{SHORT.trace:016x}", f"{SHORT.trace:x}".upper(), str(SHORT.trace)):
        assert [span.name for span in client.trace(text).spans] == ["old tracer"]
        assert [node.id for node in client.search(text).items] == [str(foreign(SHORT))]


@pytest.mark.parametrize("id_", ["ID:host-123-4:5", "4711", "order/ü 7"])
def test_a_foreign_message_is_found_by_the_id_that_it_came_with(
    collector: LiveCollector, client: CollectorClient, id_: str
) -> None:
    """Whatever text that is, at its sender first."""
    story = Story()
    about: dict[str, Value] = {"messaging.message.id": id_, "messaging.destination.name": "orders"}
    story.add("receive", place("t", "receive"), kind=CONSUMER, attributes=about)
    story.add("send", place("t", "send"), kind=PRODUCER, attributes=about, at=5)
    collector.tell(story)
    event = client.events(q=id_).items[0]
    assert client.node(id_).node.id == event.event_id
    assert client.event(id_).event_id == event.event_id
    assert [(named.role, named.records) for named in client.search(id_).named] == [("message", 2)]


def test_what_is_something_else_is_said(client: CollectorClient, shipment: Shipment) -> None:
    """Where nobody has an id of that kind, but of another."""
    where = the_publish(shipment)
    asked: dict[str, Callable[[], object]] = {
        "a trace": lambda: client.node(f"{where.trace:032x}"),
        "the correlation": lambda: client.event(str(shipment.correlation)),
        "another kind of node": lambda: client.run(str(shipment.event)),
        "is a span": lambda: client.run(f"{where.span:016x}"),
    }
    for known, ask in asked.items():
        with pytest.raises(ApiError, match=known) as raised:
            ask()
        assert raised.value.status == 404
        assert raised.value.hint.startswith("see /api/")


def test_a_cause_that_never_arrived_is_known_by_those_who_name_it(
    collector: LiveCollector, client: CollectorClient
) -> None:
    """It may be late, and its effects are there."""
    story = Story()
    story.node(NodeKind.STEP, uid("effect"), "step", place("t", "effect"), cause=uid("cause"))
    collector.tell(story)
    with pytest.raises(ApiError, match="1 records name it as their cause, but it never arrived"):
        client.node(str(uid("cause")))


def test_an_event_that_was_not_sampled_says_so(collector: LiveCollector, client: CollectorClient) -> None:
    """Its dead letter tells of it."""
    story, letter = Story(), uid("letter")
    more: dict[str, Value] = {semconv.EVENT_ID: str(uid("event")), semconv.SAMPLED: False}
    story.node(NodeKind.DEAD_LETTER, letter, "dead_letter c", place("t", "letter"), cause=uid("delivery"), more=more)
    collector.tell(story)
    for ask in (client.node, client.event):
        with pytest.raises(ApiError, match="it was not sampled, and 1 dead letters") as raised:
            ask(str(uid("event")))
        assert str(letter) in raised.value.hint


def test_what_was_searched_is_said_where_nothing_is_found(client: CollectorClient, shipment: Shipment) -> None:
    """How much of it there was, of which time, and whether the text can be an id."""
    nobody = str(uid("nobody"))
    with pytest.raises(ApiError, match=r"looked among all ids of the \d+ spans, from 2026-01-01T"):
        client.node(nobody)
    for page in (client.events(q=nobody), client.runs(q=nobody)):
        assert page.searched
        assert (page.searched.text, page.searched.is_id, page.window) == (nobody, True, None)
        assert page.searched.records == len(shipment.story.spans) * 2
    assert client.events(q="S-0001").searched is None
    answer = client.search("nothing of this kind")
    assert (answer.named, answer.items, answer.searched.is_id) == ([], [], False)


def test_everything_that_is_shown_is_found(collector: LiveCollector, client: CollectorClient) -> None:
    """Attributes of any type, their keys, errors, tracebacks, and calls of a model below a step."""
    story, step = Story(), uid("step")
    top = place("t", "step")
    story.node(NodeKind.STEP, step, "step think", top, more={semconv.STEP: "think"}, failed="no carrier in ÖSTERREICH")
    story.spans[-1].events.add(name="exception", time_unix_nano=1).attributes.add(
        key="exception.stacktrace"
    ).value.string_value = 'File "/srv/agent.py", line 7'
    attributes: dict[str, Value] = {
        "gen_ai.prompt": "Where is Zürich?",
        "ratio": 0.25,
        "tags": ["one", "two"],
        "n": 47110,
    }
    story.add("chat", place("t", "chat"), parent=top, kind=INTERNAL, attributes=attributes)
    collector.tell(story)
    chat = str(foreign(place("t", "chat")))
    for text in ("zürich", '"gen_ai.prompt": "Where', "gen_ai.prompt", "0.25", '"n": 47110', '["one", "two"]', "chat"):
        assert [node.id for node in client.search(text).items] == [chat], text
    for text in ("österreich", 'File "/srv/agent.py"', str(step)[-8:], f"{top.trace:032x}"[:9] + "x"):
        assert [node.id for node in client.search(text).items] == ([] if text.endswith("x") else [str(step)]), text


def test_what_was_logged_at_a_node_is_found(collector: LiveCollector, client: CollectorClient) -> None:
    """Texts, and what stands in maps, also of a record without a time."""
    story, where = Story(), place("t", "chat")
    story.add("chat", where)
    collector.tell(story)
    request = ExportLogsServiceRequest()
    records = request.resource_logs.add().scope_logs.add().log_records
    ids = {"trace_id": where.trace.to_bytes(16), "span_id": where.span.to_bytes(8)}
    records.add(**ids, time_unix_nano=1_790_000_000_000_000_000).body.string_value = "The carrier is in Zürich"
    body = records.add(**ids).body
    body.kvlist_value.values.add(key="state").value.string_value = "overloaded"
    records.add(trace_id=ids["trace_id"]).body.string_value = "of no span: overloaded"
    collector.post(request.SerializeToString(), signal="logs").raise_for_status()
    for text in ("in zürich", "overloaded"):
        assert [node.id for node in client.search(text).items] == [str(foreign(where))], text


def test_a_run_is_found_by_its_steps(client: CollectorClient, shipment: Shipment) -> None:
    """By their names, agents and errors; an event by the groups that received it."""
    assert len(client.runs(q="sorting").items) == 2
    assert len(client.events(q="billing").items) == 2
    assert [item.step for item in client.steps(q="BILLING").items] == ["billing"]


def test_a_search_answers_with_the_newest(collector: LiveCollector, client: CollectorClient) -> None:
    """And says when there is more."""
    story = Story()
    for number in range(5):
        story.add("needle", place("t", str(number)), at=number * 86_400_000)
    collector.tell(story)
    answer = client.search("needle", limit=3)
    assert [node.id for node in answer.items] == [str(foreign(place("t", str(number)))) for number in (4, 3, 2)]
    assert answer.truncated
    assert not client.search("needle", limit=5).truncated


def test_what_somebody_pasted_whole_is_searched_for(
    collector: LiveCollector, client: CollectorClient, shipment: Shipment
) -> None:
    """By the one trace context among it, else by its beginning, which the answer says."""
    sent = the_publish(shipment)
    pasted = f'{{"headers": {{"traceparent": "00-{sent.trace:032x}-{sent.span:016x}-01"}}, "body": "{"ü" * 3_900}"}}'
    assert {named.role for named in client.search(pasted).named} == {"span", "trace"}
    story = Story()
    story.add("chat", place("long", "chat"), attributes={"gen_ai.prompt": "Ü" * 3_000 + " another end"})
    collector.tell(story)
    answer = client.search("ü" * 4_000)
    assert [node.id for node in answer.items] == [str(foreign(place("long", "chat")))]
    assert answer.searched.beginning == "ü" * 100
    assert client.events(q="ü" * 4_000).items == []
