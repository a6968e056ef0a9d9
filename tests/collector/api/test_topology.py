"""Who talks to whom, over the API: parts, what flows between them, what groups owe, and drift."""

import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from collector.client import CollectorClient, TimeRange
from collector.models import Coordination, DriftKind, Flow, SystemPart, Topology
from runtime import semconv
from runtime.admin import AppBacklog, AppWorker
from runtime.semconv import NodeKind
from runtime.state.presence import WorkerRecord, WorkerSighting
from runtime.state.runs import RunBacklog
from tests.collector.agents.sent import START, SentTrace, langgraph
from tests.collector.branching import WORKFLOW, branching
from tests.collector.live import LiveCollector
from tests.collector.operations.memory import MemoryBus
from tests.collector.shipment import CHANNEL, Shipment
from tests.collector.story import CLIENT, CONSUMER, PRODUCER, SERVER, Story, place, uid

ORIGIN = datetime(2026, 1, 1, tzinfo=UTC)
MINUTE: TimeRange = {"start": ORIGIN, "end": ORIGIN + timedelta(minutes=1)}


def part(found: Topology, id_: str) -> SystemPart:
    """The part of an id."""
    return next(each for each in found.parts if each.id == id_)


def flow(found: Topology, cause: str, effect: str) -> Flow:
    """What flows from one part to another."""
    return next(each for each in found.flows if (each.cause, each.effect) == (cause, effect))


def test_what_a_workflow_does_is_told_with_rates_errors_and_times(
    collector: LiveCollector, client: CollectorClient
) -> None:
    """From whoever starts it to its groups, of two shipments in a minute, of which each left a dead letter."""
    collector.tell(Shipment(1).story, Shipment(2, 100).story)
    found = client.topology(**MINUTE)
    assert [(each.id, each.count, each.errors, each.per_minute) for each in found.parts] == [
        (f"channel///{CHANNEL}", 2, 0, 2.0),
        (f"group/logistics/{CHANNEL}/billing", 2, 0, 2.0),
        (f"group/logistics/{CHANNEL}/board", 2, 0, 2.0),
        (f"group/logistics/{CHANNEL}/sms", 2, 2, 2.0),
        ("service/logistics//logistics", 0, 0, 0.0),
        ("step/logistics/shipment/delivery", 2, 0, 2.0),
        ("step/logistics/shipment/pickup", 2, 0, 2.0),
        ("step/logistics/shipment/sorting", 2, 0, 2.0),
        ("step/logistics/shipment/transit", 2, 0, 2.0),
        ("workflow/logistics//shipment", 2, 0, 2.0),
    ]
    assert part(found, "workflow/logistics//shipment").p50_ms == 100
    assert part(found, "step/logistics/shipment/sorting").p50_ms == 4
    names = {each.id: each.name for each in found.parts}
    assert [(names[each.cause], names[each.effect], each.coordination.value, each.count) for each in found.flows] == [
        (CHANNEL, "billing", "reacted", 2),
        (CHANNEL, "board", "reacted", 2),
        (CHANNEL, "sms", "reacted", 2),
        ("logistics", "shipment", "commanded", 2),
        ("delivery", CHANNEL, "reacted", 2),
        ("pickup", "sorting", "commanded", 2),
        ("sorting", "transit", "commanded", 2),
        ("transit", "delivery", "commanded", 2),
        ("shipment", "pickup", "commanded", 2),
    ]
    sms = flow(found, f"channel///{CHANNEL}", f"group/logistics/{CHANNEL}/sms")
    assert (sms.errors, sms.p50_ms) == (2, 35)
    assert not found.drift


def test_nothing_flows_to_a_step_that_is_skipped(collector: LiveCollector, client: CollectorClient) -> None:
    """What waits for it waits for what it waited for; where it was never done it is in no picture."""
    collector.tell(*(branching(number, "skipped") for number in range(3)))
    found = client.topology(**MINUTE)
    assert [(each.name, each.count) for each in found.parts if each.of == WORKFLOW] == [("assess", 3), ("close", 3)]
    steps = [f"step/claims/{WORKFLOW}/{name}" for name in ("assess", "review", "close")]
    assert flow(found, steps[0], steps[2]).count == 3
    collector.tell(branching(4, "ok"))
    found = client.topology(**MINUTE)
    assert [flow(found, cause, effect).count for cause, effect in pairwise(steps)] == [1, 1]
    assert part(found, steps[1]).count == 1


def test_skipped_steps_that_are_sent_as_waiting_for_one_another_keep_no_answer(
    collector: LiveCollector, client: CollectorClient
) -> None:
    """Which no workflow can be, and anybody can send."""
    story, run = Story("claims"), uid("circle")
    steps = {name: uid(f"circle-{name}") for name in ("one", "other", "last")}
    said = (("one", "skipped", "other"), ("other", "skipped", "one"), ("last", "ok", "one"))
    for at, (name, outcome, cause) in enumerate(said):
        more = {
            semconv.WORKFLOW: WORKFLOW,
            semconv.RUN_ID: str(run),
            semconv.STEP: name,
            semconv.AGENT: name,
            semconv.ATTEMPT: 1,
            semconv.OUTCOME: outcome,
            semconv.CAUSES: [str(steps[cause])],
        }
        story.node(NodeKind.STEP, steps[name], f"step {name}", place("circle", name), cause=run, at=at, more=more)
    collector.tell(story)
    found = client.topology(**MINUTE)
    assert [(each.name, each.count) for each in found.parts] == [("last", 1)]


def test_groups_say_what_they_owe_and_what_is_declared_and_never_used_is_drift(
    collector: LiveCollector, client: CollectorClient, bus: MemoryBus
) -> None:
    """A group without work, an agent without work, and a channel that nobody reads; what is used is no drift."""
    bus.owe(CHANNEL, "sms", pending=3, retrying=1, dead=2, done=4)
    bus.owe("audit.wanted", "archive")
    record = WorkerRecord("w-1", "host", 1, 4, "1", 1, serves=("pickup", "lawyer"))
    bus.seen.append(AppWorker("logistics", WorkerSighting(record, 10)))
    story = Shipment().story
    story.node(
        NodeKind.EVENT,
        uid("nobody"),
        "publish news",
        place("news", "publish"),
        span_kind=PRODUCER,
        more={semconv.CHANNEL: "news", semconv.EVENT_ID: str(uid("nobody"))},
    )
    collector.tell(story)
    found = client.topology(**MINUTE)
    owed = flow(found, f"channel///{CHANNEL}", f"group/logistics/{CHANNEL}/sms").backlog
    assert owed is not None
    assert (owed.waiting, owed.dead, owed.consumers) == (4, 2, 1)
    assert [(each.kind, each.says) for each in found.drift] == [
        (DriftKind.UNREAD_CHANNEL, "news was published to once, and is read by nobody"),
        (DriftKind.UNUSED_GROUP, "group archive of audit.wanted is subscribed, and has had nothing to do yet"),
        (DriftKind.UNUSED_AGENT, "agent lawyer of logistics is served, and has had nothing to do in this time"),
    ]
    ready = flow(found, "channel///audit.wanted", "group//audit.wanted/archive")
    assert (ready.count, ready.coordination) == (0, Coordination.REACTED)


def test_workflows_and_steps_that_are_declared_and_never_used_are_drift(
    collector: LiveCollector, client: CollectorClient, bus: MemoryBus
) -> None:
    """A workflow without a run, and a step that no run has done; what was done, or moved to its successor, is none."""
    declared = {WORKFLOW: ("assess", "review", "close"), "refund": ("pay",)}
    bus.queues = [AppBacklog(RunBacklog("claims", 0, 0, 0), 1, declared=declared)]
    collector.tell(*(branching(number, "skipped") for number in range(3)))
    found = client.topology(**MINUTE)
    assert [(each.kind, each.says, each.parts) for each in found.drift] == [
        (
            DriftKind.UNUSED_STEP,
            "step review of claim is declared, and no run has done it in this time",
            [f"workflow/claims//{WORKFLOW}"],
        ),
        (DriftKind.UNUSED_WORKFLOW, "workflow refund of claims is declared, and has had no run in this time", []),
    ]
    collector.tell(branching(4, "moved"))
    assert [each.kind for each in client.topology(**MINUTE).drift] == [DriftKind.UNUSED_WORKFLOW]
    early: TimeRange = {"start": ORIGIN + timedelta(milliseconds=430), "end": ORIGIN + timedelta(minutes=1)}
    assert [each.says for each in client.topology(**early).drift] == [
        "workflow refund of claims is declared, and has had no run in this time"
    ]


def test_the_picture_stands_without_the_bus(collector: LiveCollector, client: CollectorClient, bus: MemoryBus) -> None:
    """It says that nobody knows what is owed and declared; then nothing is called unread."""
    bus.away = "gone to lunch"
    collector.tell(Shipment().story)
    found = client.topology(**MINUTE)
    assert not found.bus.connected
    assert len(found.flows) == 9
    assert all(each.backlog is None for each in found.flows)
    assert not found.drift


def test_a_handler_that_publishes_to_what_led_to_it_is_a_loop(
    collector: LiveCollector, client: CollectorClient
) -> None:
    """Named as such, with its parts in the order in which it runs."""
    shipment = Shipment()
    shipment.story.node(
        NodeKind.EVENT,
        uid("again"),
        f"publish {CHANNEL}",
        place("run-1", "again"),
        span_kind=PRODUCER,
        cause=shipment.deliveries["board"],
        more={semconv.CHANNEL: CHANNEL, semconv.EVENT_ID: str(uid("again"))},
    )
    collector.tell(shipment.story)
    (loop,) = client.topology(**MINUTE).drift
    assert loop.kind == DriftKind.LOOP
    assert loop.parts == [f"channel///{CHANNEL}", f"group/logistics/{CHANNEL}/board"]
    assert "not always a fault" in loop.says


def test_services_of_others_are_told_by_their_calls_and_messages(
    collector: LiveCollector, client: CollectorClient
) -> None:
    """A shop calls a bank by way of a client span, and sends a message that a mailer takes."""
    said = {"messaging.system": "rabbitmq", "messaging.destination.name": "mails", "messaging.message.id": "m-1"}
    send, process = ({**said, "messaging.operation.type": each} for each in ("send", "process"))
    shop, bank, mailer = Story("shop"), Story("bank"), Story("mailer")
    shop.add("GET /buy", place("t", "buy"), kind=SERVER, lasts=50)
    shop.add("POST", place("t", "call"), kind=CLIENT, parent=place("t", "buy"), at=5, lasts=20)
    shop.add("send mails", place("t", "send"), kind=PRODUCER, parent=place("t", "buy"), at=30, attributes=send)
    bank.add("POST /pay", place("t", "pay"), kind=SERVER, parent=place("t", "call"), at=6, lasts=18, failed="broke")
    mailer.add(
        "process mails",
        place("t", "mail"),
        kind=CONSUMER,
        parent=place("t", "send"),
        at=40,
        lasts=7,
        attributes=process,
    )
    for story in (shop, bank, mailer):
        collector.tell(story)
    found = client.topology(**MINUTE)
    call = flow(found, "service/shop//shop", "service/bank//bank")
    assert (call.count, call.errors, call.p50_ms, call.coordination) == (1, 1, 18, Coordination.COMMANDED)
    assert flow(found, "service/shop//shop", "channel///mails").count == 1
    taken = flow(found, "channel///mails", "group/mailer/mails/mailer")
    assert (taken.count, taken.p50_ms) == (1, 10)
    assert part(found, "group/mailer/mails/mailer").p50_ms == 7


def test_a_step_that_calls_a_service_is_told_as_its_caller(collector: LiveCollector, client: CollectorClient) -> None:
    """Though a client's span lies between."""
    shipment, carrier = Shipment(), Story("carrier")
    shipment.story.add("POST", place("run-1", "call"), kind=CLIENT, parent=place("run-1", "transit-1"), at=65, lasts=2)
    carrier.add("POST /track", place("run-1", "track"), kind=SERVER, parent=place("run-1", "call"), at=66)
    collector.tell(shipment.story)
    collector.tell(carrier)
    found = client.topology(**MINUTE)
    assert flow(found, "step/logistics/shipment/transit", "service/carrier//carrier").count == 1


def test_agents_of_others_are_told_by_their_steps_and_the_order_that_their_framework_tells(
    collector: LiveCollector, client: CollectorClient
) -> None:
    """Of LangGraph's nodes which led to which; that is our reading, and said so."""
    for number in (1, 2):
        langgraph(trace := SentTrace(number))
        trace.store(collector.database)
    when = datetime.fromtimestamp(START // 10**9, UTC)
    found = client.topology(start=when, end=when + timedelta(minutes=2))
    assert flow(found, "service/writer//writer", "workflow/writer//LangGraph").count == 2
    led = flow(found, "step/writer/LangGraph/plan", "step/writer/LangGraph/draft")
    assert (led.count, led.per_minute, led.is_inferred) == (2, 1.0, True)
    assert part(found, "step/writer/LangGraph/draft").source == "openinference.instrumentation.langchain"
    again = flow(found, "step/writer/LangGraph/review", "step/writer/LangGraph/review")
    assert (again.count, found.drift) == (2, [])


def test_of_services_with_many_traces_the_newest_are_read_and_the_answer_says_since_when(
    collector: LiveCollector, client: CollectorClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rates are of the time that was read."""
    monkeypatch.setattr("collector.questions.topology_of_others.read_topology.__defaults__", (2,))
    for number in (1, 2, 3):
        langgraph(trace := SentTrace(number))
        trace.store(collector.database)
    first = datetime.fromtimestamp(START // 10**9, UTC)
    found = client.topology(start=first, end=first + timedelta(seconds=62))
    since = found.others_since["writer"]
    assert since == first + timedelta(seconds=2, milliseconds=1)
    told = part(found, "workflow/writer//LangGraph")
    assert (told.count, round(told.per_minute, 2)) == (2, 2.0)


def test_no_service_is_left_out_for_another_that_is_busy(
    collector: LiveCollector, client: CollectorClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where not all traces are read, the newest of each service are the first."""
    monkeypatch.setattr("collector.questions.topology_of_others.MOST", 2)
    for number, service in ((1, "seldom"), (2, "busy"), (3, "busy")):
        langgraph(trace := SentTrace(number, service))
        trace.store(collector.database)
    when = datetime.fromtimestamp(START // 10**9, UTC)
    found = client.topology(start=when, end=when + timedelta(minutes=1))
    assert {each.app for each in found.parts} == {"seldom", "busy"}
    assert set(found.others_since) == {"busy"}


def test_of_a_window_that_holds_too_much_the_newest_part_is_read(
    collector: LiveCollector, client: CollectorClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the answer says since when; rates are of that time."""
    monkeypatch.setattr("collector.questions.topology.MOST_SPANS", 20)
    collector.tell(Shipment(1).story, Shipment(2, 50_000).story)
    found = client.topology(**MINUTE)
    assert found.since is not None
    assert ORIGIN + timedelta(seconds=0.2) < found.since <= ORIGIN + timedelta(seconds=50)
    told = part(found, "workflow/logistics//shipment")
    assert (told.count, told.per_minute > 1) == (1, True)


def test_the_shape_of_the_answer_stands_alone(collector: LiveCollector, client: CollectorClient) -> None:
    """Every end of a flow is a part that is told."""
    collector.tell(Shipment().story)
    found = json.loads(client.topology(**MINUTE).model_dump_json())
    ids = {each["id"] for each in found["parts"]}
    assert {end for each in found["flows"] for end in (each["cause"], each["effect"])} <= ids
