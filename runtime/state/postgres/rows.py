"""Runs and claims as rows of PostgreSQL: to and from their columns. Pure."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast
from uuid import UUID

from runtime.bus.records import AuditAction, AuditRecord
from runtime.causality.trace_context import TraceContext
from runtime.state.runs import Life, NewRun, RunRecord
from runtime.state.tasks import Claim, LostStepAttempt, NextClaim, Task, any_item
from runtime.state.wire import format_audit_reason, run_fields

Row = Mapping[str, Any]


def encode_text(text: str) -> bytes:
    """Words as they are kept; half a character must not keep a failure from being written down."""
    return text.encode(errors="replace")


def decode_text(kept: bytes | None) -> str:
    """Words that were kept."""
    return "" if kept is None else kept.decode()


def decode_or_none(kept: bytes | None) -> str | None:
    """Words that were kept; None where none were."""
    return None if kept is None else kept.decode()


def encode_run(run: NewRun) -> bytes:
    """What a run was accepted with, as it is kept."""
    return json.dumps(run_fields(run) | {"inputs": dict(run.inputs)}).encode()


def run_record(run: UUID, row: Row) -> RunRecord:
    """A run's record, from its row."""
    said = json.loads(row["carried"])
    trace = TraceContext.parse(said["trace"], said.get("tracestate", ""))
    return RunRecord(
        id=run,
        workflow=row["workflow"],
        status=row["status"],
        inputs=said["inputs"],
        correlation_id=UUID(said["correlation"]),
        trace=trace or TraceContext(run.int, 1, sampled=False),
        accepted_ms=row["accepted_ms"],
        ended_ms=row["ended_ms"],
        causation_id=_uuid(said["cause"]),
        causation_event=_uuid(said["cause_event"]),
        subject=said["subject"],
        error_type=decode_text(row["error_type"]),
        error=decode_text(row["error"]),
        failed_step=row["failed_step"] or "",
        version=said["version"],
        shape_digest=row["shape"] or "",
        budget=_uuid(said.get("budget")),
        life=row["life"],
        resumed_ms=row["resumed_ms"],
        ending=row["ending"] or "",
        undo_failed=tuple(row["undo_failed"] or ()),
        undo_error=decode_text(row["undo_error"]),
        is_undone=row["is_undone"],
        deadline_ms=row["deadline_ms"],
        by=json.loads(said["by"]) if "by" in said else {},
    )


def parse_ended_run(life: Life, record: RunRecord, former: Row | None) -> RunRecord | None:
    """A run as it stood when one of its lives ended, from what was kept of that; None where that is forgotten."""
    if former is None:
        return record if record.life == life.number and record.ended_ms is not None else None
    return replace(
        record,
        status=former["status"],
        life=life.number,
        ended_ms=former["ended_ms"],
        resumed_ms=former["resumed_ms"],
        error_type=decode_text(former["error_type"]),
        error=decode_text(former["error"]),
        failed_step=former["failed_step"] or "",
    )


def audit_record(row: Row) -> AuditRecord:
    """What an operator did."""
    return AuditRecord(
        at_ms=row["at_ms"],
        action=cast("AuditAction", row["action"]),
        operator=decode_text(row["operator"]),
        reason=format_audit_reason({"step": row["step"], "wait": decode_text(row["wait"]), "way": row["way"]}),
        app=row["app"],
        workflow=row["workflow"],
        run_id=row["run"],
        schedule=row["schedule"],
    )


def parse_task(row: Row) -> Task:
    """A step that is due."""
    return Task(row["run"], row["workflow"], row["step"])


def parse_claim(given: Task, token: str, upstream: Sequence[str], parts: Sequence[str], row: Row) -> Claim:
    """A claim, from the answer to it."""
    results = zip(upstream, row["results"], strict=True)
    return _make_claim(given, token, run_record(given.run, row), row, results, zip(parts, row["parts"], strict=True))


def parse_taken_claim(before: Claim, next_: NextClaim, row: Row) -> Claim:
    """The claim that came with a commit; the run is still in the same life, and so its record is the same."""
    given = Task(before.task.run, before.task.workflow, row["taken"])
    reads = next_.upstream[given.step if given.step in next_.upstream else any_item(given)]
    parts = zip(row["part_names"] or (), row["parts"] or (), strict=True)
    return _make_claim(given, next_.token, before.run, row, zip(reads, row["results"], strict=True), parts)


def _make_claim(
    given: Task,
    token: str,
    run: RunRecord,
    row: Row,
    results: Iterable[tuple[str, bytes]],
    parts: Iterable[tuple[str, bytes]],
) -> Claim:
    lost, attempt = row["lost"], row["attempt"]
    return Claim(
        task=given,
        token=token,
        attempt=attempt,
        fails=row["fails"],
        kills=row["deaths"],
        vanished=row["vanished"],
        now_ms=row["now_ms"],
        first_ms=row["first_ms"],
        run=run,
        results={name: value.decode() for name, value in results},
        lost=LostStepAttempt(lost, row["before_ms"]) if lost and lost == attempt - 1 else None,
        parts={name: value.decode() for name, value in parts if value},
    )


def _uuid(text: str | None) -> UUID | None:
    return UUID(text) if text else None
