"""Agents of Pydantic AI within steps: no answer of a model, and no work of a tool, is paid for twice."""

import asyncio
from collections.abc import AsyncIterator, Callable
from itertools import count
from typing import Any

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from pydantic import BaseModel
from pydantic_ai import Agent, BinaryContent, InstrumentationSettings, ModelRetry, RunContext, ToolReturn
from pydantic_ai.capabilities import ModelFallback, ProcessHistory
from pydantic_ai.exceptions import ModelHTTPError, ToolFailed
from pydantic_ai.messages import (
    ModelMessage,
    ModelRequest,
    ModelResponse,
    TextPart,
    ToolCallPart,
    ToolReturnPart,
    UserPromptPart,
)
from pydantic_ai.models.fallback import FallbackModel
from pydantic_ai.models.function import AgentInfo, DeltaToolCalls, FunctionModel
from pydantic_ai.models.test import TestModel
from pydantic_ai.usage import RequestUsage

from runtime import App, Context, Retry, RunFailedError, Settings
from runtime.adapters.pydantic_ai import Recorded
from runtime.testing import Harness, harness
from tests.runtime.adapters.one_step import QUICK, ran

ONCE = Retry(attempts=1)


class Provider:
    """Counts what it was asked, and gives these answers, by how many there were before."""

    def __init__(self, *answers: str | list[ToolCallPart]) -> None:
        self.answers = answers
        self.asked = 0
        self.failing = 0

    def __call__(self, messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        if self.failing:
            self.failing -= 1
            raise ModelHTTPError(503, "busy-1")
        self.asked += 1
        answer = self.answers[sum(isinstance(one, ModelResponse) for one in messages)]
        used = RequestUsage(input_tokens=100, output_tokens=5)
        return ModelResponse([TextPart(answer)] if isinstance(answer, str) else answer, usage=used)

    async def stream(self, messages: list[ModelMessage], info: AgentInfo) -> AsyncIterator[str | DeltaToolCalls]:
        self.asked += 1
        for word in ("Dear ", "Ada"):
            yield word


def calls(*names: str, **args: Any) -> list[ToolCallPart]:
    """What a model asks tools for."""
    return [ToolCallPart(name, args) for name in names]


def thrice(agent: Agent[Any, Any], prompt: str = "What of order 7?", **more: Any) -> Callable[[Context], Any]:
    """A step that fails twice after its agent has answered."""

    async def step(ctx: Context) -> Any:
        result = await agent.run(prompt, **more)
        if ctx.attempt < 3:
            raise OSError("no route")
        return result.output

    return step


def tries_of(bench: Harness) -> list[list[tuple[str, int]]]:
    """The calls of each attempt: name, and how often they were tried."""
    return [
        [(call.begun.name, call.ended.tries if call.ended else -1) for call in attempt.calls]
        for attempt in bench.facts.attempts
    ]


@pytest.fixture
def tools() -> list[str]:
    """What tools have done."""
    return []


def desk(provider: Provider, tools: list[str], *more: Any, **how: Any) -> Agent[Any, str]:
    """An agent that looks orders up; it must be told the whole number."""
    agent = Agent(FunctionModel(provider), name="the desk", capabilities=[Recorded(**how), *more])

    @agent.tool_plain(retries=2)
    def find(number: str) -> dict[str, str]:
        tools.append(f"find {number}")
        if "-" not in number:
            raise ModelRetry("give the whole number")
        return {"number": number}

    @agent.tool_plain
    async def weather() -> str:
        tools.append("weather")
        raise ToolFailed("the sensor is broken")

    return agent


async def test_models_and_tools_are_asked_once_over_all_attempts(tools: list[str]):
    """Also tools that say that the model is to try again, or that they failed; calls are details of the step."""
    provider = Provider(
        [*calls("find", number="7"), *calls("weather")], calls("find", number="A-7"), "Order A-7 is paid."
    )
    agent, outcomes = desk(provider, tools), []

    async def step(ctx: Context) -> Any:
        result = await agent.run("What of order 7?")
        told = [part for message in result.all_messages() for part in message.parts]
        outcomes.append([part.outcome for part in told if isinstance(part, ToolReturnPart)])
        if ctx.attempt < 3:
            raise OSError("no route")
        return result.output

    output, bench = await ran(step)
    assert output == "Order A-7 is paid."
    assert outcomes == [["retried", "failed", "success"]] * 3
    assert provider.asked == 3
    assert sorted(tools) == ["find 7", "find A-7", "weather"]
    names = ["the-desk/model", "the-desk/find", "the-desk/weather", "the-desk/model", "the-desk/find", "the-desk/model"]
    assert tries_of(bench) == [[(name, tries) for name in names] for tries in (1, 0, 0)]


async def test_an_attempt_that_fails_in_the_middle_goes_on_there(tools: list[str]):
    """What was answered before stays; only what failed is asked again."""
    provider = Provider(calls("find", number="A-7"), "paid")
    failing = [OSError("no route")]
    agent = desk(provider, tools)

    @agent.tool_plain
    def carry() -> str:
        tools.append("carry")
        if failing:
            raise failing.pop()
        return "carried"

    provider.answers = ([*calls("find", number="A-7")], calls("carry"), "done")

    async def step(ctx: Context) -> Any:
        return (await agent.run("carry it")).output

    assert (await ran(step))[0] == "done"
    assert tools == ["find A-7", "carry", "carry"]
    assert provider.asked == 3


class Order(BaseModel):
    """What a structured answer is."""

    number: int
    open: bool


async def test_structured_answers_arrive_as_they_were():
    """With the library's own test model, which calls its tools itself."""
    looked: list[int] = []
    agent = Agent(TestModel(custom_output_args={"number": 7, "open": True}), output_type=Order, name="desk")

    @agent.tool_plain
    def look(number: int) -> bool:
        looked.append(number)
        return True

    output, _ = await ran(thrice(agent, capabilities=[Recorded()]))
    assert Order.model_validate(output) == Order(number=7, open=True)
    assert len(looked) == 1


async def test_what_a_tool_returns_for_the_model_and_for_the_app_is_recorded_whole(tools: list[str]):
    """Pictures and what is said beside the result, too."""
    seen: list[Any] = []
    provider = Provider(calls("look"), "seen")
    agent = desk(provider, tools)

    @agent.tool_plain
    def look() -> ToolReturn[Any]:
        tools.append("look")
        return ToolReturn("a box", content=["This is it:", BinaryContent(b"\x89PNG", media_type="image/png")])

    async def step(ctx: Context) -> Any:
        messages = (await agent.run("look")).all_messages()
        seen.append([part for part in messages[2].parts if part.part_kind in ("tool-return", "user-prompt")])
        if ctx.attempt == 1:
            raise OSError("no route")

    await ran(step)
    assert tools == ["look"]
    first, second = ([getattr(part, "content", None) for part in parts] for parts in seen)
    assert first == second
    assert first[0] == "a box"
    assert (first[1][0], first[1][1].data, first[1][1].media_type) == ("This is it:", b"\x89PNG", "image/png")


@pytest.mark.parametrize("how", ["model", "capability"])
async def test_whichever_model_answered_its_answer_is_recorded(tools: list[str], how: str):
    """A later attempt does not ask the one again that had failed first."""
    first, second = Provider("from the first"), Provider("from the second")
    first.failing = 1
    busy, other = FunctionModel(first, model_name="busy-1"), FunctionModel(second)
    if how == "model":
        agent = Agent(FallbackModel(busy, other), name="desk", capabilities=[Recorded()])
    else:
        agent = Agent(busy, name="desk", capabilities=[Recorded(), ModelFallback(other)])
    assert (await ran(thrice(agent)))[0] == "from the second"
    assert (first.asked, second.asked) == (0, 1)


async def test_a_request_is_tried_as_often_as_is_said(tools: list[str]):
    """Within the attempt; by default once."""
    provider = Provider("well")
    provider.failing = 2
    agent = desk(provider, tools, retry=Retry(attempts=3, first_delay=0, max_delay=0))
    output, bench = await ran(thrice(agent))
    assert output == "well"
    assert tries_of(bench)[0] == [("the-desk/model", 3)]


async def test_agents_side_by_side_are_told_apart_by_their_names_and_keys(tools: list[str]):
    """Two runs of one agent need keys, and an error says so."""
    provider = Provider("well")
    agent = desk(provider, tools)

    async def together(ctx: Context) -> Any:
        return await asyncio.gather(agent.run("a"), agent.run("b"))

    with pytest.raises(RunFailedError, match="is made twice: tell its calls apart by key="):
        await ran(together, ONCE)
    provider.asked = 0

    async def keyed(ctx: Context) -> Any:
        both = await asyncio.gather(*(agent.run(key, capabilities=[Recorded(key=key)]) for key in ("a", "b")))
        if ctx.attempt == 1:
            raise OSError("no route")
        return [one.output for one in both]

    assert (await ran(keyed))[0] == ["well", "well"]
    assert provider.asked == 2


async def test_another_prompt_in_a_later_attempt_is_an_error_that_says_which_call(tools: list[str]):
    """It is not tried again; instructions may change, as those that tell the time do."""
    agent = desk(Provider("well"), tools)
    times = iter("abcdef")
    agent.instructions(lambda: f"It is {next(times)} o'clock.")
    assert (await ran(thrice(agent)))[0] == "well"

    async def step(ctx: Context) -> Any:
        await agent.run(f"attempt {ctx.attempt}")
        raise OSError("no route")

    with pytest.raises(
        RunFailedError, match=r"call 'the-desk/model' of step 'work' \(key '1'\) was recorded with other arguments"
    ):
        await ran(step)


async def test_what_is_made_of_histories_is_made_in_each_attempt(tools: list[str]):
    """It lies around the record: what it leaves out is left out again, and a live request has the same history."""
    lengths: list[int] = []
    numbers = count()

    def newest(messages: list[ModelMessage]) -> list[ModelMessage]:
        lengths.append(len(messages))
        summary = ModelRequest([UserPromptPart(f"summary {next(numbers)}")])
        return [summary, *messages[1:]] if len(messages) > 1 else messages

    provider = Provider(calls("find", number="A-7"), "paid", "paid", "paid")
    agent = desk(provider, tools, ProcessHistory(newest))
    assert (await ran(thrice(agent)))[0] == "paid"
    assert provider.asked == 2
    assert lengths == [1, 3] * 3


async def test_an_agent_that_a_tool_asks_is_part_of_the_tool_or_records_for_itself(tools: list[str]):
    """As the agent with the tool has it."""
    inner = Provider("It is paid.")
    billing = Agent(FunctionModel(inner), name="billing", capabilities=[Recorded()])
    for except_tools in ((), ("ask",)):
        outer, inner.asked = Provider(calls("ask"), "paid"), 0
        agent = desk(outer, tools, except_tools=except_tools)

        @agent.tool
        async def ask(ctx: RunContext[Any]) -> str:
            return (await billing.run("Is it paid?")).output

        output, bench = await ran(thrice(agent))
        assert (output, outer.asked, inner.asked) == ("paid", 2, 1)
        names = [name for name, _ in tries_of(bench)[0]]
        assert names[1] == ("billing/model" if except_tools else "the-desk/ask")


async def test_what_a_model_writes_is_streamed_while_it_is_recorded(tools: list[str]):
    """Word by word, once; later attempts stream nothing of it."""
    provider = Provider()
    agent = Agent(
        FunctionModel(provider, stream_function=provider.stream), name="desk", capabilities=[Recorded(streamed=True)]
    )
    app = App("shop", settings=Settings(telemetry=False))
    workflow = app.workflow("ask")
    workflow.step(name="work", retry=QUICK)(thrice_step(agent))
    async with harness(app) as bench:
        run = await bench.start(workflow)
        told = [(event.kind.value, event.value) async for event in run.stream()]
        assert await run.result(10) == "Dear Ada"
    assert provider.asked == 1
    assert told == [("chunk", "Dear "), ("chunk", "Ada"), ("attempt", None), ("end", None)]


def thrice_step(agent: Agent[Any, Any]) -> Callable[..., Any]:
    """`thrice` as a function whose annotation is read."""
    inner = thrice(agent)

    async def work(ctx: Context) -> Any:
        return await inner(ctx)

    return work


async def test_an_agent_that_is_streamed_from_is_recorded_too():
    """Its reader has the events of the whole answer, from the record as well."""
    provider = Provider()
    agent = Agent(FunctionModel(provider, stream_function=provider.stream), name="desk", capabilities=[Recorded()])
    heard: list[str] = []

    async def step(ctx: Context) -> Any:
        async with agent.run_stream("write") as result:
            heard.extend([text async for text in result.stream_text(debounce_by=None)])
        if ctx.attempt == 1:
            raise OSError("no route")
        return heard[-1]

    assert (await ran(step))[0] == "Dear Ada"
    assert provider.asked == 1
    assert len(heard) >= 2


async def test_spans_tell_of_each_request_once(tools: list[str]):
    """Tokens that an earlier attempt has told of are not told again."""
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    model = Provider(calls("find", number="A-7"), "paid")
    agent = desk(model, tools)
    agent.instrument = InstrumentationSettings(tracer_provider=provider)
    await ran(thrice(agent))
    names = [span.name.partition(" ")[0] for span in exporter.get_finished_spans()]
    assert names.count("chat") == 2
    assert names.count("execute_tool") == 1


async def test_outside_of_steps_an_agent_is_what_it_was(tools: list[str]):
    """In programs, in handlers, and within a call that is recorded as a whole."""
    provider = Provider("well")
    agent = desk(provider, tools)
    assert (await agent.run("a")).output == "well"
    heard: list[str] = []
    app = App("shop", settings=Settings(telemetry=False))

    @app.subscribe("orders", group="billing")
    async def bill(order: int) -> None:
        heard.append((await agent.run("b")).output)

    async with harness(app) as bench:
        assert (await bench.deliver(bill, 7)).outcome == "ok"
    assert heard == ["well"]

    async def step(ctx: Context) -> Any:
        async def all_of_it() -> str:
            return (await agent.run("c")).output

        return await ctx.once("all", all_of_it)

    output, bench = await ran(step)
    assert output == "well"
    assert tries_of(bench) == [[("all", 1)]]


async def test_what_a_tool_returns_and_can_not_be_recorded_is_refused_by_name(tools: list[str]):
    """Before the model is told of it."""
    agent = desk(Provider(calls("look"), "seen"), tools)
    agent.tool_plain(name="look")(lambda: object())

    async def step(ctx: Context) -> Any:
        await agent.run("look")

    with pytest.raises(RunFailedError, match="UnencodableError: what tool 'look' returned can't be recorded"):
        await ran(step, ONCE)
