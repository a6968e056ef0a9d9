"""Loops at work: rounds until what is made is good, each with nodes of its own."""

from typing import Any

import pytest

from runtime import App, Context, Retry, RunFailedError, Settings
from runtime.causality.identity import step_id
from runtime.definitions.workflow import Workflow
from runtime.facts import StepBegun
from runtime.testing import Harness, harness
from tests.waiting import until

ONCE = Retry(attempts=1)


@pytest.fixture
def app() -> App:
    """An app without telemetry."""
    return App("crew", settings=Settings(telemetry=False))


def writing(app: App, good_from: int = 3, **options: Any) -> Workflow:
    """Drafts that are good from a round on; a review that says so."""
    flow = app.workflow("write", topic=str)
    flow.step(name="research")(lambda topic: topic.upper())

    @flow.step
    def draft(research: str, draft: str | None, review: str | None, ctx: Context) -> str:
        return f"{draft or research}/{review or '-'}{ctx.round}"

    @flow.step(**({"until": lambda review: review == "good", "max_rounds": 4, "back_to": "draft"} | options))
    def review(draft: str, ctx: Context) -> str:
        return "good" if ctx.round >= good_from else "no"

    flow.step(name="deploy")(lambda draft, review: [draft, review])
    return flow


def causes(bench: Harness, place: str) -> tuple[Any, ...]:
    """What led to a place."""
    (found,) = {
        one.begun.causes
        for one in bench.facts.attempts
        if isinstance(one.begun, StepBegun) and one.begun.step + one.begun.place == place
    }
    return found


async def test_rounds_go_on_until_it_is_good(app: App):
    """Each reads what the one before made; who comes after reads the last."""
    flow = writing(app)
    async with harness(app) as bench:
        assert await bench.run(flow, topic="x") == ["X/-1/no2/no3", "good"]


async def test_one_round_is_enough_where_the_first_is_good(app: App):
    """The loop leaves no mark."""
    flow = writing(app, good_from=1)
    async with harness(app) as bench:
        assert await bench.run(flow, topic="x") == ["X/-1", "good"]
    assert {one.begun.place for one in bench.facts.attempts if isinstance(one.begun, StepBegun)} == {""}


async def test_rounds_that_are_spent_fail_the_step_with_its_last_verdict(app: App):
    """It is not tried again, nor taken for good."""
    flow = writing(app, max_rounds=2)
    async with harness(app) as bench:
        with pytest.raises(
            RunFailedError,
            match=r"failed in step 'review#2': RoundsSpentError: the loop that 'review' ends is not done after 2 "
            r'rounds: until= says no; its last result was "no"',
        ):
            await bench.run(flow, topic="x")


async def test_each_round_has_nodes_of_its_own_and_causes_in_the_round_before(app: App):
    """What comes after the loop was caused by its last round."""
    flow = writing(app, good_from=2)
    async with harness(app) as bench:
        run = await bench.start(flow, topic="x")
        await run.result()

    def node(step: str, mark: str = "") -> Any:
        return step_id(run.id, step, mark)

    assert causes(bench, "draft") == (node("research"),)
    assert causes(bench, "review") == (node("draft"),)
    assert causes(bench, "draft#2") == (node("research"), node("draft"), node("review"))
    assert causes(bench, "review#2") == (node("draft", "#2"),)
    assert causes(bench, "deploy") == (node("draft", "#2"), node("review", "#2"))


async def test_an_end_that_raises_fails_its_step_with_that_error(app: App):
    """After the retries of the step."""

    def until(review: str) -> bool:
        raise LookupError("no such verdict")

    flow = writing(app, until=until, retry=ONCE)
    async with harness(app) as bench:
        with pytest.raises(RunFailedError, match=r"step 'review': LookupError: no such verdict"):
            await bench.run(flow, topic="x")


async def test_an_end_may_ask_for_other_results_and_inputs(app: App):
    """Of the round, and of what came before the loop."""
    seen: list[Any] = []

    def until(review: str, draft: str, topic: str) -> bool:
        seen.append((review, draft, topic))
        return len(seen) == 2

    flow = writing(app, until=until)
    async with harness(app) as bench:
        await bench.run(flow, topic="x")
    assert seen == [("no", "X/-1", "x"), ("no", "X/-1/no2", "x")]


async def test_a_fan_out_may_be_part_of_a_round(app: App):
    """Its items are those of the round."""
    flow = app.workflow("write", topics=list[str])

    @flow.step(over="topics")
    def draft(topic: str, review: int | None) -> str:
        return f"{topic}{review or 0}"

    flow.step(name="review", until=lambda review: review > 1, max_rounds=3, back_to="draft")(
        lambda draft, review=None: (review or 0) + 1
    )
    flow.step(name="deploy")(lambda draft: draft)
    async with harness(app) as bench:
        assert await bench.run(flow, topics=["a", "b"]) == ["a1", "b1"]
    places = {one.begun.step + one.begun.place for one in bench.facts.attempts if isinstance(one.begun, StepBegun)}
    assert {"draft[0]", "draft#2[1]", "draft#2", "review#2"} <= places


async def test_a_round_may_wait_for_an_answer_of_its_own(app: App):
    """Under the same name as the one before it."""
    flow = app.workflow("write", topic=str)

    @flow.step(until=lambda ask: ask == "yes", max_rounds=3)
    async def ask(topic: str, ctx: Context) -> str:
        return await ctx.wait_for("approval", into=str)

    async with harness(app) as bench:
        run = await bench.start(flow, topic="x")
        await run.send("approval", "no")
        await until(lambda: app.session.store.waits(run.id), "the second round waits")
        await run.send("approval", "yes")
        assert await run.result() == "yes"


async def test_recorded_calls_of_a_round_are_its_own(app: App):
    """What was paid for in the first is paid for again in the second."""
    flow = app.workflow("write", topic=str)
    paid: list[int] = []

    @flow.step(until=lambda draft: draft > 1, max_rounds=3)
    async def draft(ctx: Context, topic: str) -> int:
        return await ctx.once("model", lambda: paid.append(ctx.round) or len(paid))

    async with harness(app) as bench:
        assert await bench.run(flow, topic="x") == 2
    assert paid == [1, 2]


async def test_a_last_step_that_is_skipped_ends_the_loop(app: App):
    """There is nothing to judge."""
    flow = app.workflow("write", topic=str)
    flow.step(name="draft")(lambda topic, draft=None: (draft or 0) + 1)
    flow.step(
        name="review", when=lambda topic: topic == "y", until=lambda review: False, max_rounds=2, back_to="draft"
    )(lambda draft: False)
    flow.step(name="deploy")(lambda draft, review: [draft, review])
    async with harness(app) as bench:
        assert await bench.run(flow, topic="x") == [1, None]
