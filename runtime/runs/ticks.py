"""Ticks of schedules: the facts that they make, and the runs that they start."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from uuid import UUID

from runtime.budgets.contract import Accounts
from runtime.causality import identity
from runtime.causality.sampling import is_sampled
from runtime.causality.trace_context import TraceContext
from runtime.confirmation import UnconfirmedFacts
from runtime.definitions.key_values import read_key_values
from runtime.definitions.schedule import BuiltSchedule
from runtime.facts import Observer, Ticked
from runtime.runs import facts
from runtime.runs.end_reports import EndReports
from runtime.semconv import NodeKind, SpanVerb, TickKind, span_name
from runtime.state.contract import StateStore
from runtime.state.runs import NewRun
from runtime.state.schedules import NotedTick, Schedules, Tick, TickResult

_NS_PER_MS = 1_000_000


def build_due_tick(app: str, schedule: str, workflow: str, at_ms: int, *, is_late: bool) -> Tick:
    """The tick of a schedule at a nominal time. Whoever makes it again makes the same one, with the same run."""
    id_ = identity.tick_id(app, schedule, at_ms)
    kind = TickKind.LATE if is_late else TickKind.DUE
    return Tick(id_, schedule, at_ms, identity.run_id(id_, workflow, 0), kind)


def build_manual_tick(app: str, schedule: str, workflow: str, at_ms: int, by: str) -> Tick:
    """A tick that an operator says: another one each time."""
    id_ = identity.tick_id(app, schedule, at_ms, str(identity.mint()))
    return Tick(id_, schedule, at_ms, identity.run_id(id_, workflow, 0), TickKind.HAND, by)


def describe_tick(tick: Tick) -> str:
    """A tick in words: what a run is about that is about nothing else."""
    return f"{tick.schedule} {datetime.fromtimestamp(tick.at_ms // 1000, UTC):%Y-%m-%dT%H:%M:%SZ}"


def tick_span(tick: Tick, ratio: float) -> TraceContext:
    """Where a tick's span stands: first in a trace whose id follows from the tick."""
    own = identity.span_id(tick.id, span_name(SpanVerb.TICK, tick.schedule))
    return TraceContext(tick.id.int, own, sampled=is_sampled(tick.id, ratio))


def build_ticked(noted: NotedTick, ratio: float) -> Ticked:
    """The fact that a schedule ticked."""
    tick = noted.tick
    return Ticked(
        node_id=tick.id,
        kind=NodeKind.TICK,
        causation_id=None,
        correlation_id=tick.id,
        agent=tick.schedule,
        span=tick_span(tick, ratio),
        at_ns=noted.noted_ms * _NS_PER_MS,
        schedule=tick.schedule,
        due_ms=tick.at_ms,
        tick_kind=tick.kind,
        operator=tick.by,
    )


def build_run(schedule: BuiltSchedule, tick: Tick, version: str, ratio: float) -> NewRun:
    """The run that a tick starts."""
    workflow = schedule.workflow
    return NewRun(
        id=tick.run,
        workflow=workflow.name,
        inputs=schedule.inputs,
        needs=workflow.needs,
        correlation_id=tick.id,
        trace=facts.start_span(tick.run, workflow.name, tick_span(tick, ratio), sampled=True),
        causation_id=tick.id,
        subject=schedule.schedule.subject or describe_tick(tick),
        version=version,
        shape=workflow.shape,
        shape_digest=workflow.shape_digest,
        deadline=workflow.deadline,
        by=read_key_values(workflow, schedule.inputs),
        budget=tick.run if schedule.schedule.budget else None,
    )


async def pass_gate(
    ask: Callable[[], Awaitable[TickResult]], store: StateStore, ends: EndReports, who: str
) -> TickResult:
    """Takes a tick to the gate. A run that is in its way is cancelled first, where the schedule says so.

    Args:
        ask: takes it there.
        store: of the app's runs.
        ends: is told of a run that is cancelled.
        who: cancels it, for the audit.
    """
    while (passed := await ask()).status == "cancel" and passed.run is not None:
        if await store.cancel(passed.run, who) is not None:
            record = await store.get(passed.run)
            if record is not None and record.is_over:
                ends.emit(record)
    return passed


class TickStarter:
    """Starts the runs of ticks, tells of both, and remembers whose facts are not exported yet.

    Args:
        store: of the app's runs.
        schedules: of the app.
        accounts: of budgets.
        observer: is told.
        app: its name; `version` is that of its code.
        ratio: share of correlations that are kept.
    """

    def __init__(
        self,
        store: StateStore,
        schedules: Schedules,
        accounts: Accounts,
        observer: Observer,
        app: str,
        version: str,
        ratio: float,
    ) -> None:
        self._accounts = accounts
        self._app = app
        self._store = store
        self._observer = observer
        self._version = version
        self._ratio = ratio
        self._unconfirmed: UnconfirmedFacts[UUID] = UnconfirmedFacts(observer, schedules.confirm)

    def __contains__(self, tick: Tick) -> bool:
        return tick.run in self._unconfirmed

    async def start_run(self, schedule: BuiltSchedule, noted: NotedTick) -> None:
        """Starts the run of a tick; one that is started already is told of again.

        Raises:
            ServerFullError: the server's memory is full; the tick stays noted.
        """
        run = build_run(schedule, noted.tick, self._version, self._ratio)
        budget = schedule.schedule.budget
        if budget is not None:
            await self._accounts.open(run.id, budget, self._app, f"run of {run.workflow}", None)
        accepted = await self._store.start(run)
        self._observer.emit(facts.build_run_started(run, tick_span(noted.tick, self._ratio), accepted.at_ms))
        self._unconfirmed.emit(build_ticked(noted, self._ratio), noted.tick.run)

    async def confirm(self) -> int:
        """Confirms what is exported; how many."""
        return await self._unconfirmed.confirm()
