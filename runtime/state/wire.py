"""How runs and claims look inside Redis: to and from its fields. Pure."""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from runtime.causality.trace_context import TraceContext
from runtime.state.runs import NewRun, RunRecord
from runtime.state.tasks import Claim, Lost, Task


def run_fields(run: NewRun) -> dict[str, str]:
    """What a new run's hash holds beside what the scripts keep there."""
    return {
        "inputs": json.dumps(dict(run.inputs)),
        "correlation": str(run.correlation_id),
        "trace": run.trace.traceparent,
        "tracestate": run.trace.state,
        "cause": str(run.causation_id or ""),
        "cause_event": str(run.causation_event or ""),
        "subject": run.subject,
    }


def run_record(run: UUID, fields: Mapping[bytes, bytes]) -> RunRecord:
    """A run's record, from its hash."""
    values = {name.decode(): value.decode() for name, value in fields.items()}
    trace = TraceContext.parse(values["trace"], values.get("tracestate", ""))
    return RunRecord(
        id=run,
        workflow=values["workflow"],
        status=values["status"],
        inputs=json.loads(values["inputs"]),
        correlation_id=UUID(values["correlation"]),
        trace=trace or TraceContext(run.int, 1, sampled=False),
        accepted_ms=int(values["accepted_ms"]),
        ended_ms=int(values["ended_ms"]) if "ended_ms" in values else None,
        causation_id=_uuid(values.get("cause")),
        causation_event=_uuid(values.get("cause_event")),
        subject=values.get("subject", ""),
        error_type=values.get("error_type", ""),
        error=values.get("error", ""),
        failed_step=values.get("failed_step", ""),
    )


def claim(task: Task, token: str, upstream: Sequence[str], answer: list[Any]) -> Claim:
    """A claim, from the answer of its script."""
    attempt, fails, kills, vanished, lost, began, now, first, fields, results = answer
    return Claim(
        task=task,
        token=token,
        attempt=attempt,
        fails=fails,
        kills=kills,
        vanished=vanished,
        now_ms=now,
        first_ms=first,
        run=run_record(task.run, dict(zip(fields[::2], fields[1::2], strict=True))),
        results={name: value.decode() for name, value in zip(upstream, results, strict=True)},
        lost=Lost(lost, began) if lost and lost == attempt - 1 else None,
    )


def _uuid(text: str | None) -> UUID | None:
    return UUID(text) if text else None
