"""Steps of workflows, and groups of channels: figures over a window."""

from datetime import UTC, datetime
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Path, Query

from collector.api.params import PAGE_LIMIT, Cursor, Limit, OfApp, OfWorkflow, Score, Text, Within
from collector.api.services import Services
from collector.models import AccuracyList, NodeStatus, StepDetail, StepList
from collector.models.base import NAME_LIMIT
from collector.questions import depths, steps
from collector.questions.names import NamePosition
from collector.questions.steps import StepCriteria
from collector.questions.windows import Period, RecordScope, choose_window
from runtime.semconv import NodeKind

_KINDS: Final = (NodeKind.STEP, NodeKind.DELIVERY)
_WORKFLOW: Final = "The workflow, or the channel"
_STEP: Final = "The step, or the group"

Kind = Annotated[Literal["step", "delivery"], Query(description="A step of a workflow, or the group of a channel")]

Source = Annotated[
    Literal["own", "others"] | None, Query(description="Steps of our runtime, or of agents of others, only")
]


def _about(which: StepCriteria) -> RecordScope:
    kinds = () if not which.can_be_own else _KINDS if which.kind is None else (which.kind,)
    return RecordScope(kinds, which.workflow, which.step, of_agents=which.can_be_of_others)


def router(services: Services) -> APIRouter:
    """Returns the routes of steps."""
    routes = APIRouter(prefix="/api/steps", tags=["steps"])

    @routes.get("")
    def find(
        within: Within,
        *,
        kind: Annotated[Literal["step", "delivery"] | None, Query(description="Steps, or groups, only")] = None,
        workflow: OfWorkflow = None,
        app: OfApp = None,
        agent: Annotated[str | None, Query(max_length=NAME_LIMIT, description="Of this agent only")] = None,
        model: Annotated[
            str | None, Query(max_length=NAME_LIMIT, description="Only what called this model, itself or further down")
        ] = None,
        status: Annotated[
            Literal["ok", "failed", "running"] | None, Query(description="Only those of which something stands so")
        ] = None,
        source: Source = None,
        bad: Annotated[
            bool, Query(description="Only those of which something failed, was retried, or was scored wrong")
        ] = False,
        score: Score = None,
        q: Text = None,
        limit: Limit = PAGE_LIMIT,
        cursor: Cursor = None,
    ) -> StepList:
        """Steps and groups that did something in the time range, in the order of their names: those of our runtime, and
        agents, chains, tasks and workflows within runs of others. With a filter or a search, and without a time range,
        in all time."""
        wanted = None if kind is None else NodeKind(kind)
        which = StepCriteria(
            wanted,
            workflow,
            None,
            q,
            score,
            bad,
            app,
            agent,
            model,
            None if status is None else NodeStatus(status),
            source,
        )
        with services.database.reading() as session:
            behind = NamePosition.read(cursor) or NamePosition()
            if behind.within is not None and behind.within.window is not None:
                window = behind.within.window
            else:
                narrowed = bool(q or kind or bad or any((workflow, app, agent, model, status)))
                period = Period(everything=True) if narrowed and not within.is_set else within
                about = _about(which)
                window = choose_window(session, period, datetime.now(UTC), about)
            return steps.find_steps(session, window, which, behind.name, limit)

    def read_step(within: Period, which: StepCriteria) -> StepDetail:
        with services.database.reading() as session:
            window = choose_window(session, within, datetime.now(UTC), _about(which))
            return steps.find_step(session, window, which)

    @routes.get("/accuracy")
    def accuracy(within: Within, workflow: OfWorkflow = None, score: Score = None) -> AccuracyList:
        """How often answers were right, by depth in the chain, by bytes of context, and by input tokens of models: what
        is orchestrated (`kind=step`) beside what is choreographed (`delivery`). `workflow` is that of the run, or the
        channel of the event, with which a chain began."""
        with services.database.reading() as session:
            window = choose_window(session, within, datetime.now(UTC), RecordScope(_KINDS))
            return depths.find_accuracy_by_depth(session, window, workflow, score)

    # Names are parameters, because proxies turn `%2F` into a slash, and `..` into another path.
    @routes.get("/one")
    def one(
        within: Within,
        workflow: Annotated[str, Query(max_length=NAME_LIMIT, description=_WORKFLOW)],
        step: Annotated[str, Query(max_length=NAME_LIMIT, description=_STEP)],
        kind: Kind = "step",
        score: Score = None,
        source: Source = None,
    ) -> StepDetail:
        """One step, ours where others have one of that name; with `kind=delivery`, one group of the channel named in
        the workflow's place. Without a time range, the last hour, or the latest hour in which it did something."""
        return read_step(within, StepCriteria(NodeKind(kind), workflow, step, score=score, source=source))

    @routes.get("/{workflow:path}/{step}", deprecated=True)
    def one_by_path(
        within: Within,
        workflow: Annotated[str, Path(description=_WORKFLOW)],
        step: Annotated[str, Path(description=_STEP)],
        kind: Kind = "step",
        score: Score = None,
    ) -> StepDetail:
        """The same for names that fit into a path: a slash in the step's, or a name that is empty, does not."""
        return read_step(within, StepCriteria(NodeKind(kind), workflow, step, score=score))

    return routes
