"""Steps of a run as the API tells them. Pure."""

from collections.abc import Mapping
from uuid import UUID

from collector.causality import status
from collector.models import RunStep, places
from collector.questions import items
from collector.questions.agent_calls import RunCalls
from collector.store.database import Row
from collector.times import clamp_end, duration_ms, moment, moment_or_none


def build_step(row: Row, scores: Mapping[UUID, Row], called: RunCalls) -> RunStep:
    """Returns a step of a run.

    Args:
        row: of `Query.RUNS_STEPS`.
        scores: of the run's steps that were scored, by their ids.
        called: what the run's steps called.
    """
    scored = scores.get(row["node_id"], {})
    end_ns = items.get_end_ns(row)
    said = places.Marked.read(row["step_place"])
    return RunStep(
        node_id=str(row["node_id"]),
        step=row["step"],
        name=places.called(row["step"], row["step_place"]),
        place=row["step_place"],
        round=said.round - 1 if said else 0,
        agent=row["agent"],
        status=status.of_work(row["outcome"], running=row["running"]),
        depth=row["depth"] or 1,
        attempts=row["attempts"],
        start=moment(row["start_ns"]),
        end=moment_or_none(clamp_end(row["start_ns"], end_ns)),
        duration_ms=duration_ms(row["start_ns"], end_ns),
        worked_ms=_to_milliseconds(row["worked_ns"]),
        answer_ms=_to_milliseconds(row["answer_ns"]),
        causes=[str(cause) for cause in row["causes"] or ()],
        keys_read=row["keys_read"] or [],
        keys_written=row["keys_written"] or [],
        context_size=row["context_size"],
        error=row["error"],
        score=scored.get("score"),
        scores=scored.get("scores") or {},
        calls=called.by_step.get(str(row["node_id"]), []),
        input=row["input"],
        result=row["result"],
    )


def _to_milliseconds(nanoseconds: int | None) -> float | None:
    return None if nanoseconds is None else nanoseconds / 1e6
