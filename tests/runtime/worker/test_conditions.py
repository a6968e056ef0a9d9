"""Steps that are skipped: they yield None, publish nothing, and what follows goes on."""

from dataclasses import dataclass
from typing import Any

import pytest

from runtime import App, Context, Retry, RunFailedError, Settings
from runtime.definitions.workflow import Workflow
from runtime.semconv import StepOutcome
from runtime.testing import Harness, harness

ONCE = Retry(attempts=1)


@pytest.fixture
def app() -> App:
    """An app without telemetry."""
    return App("shop", settings=Settings(telemetry=False))


@pytest.fixture
def calls() -> list[Any]:
    """What was called."""
    return []


def branching(app: App, calls: list[Any]) -> Workflow:
    """A review that decides between two branches, which meet again."""
    workflow = app.workflow("order", amount=int)
    workflow.step(name="review")(lambda amount: amount < 100)

    @workflow.step(when=lambda review: review, publishes="orders.paid")
    def pay(amount: int) -> int:
        calls.append("pay")
        return amount

    @workflow.step(when=lambda review: not review)
    def ask(amount: int, ctx: Context) -> str:
        calls.append("ask")
        return f"may we take {amount}?"

    @workflow.step
    def ship(pay: int | None, ask: str | None) -> str:
        return f"{pay} {ask}"

    return workflow


def outcomes(bench: Harness) -> dict[str, StepOutcome]:
    """How each step ended."""
    return {attempt.begun.agent: attempt.ended.outcome for attempt in bench.facts.attempts if attempt.ended}


async def test_of_two_branches_one_is_taken(app: App, calls: list[Any]):
    """The other yields None; both meet again."""
    workflow = branching(app, calls)
    heard: list[Any] = []
    app.subscribe("orders.paid", group="books")(lambda amount: heard.append(amount))
    async with harness(app) as bench:
        assert await bench.run(workflow, amount=7) == "7 None"
        assert outcomes(bench) == {"review": "ok", "pay": "ok", "ask": "skipped", "ship": "ok", "books": "ok"}
        bench.facts.clear()
        assert await bench.run(workflow, amount=700) == "None may we take 700?"
        assert outcomes(bench) == {"review": "ok", "pay": "skipped", "ask": "ok", "ship": "ok"}
    assert calls == ["pay", "ask"]
    assert heard == [7]


async def test_what_a_skipped_step_would_have_made_is_not_told(app: App, calls: list[Any]):
    """Neither a result nor keys; its causes are."""
    workflow = branching(app, calls)
    async with harness(app) as bench:
        await bench.run(workflow, amount=7)
    (skipped,) = [one for one in bench.facts.attempts if one.ended and one.ended.outcome == StepOutcome.SKIPPED]
    assert skipped.ended is not None
    assert (skipped.ended.result, skipped.ended.keys_written, skipped.ended.error) == (None, (), None)
    assert len(skipped.begun.causes) == 1


async def test_the_result_of_a_run_whose_last_step_is_skipped_is_none(app: App):
    """Whatever that step says that it returns."""
    workflow = app.workflow("order", amount=int)

    @workflow.step(when=lambda amount: amount > 1)
    def pay(amount: int) -> int:
        return amount

    async with harness(app) as bench:
        assert await bench.run(workflow, amount=1) is None
        assert await bench.run(workflow, amount=2) == 2


async def test_a_condition_that_raises_fails_its_step(app: App):
    """With that error, after the tries that it has."""
    asked: list[int] = []

    def when(amount: int) -> bool:
        asked.append(amount)
        raise KeyError("no limit")

    workflow = app.workflow("order", amount=int)
    workflow.step(name="pay", when=when, retry=Retry(attempts=2, first_delay=0, max_delay=0))(lambda amount: amount)
    async with harness(app) as bench:
        with pytest.raises(RunFailedError, match="failed in step 'pay': KeyError: 'no limit'"):
            await bench.run(workflow, amount=1)
    assert asked == [1, 1]


async def test_a_chain_of_skipped_steps_ends_its_run(app: App):
    """Each decides for itself whether it can do without the one before."""
    workflow = app.workflow("order", amount=int)
    workflow.step(name="a", when=lambda amount: False)(lambda amount: amount)
    workflow.step(name="b", when=lambda a: a is not None)(lambda a: a)
    workflow.step(name="c", when=lambda b: b is not None)(lambda b: b)
    async with harness(app) as bench:
        assert await bench.run(workflow, amount=1) is None
        assert set(outcomes(bench).values()) == {"skipped"}


@dataclass
class Review:
    """What a reviewer says."""

    is_good: bool


async def test_a_lambda_is_given_what_a_step_returned_as_it_was_made(app: App):
    """It can say no type of its own; of a step that was skipped it is given None."""
    workflow = app.workflow("order", amount=int)

    @workflow.step(when=lambda amount: amount > 1)
    def review(amount: int) -> Review:
        return Review(amount > 2)

    workflow.step(name="ship", when=lambda review: review is not None and review.is_good)(lambda amount: amount)
    async with harness(app) as bench:
        assert [await bench.run(workflow, amount=amount) for amount in (1, 2, 3)] == [None, None, 3]
