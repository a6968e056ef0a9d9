"""Apps with every kind of flow, drawn from a seed, and the causal graph that a run of each must leave behind.

The graph is worked out from what was drawn alone, without a look at how the runtime works it out.
"""

import random
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from runtime import App, Context, Retry, Settings
from runtime.causality import identity
from runtime.definitions.workflow import Workflow
from runtime.semconv import Coordination, NodeKind
from sample_agents.books import Edge, Graph

DONE: Final = "flow.done"
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
    """

    items: int
    at_once: int | None
    rounds: int
    skips: bool
    reads_plan: bool
    reads_list: bool
    failing: frozenset[str]
    within: bool

    @classmethod
    def drawn(cls, seed: int) -> "Plan":
        """The plan of a seed."""
        chance = random.Random(seed)
        steps = ("listing", "weigh", "draft", "review", "ship", "gift", "close")
        return cls(
            items=chance.choice([0, 1, 2, 5]),
            at_once=chance.choice([None, 1, 2]),
            rounds=chance.randint(1, 3),
            skips=chance.random() < 0.5,
            reads_plan=chance.random() < 0.5,
            reads_list=chance.random() < 0.5,
            failing=frozenset(step for step in steps if chance.random() < 0.3),
            within=chance.random() < 0.5,
        )


def flow_app(plan: Plan, name: str, settings: Settings | None = None) -> tuple[App, Workflow]:
    """The app of a plan, and its workflow."""
    app = App(name, settings=settings)
    inner = app.workflow("inner", parcel=int)
    inner.step(name="first")(lambda parcel: parcel)
    inner.step(name="second")(lambda first: first)
    flow = app.workflow("flow", number=int)
    _declare(flow, inner, plan)
    for group in GROUPS:
        app.subscribe(DONE, group=group)(_heard)
    return app, flow


def _heard(data: Any) -> None:
    """Nothing to do."""


def _declare(flow: Workflow, inner: Workflow, plan: Plan) -> None:
    code = _Code(plan)
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
    flow.step(retry=_AGAIN, publishes=DONE, name="close")(code.close)


class _Code:
    """What the steps do: fail at first, where that was drawn."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan

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

    def close(self, ship: int, gift: int | None, ctx: Context) -> int:
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
    drawn.step("close", [drawn.node("ship"), drawn.node("gift")])
    drawn.announced("close")
    assert len(weighed) == plan.items
    return Graph(drawn.nodes, frozenset(drawn.edges))


class _Drawn:
    """Nodes and edges of one run, as they are drawn."""

    def __init__(self, run: UUID) -> None:
        self.run = run
        self.nodes: dict[UUID, NodeKind] = {run: NodeKind.RUN}
        self.edges: set[Edge] = set()

    def node(self, step: str, mark: str = "") -> UUID:
        return identity.step_id(self.run, step, mark)

    def step(self, name: str, causes: list[UUID], mark: str = "") -> None:
        self._add(self.node(name, mark), NodeKind.STEP, causes, Coordination.COMMANDED)

    def fan_out(self, name: str, count: int, causes: list[UUID]) -> list[UUID]:
        """A step that is done for each item; the nodes of the items."""
        items = [self.node(name, f"[{index}]") for index in range(count)]
        for item in items:
            self._add(item, NodeKind.STEP, causes, Coordination.COMMANDED)
        self.step(name, [*causes, *items])
        return items

    def within(self, step: UUID) -> None:
        """The run of the workflow that a step is."""
        run = identity.run_id(step, "inner", 0)
        self._add(run, NodeKind.RUN, [step], Coordination.COMMANDED)
        first, second = (identity.step_id(run, name) for name in ("first", "second"))
        self._add(first, NodeKind.STEP, [run], Coordination.COMMANDED)
        self._add(second, NodeKind.STEP, [first], Coordination.COMMANDED)

    def announced(self, step: str) -> None:
        """The event that a step publishes, and its deliveries."""
        event = identity.event_id(self.node(step), 0)
        self._add(event, NodeKind.EVENT, [self.node(step)], Coordination.REACTED)
        for group in GROUPS:
            self._add(identity.delivery_id(event, group, 0), NodeKind.DELIVERY, [event], Coordination.REACTED)

    def _add(self, node: UUID, kind: NodeKind, causes: list[UUID], coordination: Coordination) -> None:
        self.nodes[node] = kind
        self.edges |= {Edge(cause, node, coordination) for cause in causes}
