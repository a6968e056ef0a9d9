"""Apps with every kind of flow, drawn from a seed, and the causal graph that a run of each must leave behind.

The graph is worked out from what was drawn alone, without a look at how the runtime works it out.
"""

import random
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from runtime import App, Context, Event, Retry, Settings
from runtime.causality import identity
from runtime.definitions.workflow import Workflow
from runtime.semconv import Coordination, NodeKind
from sample_agents.books import Edge, Graph

DONE: Final = "flow.done"
WORD: Final = "flow.word"
SPEAKER: Final = "speaker"
GROUPS: Final = ("audit", "tell")
_AGAIN: Final = Retry(attempts=4, first_delay=0.01, max_delay=0.02)


@dataclass(frozen=True, slots=True)
class Plan:
    """What was drawn.

    Attributes:
        items: how many the list has that is gone over; `at_once` of them at once.
        rounds: after how many the loop is done.
        skips: whether the step that has a condition is skipped.
        reads_plan, reads_list: whether the loop's first step, and the one after it, read more than they must.
        failing: steps whose first attempt fails.
        within: whether a workflow is fanned out over the list, and not only a step.
        answerers: who answer the step that waits: a `step` of another run, a `handler` of an event, somebody `outside`.
    """

    items: int
    at_once: int | None
    rounds: int
    skips: bool
    reads_plan: bool
    reads_list: bool
    failing: frozenset[str]
    within: bool
    answerers: tuple[str, ...]

    @classmethod
    def drawn(cls, seed: int) -> "Plan":
        """The plan of a seed."""
        chance = random.Random(seed)
        steps = ("listing", "weigh", "draft", "review", "ship", "gift", "close", "approve", "say", "hear")
        return cls(
            items=chance.choice([0, 1, 2, 5]),
            at_once=chance.choice([None, 1, 2]),
            rounds=chance.randint(1, 3),
            skips=chance.random() < 0.5,
            reads_plan=chance.random() < 0.5,
            reads_list=chance.random() < 0.5,
            failing=frozenset(step for step in steps if chance.random() < 0.3),
            within=chance.random() < 0.5,
            answerers=tuple(who for who in ("step", "handler", "outside") if chance.random() < 0.6),
        )


@dataclass(frozen=True, slots=True)
class Flow:
    """The app of a plan, its workflow, and the one whose step answers it."""

    plan: Plan
    app: App
    workflow: Workflow
    answering: Workflow

    async def run(self, number: int, patience: float) -> "Ran":
        """One run, to its end, with those who answer it."""
        run = await self.app.start(self.workflow, number=number)
        said, word = None, None
        if "step" in self.plan.answerers:
            said = await self.app.start(self.answering, run=str(run.id))
            await said.result(patience)
        if "handler" in self.plan.answerers:
            word = await self.app.publish(WORD, str(run.id))
        if "outside" in self.plan.answerers:
            await run.send("word", "go", key="outside", by="ann")
        await run.result(patience)
        return Ran(run.id, said.id if said else None, word)


@dataclass(frozen=True, slots=True)
class Ran:
    """What was run: the flow, and the run and the event that answered it, each in a trace of its own."""

    run: UUID
    said: UUID | None
    word: UUID | None


def flow_app(plan: Plan, name: str, settings: Settings | None = None) -> Flow:
    """What a plan says."""
    app = App(name, settings=settings)
    inner = app.workflow("inner", parcel=int)
    inner.step(name="first")(lambda parcel: parcel)
    inner.step(name="second")(lambda first: first)
    flow = app.workflow("flow", number=int)
    code = _Code(plan)
    _declare(flow, inner, plan, code)
    for group in GROUPS:
        app.subscribe(DONE, group=group)(_heard)
    answering = _declare_answers(app, plan)
    return Flow(plan, app, flow, answering)


def _declare_answers(app: App, plan: Plan) -> Workflow:
    """A step and a handler that answer, and fail afterwards at first, where that was drawn."""

    async def answer(run: str, ctx: Context, who: str, name: str) -> None:
        await (await app.get_run(run)).send("word", f"go {ctx.attempt}", key=who)
        if name in plan.failing and ctx.attempt == 1:
            raise OSError("it has answered, and fails")

    async def say(run: str, ctx: Context) -> None:
        await answer(run, ctx, "step", "say")

    async def hear(event: Event[str], ctx: Context) -> None:
        await answer(event.data, ctx, "handler", "hear")

    answering = app.workflow("answering", run=str)
    answering.step(retry=_AGAIN, name="say")(say)
    app.subscribe(WORD, group=SPEAKER, retry=_AGAIN)(hear)
    return answering


def _heard(data: Any) -> None:
    """Nothing to do."""


def _declare(flow: Workflow, inner: Workflow, plan: Plan, code: "_Code") -> None:
    flow.step(retry=_AGAIN, name="listing")(code.listing)
    flow.step(retry=_AGAIN, over="listing", at_once=plan.at_once, name="weigh")(code.weigh)
    if plan.within:
        flow.step(inner, over="listing", name="each")
    flow.step(retry=_AGAIN, name="draft")(code.draft_by_list if plan.reads_plan else code.draft)
    flow.step(
        retry=_AGAIN, until=lambda review: review >= plan.rounds, max_rounds=plan.rounds, back_to="draft", name="review"
    )(code.review)
    flow.step(retry=_AGAIN, name="ship")(code.ship_by_weight if plan.reads_list else code.ship)
    flow.step(retry=_AGAIN, when=lambda ship: not plan.skips, name="gift")(code.gift)
    flow.step(retry=_AGAIN, name="approve")(code.approve)
    flow.step(retry=_AGAIN, publishes=DONE, name="close")(code.close)


class _Code:
    """What the steps do: fail at first, where that was drawn."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._has_failed = False

    def listing(self, number: int, ctx: Context) -> list[int]:
        self._try("listing", ctx)
        return list(range(self._plan.items))

    def weigh(self, item: int, ctx: Context) -> int:
        self._try("weigh", ctx)
        return item

    def draft(self, weigh: list[int], review: int | None, ctx: Context) -> int:
        self._try("draft", ctx)
        return ctx.round

    def draft_by_list(self, weigh: list[int], listing: list[int], review: int | None, ctx: Context) -> int:
        return self.draft(weigh, review, ctx)

    def review(self, draft: int, ctx: Context) -> int:
        self._try("review", ctx)
        return draft

    def ship(self, draft: int, ctx: Context) -> int:
        self._try("ship", ctx)
        return draft

    def ship_by_weight(self, draft: int, weigh: list[int], ctx: Context) -> int:
        return self.ship(draft, ctx)

    def gift(self, number: int, ctx: Context) -> int:
        self._try("gift", ctx)
        return number

    async def approve(self, number: int, ctx: Context) -> int:
        """Fails once it has an answer: the attempt behind has it from the record."""
        for who in self._plan.answerers:
            await ctx.wait_for("word", into=str, key=who)
            if "approve" in self._plan.failing and not self._has_failed:
                self._has_failed = True
                raise OSError("it was answered, and fails")
        return number

    def close(self, ship: int, gift: int | None, approve: int, ctx: Context) -> int:
        self._try("close", ctx)
        return ship

    def _try(self, step: str, ctx: Context) -> None:
        if step in self._plan.failing and ctx.attempt == 1:
            raise OSError("the first attempt fails")


def expected(plan: Plan, run: UUID) -> Graph:
    """The graph that a run of a plan must leave behind."""
    drawn = _Drawn(run)
    drawn.step("listing", [run])
    listed = drawn.node("listing")
    weighed = drawn.fan_out("weigh", plan.items, [listed])
    if plan.within:
        for item in drawn.fan_out("each", plan.items, [listed]):
            drawn.within(item)
    before: list[UUID] = []
    for number in range(1, plan.rounds + 1):
        mark = f"#{number}" if number > 1 else ""
        causes = [drawn.node("weigh"), *([listed] if plan.reads_plan else []), *before]
        drawn.step("draft", causes, mark)
        drawn.step("review", [drawn.node("draft", mark)], mark)
        before = [drawn.node("review", mark)]
    last = drawn.node("draft", f"#{plan.rounds}" if plan.rounds > 1 else "")
    drawn.step("ship", [last, *([drawn.node("weigh")] if plan.reads_list else [])])
    drawn.step("gift", [drawn.node("ship")])
    drawn.step("approve", [run])
    drawn.step("close", [drawn.node("ship"), drawn.node("gift"), drawn.node("approve")])
    drawn.announced("close")
    assert len(weighed) == plan.items
    return Graph(drawn.nodes, frozenset(drawn.edges))


def expected_around_the_wait(ran: Ran) -> tuple[UUID, Graph]:
    """The step that waited, with what caused it, in other traces too, and what it caused."""
    drawn = _Drawn(ran.run)
    causes = [ran.run]
    if ran.said:
        drawn.nodes[ran.said] = NodeKind.RUN
        say = identity.step_id(ran.said, "say")
        drawn.add(say, NodeKind.STEP, [ran.said], Coordination.COMMANDED)
        causes.append(say)
    if ran.word:
        drawn.nodes[ran.word] = NodeKind.EVENT
        hear = identity.delivery_id(ran.word, SPEAKER, 0)
        drawn.add(hear, NodeKind.DELIVERY, [ran.word], Coordination.REACTED)
        causes.append(hear)
    drawn.step("approve", causes)
    drawn.step("close", [drawn.node("approve")])
    drawn.announced("close")
    return drawn.node("approve"), Graph(drawn.nodes, frozenset(drawn.edges))


class _Drawn:
    """Nodes and edges of one run, as they are drawn."""

    def __init__(self, run: UUID) -> None:
        self.run = run
        self.nodes: dict[UUID, NodeKind] = {run: NodeKind.RUN}
        self.edges: set[Edge] = set()

    def node(self, step: str, mark: str = "") -> UUID:
        return identity.step_id(self.run, step, mark)

    def step(self, name: str, causes: list[UUID], mark: str = "") -> None:
        self.add(self.node(name, mark), NodeKind.STEP, causes, Coordination.COMMANDED)

    def fan_out(self, name: str, count: int, causes: list[UUID]) -> list[UUID]:
        """A step that is done for each item; the nodes of the items."""
        items = [self.node(name, f"[{index}]") for index in range(count)]
        for item in items:
            self.add(item, NodeKind.STEP, causes, Coordination.COMMANDED)
        self.step(name, [*causes, *items])
        return items

    def within(self, step: UUID) -> None:
        """The run of the workflow that a step is."""
        run = identity.run_id(step, "inner", 0)
        self.add(run, NodeKind.RUN, [step], Coordination.COMMANDED)
        first, second = (identity.step_id(run, name) for name in ("first", "second"))
        self.add(first, NodeKind.STEP, [run], Coordination.COMMANDED)
        self.add(second, NodeKind.STEP, [first], Coordination.COMMANDED)

    def announced(self, step: str) -> None:
        """The event that a step publishes, and its deliveries."""
        event = identity.event_id(self.node(step), 0)
        self.add(event, NodeKind.EVENT, [self.node(step)], Coordination.REACTED)
        for group in GROUPS:
            self.add(identity.delivery_id(event, group, 0), NodeKind.DELIVERY, [event], Coordination.REACTED)

    def add(self, node: UUID, kind: NodeKind, causes: list[UUID], coordination: Coordination) -> None:
        self.nodes[node] = kind
        self.edges |= {Edge(cause, node, coordination) for cause in causes}
