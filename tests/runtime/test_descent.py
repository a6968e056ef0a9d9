"""What is published or started inside work knows its publisher, its cause, and the nearest event that it stems from."""

from typing import Any

from runtime import App, Context
from runtime.bus.envelope import Envelope, decode
from runtime.facts import Ambient, DeliveryBegun, RunStarted, StepBegun
from runtime.settings import Settings
from runtime.testing import Recorder
from tests.contract.made import TRACE, uuid


async def published(app: App, channel: str) -> Envelope:
    """The only event of a channel, as it travels."""
    found: Any = await app.session.server.client.xrange(f"causeline:1:{{{channel}.0}}:s")
    [(_, fields)] = found
    return decode(fields[b"e"], channel)


async def test_the_nearest_event_is_named_however_the_work_came_from_it(settings: Settings, facts: Recorder):
    """From a handler at once, from a step of a run that a handler started, and from one handler to the next."""
    app = App("logistics", settings=settings, observer=facts)
    follow = app.workflow("follow")
    follow.step(name="tell", publishes="told")(lambda: 5)

    @app.subscribe("parcels")
    async def react(ctx: Context) -> None:
        ctx.publish("noted", 1)
        await app.start(follow)

    @app.subscribe("noted")
    async def remark(ctx: Context) -> None:
        ctx.publish("remarked", 2)

    for channel in ("told", "remarked"):
        app.subscribe(channel, group="hear")(lambda: None)
    async with app:
        first = await app.publish("parcels", 1)
    async with app.client():
        noted, told, remarked = [await published(app, channel) for channel in ("noted", "told", "remarked")]
    handled = {one.group: one.node_id for one in facts.of(DeliveryBegun)}
    (step,) = facts.of(StepBegun)
    assert [(one.causation_event, one.cause_node, one.source) for one in (noted, told, remarked)] == [
        (first, handled["logistics.react"], "logistics"),
        (first, step.node_id, "logistics"),
        (noted.id, handled["logistics.remark"], "logistics"),
    ]


async def test_work_that_no_event_caused_names_none(settings: Settings, facts: Recorder):
    """A run from outside; what its step publishes has the step as its cause all the same."""
    app = App("logistics", settings=settings, observer=facts)
    follow = app.workflow("follow")
    follow.step(name="tell", publishes="told")(lambda: 5)
    app.subscribe("told", group="hear")(lambda: None)
    async with app:
        await (await app.start(follow)).result(15)
    async with app.client():  # the event is in its channel by now: a result is told as soon as it is written down
        told = await published(app, "told")
    (step,) = facts.of(StepBegun)
    assert (told.causation_event, told.cause_node) == (None, step.node_id)


async def test_inside_work_the_work_is_what_surrounds(settings: Settings, facts: Recorder):
    """Whatever baggage and span a library has put around the call."""
    app = App("logistics", settings=settings, observer=facts)
    parent, child = app.workflow("parent"), app.workflow("child")
    child.step(name="rest")(lambda: None)

    @parent.step
    async def spawn() -> None:
        facts.surroundings = Ambient(TRACE, uuid(1))
        await app.start(child)

    async with app:
        run = await app.start(parent)
        await run.result(15)
    spawned = next(fact for fact in facts.of(RunStarted) if fact.workflow == "child")
    step = next(one for one in facts.of(StepBegun) if one.step == "spawn")
    assert (spawned.correlation_id, spawned.parent) == (run.correlation_id, step.span)
