"""Calls within a step whose results are recorded as they come: what is paid for once is not paid for again."""

import asyncio
import functools
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from runtime import App, Breaker, Budget, Context, Retry, Settings, Usage
from runtime.admin import Admin
from runtime.definitions.buffer import State
from runtime.errors import (
    AttemptStaleError,
    CallChangedError,
    DefinitionError,
    RunFailedError,
    UndecodableError,
    UnencodableError,
)
from runtime.facts import CallEnded, CallUsage
from runtime.testing import Harness, harness
from runtime.testing.doubles import RecordedCall
from runtime.worker.call import AttemptTimeoutError

#: Tried at once, three times.
QUICK = Retry(attempts=3, first_delay=0, max_delay=0)


@dataclass
class Answer:
    """What a model says."""

    text: str


class Provider:
    """Counts what it was asked, and answers."""

    def __init__(self) -> None:
        self.asked: list[Any] = []

    async def ask(self, question: str, how: str = "well") -> Answer:
        self.asked.append(question)
        return Answer(f"{question} {how}")

    def search(self, words: str) -> list[str]:
        self.asked.append((words, threading.current_thread() is threading.main_thread()))
        return [words]


@pytest.fixture
def provider() -> Provider:
    """A provider that nobody has asked yet."""
    return Provider()


def outcome_of(calls: list[RecordedCall]) -> list[tuple[str, str, int, bool]]:
    """Of calls their name and key, how often they were tried, and whether they failed."""
    ends = [(call.begun, call.ended or CallEnded(ended_ns=0, tries=-1)) for call in calls]
    return [(begun.name, begun.key, ended.tries, ended.error is not None) for begun, ended in ends]


async def run(step: Callable[..., Any], retry: Retry = QUICK) -> tuple[Any, Harness]:
    """The result of a run of one step, and where it ran."""
    app = App("shop", settings=Settings(telemetry=False))
    workflow = app.workflow("order")
    workflow.step(name="work", retry=retry)(step)
    async with harness(app) as bench:
        return await bench.run(workflow), bench


async def test_a_later_attempt_takes_what_is_recorded(provider: Provider):
    """It does not ask again, is given the same, as the same type, and telemetry says where it came from."""
    given: list[Answer] = []

    async def work(context: Context) -> str:
        given.append(await context.once("plan", provider.ask, "why", how="briefly"))
        if context.attempt < 3:
            raise OSError("no route")
        return given[-1].text

    result, bench = await run(work)
    assert result == "why briefly"
    assert provider.asked == ["why"]
    assert given == 3 * [Answer("why briefly")]
    told = [outcome_of(attempt.calls) for attempt in bench.facts.attempts]
    assert told == [[("plan", "", 1, False)], [("plan", "", 0, False)], [("plan", "", 0, False)]]
    call = bench.facts.attempts[0].calls[0]
    assert {name: value.data for name, value in call.begun.arguments.items() if value} == {
        "question": "why",
        "how": "briefly",
    }
    assert call.ended is not None
    assert call.ended.result.data == {"text": "why briefly"}


async def test_only_the_call_that_was_under_way_is_made_again(provider: Provider):
    """Those before it are not."""

    async def fails_once(context: Context, question: str) -> str:
        provider.asked.append(question)
        if context.attempt == 1:
            raise OSError("no route")
        return question

    async def work(context: Context) -> None:
        for question in ("first", "second"):
            await context.once("ask", provider.ask, question, key=question)
        await context.once("last", functools.partial(fails_once, context), "third")

    _, bench = await run(work)
    assert provider.asked == ["first", "second", "third", "third"]
    assert outcome_of(bench.facts.attempts[0].calls)[-1] == ("last", "", 1, True)
    assert outcome_of(bench.facts.attempts[1].calls)[-1] == ("last", "", 1, False)


async def test_calls_at_once_are_told_apart_by_their_keys(provider: Provider):
    """Whatever order they end in."""

    async def work(context: Context) -> list[str]:
        questions = ["a", "b", "c"] if context.attempt == 1 else ["c", "b", "a"]
        answers = await asyncio.gather(*[context.once("ask", provider.ask, each, key=each) for each in questions])
        if context.attempt == 1:
            raise OSError("no route")
        return [answer.text for answer in answers]

    result, _ = await run(work)
    assert result == ["c well", "b well", "a well"]
    assert sorted(provider.asked) == ["a", "b", "c"]


async def test_a_name_that_is_used_twice_needs_keys(provider: Provider):
    """Their order may be another in the next attempt. The step fails at once."""

    async def work(context: Context) -> None:
        await context.once("ask", provider.ask, "a")
        await context.once("ask", provider.ask, "b")

    with pytest.raises(RunFailedError, match="call 'ask' of step 'work' is made twice: tell its calls apart by key="):
        await run(work, Retry(attempts=1))
    assert provider.asked == ["a"]


async def test_a_call_that_failed_may_be_made_again(provider: Provider):
    """Within the attempt, by code that catches errors; what a record holds all the same is not paid for again."""

    async def busy(question: str) -> Answer:
        if not provider.asked:
            provider.asked.append(question)
            raise OSError("busy")
        return await provider.ask(question)

    async def work(context: Context) -> str:
        with pytest.raises(OSError, match="busy"):
            await context.once("ask", busy, "why")
        answer: Answer = await context.once("ask", busy, "why")
        with pytest.raises(UndecodableError):
            await context.once("size", provider.ask, "how", into=int)
        size: Answer = await context.once("size", provider.ask, "how")
        return f"{answer.text}, {size.text}"

    result, _ = await run(work, Retry(attempts=1))
    assert result == "why well, how well"
    assert provider.asked == ["why", "why", "how"]


async def test_other_arguments_than_those_that_were_recorded_end_the_step(provider: Provider):
    """At once, named: another attempt would find them changed again."""
    attempts: list[int] = []

    async def work(context: Context) -> None:
        attempts.append(context.attempt)
        await context.once("ask", provider.ask, "why", how=f"{context.attempt} times")
        raise OSError("no route")

    with pytest.raises(RunFailedError, match=r"CallChangedError.*by an earlier attempt: how changed"):
        await run(work)
    assert attempts == [1, 2]
    assert issubclass(CallChangedError, Exception)


async def test_a_call_has_retries_and_a_timeout_of_its_own(provider: Provider):
    """Within one attempt at the step."""

    async def hangs(times: list[int]) -> str:
        provider.asked.append(len(provider.asked))
        if len(provider.asked) < 3:
            await asyncio.Event().wait()
        return "done"

    async def work(context: Context) -> str:
        return str(await context.once("slow", hangs, [1], retry=QUICK, timeout=0.01))

    result, bench = await run(work, Retry(attempts=1))
    assert result == "done"
    assert outcome_of(bench.facts.attempts[0].calls) == [("slow", "", 3, False)]


async def test_a_call_that_takes_too_long_says_so(provider: Provider):
    """As an attempt does."""

    async def work(context: Context) -> None:
        with pytest.raises(AttemptTimeoutError, match=r"call 'slow' of step 'work' took longer than its"):
            await context.once("slow", asyncio.Event().wait, timeout=0.01)

    await run(work, Retry(attempts=1))


async def test_sync_functions_run_in_a_thread(provider: Provider):
    """Nobody else is held up; what they give is recorded as well."""

    async def work(context: Context) -> None:
        assert await context.once("search", provider.search, "x") == ["x"]
        if context.attempt == 1:
            raise OSError("no route")

    await run(work)
    assert provider.asked == [("x", False)]


async def test_what_a_record_is_read_into_can_be_said():
    """A lambda says no type."""

    async def work(context: Context) -> bool:
        answer = await context.once("ask", lambda: {"text": "yes"}, into=Answer)
        return isinstance(answer, Answer)

    assert (await run(work))[0]


async def test_what_does_not_fit_its_type_is_recorded_and_not_paid_for_again(provider: Provider):
    """The step fails: what was paid for can be read by a step that was mended, when the run is resumed."""

    async def work(context: Context) -> None:
        await context.once("ask", provider.ask, "why", into=int)

    with pytest.raises(RunFailedError, match="the result of call 'ask' of step 'work'"):
        await run(work)
    assert provider.asked == ["why"]
    assert issubclass(UndecodableError, Exception)


async def test_what_cannot_travel_is_named():
    """What a call is given, and what it returns."""

    async def work(context: Context) -> None:
        with pytest.raises(UnencodableError, match=r"client of call 'ask' of step 'work'"):
            await context.once("ask", lambda client: client, client=object())
        with pytest.raises(UnencodableError, match=r"the result of call 'look' of step 'work'"):
            await context.once("look", object)

    await run(work)


async def test_what_was_paid_for_and_cannot_travel_is_shown():
    """As far as that goes: it would have to be paid for again."""

    class Answer:
        def __repr__(self) -> str:
            return "Answer(" + 2000 * "x" + ")"

    class Silent:
        def __repr__(self) -> str:
            raise OSError("no words")

    async def work(context: Context) -> None:
        with pytest.raises(UnencodableError, match=r"The call was made, and returned Answer\(x{993}…$"):
            await context.once("look", Answer)
        with pytest.raises(UnencodableError, match=r"returned a Silent whose repr\(\) fails: OSError$"):
            await context.once("hear", Silent)

    await run(work)


FORBIDDEN = {
    "publish": lambda context: context.publish("orders", 1),
    "score": lambda context: context.score(1.0),
    "state": lambda context: context.state.put("key", 1),
}


@pytest.mark.parametrize("name", FORBIDDEN)
async def test_a_call_does_nothing_that_a_record_would_not_repeat(name: str):
    """What it would publish, score or keep would be lost with the attempt, while its result stays."""

    async def work(context: Context) -> None:
        with pytest.raises(DefinitionError, match="can't publish, score, keep state"):
            await context.once("ask", lambda: FORBIDDEN[name](context))

    await run(work)


async def test_a_call_within_a_call_is_refused(provider: Provider):
    """The outer record holds all of it."""

    async def outer(context: Context) -> None:
        await context.once("inner", provider.ask, "why")

    async def work(context: Context) -> None:
        with pytest.raises(DefinitionError, match="record others"):
            await context.once("outer", functools.partial(outer, context))

    await run(work)
    assert provider.asked == []


async def test_a_handler_is_told_where_to_make_its_calls(provider: Provider):
    """It has no run whose record could hold them."""
    app = App("shop", settings=Settings(telemetry=False))

    @app.subscribe("orders", group="billing", retry=Retry(attempts=1))
    async def bill(event: dict[str, int], context: Context) -> None:
        await context.once("ask", provider.ask, "why")

    async with harness(app) as bench:
        tried = await bench.deliver("billing", {"id": 1})
    assert tried.error is not None
    assert "start a run from the handler" in tried.error.message


async def test_who_has_lost_the_step_records_nothing(provider: Provider):
    """Its result is not taken for that of the attempt that goes on."""
    app = App("shop", settings=Settings(telemetry=False))
    workflow = app.workflow("order")
    refused: list[BaseException] = []

    async def asks(run_id: Any) -> str:
        assert await (await app.get_run(run_id)).cancel()
        return "late"

    @workflow.step
    async def work(context: Context) -> None:
        try:
            await context.once("ask", asks, context.run_id)
        except AttemptStaleError as error:
            refused.append(error)

    async with harness(app) as bench:
        run_ = await bench.start(workflow)
        await bench.settle()
        keys = app.session.store.keys
        assert await app.session.server.client.hgetall(keys.calls(run_.id)) == {}
    assert "or its run has ended: it does not go on after call 'ask' of step 'work'" in str(refused[0])


async def test_values_that_a_step_keeps_out_of_telemetry_are_not_told_by_its_calls(provider: Provider):
    """They are recorded all the same."""
    app = App("shop", settings=Settings(telemetry=False))
    workflow = app.workflow("order")

    @workflow.step(record_values=False)
    async def work(context: Context) -> None:
        await context.once("ask", provider.ask, "secret")

    async with harness(app) as bench:
        await bench.run(workflow)
    (call,) = bench.facts.attempts[0].calls
    assert call.begun.arguments == {}
    assert call.ended is not None
    assert call.ended.result is None


class OverloadedError(Exception):
    """A provider's error that says what it has cost all the same."""

    def __init__(self, usage: Usage | None = None) -> None:
        super().__init__("overloaded")
        if usage is not None:
            self.usage = usage


@pytest.mark.parametrize(
    ("error", "charged"),
    [
        (ConnectionError("429"), 5),
        (OverloadedError(Usage(tokens=20)), 65),
        (None, 905),  # a try that was cut off at its timeout counts as what it might cost
    ],
    ids=["an error", "an error that says its usage", "a timeout"],
)
async def test_a_call_that_raises_costs_what_its_error_says(error: Exception | None, charged: int):
    """Nothing, where it says nothing: who answers with an error is not paid."""
    app = App("shop", settings=Settings(telemetry=False))
    workflow = app.workflow("order")
    tried: list[int] = []

    async def ask() -> str:
        tried.append(1)
        if len(tried) > 3:
            return "yes"
        if error is not None:
            raise error
        await asyncio.Event().wait()
        return ""

    @workflow.step
    async def work(ctx: Context) -> str:
        options = {"timeout": 0.01} if error is None else {}
        retry = Retry(attempts=4, first_delay=0, max_delay=0)
        used = Usage(tokens=5)
        return await ctx.once("ask", ask, at_most=Usage(tokens=300), usage=lambda _: used, retry=retry, **options)

    async with harness(app) as bench:
        run = await bench.start(workflow, budget=Budget(tokens=2_000))
        await bench.settle()
        account = await app.session.accounts.get(run.id)
        assert await run.result() == "yes"
    assert account is not None
    assert account.tokens == charged
    (call,) = bench.facts.attempts[0].calls
    assert call.ended is not None
    assert call.ended.usage == CallUsage(tokens=5)


async def test_a_call_that_waits_for_its_budget_says_what_it_needs():
    """It has not failed: its function was not called."""
    app = App("shop", settings=Settings(telemetry=False))
    workflow = app.workflow("order")

    @workflow.step
    async def work(ctx: Context) -> str:
        return await ctx.once("ask", str, at_most=Usage(tokens=300))

    async with harness(app) as bench:
        await bench.start(workflow, budget=Budget(tokens=274))
        await bench.settle()
    (call,) = bench.facts.attempts[0].calls
    assert call.ended is not None
    assert (call.ended.tries, call.ended.parked, call.ended.error) == (0, "needs 300 tokens, 274 left", None)


async def test_a_call_whose_breaker_is_open_is_deferred_and_what_is_recorded_is_not_called_again(provider: Provider):
    """The step leaves its slot meanwhile, and no attempt of it fails."""
    breaker, down = Breaker("model", failures=1, cooldown=0.2), [True, True]
    app = App("shop", settings=Settings(telemetry=False))
    workflow = app.workflow("order")

    def flaky(words: str) -> str:
        if down:
            down.pop()
            raise OSError("the model is down")
        return f"{words}!"

    @workflow.step(retry=Retry(attempts=1))
    async def work(ctx: Context) -> str:
        await ctx.once("ask", provider.ask, "a")
        said: str = await ctx.once("flaky", flaky, "b", breaker=breaker, retry=QUICK)
        return said

    async with harness(app) as bench:
        assert await bench.run(workflow) == "b!"
        record = await app.session.breakers.get("model")
        assert record is not None
        assert record.state == "closed"
        outcomes = [one.ended.outcome.value for one in bench.facts.attempts if one.ended]
    assert provider.asked == ["a"]
    assert outcomes[-1] == "ok"
    assert set(outcomes[:-1]) == {"waiting"}
    assert down == []


async def test_a_call_under_the_breaker_of_its_step_asks_it_once(provider: Provider):
    """It would wait for its own probe."""
    breaker, down = Breaker("model", failures=1, cooldown=0.2), [True]
    app = App("shop", settings=Settings(telemetry=False))
    workflow = app.workflow("order")

    @workflow.step(retry=QUICK, breaker=breaker)
    async def work(ctx: Context) -> str:
        if down:
            down.pop()
            raise OSError("the model is down")
        answer: Answer = await ctx.once("ask", provider.ask, "a", breaker=breaker)
        return answer.text

    async with harness(app) as bench:
        assert await bench.run(workflow) == "a well"


async def test_a_breaker_that_is_none_is_refused(provider: Provider):
    """Before anything is called."""

    async def work(ctx: Context) -> None:
        await ctx.once("ask", provider.ask, "a", breaker="model")  # type: ignore[arg-type]  # what is refused

    with pytest.raises(RunFailedError, match="call 'ask' has the breaker 'model': give a Breaker"):
        await run(work, Retry(attempts=1))
    assert provider.asked == []


@pytest.mark.parametrize(
    ("function", "options", "said"),
    [
        (5, {}, "call 'ask' can't call 5: give a function"),
        (None, {"at_most": 5}, "at_most= of call 'ask' can't be 5: give a Usage"),
        (None, {"usage": 5}, "usage= of call 'ask' can't be 5: give a function of its result"),
        (None, {"timeout": float("inf")}, "call 'ask' has a timeout of inf s"),
    ],
)
async def test_what_a_call_can_not_be_told_with_is_refused_before_it_is_paid_for(
    provider: Provider, function: Any, options: dict[str, Any], said: str
):
    """By name."""

    async def work(context: Context) -> str:
        with pytest.raises(DefinitionError) as refused:
            await context.once("ask", function or provider.ask, "why", **options)
        return str(refused.value)

    result, _ = await run(work)
    assert said in result
    assert provider.asked == []


async def test_what_is_no_usage_is_not_spent():
    """It says what it was given."""

    async def work(context: Context) -> str:
        with pytest.raises(DefinitionError) as refused:
            await context.spent(5)  # type: ignore[arg-type]  # that is what is refused
        return str(refused.value)

    result, _ = await run(work)
    assert result == "what was spent can't be 5: give a Usage, such as Usage(tokens=812)"


class Beside:
    """Calls that are under way while something else in their step fails, waits, or is parked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.both = asyncio.Event()

    async def ask(self, state: State, question: str) -> str:
        """Ends when both calls have begun, and the server has answered for longer than what happens beside takes."""
        self.asked.append(question)
        if len(self.asked) == 2:
            self.both.set()
        await self.both.wait()
        for _ in range(20):
            await state.get("nothing")
        return question

    def calls(self, ctx: Context, **options: Any) -> list[Any]:
        """Two at once, the second of which is followed by a third."""

        ask = functools.partial(self.ask, ctx.state)

        async def second() -> None:
            await ctx.once("ask", ask, "b", key="b", **options)
            await ctx.once("ask", ask, "c", key="c", **options)

        return [ctx.once("ask", ask, "a", key="a", **options), second()]


async def test_a_step_that_fails_beside_calls_has_none_of_them_paid_for_twice():
    """It fails when those that are under way are recorded."""
    beside = Beside()

    async def work(ctx: Context) -> None:
        async def fails() -> None:
            if ctx.attempt == 1:
                await beside.both.wait()
                raise OSError("no route")

        await asyncio.gather(*beside.calls(ctx), fails())

    await run(work)
    assert beside.asked == ["a", "b", "c"]


@pytest.mark.parametrize("is_there", [False, True], ids=["it waits", "its answer is there"])
async def test_a_step_that_waits_beside_calls_has_none_of_them_paid_for_twice(is_there: bool):
    """It leaves its slot when those that are under way are recorded, and begins none meanwhile."""
    app, beside = App("shop", settings=Settings(telemetry=False)), Beside()
    workflow = app.workflow("order")

    @workflow.step
    async def work(ctx: Context) -> Any:
        async def waits() -> Any:
            if ctx.attempt == 1:
                await beside.both.wait()
            return await ctx.wait_for("word")

        return (await asyncio.gather(*beside.calls(ctx), waits()))[-1]

    async with harness(app) as bench:
        run_ = await bench.start(workflow)
        if is_there:
            await run_.send("word", "go")
        await bench.settle()
        assert beside.asked == (["a", "b", "c"] if is_there else ["a", "b"])
        if not is_there:
            await run_.send("word", "go")
        assert await run_.result(10) == "go"
        assert len(bench.facts.attempts) == (1 if is_there else 2)
    assert beside.asked == ["a", "b", "c"]


async def test_a_step_that_is_parked_beside_calls_has_none_of_them_paid_for_twice():
    """Its budget is charged with each of them once."""
    app, beside = App("shop", settings=Settings(telemetry=False)), Beside()
    workflow = app.workflow("order")

    @workflow.step
    async def work(ctx: Context) -> None:
        async def parked() -> None:
            if ctx.attempt == 1:
                await beside.both.wait()
            await ctx.once("ask", str, key="much", at_most=Usage(tokens=50))

        await asyncio.gather(*beside.calls(ctx, at_most=Usage(tokens=10)), parked())

    async with harness(app) as bench:
        run_ = await bench.start(workflow, budget=Budget(tokens=60))
        await bench.settle()
        accounts = app.session.accounts
        account = await accounts.get(run_.id)
        assert account is not None
        assert (beside.asked, account.tokens, len(account.parked)) == (["a", "b"], 20, 1)
        admin = await Admin.connect(app.session.server.url)
        await admin.raise_budget(run_.id, Budget(tokens=40), "ann")
        await admin.close()
        await run_.result(10)
        account = await accounts.get(run_.id)
    assert account is not None
    assert (beside.asked, account.tokens) == (["a", "b", "c"], 80)


async def test_a_step_is_parked_although_a_call_beside_needs_less():
    """Whoever raises its budget has it go on at once, and operators see what waits."""
    app, beside = App("shop", settings=Settings(telemetry=False)), Beside()
    workflow = app.workflow("order")

    @workflow.step
    async def work(ctx: Context) -> None:
        much = ctx.once("ask", str, key="much", at_most=Usage(tokens=50))
        await asyncio.gather(much, *beside.calls(ctx, at_most=Usage(tokens=10)))

    async with harness(app) as bench:
        run_ = await bench.start(workflow, budget=Budget(tokens=40))
        await bench.settle()
        account = await app.session.accounts.get(run_.id)
        await run_.cancel()
    assert account is not None
    assert [one.reason for one in account.parked] == ["needs 50 tokens, 40 left"]
