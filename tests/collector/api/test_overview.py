"""Whether anything is wrong now."""

from datetime import UTC, datetime, timedelta

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue

from collector.client import CollectorClient
from collector.models import (
    BusState,
    ChannelBacklog,
    DeadLetterGroup,
    GroupBacklog,
    Latency,
    ScoreFigures,
    Severity,
    StepFigures,
)
from collector.questions import problems
from collector.questions.accuracy import compute_accuracy
from collector.questions.overview import select_worst_steps
from runtime import semconv
from runtime.admin import Parked
from runtime.semconv import NodeKind
from tests.collector.agents.sent import SentTrace, langgraph
from tests.collector.api.test_operations import letter
from tests.collector.live import LiveCollector
from tests.collector.operations.memory import MemoryBus
from tests.collector.shipment import Shipment
from tests.collector.story import MS, ORIGIN_NS, Story, Value, any_value, place, uid

ORIGIN = datetime(2026, 1, 1, tzinfo=UTC)
HERE = BusState(connected=True)


def channel(name: str, group: str) -> ChannelBacklog:
    """A channel with one group, which owes nothing."""
    row = GroupBacklog(group=group, owed=0, done=0, pending=0, retrying=0, dead=0, discarded=0, consumers=1)
    return ChannelBacklog(channel=name, published=0, groups=[row])


def step(name: str, *, nodes: int = 100, errors: float = 0.0, right: int = 0, scored: int = 0) -> StepFigures:
    """Figures of one step."""
    return StepFigures(
        kind=NodeKind.STEP,
        workflow="shipment",
        step=name,
        agent=name,
        nodes=nodes,
        attempts=nodes,
        error_rate=errors,
        retry_rate=0.0,
        accuracy=compute_accuracy(right, scored),
        scores=[ScoreFigures(name="", accuracy=compute_accuracy(right, scored))],
        latency=Latency(p50_ms=1, p95_ms=2, p99_ms=3),
    )


def test_what_needs_a_person_is_told_with_what_spent_it_and_what_failed(
    client: CollectorClient, bus: MemoryBus
) -> None:
    """Budgets under which something is parked, and undos that have failed; those first that wait the longest. Without
    secrets."""
    parked = [Parked(uid(f"node-{number}"), f"step {number}", ORIGIN_NS // MS + number) for number in range(3)]
    bus.grant("younger", parked[1])
    bus.grant("older", parked[0], parked[2])
    bus.grant("open")
    for number, name in enumerate(("third", "first", "second")):
        ended = None if number == 0 else ORIGIN_NS // MS + number
        bus.accept(
            uid(name),
            status="failed" if ended else "undoing",
            ended_ms=ended,
            subject=name,
            is_undone=True,
            undo_failed=("pay", "ship"),
            undo_error="OSError: away, password=hunter2",
        )
    bus.accept(uid("fine"))

    found = client.overview()

    assert [(one.what, one.parked_total) for one in found.spent_budgets] == [("run of older", 2), ("run of younger", 1)]
    assert [one.what for one in found.spent_budgets[0].parked] == ["step 0"]
    assert [(one.subject, one.steps) for one in found.undo_failures] == [
        ("first", ["pay", "ship"]),
        ("second", ["pay", "ship"]),
        ("third", ["pay", "ship"]),
    ]
    assert (found.undo_failures[0].error or "").startswith("OSError: away, password=")
    assert "hunter2" not in found.model_dump_json()
    bus.away = "down"
    away = client.overview()
    assert (away.spent_budgets, away.undo_failures) == ([], [])


def test_dead_letters_are_said_in_a_sentence_that_leads_there(client: CollectorClient, bus: MemoryBus) -> None:
    """One problem a group, the largest first."""
    for number in range(29):
        bus.put(letter(number))
    bus.put(letter(99, group="billing"))

    overview = client.overview()

    assert overview.totals.dead_now == 30
    assert [(problem.severity, problem.title, problem.view, problem.params) for problem in overview.problems] == [
        (
            Severity.ERROR,
            "29 sms deliveries on shipment.delivered are dead",
            "dead-letters",
            {"channel": "shipment.delivered", "group": "sms"},
        ),
        (
            Severity.ERROR,
            "1 billing delivery on shipment.delivered is dead",
            "dead-letters",
            {"channel": "shipment.delivered", "group": "billing"},
        ),
    ]


def test_the_window_is_counted(collector: LiveCollector, client: CollectorClient) -> None:
    """Totals and their course agree."""
    collector.tell(*(Shipment(number=number, start=number * 1000).story for number in range(3)))

    overview = client.overview()

    totals = overview.totals
    assert (totals.runs, totals.runs_failed, totals.events, totals.deliveries) == (3, 0, 3, 12)
    assert (totals.attempts, totals.errors) == (30, 9)
    assert sum(point.runs for point in overview.activity) == 3
    assert sum(point.events for point in overview.activity) == 3
    assert sum(point.errors for point in overview.activity) == 9
    assert sum(point.dead_letters for point in overview.activity) == 3
    assert overview.window.fallback
    assert overview.spans_stored == 3 * len(Shipment().story.spans)
    assert [item.step for item in overview.worst_steps] == ["sms", "sorting"]
    assert overview.bus.connected


def sent(story: Story, instance: str, dropped: Value) -> bytes:
    """A story as a process sends it that has lost spans."""
    request = ExportTraceServiceRequest.FromString(story.request())
    resource = request.resource_spans[0].resource
    for key, value in (("service.instance.id", instance), (semconv.DROPPED_SPANS, dropped)):
        resource.attributes.append(KeyValue(key=key, value=any_value(value)))
    return request.SerializeToString()


def test_what_processes_dropped_is_counted_and_said(collector: LiveCollector, client: CollectorClient) -> None:
    """A process repeats its running total, so its largest counts; the processes of a service are added up."""
    told = (("w1", 3), ("w1", 40), ("w1", 7), ("w2", 2), ("w3", 0), ("w4", "many"), ("w5", -9))
    for number, (instance, dropped) in enumerate(told):
        story = Story("logistics")
        story.add("work", place("t", str(number)), at=number)
        story.node(NodeKind.EVENT, uid(f"event {number}"), "publish c", place("t", f"event {number}"), at=number)
        collector.post(sent(story, instance, dropped)).raise_for_status()
    collector.tell(Shipment().story)

    overview = client.overview()

    assert overview.spans_dropped == 42
    assert [(problem.severity, problem.title) for problem in overview.problems] == [
        (Severity.WARNING, "logistics dropped 42 spans")
    ]


def test_a_process_that_is_gone_is_counted_but_no_problem_of_now(
    collector: LiveCollector, client: CollectorClient
) -> None:
    """Whatever it lost is told in the windows in which it worked."""
    shipment = Shipment(start=86_400_000)
    collector.post(sent(Shipment().story, "w1", 2**62)).raise_for_status()
    collector.post(sent(Shipment(2).story, "w2", 2**62)).raise_for_status()
    collector.tell(shipment.story)

    now, then = client.overview(), client.overview(end=ORIGIN + timedelta(hours=1))

    again = "15 spans came again with other content"  # two shipments share some ids, which is for another test
    assert (now.spans_dropped, [problem.title for problem in now.problems]) == (2**63, [again])
    assert [problem.title for problem in then.problems] == [f"logistics dropped {2**63} spans", again]


def test_an_empty_store_has_no_problems(client: CollectorClient) -> None:
    """And answers."""
    overview = client.overview()
    assert overview.problems == []
    assert overview.totals.runs == 0


def test_worst_comes_first() -> None:
    """Errors before warnings, and each with where to look."""
    found = problems.find_problems(
        BusState(connected=False, error="refused"),
        [DeadLetterGroup(channel="c", group="g", reason="max_attempts", count=2)],
        [channel("c", "g")],
        [],
        [step("slow", errors=0.05), step("bad", errors=0.2), step("wrong", right=80, scored=100)],
        [
            {"reason": "trace_id is not 16 bytes", "kept": False, "records": 3},
            {"reason": "text is not valid UTF-8", "kept": True, "records": 1},
        ],
        {"quiet": 0, "web": 1, "logistics": 4},
    )

    assert found[0].detail == "Reasons: 2 max attempts"
    assert [(problem.severity.value, problem.title) for problem in found] == [
        ("error", "2 g deliveries on c are dead"),
        ("error", "20 % of bad (shipment) failed"),
        ("warning", "The bus can't be reached"),
        ("warning", "5 % of slow (shipment) failed"),
        ("warning", "wrong (shipment) is right in only 80 % of 100 scored"),
        ("warning", "3 spans, log records or data points were refused"),
        ("warning", "logistics dropped 4 spans"),
        ("warning", "web dropped 1 span"),
        ("info", "1 value was left out or mended"),
    ]


def test_few_observations_prove_nothing() -> None:
    """One failure of five is no rate, and an interval that reaches up is no drop."""
    steps = [step("new", nodes=5, errors=0.2), step("few", right=3, scored=4), step("fine", right=97, scored=100)]
    assert problems.find_problems(HERE, [], [], [], steps, {}, {}) == []


def test_letters_that_were_given_up_to_make_room_say_who_gave_them_up_and_why() -> None:
    """No attempt of theirs failed."""
    letters = [
        DeadLetterGroup(channel="c", group="sms", reason="max_attempts", count=1),
        DeadLetterGroup(channel="c", group="sms", reason="overflow", count=7),
    ]
    (problem,) = problems.find_problems(HERE, letters, [channel("c", "sms")], [], [], {}, {})
    assert problem.title == "8 sms deliveries on c are dead"
    assert problem.detail.startswith("Reasons: 7 overflow, 1 max attempts. sms gave up 7 to make room: the channel was")


def test_letters_of_a_group_that_was_retired_say_that_a_replay_reaches_nobody() -> None:
    """They can be read, and given up."""
    letters = [DeadLetterGroup(channel="c", group="sms", reason="max_attempts", count=1)]
    (problem,) = problems.find_problems(HERE, letters, [channel("c", "billing")], [], [], {}, {})
    assert problem.detail == (
        "Reasons: 1 max attempts. sms was retired: its letters can be read and discarded, and nobody would process a "
        "replay"
    )


def test_the_worst_steps_are_those_with_something_wrong() -> None:
    """By errors, then wrong answers; the good ones are left out."""
    steps = [step("good", right=9, scored=9), step("wrong", right=1, scored=9), step("failing", errors=0.1)]
    assert [item.step for item in select_worst_steps(steps)] == ["failing", "wrong"]


def test_runs_of_others_are_counted_once_each(collector: LiveCollector, client: CollectorClient) -> None:
    """By their topmost span, whatever lies below it; and those that failed."""
    for number in (1, 2):
        langgraph(trace := SentTrace(number))
        collector.post(trace.request.SerializeToString())
    failed = SentTrace(3)
    failed.span("agent", failed=True, gen_ai__operation__name="invoke_agent")
    collector.post(failed.request.SerializeToString())
    ours = SentTrace(4)  # with a call of a model, which is no run by itself
    node = {"causeline.node.id": str(uid("step")), "causeline.node.kind": "step", "causeline.step.name": "s"}
    ours.span("chat", ours.add("step s", 0, node), gen_ai__operation__name="chat")
    collector.post(ours.request.SerializeToString())
    totals = client.overview().totals
    assert (totals.runs, totals.runs_of_others, totals.failed_of_others) == (0, 3, 1)
