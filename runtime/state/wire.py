"""How runs and claims look inside Redis: to and from its fields. Pure."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Any, cast
from uuid import UUID

from runtime.bus.records import AuditAction, AuditRecord
from runtime.bus.wire import entry_ms
from runtime.causality.trace_context import TraceContext
from runtime.state.runs import Life, NewRun, RunRecord
from runtime.state.tasks import Claim, LostStepAttempt, NextClaim, Task, any_item
from runtime.state.waits import parse_wait_member


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
        "version": run.version,
        **({"budget": str(run.budget)} if run.budget else {}),
        **({"by": json.dumps(dict(run.by))} if run.by else {}),
    }


def inputs_digest(run: NewRun) -> str:
    """Tells the inputs of runs apart that are started under one key."""
    return sha256(json.dumps(dict(run.inputs), sort_keys=True).encode(errors="replace")).hexdigest()[:32]


def audit_record(app: str, entry: bytes, raw: Mapping[bytes, bytes]) -> AuditRecord:
    """What an entry of an app's audit says."""
    values = {name.decode(): value.decode(errors="replace") for name, value in raw.items()}
    return AuditRecord(
        at_ms=entry_ms(entry),
        action=cast("AuditAction", values["action"]),
        operator=values["operator"],
        reason=format_audit_reason(values),
        app=app,
        workflow=values["workflow"],
        run_id=_uuid(values["run"]),
        schedule=values.get("schedule", ""),
    )


def format_audit_reason(values: Mapping[str, str]) -> str:
    """What is to be said of an act beside what it was: of an answer to what, and by which way it came."""
    name, key = parse_wait_member(values.get("wait", ""))
    said = [f"{name} ({key})" if key else name]
    said.append(f"from step {values['step']}" if values.get("step") else "")
    said.append(f"by {values['way']}" if values.get("way") else "")
    return ", ".join(part for part in said if part)


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
        version=values.get("version", ""),
        shape_digest=values.get("shape", ""),
        budget=_uuid(values.get("budget")),
        life=int(values.get("life", 0)) + 1,
        resumed_ms=int(values["resumed_ms"]) if "resumed_ms" in values else None,
        ending=values.get("ending", ""),
        undo_failed=tuple(values["undo_failed"].split(",")) if values.get("undo_failed") else (),
        undo_error=values.get("undo_error", ""),
        is_undone="undone" in values,
        deadline_ms=int(values["deadline_ms"]) if "deadline_ms" in values else None,
        by=json.loads(values["by"]) if "by" in values else {},
    )


def parse_life(member: str) -> Life:
    """What a member of the set of ends says that nobody has confirmed; former versions wrote the run alone."""
    run, _, number = member.partition("|")
    return Life(UUID(run), int(number or 1))


def parse_ended_run(life: Life, fields: Mapping[bytes, bytes]) -> RunRecord | None:
    """A run as it stood when one of its lives ended; None where that is forgotten."""
    record = run_record(life.run, fields)
    former = fields.get(f"end:{life.number}".encode())
    if former is None:
        return record if record.life == life.number and record.ended_ms is not None else None
    end = json.loads(former)
    return replace(
        record,
        status=end.get("status", "failed"),  # former versions kept that of runs alone that were resumed
        life=life.number,
        ended_ms=int(end["ended_ms"]),
        resumed_ms=int(end["resumed_ms"]) if "resumed_ms" in end else None,
        error_type=end.get("error_type", ""),
        error=end.get("error", ""),
        failed_step=end.get("failed_step", ""),
    )


def parse_claim(task: Task, token: str, upstream: Sequence[str], parts: Sequence[str], answer: list[Any]) -> Claim:
    """A claim, from the answer of its script."""
    *counts, fields, results, found = answer
    run = run_record(task.run, dict(zip(fields[::2], fields[1::2], strict=True)))
    return _make_claim(task, token, run, counts, zip(upstream, results, strict=True), zip(parts, found, strict=True))


def parse_taken_claim(before: Claim, next_: NextClaim, answer: list[Any]) -> Claim:
    """The claim that came with a commit; the run is still in the same life, and so its record is the same."""
    step, *counts, results, parts = answer
    task = Task(before.task.run, before.task.workflow, step.decode())
    reads = next_.upstream[task.step if task.step in next_.upstream else any_item(task)]
    found = zip([name.decode() for name in parts[::2]], parts[1::2], strict=True)
    return _make_claim(task, next_.token, before.run, counts, zip(reads, results, strict=True), found)


def _make_claim(
    task: Task,
    token: str,
    run: RunRecord,
    counts: Sequence[int],
    results: Iterable[tuple[str, bytes]],
    parts: Iterable[tuple[str, bytes]],
) -> Claim:
    attempt, fails, kills, vanished, lost, began, now, first = counts
    return Claim(
        task=task,
        token=token,
        attempt=attempt,
        fails=fails,
        kills=kills,
        vanished=vanished,
        now_ms=now,
        first_ms=first,
        run=run,
        results={name: value.decode() for name, value in results},
        lost=LostStepAttempt(lost, began) if lost and lost == attempt - 1 else None,
        parts={name: value.decode() for name, value in parts if value},
    )


def _uuid(text: str | None) -> UUID | None:
    return UUID(text) if text else None
