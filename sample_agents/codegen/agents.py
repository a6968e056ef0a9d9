"""The agents: research, a file each in parallel, review, tests, again until these pass, approval, delivery.

The models are simulated, and the names of workflow and channels say so in every view. Each call is recorded: when a
worker dies, or a step is tried again, no answer that was there is asked for twice.
"""

import asyncio
from functools import partial
from typing import Final

from runtime import App, Context, Event, Retry
from sample_agents.accuracy.calls import call
from sample_agents.accuracy.model import Reply
from sample_agents.codegen import sandbox, simulation
from sample_agents.codegen.catalog import FUNCTIONS
from sample_agents.codegen.forms import Approval, Feature, File, Review, TestRun
from sample_agents.codegen.plan import MAX_ROUNDS, Plan
from sample_agents.codegen.simulation import SimulatedCoder, SimulatedResearcher, SimulatedReviewer

#: Before the names of workflow and channels, so that no view ever shows the simulation as a model's work.
MARK: Final = "simulated/"

CODE_GENERATED: Final = f"{MARK}code_generated"
REVIEW_COMPLETED: Final = f"{MARK}review_completed"

#: What is waited for, and for how many seconds at most: people go home.
APPROVAL: Final = "approval"
_PATIENCE: Final = 7 * 86_400.0

#: What is judged in the step `tests`.
TESTS_PASS: Final = "tests pass"  # noqa: S105 - no password
REVIEWER: Final = "reviewer was right"

_RETRY: Final = Retry(attempts=4, first_delay=0.1, max_delay=1.0)

app = App("codegen")
feature_flow = app.workflow(f"{MARK}feature", feature=Feature)


@feature_flow.step(retry=_RETRY)
async def research(feature: Feature, ctx: Context) -> list[str]:
    """Finds out which functions are needed."""
    messages = simulation.to_research(feature.wish)
    reply: Reply = await ctx.once("ask", partial(call, SimulatedResearcher()), messages, into=Reply)
    return reply.text.split()


@feature_flow.step(over="research", at_once=2, retry=_RETRY, publishes=CODE_GENERATED)
async def generate(name: str, feature: Feature, tests: TestRun | None, ctx: Context) -> File:
    """Writes one function; in later rounds by what its tests said."""
    remarks = tests.remarks.get(name, ()) if tests else ()
    busy = ctx.attempt == 1 and ctx.round == 1 and name == Plan(feature.seed, feature.number).overloaded
    coder = SimulatedCoder(feature.seed, is_overloaded=busy)
    messages = simulation.to_write(feature.number, name, remarks)
    reply: Reply = await ctx.once("write", partial(call, coder), messages, into=Reply)
    return File(name=name, text=reply.text, attempts=ctx.attempt)


@feature_flow.step(retry=_RETRY, publishes=REVIEW_COMPLETED)
async def review(generate: list[File], ctx: Context) -> Review:
    """Reads all of it, before a test has run."""
    messages = simulation.to_review(tuple(file.text for file in generate))
    reply: Reply = await ctx.once("review", partial(call, SimulatedReviewer()), messages, into=Reply)
    is_good = reply.text == simulation.GOOD
    return Review(is_good=is_good, doubts=() if is_good else tuple(reply.text.splitlines()))


@feature_flow.step(retry=_RETRY, until=lambda tests: tests.passed, max_rounds=MAX_ROUNDS, back_to="generate")
async def tests(generate: list[File], review: Review, tests: TestRun | None, ctx: Context) -> TestRun:
    """Runs the tests of each function, and judges the reviewer by them."""
    remarks = dict(tests.remarks) if tests else {}
    verdicts = [await asyncio.to_thread(sandbox.run, one.text, FUNCTIONS[one.name].tests) for one in generate]
    failed = {one.name: found.reason for one, found in zip(generate, verdicts, strict=True) if not found.passed}
    for name, reason in failed.items():
        remarks[name] = (*remarks.get(name, ()), reason)
    words = "; ".join(f"{name}: {reason}" for name, reason in failed.items()) or "all tests pass"
    ctx.score(not failed, TESTS_PASS, explanation=words)
    ctx.score(review.is_good is not bool(failed), REVIEWER, explanation=f"said good: {review.is_good}; {words}")
    again = tuple(one.name for one in generate if one.attempts > 1)
    return TestRun(passed=not failed, remarks=remarks, retried=(*(tests.retried if tests else ()), *again))


@feature_flow.step(retry=_RETRY)
async def approval(generate: list[File], tests: TestRun, ctx: Context) -> Approval:
    """Asks a person."""
    answer: Approval = await ctx.wait_for(APPROVAL, into=Approval, timeout=_PATIENCE)
    return answer


@feature_flow.step(retry=_RETRY, when=lambda approval: approval.granted)
def deliver(generate: list[File], approval: Approval) -> list[File]:
    """Hands over what was approved."""
    return generate


@app.subscribe(CODE_GENERATED, group="metrics")
async def count_lines(event: Event[list[File]], ctx: Context) -> None:
    """Counts what was written."""
    ctx.state.put(f"lines.{event.id}", sum(len(file.text.splitlines()) for file in event.data))


@app.subscribe(REVIEW_COMPLETED, group="metrics")
async def count_doubts(event: Event[Review], ctx: Context) -> None:
    """Counts what the reviewer did not like."""
    ctx.state.put(f"doubts.{event.id}", len(event.data.doubts))


@app.subscribe(CODE_GENERATED, group="notify")
async def tell_of_code(event: Event[list[File]], ctx: Context) -> None:
    """Tells whoever made the wish."""
    ctx.state.put(f"told.{event.id}", f"{event.subject}: {', '.join(file.name for file in event.data)} written")


@app.subscribe(REVIEW_COMPLETED, group="notify")
async def tell_of_review(event: Event[Review], ctx: Context) -> None:
    """Tells whoever made the wish."""
    ctx.state.put(f"told.{event.id}", f"{event.subject}: {'good' if event.data.is_good else 'doubts'}")
