"""Graphs of LangGraph within steps: what a node has returned is not asked of it again, wherever the attempt ended."""

import asyncio
import operator
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any, TypedDict

import pytest
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, RemoveMessage
from langgraph.checkpoint.memory import MemorySaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.message import add_messages
from langgraph.types import Command, RetryPolicy, Send

from runtime import Context, Retry, RunFailedError
from runtime.adapters.langgraph import recorded
from runtime.errors import DefinitionError
from runtime.testing import Harness
from tests.runtime.adapters.one_step import ran
from tests.waiting import until


class Mood(Enum):
    """How a draft reads."""

    FINE = "fine"


@dataclass
class Draft:
    """No plain JSON."""

    words: list[str]
    mood: Mood = Mood.FINE


class State(TypedDict, total=False):
    """What nodes share."""

    topic: str
    drafts: dict[str, Draft | None]
    messages: Annotated[list[AnyMessage], add_messages]
    notes: Annotated[list[str], operator.add]


class Nodes:
    """Makes nodes that count what was asked of them; `failing` are those that fail once, the next time."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.failing: set[str] = set()

    def note(self, name: str) -> None:
        """A node does its work, and it costs."""
        if name in self.failing:
            self.failing.discard(name)
            raise OSError(f"{name} has no route")
        self.asked.append(name)

    def __call__(self, name: str, answer: Any = None) -> Callable[[State], Any]:
        """A node that returns an answer, by default a note with its name."""

        async def node(state: State) -> Any:
            self.note(name)
            return answer(state) if callable(answer) else answer or {"notes": [name]}

        return node


@pytest.fixture
def nodes() -> Nodes:
    """Nodes that nobody has asked yet."""
    return Nodes()


def built(**steps: Any) -> StateGraph[State]:
    """A graph of these nodes, without edges."""
    builder = StateGraph(State)
    for name, node in steps.items():
        builder.add_node(name, node)
    return builder


def noting(graph: Any, *, fails: bool = False, **given: Any) -> Callable[[Context], Any]:
    """A step that runs a graph and returns its notes; its first attempt fails behind the graph if it is to."""

    async def step(ctx: Context) -> Any:
        notes = (await graph.ainvoke(given))["notes"]
        if fails and ctx.attempt == 1:
            raise OSError("no route")
        return notes

    return step


def calls_of(bench: Harness) -> list[list[tuple[str, str, int]]]:
    """The calls of each attempt: name, key, and how often they were tried."""
    return [
        [(call.begun.name, call.begun.key, call.ended.tries if call.ended else -1) for call in attempt.calls]
        for attempt in bench.facts.attempts
    ]


async def test_an_attempt_goes_on_behind_the_nodes_that_were_done(nodes: Nodes):
    """A failure between two nodes costs neither; the graph's result is the same."""
    builder = built(plan=nodes("plan"), draft=nodes("draft"))
    builder.add_edge(START, "plan")
    builder.add_edge("plan", "draft")
    graph = recorded(builder.compile(name="the writer"))
    nodes.failing = {"draft"}

    notes, bench = await ran(noting(graph, topic="causes"))
    assert notes == ["plan", "draft"]
    assert nodes.asked == ["plan", "draft"]
    assert calls_of(bench) == [
        [("the-writer/plan", "1", 1), ("the-writer/draft", "2", 1)],
        [("the-writer/plan", "1", 0), ("the-writer/draft", "2", 1)],
    ]


async def test_nodes_of_one_superstep_are_recorded_each_for_itself(nodes: Nodes):
    """Of three that ran side by side one fails: the others are not asked again."""
    builder = built(one=nodes("one"), two=nodes("two"), three=nodes("three"), last=nodes("last"))
    for name in ("one", "two", "three"):
        builder.add_edge(START, name)
    builder.add_edge(["one", "two", "three"], "last")
    graph = recorded(builder.compile())

    async def slow(state: State) -> dict[str, list[str]]:
        await until(lambda: len(nodes.asked) >= 2)  # a failure would cut off those that are still under way
        nodes.note("two")
        return {"notes": ["two"]}

    builder.nodes["two"].runnable.afunc = slow  # type: ignore[attr-defined] # a `RunnableCallable`
    nodes.failing = {"two"}

    notes, _ = await ran(noting(graph))
    assert sorted(notes[:3]) == ["one", "three", "two"]
    assert sorted(nodes.asked) == ["last", "one", "three", "two"]


async def test_rounds_of_a_cycle_are_told_apart(nodes: Nodes):
    """Each round asks again, and a later attempt takes each from its own record."""
    rounds = iter(range(1, 10))
    builder = built(draft=nodes("draft", lambda _: {"notes": [f"draft {next(rounds)}"]}), review=nodes("review"))
    builder.add_edge(START, "draft")
    builder.add_edge("draft", "review")
    builder.add_conditional_edges("review", lambda state: "draft" if len(state["notes"]) < 6 else END, ["draft", END])
    graph = recorded(builder.compile())

    notes, _ = await ran(noting(graph, fails=True))
    assert notes == ["draft 1", "review", "draft 2", "review", "draft 3", "review"]
    assert nodes.asked == ["draft", "review"] * 3


@pytest.mark.parametrize("topic", ["short", "long"])
async def test_a_branch_that_was_taken_is_taken_again(nodes: Nodes, topic: str):
    """By what was recorded, also where a node chooses by a command."""
    choose = lambda state: Command(update={"notes": ["choose"]}, goto=state["topic"])  # noqa: E731 - a node of one line, as users write them
    builder = built(choose=nodes("choose", choose), short=nodes("short"), long=nodes("long"))
    builder.add_edge(START, "choose")
    graph = recorded(builder.compile())
    nodes.failing = {topic}

    notes, _ = await ran(noting(graph, topic=topic))
    assert notes == ["choose", topic]
    assert nodes.asked == ["choose", topic]


async def test_what_is_sent_to_one_node_many_times_is_told_apart(nodes: Nodes):
    """A fan-out in one superstep: each of its items is paid for once."""

    async def item(given: Any) -> Any:
        nodes.note(f"item {given['number']}")
        return {"notes": [f"item {given['number']}"]}

    builder = built(plan=nodes("plan"), item=item)
    builder.add_edge(START, "plan")
    builder.add_conditional_edges("plan", lambda _: [Send("item", {"number": number}) for number in range(4)], ["item"])
    graph = recorded(builder.compile())

    notes, bench = await ran(noting(graph, fails=True))
    assert notes == ["plan", *(f"item {number}" for number in range(4))]
    assert sorted(nodes.asked) == sorted(notes)
    assert [key for _, key, _ in calls_of(bench)[1]] == ["1", "2.0", "2.1", "2.2", "2.3"]


async def test_a_graph_within_a_graph_is_recorded_node_by_node(nodes: Nodes):
    """In its place: twice in one graph, it is two."""
    inner = built(look=nodes("look"), judge=nodes("judge"))
    inner.add_edge(START, "look")
    inner.add_edge("look", "judge")
    compiled = inner.compile(name="critic")
    builder = built(first=compiled, second=compiled)
    builder.add_edge(START, "first")
    builder.add_edge("first", "second")
    graph = recorded(builder.compile(name="writer"))
    nodes.failing = {"judge"}

    async def step(ctx: Context) -> Any:
        return (await graph.ainvoke({}))["notes"][-1]

    last, bench = await ran(step)
    assert last == "judge"
    assert nodes.asked == ["look", "judge", "look", "judge"]
    assert [(name, key) for name, key, _ in calls_of(bench)[1]] == [
        ("critic/look", "1/first/1"),
        ("critic/judge", "1/first/2"),
        ("critic/look", "2/second/1"),
        ("critic/judge", "2/second/2"),
    ]


async def test_messages_arrive_as_they_were_with_ids_that_stay(nodes: Nodes):
    """A later node names one of an earlier attempt, and it is there."""

    def answer(state: State) -> Any:
        call = {"name": "find", "args": {"number": 7}, "id": "c1", "type": "tool_call"}
        return {"messages": [AIMessage("wait"), AIMessage("found", tool_calls=[call])]}

    def trim(state: State) -> Any:
        return {"messages": [RemoveMessage(id=str(message.id)) for message in state["messages"][:2]]}

    builder = built(answer=nodes("answer", answer), trim=nodes("trim", trim), last=nodes("last"))
    for edge in ((START, "answer"), ("answer", "trim"), ("trim", "last")):
        builder.add_edge(*edge)
    graph = recorded(builder.compile())
    nodes.failing = {"last"}
    seen: list[AIMessage] = []

    async def step(ctx: Context) -> Any:
        state = await graph.ainvoke({"messages": [HumanMessage("where is it?")]})
        seen.extend(state["messages"])
        return len(state["messages"])

    assert (await ran(step))[0] == 1
    assert nodes.asked == ["answer", "trim", "last"]
    (message,) = seen
    assert isinstance(message, AIMessage)
    assert (message.content, message.tool_calls[0]["args"]) == ("found", {"number": 7})


async def test_answers_of_classes_arrive_as_they_were_and_can_be_read(nodes: Nodes, caplog: pytest.LogCaptureFixture):
    """By a later attempt, and by people; without a word of what LangGraph would warn of."""
    builder = built(draft=nodes("draft", {"drafts": {"first": Draft(["a", "b"])}}), last=nodes("last"))
    builder.add_edge(START, "draft")
    builder.add_edge("draft", "last")
    graph = recorded(builder.compile())
    nodes.failing = {"last"}
    found: list[Any] = []

    async def step(ctx: Context) -> Any:
        found.append((await graph.ainvoke({}))["drafts"])

    with caplog.at_level("WARNING", "langgraph"):
        _, bench = await ran(step)
    assert found == [{"first": Draft(["a", "b"])}]
    assert caplog.text == ""
    (result, *_) = [call.ended.result for call in bench.facts.attempts[0].calls if call.ended]
    assert result is not None
    assert result.data["shown"] == {"drafts": {"first": {"words": ["a", "b"], "mood": "fine"}}}


async def test_a_graph_s_own_retries_try_a_node_again(nodes: Nodes):
    """Within the attempt; and what came of it is recorded once."""
    builder = StateGraph(State)
    policy = RetryPolicy(max_attempts=2, initial_interval=0.001, retry_on=OSError)
    builder.add_node("plan", nodes("plan"), retry_policy=policy)
    builder.add_edge(START, "plan")
    graph = recorded(builder.compile())
    nodes.failing = {"plan"}

    notes, bench = await ran(noting(graph))
    assert (notes, nodes.asked) == (["plan"], ["plan"])
    assert [tries for _, _, tries in calls_of(bench)[0]] == [1, 1]


async def test_two_runs_of_a_graph_within_a_step_need_keys(nodes: Nodes):
    """An error says so; with keys they are two, side by side as well."""
    builder = built(plan=nodes("plan"))
    builder.add_edge(START, "plan")
    graph = builder.compile()

    async def twice(ctx: Context) -> Any:
        await recorded(graph).ainvoke({})
        await recorded(graph).ainvoke({})

    with pytest.raises(RunFailedError, match="is made twice: tell its calls apart by key="):
        await ran(twice, Retry(attempts=1))

    async def keyed(ctx: Context) -> Any:
        both = await asyncio.gather(*(recorded(graph, key=key).ainvoke({"topic": key}) for key in ("a", "b")))
        if ctx.attempt == 1:
            raise OSError("no route")
        return [one["topic"] for one in both]

    nodes.asked.clear()
    assert (await ran(keyed))[0] == ["a", "b"]
    assert nodes.asked == ["plan", "plan"]


async def test_another_input_in_a_later_attempt_is_an_error(nodes: Nodes):
    """It names the call; trying again would not help."""
    builder = built(plan=nodes("plan"))
    builder.add_edge(START, "plan")
    graph = recorded(builder.compile(name="writer"))

    async def step(ctx: Context) -> Any:
        await graph.ainvoke({"topic": f"attempt {ctx.attempt}"})
        raise OSError("no route")

    with pytest.raises(RunFailedError, match=r"call 'writer/plan' of step 'work' \(key '1'\) was recorded with other"):
        await ran(step)


async def test_outside_of_steps_it_is_the_graph_that_it_was(nodes: Nodes):
    """In programs, and within a call that is recorded as a whole."""
    builder = built(plan=nodes("plan"))
    builder.add_edge(START, "plan")
    graph = recorded(builder.compile())
    assert (await graph.ainvoke({}))["notes"] == ["plan"]

    async def step(ctx: Context) -> Any:
        async def all_of_it() -> Any:
            return (await graph.ainvoke({}))["notes"]

        return await ctx.once("all", all_of_it)

    notes, bench = await ran(step)
    assert notes == ["plan"]
    assert calls_of(bench) == [[("all", "", 1)]]


def test_outside_of_steps_it_may_be_invoked() -> None:
    """Of nodes that are sync."""
    builder = built(plan=lambda state: {"notes": ["plan"]})
    builder.add_edge(START, "plan")
    assert recorded(builder.compile()).invoke({})["notes"] == ["plan"]


async def test_a_step_that_invokes_it_is_refused(nodes: Nodes):
    """Nothing could be recorded, and the event loop would stand still."""
    builder = built(plan=lambda state: {"notes": ["plan"]})
    builder.add_edge(START, "plan")
    graph = recorded(builder.compile(name="writer"))

    async def step(ctx: Context) -> Any:
        return graph.invoke({})

    with pytest.raises(RunFailedError, match="graph 'writer' is run by invoke, which can't record: use ainvoke"):
        await ran(step, Retry(attempts=1))


def test_a_checkpointer_is_refused_by_name(nodes: Nodes) -> None:
    """Two records of one graph would contradict each other; and so is what is no graph."""
    builder = built(plan=nodes("plan"))
    builder.add_edge(START, "plan")
    with pytest.raises(DefinitionError, match="graph 'writer' has a checkpointer: compile it without one"):
        recorded(builder.compile(name="writer", checkpointer=MemorySaver()))
    with pytest.raises(DefinitionError, match="is not a compiled graph: give what compile"):
        recorded(builder)  # type: ignore[type-var] # as users write it


@dataclass
class Stranger:
    """To which no annotation leads."""


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ({"topic": (part for part in "ab")}, "can't be recorded"),
        ({"topic": [Stranger()]}, "holds a Stranger, to which no annotation of the graph's state leads"),
    ],
)
async def test_what_can_not_be_recorded_is_refused_by_name(nodes: Nodes, answer: Any, why: str):
    """It has been paid for, so the error says whose it is."""
    builder = built(plan=nodes("plan", answer))
    builder.add_edge(START, "plan")
    graph = recorded(builder.compile(name="writer"))

    async def step(ctx: Context) -> Any:
        await graph.ainvoke({})

    with pytest.raises(RunFailedError, match=f"UnencodableError: what node 'plan' of graph 'writer' returned {why}"):
        await ran(step, Retry(attempts=1))
