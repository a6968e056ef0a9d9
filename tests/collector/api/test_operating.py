"""What operators do with runs and groups, and whom they see at work."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from collector.client import ApiError, CollectorClient
from collector.models import (
    AgentDue,
    AgentLimit,
    AppBacklog,
    NodeStatus,
    StepToCome,
    UnderWay,
    UnservedAgent,
    WaitingStep,
    Worker,
)
from collector.models import WaitingKey as KeyWaits
from runtime import semconv
from runtime.admin import AppBacklog as Backlog
from runtime.admin import AppWorker, DueStep, Lane, OpenWait
from runtime.resilience.limits import Limit
from runtime.semconv import NodeKind
from runtime.state.presence import WorkerActivity, WorkerRecord, WorkerSighting, WorkPiece
from runtime.state.runs import LimitUse, RunBacklog, WaitingKey
from tests.collector.live import LiveCollector
from tests.collector.operations.memory import MemoryBus
from tests.collector.story import MS, ORIGIN_NS, PRODUCER, Story, Value, place, uid

ORIGIN = datetime(2026, 1, 1, tzinfo=UTC)
BEGAN_MS = ORIGIN_NS // MS
RUN = uid("run")


def told(*, ended: str = "", step: str = "retry") -> Story:
    """A run with one step, which failed it where that is its outcome."""
    story, about = Story(), {semconv.WORKFLOW: "w", semconv.RUN_ID: str(RUN), semconv.SUBJECT: "S-1"}
    story.node(NodeKind.RUN, RUN, "start w", place("t", "start"), span_kind=PRODUCER, more=about)
    tried: dict[str, Value] = {**about, semconv.STEP: "pay", semconv.ATTEMPT: 1, semconv.OUTCOME: step}
    story.node(
        NodeKind.STEP, uid("pay"), "step pay", place("t", "pay"), cause=RUN, parent=place("t", "end"), more=tried
    )
    if ended:
        more: dict[str, Value] = {**about, semconv.OUTCOME: ended, semconv.OPERATION: "invoke_workflow"}
        more |= {semconv.ATTEMPT: 1, **({semconv.STEP: "pay"} if ended == "failed" else {})}
        story.node(NodeKind.RUN, RUN, "invoke_workflow w", place("t", "end"), lasts=40, more=more)
    return story


def refused(ask: Any) -> tuple[int, str]:
    """Status and code of a refusal, which says what to do."""
    with pytest.raises(ApiError) as raised:
        ask()
    assert raised.value.message
    assert raised.value.hint
    return raised.value.status, raised.value.code


def test_a_run_that_goes_on_is_cancelled_and_shows_it_before_any_span_does(
    collector: LiveCollector, client: CollectorClient, bus: MemoryBus
) -> None:
    """By whom is in the audit; a second click changes nothing."""
    bus.accept(RUN)
    collector.tell(told())

    first, second = client.cancel_run(str(RUN), "ada"), client.cancel_run(str(RUN).upper(), "bob")
    detail = client.run(str(RUN))

    assert (first.run_id, first.status, first.changed) == (str(RUN), NodeStatus.CANCELLED, True)
    assert (second.run_id, second.status, second.changed) == (str(RUN), NodeStatus.CANCELLED, False)
    assert (detail.run.status, detail.run.duration_ms) == (NodeStatus.CANCELLED, 5.0)
    assert [(step.step, step.status) for step in detail.steps] == [("pay", NodeStatus.CANCELLED)]
    assert [(life.life, life.status) for life in detail.lives] == [(1, NodeStatus.CANCELLED)]
    (entry,) = client.audit(run_id=str(RUN)).items
    assert (entry.action, entry.operator, entry.app, entry.workflow) == ("cancel", "ada", "shop", "w")
    assert (entry.run_id, entry.dead_letter_id, entry.event_id, entry.channel) == (str(RUN), None, None, "")


def test_a_run_that_failed_is_resumed_and_shows_that_it_goes_on(
    collector: LiveCollector, client: CollectorClient, bus: MemoryBus
) -> None:
    """Its steps that were given up are due again; the end that it had stays to be seen."""
    bus.accept(RUN, status="failed", ended_ms=BEGAN_MS + 40, failed_step="pay", version="1.2")
    collector.tell(told(ended="failed", step="failed"))
    assert client.run(str(RUN)).run.status == NodeStatus.FAILED

    answer = client.resume_run(str(RUN), "ada")
    detail = client.run(str(RUN))

    assert (answer.status, answer.changed) == (NodeStatus.RUNNING, True)
    assert (detail.run.status, detail.run.life, detail.run.end) == (NodeStatus.RUNNING, 2, None)
    assert [(step.step, step.status) for step in detail.steps] == [("pay", NodeStatus.RETRYING)]
    assert [(life.life, life.status, life.start - ORIGIN) for life in detail.lives] == [
        (1, NodeStatus.FAILED, timedelta()),
        (2, NodeStatus.RUNNING, timedelta(milliseconds=45)),
    ]
    server = detail.server
    assert server is not None
    assert (server.app, server.version, server.life, server.status) == ("shop", "1.2", 2, NodeStatus.RUNNING)
    assert [entry.action for entry in client.audit(run_id=str(RUN)).items] == ["resume"]
    assert refused(lambda: client.resume_run(str(RUN), "ada")) == (409, "run_not_failed")


def test_what_a_run_waits_for_is_seen_and_answered(client: CollectorClient, bus: MemoryBus) -> None:
    """With the type of the answer; by whom is in the audit, and a second answer is refused."""
    bus.accept(RUN)
    bus.waiting[RUN] = [
        OpenWait("approval", "eu", "deploy", BEGAN_MS, BEGAN_MS + 60_000, '{"type": "boolean"}'),
        OpenWait("size", "", "deploy", BEGAN_MS, None, "{}"),
    ]
    server = client.run(str(RUN)).server
    assert server is not None
    first, second = server.waits
    assert (first.name, first.key, first.step, first.answer_schema) == ("approval", "eu", "deploy", {"type": "boolean"})
    assert (first.since - ORIGIN, first.until) == (timedelta(), ORIGIN + timedelta(minutes=1))
    assert (second.name, second.until) == ("size", None)

    answer = client.answer_run(str(RUN), "approval", value=True, operator="ada", key="eu")

    assert (answer.status, answer.changed) == (NodeStatus.RUNNING, True)
    assert bus.answers == [(RUN, "approval", "eu", True)]
    assert [(entry.action, entry.operator) for entry in client.audit(run_id=str(RUN)).items] == [("answer", "ada")]
    assert not client.answer_run(str(RUN), "later", value=True, operator="ada", early=True, way="the dashboard").changed
    assert [entry.reason for entry in client.audit(run_id=str(RUN)).items] == [
        "later, by the dashboard",
        "approval, by the API",
    ]
    again = lambda: client.answer_run(str(RUN), "approval", value=True, operator="bob", key="eu")  # noqa: E731 - one line says what is asked twice
    assert refused(again) == (409, "answer_refused")
    with pytest.raises(ApiError) as raised:
        again()
    assert raised.value.hint == f"see what it waits for: /api/runs/{RUN}"
    assert refused(lambda: client.answer_run(str(uid("nobody")), "approval", 1, "ada")) == (404, "not_found")


def test_a_run_that_has_ended_is_undone_and_tells_what_could_not_be(
    collector: LiveCollector, client: CollectorClient, bus: MemoryBus
) -> None:
    """It goes on meanwhile, and ends as it had; by whom is in the audit. Without secrets."""
    bus.accept(
        RUN,
        status="failed",
        ended_ms=BEGAN_MS + 40,
        failed_step="ship",
        is_undone=True,
        undo_failed=("pay", "reserve[2]"),
        undo_error="OSError: bank away, password=hunter2",
    )
    collector.tell(told(ended="failed", step="failed"))
    failed = client.run(str(RUN)).server
    assert failed is not None
    assert (failed.status, failed.is_undoing, failed.is_undone) == (NodeStatus.FAILED, False, True)
    assert failed.undo_failed == ["pay", "reserve [2]"]
    assert (failed.undo_error or "").startswith("OSError: bank away, password=")
    assert "hunter2" not in (failed.undo_error or "")

    answer = client.undo_run(str(RUN), "ada")
    detail = client.run(str(RUN))
    undoing = detail.server

    assert answer.changed
    assert detail.run.status == NodeStatus.UNDOING
    assert undoing is not None
    assert (undoing.is_undoing, undoing.ending, undoing.ended_at) == (True, NodeStatus.FAILED, None)
    assert (undoing.undo_failed, undoing.undo_error) == ([], None)
    assert [(entry.action, entry.operator) for entry in client.audit(action="undo").items] == [("undo", "ada")]
    assert refused(lambda: client.cancel_run(str(RUN), "ada")) == (409, "run_ended")


def test_a_run_that_is_cancelled_and_being_undone_is_cancelled_already(client: CollectorClient, bus: MemoryBus) -> None:
    """To cancel it again changes nothing."""
    bus.accept(RUN, status="undoing", ending="cancelled", is_undone=True)
    assert not client.cancel_run(str(RUN), "ada").changed


def test_what_has_nothing_to_undo_or_goes_on_is_not_undone(client: CollectorClient, bus: MemoryBus) -> None:
    """A cancel undoes what goes on."""
    bus.accept(RUN, status="cancelled", ended_ms=BEGAN_MS + 40, is_undone=True)
    answer = client.undo_run(str(RUN), "ada")
    assert (answer.status, answer.changed) == (NodeStatus.CANCELLED, False)
    bus.accept(uid("other"))
    assert refused(lambda: client.undo_run(str(uid("other")), "ada")) == (409, "run_goes_on")
    assert refused(lambda: client.undo_run(str(uid("nobody")), "ada")) == (404, "not_found")
    assert bus.records == []


def test_what_can_not_be_done_is_refused(client: CollectorClient, bus: MemoryBus) -> None:
    """Without an id, with that of nobody, and with one of a run that is not so far."""
    bus.accept(RUN, status="ok", ended_ms=BEGAN_MS + 9)
    for act in (client.cancel_run, client.resume_run):
        assert refused(lambda act=act: act(str(uid("nobody")), "ada")) == (404, "not_found")
        assert refused(lambda act=act: act("no id", "ada")) == (404, "not_found")
    assert refused(lambda: client.cancel_run(str(RUN), "ada")) == (409, "run_ended")
    assert refused(lambda: client.resume_run(str(RUN), "ada")) == (409, "run_not_failed")
    assert refused(lambda: client.retire_group("c", "g", "ada", "renamed")) == (404, "not_found")
    bus.owe("c", "g", pending=1, consumers=2)
    assert refused(lambda: client.retire_group("c", "g", "ada", "renamed")) == (409, "group_in_use")
    assert bus.records == []


@pytest.mark.parametrize(
    ("route", "body"),
    [
        (f"runs/{RUN}/cancel", {}),
        (f"runs/{RUN}/cancel", {"operator": ""}),
        (f"runs/{RUN}/resume", {"operator": "a" * 201}),
        ("groups/retire", {"channel": "c", "group": "g", "operator": "ada"}),
        ("groups/retire", {"channel": "c", "group": "g", "operator": "ada", "reason": ""}),
        ("groups/retire", {"channel": "", "group": "g", "operator": "ada", "reason": "renamed"}),
    ],
)
def test_nobody_acts_anonymously_or_without_a_reason(
    collector: LiveCollector, bus: MemoryBus, route: str, body: dict[str, str]
) -> None:
    """The audit would say nothing."""
    bus.accept(RUN)
    response = httpx.post(f"{collector.url}/api/{route}", json=body, trust_env=False, timeout=60)
    assert (response.status_code, response.json()["error"]["code"]) == (422, "bad_request")
    assert bus.records == []


def test_a_group_is_retired_with_all_that_it_owes(client: CollectorClient, bus: MemoryBus) -> None:
    """And why is in the audit."""
    bus.owe("c", "g", pending=3, retrying=2, dead=1, consumers=0)

    retired = client.retire_group("c", "g", "ada", "renamed to h")

    assert (retired.channel, retired.group) == ("c", "g")
    assert (retired.pending, retired.retrying, retired.dead) == (3, 2, 1)
    assert client.channels().items == []
    (entry,) = client.audit().items
    assert (entry.action, entry.channel, entry.group, entry.operator) == ("retire", "c", "g", "ada")
    assert (entry.reason, entry.dead_letter_id, entry.run_id) == ("renamed to h", None, None)


def test_an_audit_of_a_letter_and_a_run_at_once_is_refused(client: CollectorClient) -> None:
    """Nothing is done to both."""
    assert refused(lambda: client.audit(dead_letter_id=str(RUN), run_id=str(RUN))) == (422, "bad_request")


def test_workers_and_cells_are_listed_with_what_runs_owe(client: CollectorClient, bus: MemoryBus) -> None:
    """The slots are those of workers that are alive, who are heard of last."""
    records = [
        WorkerRecord("w1", "host", 7, 4, "1.2", BEGAN_MS),
        WorkerRecord("w2", "host", 8, 2, "", 0, agents=("pay",), only="steps"),
        WorkerRecord("w3", "host", 9, 16, "", 0),
        WorkerRecord("w1-cell", "host", 10, 1, "1.2", BEGAN_MS, is_cell=True),
    ]
    doing = WorkerActivity(3, (WorkPiece("order/pay of run 1", "pay", str(RUN), 1500),))
    use = LimitUse(Limit("pay", at_once=2, calls_per_minute=60), at_once=2, calls=3, tokens=0)
    bus.seen = [AppWorker("shop", WorkerSighting(record, 1000 * at, doing)) for at, record in enumerate(records)]
    oldest = DueStep(RUN, "order", "pay", 1500)
    lane = Lane("research", 2, oldest, (WaitingKey((("tenant", "acme"), ("plan", "free")), 1, 1500),))
    bus.queues = [
        Backlog(RunBacklog("shop", 3, 5, 0, oldest, lanes=(lane,)), workers=2, unserved=(lane,), limits=(use,))
    ]

    answer = client.workers()

    assert [worker.name for worker in answer.items] == ["w1", "w2", "w3", "w1-cell"]
    assert answer.items[0] == Worker(
        app="shop",
        name="w1",
        host="host",
        process=7,
        version="1.2",
        slots=4,
        is_cell=False,
        started_at=ORIGIN,
        silent_seconds=0.0,
        under_way=3,
        doing=["order/pay of run 1"],
        work=[UnderWay(name="order/pay of run 1", agent="pay", run_id=str(RUN), seconds=1.5)],
    )
    assert (answer.items[1].agents, answer.items[1].only) == (["pay"], "steps")
    assert (answer.items[1].started_at, answer.items[3].is_cell) == (None, True)
    step = WaitingStep(run_id=str(RUN), workflow="order", step="pay", seconds=1.5)
    first = step.model_copy(update={"agent": "research"})
    assert answer.apps == [
        AppBacklog(
            app="shop",
            workers=2,
            slots=6,
            due=3,
            under_way=5,
            suspects=0,
            oldest=first,
            unmoved_seconds=0.0,
            unserved=[UnservedAgent(agent="research", due=2, oldest=step)],
            waiting_keys=[KeyWaits(agent="research", by={"tenant": "acme", "plan": "free"}, due=1, seconds=1.5)],
            lanes=[AgentDue(agent="research", due=2, oldest=step)],
            limits=[AgentLimit(agent="pay", at_once=2, at_once_used=2, calls_per_minute=60, calls_used=3)],
        )
    ]
    assert client.overview().apps[0].oldest == first


def test_steps_of_a_run_that_goes_on_which_have_not_begun_are_told(client: CollectorClient, bus: MemoryBus) -> None:
    """With those that each waits for; of one that has ended there are none."""
    bus.unbegun[RUN] = {"pay": ("reserve",), "ship": ("reserve", "pay")}
    bus.accept(RUN)
    server = client.run(str(RUN)).server
    assert server is not None
    assert server.to_come == [
        StepToCome(step="pay", waits_for=["reserve"]),
        StepToCome(step="ship", waits_for=["reserve", "pay"]),
    ]
    bus.accept(RUN, status="failed", ended_ms=BEGAN_MS + 9)
    ended = client.run(str(RUN)).server
    assert ended is not None
    assert ended.to_come == []


def test_a_run_that_only_the_server_knows_is_shown(client: CollectorClient, bus: MemoryBus) -> None:
    """It is not sampled, or its spans are on their way; where the bus is away too, nobody knows it."""
    bus.accept(
        RUN, status="failed", ended_ms=BEGAN_MS + 9, failed_step="pay", error_type="Busy", error="no", subject="S"
    )

    detail = client.run(str(RUN))

    run = detail.run
    assert (run.run_id, run.workflow, run.service, run.subject) == (str(RUN), "w", "shop", "S")
    assert (run.status, run.duration_ms, run.steps, detail.steps, detail.events) == (NodeStatus.FAILED, 9.0, 0, [], [])
    assert [(life.failed_step, life.error) for life in detail.lives] == [("pay", "Busy: no")]
    bus.away = "Connection refused"
    assert refused(lambda: client.run(str(RUN))) == (404, "not_found")


def test_a_run_needs_no_server(collector: LiveCollector, client: CollectorClient, bus: MemoryBus) -> None:
    """Away, or with a memory that does not reach so far: spans tell."""
    collector.tell(told(ended="ok", step="ok"))
    forgotten = client.run(str(RUN))
    bus.away = "Connection refused"
    assert client.run(str(RUN)) == forgotten
    assert (forgotten.server, forgotten.run.status, forgotten.run.life) == (None, NodeStatus.OK, 1)


def test_of_one_life_an_end_that_spans_tell_counts_more_than_none(
    collector: LiveCollector, client: CollectorClient, bus: MemoryBus
) -> None:
    """The server was asked a moment before."""
    bus.accept(RUN)
    collector.tell(told(ended="ok", step="ok"))
    assert client.run(str(RUN)).run.status == NodeStatus.OK


def test_a_run_says_when_it_has_to_have_ended(client: CollectorClient, bus: MemoryBus) -> None:
    """Where it has a deadline; one that it has missed is what it failed of."""
    bus.accept(RUN, deadline_ms=BEGAN_MS + 60_000)
    server = client.run(str(RUN)).server
    assert server is not None
    assert server.deadline == ORIGIN + timedelta(minutes=1)

    bus.accept(RUN, status="failed", ended_ms=BEGAN_MS + 60_001, error_type="RunDeadlineError", error="cut off: pay")
    (life,) = client.run(str(RUN)).lives
    assert (life.status, life.error) == (NodeStatus.FAILED, "RunDeadlineError: cut off: pay")
