"""Workers and what apps owe, as the API gives them. Pure."""

from typing import Literal, cast

from collector.models import (
    AgentDue,
    AgentLimit,
    AppBacklog,
    UnderWay,
    UnservedAgent,
    WaitingKey,
    WaitingStep,
    Worker,
    places,
)
from collector.times import MILLISECOND_NS, moment
from runtime import admin as records


def build_worker(entry: records.AppWorker) -> Worker:
    """Returns a worker."""
    record = entry.seen.record
    return Worker(
        app=entry.app,
        name=record.consumer,
        host=record.host,
        process=record.pid,
        version=record.version,
        slots=record.concurrency,
        is_cell=record.is_cell,
        started_at=moment(record.started_ms * MILLISECOND_NS) if record.started_ms else None,
        silent_seconds=entry.seen.silent_ms / 1_000,
        agents=list(record.agents),
        only=cast("Literal['', 'steps', 'groups']", record.only),
        under_way=entry.seen.doing.under_way,
        doing=list(entry.seen.doing.oldest),
        work=[
            UnderWay(name=piece.name, agent=piece.agent, run_id=piece.run or None, seconds=piece.for_ms / 1_000)
            for piece in entry.seen.doing.pieces
        ],
        serves=list(record.serves),
    )


def build_app_backlog(
    entry: records.AppBacklog, slots: int, unmoved: float | None, suspects_unmoved: float | None
) -> AppBacklog:
    """Returns what an app's runs owe, with the slots of its live workers, and since when nothing has moved."""
    runs = entry.runs
    return AppBacklog(
        app=runs.app,
        workers=entry.workers,
        slots=slots,
        due=runs.due,
        under_way=runs.under_way,
        suspects=runs.suspects,
        oldest=_build_oldest_step(runs),
        oldest_suspect=_build_optional_step(runs.oldest_suspect),
        unmoved_seconds=unmoved,
        suspects_unmoved_seconds=suspects_unmoved,
        unserved=[
            UnservedAgent(agent=lane.agent, due=lane.due, oldest=_build_waiting_step(lane.oldest))
            for lane in entry.unserved
        ],
        waiting_keys=[
            WaitingKey(agent=lane.agent, by=dict(key.by), due=key.due, seconds=key.for_ms / 1_000)
            for lane in runs.lanes
            for key in lane.keys
        ],
        lanes=[
            AgentDue(agent=lane.agent, due=lane.due, oldest=_build_waiting_step(lane.oldest)) for lane in runs.lanes
        ],
        limits=[
            AgentLimit(
                agent=use.limit.name,
                at_once=use.limit.at_once,
                at_once_used=use.at_once,
                calls_per_minute=use.limit.calls_per_minute,
                calls_used=use.calls,
                tokens_per_minute=use.limit.tokens_per_minute,
                tokens_used=use.tokens,
            )
            for use in entry.limits
        ],
        declared={name: list(steps) for name, steps in entry.declared.items()},
    )


def _build_oldest_step(runs: records.RunBacklog) -> WaitingStep | None:
    """Returns the step that has been due the longest, with the agent in whose lane it is."""
    lane = next((lane for lane in runs.lanes if lane.oldest == runs.oldest), None)
    step = _build_optional_step(runs.oldest)
    return step and step.model_copy(update={"agent": lane.agent if lane else None})


def _build_optional_step(step: records.DueStep | None) -> WaitingStep | None:
    return None if step is None else _build_waiting_step(step)


def _build_waiting_step(step: records.DueStep) -> WaitingStep:
    called = places.of_word(step.step)
    return WaitingStep(run_id=str(step.run), workflow=step.workflow, step=called, seconds=step.for_ms / 1_000)
