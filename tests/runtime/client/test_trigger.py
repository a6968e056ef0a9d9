"""What is started or published inherits its cause, its correlation and its trace from its surroundings."""

from typing import Any

import pytest

from runtime import App, Budget, Context, Event, Retry, Run, RunFailedError
from runtime.causality.trace_context import TraceContext
from runtime.errors import DefinitionError, QueryError
from runtime.facts import Ambient, DeliveryBegun, EventPublished, RunStarted, StepBegun
from runtime.semconv import NodeKind, SpanVerb, span_name
from runtime.settings import Settings
from runtime.testing import Recorder
from tests.contract.made import TRACE, uuid


def built(settings: Settings, facts: Recorder) -> tuple[App, Any]:
    """An app with one workflow of one step."""
    app = App("logistics", settings=settings, observer=facts)
    workflow = app.workflow("shipment", order=int)
    workflow.step(name="pickup")(lambda order: order)
    return app, workflow


async def test_a_run_from_outside_begins_its_own_story(settings: Settings, facts: Recorder):
    """No cause, a new correlation, a trace of its own; the whole fact."""
    app, workflow = built(settings, facts)
    async with app.client():
        run = await app.start(workflow, order=7, subject="order-7")
        record = await app.session.store.get(run.id)
    assert record is not None
    (told,) = facts.of(RunStarted)
    assert told == RunStarted(
        node_id=run.id,
        kind=NodeKind.RUN,
        causation_id=None,
        correlation_id=run.correlation_id,
        agent="shipment",
        subject="order-7",
        span=record.trace,
        at_ns=record.accepted_ms * 1_000_000,
        workflow="shipment",
        input_keys=("order",),
    )
    assert (record.correlation_id, record.causation_id, record.causation_event) == (run.correlation_id, None, None)
    assert record.inputs == {"order": "7"}


async def test_an_event_from_outside_begins_its_own_story(settings: Settings, facts: Recorder):
    """The whole fact."""
    app, _ = built(settings, facts)
    async with app.client():
        id_ = await app.publish("parcels", {"parcel": 7}, subject="parcel-7")
    (told,) = facts.of(EventPublished)
    assert told == EventPublished(
        node_id=id_,
        kind=NodeKind.EVENT,
        causation_id=None,
        correlation_id=told.correlation_id,
        agent="logistics",
        subject="parcel-7",
        span=TraceContext.root(id_, span_name(SpanVerb.PUBLISH, "parcels"), sampled=True).__class__(
            told.span.trace_id, told.span.span_id
        ),
        at_ns=told.at_ns,
        channel="parcels",
        source="logistics",
        data='{"parcel":7}',
    )


async def test_an_explicit_correlation_wins(settings: Settings, facts: Recorder):
    """Over what surrounds the call."""
    facts.surroundings = Ambient(TRACE, uuid(1))
    app, workflow = built(settings, facts)
    async with app.client():
        run = await app.start(workflow, order=7, correlation_id=uuid(2))
        await app.publish("parcels", 1, correlation_id=uuid(3))
    assert run.correlation_id == uuid(2)
    assert [fact.correlation_id for fact in facts.facts] == [uuid(2), uuid(3)]


async def test_a_correlation_may_be_given_as_text(settings: Settings, facts: Recorder):
    """As it comes with a web request."""
    app, workflow = built(settings, facts)
    async with app.client():
        run = await app.start(workflow, order=7, correlation_id=str(uuid(2)))
        await app.publish("parcels", 1, correlation_id=str(uuid(3)))
    assert run.correlation_id == uuid(2)
    assert [fact.correlation_id for fact in facts.facts] == [uuid(2), uuid(3)]


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"correlation_id": "order-7"}, QueryError, "'order-7' is not the id of a correlation: it looks like 0000"),
        ({"correlation_id": 7}, QueryError, "7 is not the id of a correlation"),
        ({"subject": 7}, DefinitionError, "the subject can't be 7: give a str"),
        ({"key": 7}, DefinitionError, "the key can't be 7: give a str"),
        ({"key": None}, DefinitionError, "the key can't be None: give a str"),
    ],
)
async def test_what_can_not_be_said_beside_inputs_or_a_payload_is_refused(
    settings: Settings, facts: Recorder, options: dict[str, Any], error: type[Exception], message: str
):
    """Before anything is started or published."""
    app, workflow = built(settings, facts)
    async with app.client():
        with pytest.raises(error, match=message):
            await app.start(workflow, order=7, **options)
        with pytest.raises(error, match=message):
            await app.publish("parcels", 1, **options)
    assert facts.facts == ()


async def test_the_name_of_a_workflow_is_none(settings: Settings, facts: Recorder):
    """It is the workflow that is started."""
    app, _ = built(settings, facts)
    async with app.client():
        with pytest.raises(DefinitionError, match="has no workflow 'shipment': give what app"):
            await app.start("shipment", order=7)


async def test_the_callers_own_telemetry_is_inherited(settings: Settings, facts: Recorder):
    """Correlation from its baggage; its span is the parent, and its decision not to sample holds."""
    unsampled = TraceContext(TRACE.trace_id, TRACE.span_id, sampled=False)
    facts.surroundings = Ambient(unsampled, uuid(1))
    app, workflow = built(settings, facts)
    async with app.client():
        run = await app.start(workflow, order=7)
        event = await app.publish("parcels", 1)
    started, published = facts.facts
    assert {started.correlation_id, published.correlation_id, run.correlation_id} == {uuid(1)}
    assert started.parent == published.parent == unsampled
    assert started.span == unsampled.child(run.id, "start shipment")
    assert published.span == unsampled.child(event, "publish parcels")


async def test_a_sampling_ratio_decides_where_nobody_else_has(settings: Settings, facts: Recorder):
    """For runs and events alike."""
    app, workflow = built(settings.model_copy(update={"sample_ratio": 0.0}), facts)
    async with app.client():
        await app.start(workflow, order=7)
        await app.publish("parcels", 1)
    assert [fact.span.sampled for fact in facts.facts] == [False, False]


async def test_what_a_step_starts_or_publishes_is_caused_by_it(settings: Settings, facts: Recorder):
    """A run started inside a step, and an event published at once."""
    app, child = built(settings, facts)
    parent = app.workflow("parent")
    started: list[Run] = []

    @parent.step
    async def spawn(ctx: Context) -> None:
        started.append(await app.start(child, order=1))
        await app.publish("parcels", 1)

    async with app:
        run = await app.start(parent, subject="order-7")
        await run.result(15)
        await started[0].result(15)
    step = next(one.begun for one in facts.attempts if isinstance(one.begun, StepBegun) and one.begun.step == "spawn")
    inner = next(fact for fact in facts.of(RunStarted) if fact.workflow == "shipment")
    (published,) = facts.of(EventPublished)
    for fact in (inner, published):
        assert (fact.causation_id, fact.correlation_id, fact.parent) == (step.node_id, run.correlation_id, step.span)
    assert (inner.subject, inner.span.trace_id) == ("order-7", step.span.trace_id)
    assert started[0].correlation_id == run.correlation_id


async def test_an_explicit_correlation_wins_inside_of_a_step(settings: Settings, facts: Recorder):
    """For what is published as for what is started; the step is the cause all the same."""
    app, child = built(settings, facts)
    parent = app.workflow("parent")

    @parent.step
    async def spawn() -> None:
        await app.start(child, order=1, correlation_id=uuid(2))
        await app.publish("parcels", 1, correlation_id=uuid(2))
        await app.publish("parcels", 2)

    async with app:
        run = await app.start(parent)
        await run.result(15)
    step = next(one.begun for one in facts.attempts if isinstance(one.begun, StepBegun) and one.begun.step == "spawn")
    inner = next(fact for fact in facts.of(RunStarted) if fact.workflow == "shipment")
    first, second = sorted(facts.of(EventPublished), key=lambda fact: str(fact.data))
    assert [fact.correlation_id for fact in (inner, first, second)] == [uuid(2), uuid(2), run.correlation_id]
    assert {fact.causation_id for fact in (inner, first, second)} == {step.node_id}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"key": "one"}, "can't publish to parcels under a key: leave key= out"),
        ({"budget": Budget(hops=1)}, "can't give its event of parcels a budget: start a run with budget="),
    ],
)
async def test_what_only_an_event_from_outside_can_have_is_refused_in_a_step(
    settings: Settings, facts: Recorder, options: dict[str, Any], message: str
):
    """Instead of being left out without a word."""
    app = App("logistics", settings=settings, observer=facts)
    flow = app.workflow("parent")

    @flow.step(retry=Retry(attempts=1))
    async def spawn() -> None:
        await app.publish("parcels", 1, **options)

    async with app:
        run = await app.start(flow)
        with pytest.raises(RunFailedError, match=message):
            await run.result(15)
    assert facts.of(EventPublished) == []


async def test_what_a_handler_starts_descends_from_its_event(settings: Settings, facts: Recorder):
    """The delivery is the cause; what the run's steps publish knows the event as its nearest ancestor."""
    app, _ = built(settings, facts)
    follow = app.workflow("follow")
    got: list[Event[int]] = []
    follow.step(name="tell", publishes="told")(lambda: 5)

    @app.subscribe("parcels")
    async def react() -> None:
        run = await app.start(follow)
        await run.result(15)

    @app.subscribe("told")
    async def hear(event: Event[int]) -> None:
        got.append(event)

    async with app:
        id_ = await app.publish("parcels", 1)
    react_begun = next(fact for fact in facts.of(DeliveryBegun) if fact.group == "logistics.react")
    (run,) = facts.of(RunStarted)
    told = next(fact for fact in facts.of(EventPublished) if fact.channel == "told")
    assert (react_begun.causation_id, react_begun.event_id) == (id_, id_)
    assert run.causation_id == react_begun.node_id
    assert got[0].causation_id == next(fact.node_id for fact in facts.of(StepBegun))
    assert got[0].correlation_id == told.correlation_id == react_begun.correlation_id


async def test_an_event_that_nobody_subscribes_to_is_said_once(
    settings: Settings, facts: Recorder, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
):
    """For each channel: its newest events are kept for the first group, which gets them."""
    monkeypatch.setattr("runtime.client.trigger._unheard", set())
    app, got = App("logistics", settings=settings, observer=facts), list[int]()
    async with app.client():
        for number in range(3):
            await app.publish("parcels", number)
        await app.publish("notices", 1)
    said = [record.getMessage() for record in caplog.records]
    assert [one.partition(":")[0] for one in said] == [
        "nobody subscribes to channel parcels yet",
        "nobody subscribes to channel notices yet",
    ]
    assert "is its name the one that handlers have?" in said[0]
    later = App("logistics", settings=settings, observer=facts)

    @later.subscribe("parcels", group="sms")
    async def text(number: int) -> None:
        got.append(number)

    async with later:
        pass
    assert sorted(got) == [0, 1, 2]


async def test_an_event_that_somebody_subscribes_to_is_not_said(
    settings: Settings, facts: Recorder, caplog: pytest.LogCaptureFixture
):
    """Nor one that work publishes: it may be for another app that comes later."""
    app = App("logistics", settings=settings, observer=facts)
    app.subscribe("heard", group="sms")(lambda number: None)
    async with app:
        await app.publish("heard", 1)
    assert caplog.records == []
