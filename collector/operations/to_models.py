"""The bus's records as the API gives them. Pure."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Final
from uuid import UUID

from collector.models import (
    AttemptError,
    AuditEntry,
    ChannelBacklog,
    DeadLetter,
    DeadLetterDetail,
    DeadLetterGroup,
    DeadLetterState,
    GroupBacklog,
    NodeStatus,
    RetiredGroup,
    RunOnServer,
    RunWait,
    Settlement,
    StepToCome,
    WaitingRun,
    places,
)
from collector.operations import budget_models, undo_models
from collector.times import MILLISECOND_NS, moment
from runtime import admin as records

#: What a letter says that no attempt's error explains.
_WITHOUT_ERROR: Final = {
    "poison": "PoisonError: it killed its worker each time that it ran, the last times alone in a cell",
    "overflow": "given up to make room: the channel was full, and its group was behind all others, or served by nobody",
}


def build_channel(ledger: records.ChannelLedger, unmoved: Mapping[tuple[str, str], float]) -> ChannelBacklog:
    """Returns a channel's ledger; `unmoved` says for how many seconds nothing of a channel's group has moved."""
    groups = [
        build_group(entry, unmoved.get((ledger.channel, entry.group)))
        for entry in sorted(ledger.groups, key=lambda entry: entry.group)
    ]
    return ChannelBacklog(channel=ledger.channel, published=ledger.published, groups=groups, delayed=ledger.delayed)


def build_group(ledger: records.GroupLedger, unmoved: float | None = None) -> GroupBacklog:
    """Returns a group's ledger."""
    return GroupBacklog(
        group=ledger.group,
        owed=ledger.owed,
        done=ledger.done,
        pending=ledger.pending,
        retrying=ledger.retrying,
        dead=ledger.dead,
        discarded=ledger.discarded,
        expired=ledger.expired,
        is_ephemeral=ledger.is_ephemeral,
        order_by=ledger.order_by,
        behind=ledger.behind,
        consumers=ledger.consumers,
        oldest_unprocessed_seconds=_seconds(ledger.oldest_unprocessed_ms),
        app=ledger.app,
        silent_seconds=_seconds(ledger.silent_ms),
        under_way=ledger.under_way,
        suspects=ledger.suspects,
        overdue_seconds=_seconds(ledger.overdue_ms),
        unmoved_seconds=unmoved,
    )


def build_retired_group(entry: records.GroupRetirement) -> RetiredGroup:
    """Returns what a group owed that was retired."""
    return RetiredGroup(
        channel=entry.channel, group=entry.group, pending=entry.pending, retrying=entry.retrying, dead=entry.dead
    )


def build_run(
    found: records.FoundRun,
    waits: Sequence[records.OpenWait],
    parked: Sequence[records.ParkedUnder] = (),
    to_come: Mapping[str, Sequence[str]] = MappingProxyType({}),
) -> RunOnServer:
    """Returns a run as the server has it, with what it waits for, what of it waits for a budget, and its steps
    that have not begun, with those that these wait for."""
    record = found.record
    return RunOnServer(
        app=found.app,
        workflow=record.workflow,
        status=parse_run_status(record.status),
        life=record.life,
        accepted_at=_moment_of_ms(record.accepted_ms),
        subject=record.subject or None,
        correlation_id=str(record.correlation_id),
        version=record.version or None,
        deadline=_moment_of_ms_or_none(record.deadline_ms),
        resumed_at=_moment_of_ms_or_none(record.resumed_ms),
        ended_at=_moment_of_ms_or_none(record.ended_ms),
        failed_step=record.failed_step or None,
        error=": ".join(part for part in (record.error_type, record.error) if part) or None,
        waits=[_build_wait(one) for one in waits],
        parked=[budget_models.build_parked_step(one) for one in parked],
        to_come=[StepToCome(step=step, waits_for=list(waits_for)) for step, waits_for in to_come.items()],
        **undo_models.build_undo_fields(found),
    )


def parse_run_status(status: str) -> NodeStatus:
    """Returns how a run stands, as all nodes do: one whose steps are being undone goes on."""
    return NodeStatus.RUNNING if status == undo_models.UNDOING else NodeStatus(status)


def _build_wait(wait: records.OpenWait) -> RunWait:
    return RunWait(
        name=wait.name,
        key=wait.key,
        step=places.of_word(wait.step),
        since=_moment_of_ms(wait.since_ms),
        until=_moment_of_ms_or_none(wait.ends_ms),
        answer_schema=json.loads(wait.schema),
    )


def build_waiting_run(found: records.FoundRun, wait: records.OpenWait) -> WaitingRun:
    """Returns what a run waits for, with the run."""
    record = found.record
    return WaitingRun(
        run_id=str(record.id),
        app=found.app,
        workflow=record.workflow,
        subject=record.subject or None,
        name=wait.name,
        key=wait.key,
        step=places.of_word(wait.step),
        since=_moment_of_ms(wait.since_ms),
        until=_moment_of_ms_or_none(wait.ends_ms),
    )


def build_dead_letter(letter: records.DeadLetter) -> DeadLetter:
    """Returns a dead letter as a list shows it."""
    return DeadLetter(
        id=str(letter.id),
        channel=letter.channel,
        group=letter.group,
        event_id=str(letter.event_id),
        round=letter.round,
        reason=letter.reason,
        error=": ".join(part for part in (letter.error_type, letter.message) if part)
        or _WITHOUT_ERROR.get(letter.reason, ""),
        attempts=letter.attempts,
        dead_at=_moment_of_ms(letter.dead_ms),
        state=DeadLetterState(letter.state),
        subject=letter.subject or None,
        delivery_id=str(letter.delivery_id),
        correlation_id=str(letter.correlation_id) if letter.correlation_id else None,
        replay_id=str(letter.replay_id) if letter.replay_id else None,
        settled_at=_moment_of_ms_or_none(letter.settled_ms),
        operator=letter.operator or None,
        replay_outcome=letter.replay_outcome or None,
        why=letter.why or None,
    )


def build_dead_letter_detail(letter: records.DeadLetter) -> DeadLetterDetail:
    """Returns a dead letter whole."""
    return DeadLetterDetail(
        **build_dead_letter(letter).model_dump(),
        envelope=letter.envelope,
        payload=_read_payload(letter.envelope),
        history=[_build_attempt(entry) for entry in letter.history],
    )


def build_dead_letter_count(entry: records.DeadLetterCount) -> DeadLetterGroup:
    """Returns how many letters of one reason a group has."""
    return DeadLetterGroup(
        channel=entry.channel,
        group=entry.group,
        reason=entry.reason,
        count=entry.count,
        oldest=_moment_of_ms(entry.oldest_ms),
    )


def build_settlement(entry: records.Settlement) -> Settlement:
    """Returns what became of one letter of a request."""
    return Settlement(
        dead_letter_id=str(entry.dead_letter_id),
        status=entry.status,
        replay_id=str(entry.settlement_id) if entry.settlement_id else None,
        delivery_id=str(entry.delivery_id) if entry.delivery_id else None,
    )


def build_audit_entry(entry: records.AuditRecord) -> AuditEntry:
    """Returns one thing that an operator did."""
    return AuditEntry(
        at=_moment_of_ms(entry.at_ms),
        action=entry.action,
        channel=entry.channel,
        group=entry.group,
        dead_letter_id=_text_or_none(entry.dead_letter_id),
        event_id=_text_or_none(entry.event_id),
        operator=entry.operator,
        reason=entry.reason,
        app=entry.app,
        workflow=entry.workflow,
        run_id=_text_or_none(entry.run_id),
        schedule=entry.schedule,
        budget_id=_text_or_none(entry.budget_id),
        budget=entry.budget,
        breaker=entry.breaker,
        step=entry.step,
    )


def _build_attempt(entry: records.AttemptRecord) -> AttemptError:
    return AttemptError(
        attempt=entry.attempt,
        round=entry.round,
        started_at=_moment_of_ms(entry.started_ms),
        ended_at=_moment_of_ms_or_none(entry.ended_ms),
        worker=entry.worker,
        error_type=entry.error_type,
        message=entry.message,
        traceback=entry.traceback,
        outcome=entry.outcome,
        trace_id=entry.trace_id or None,
        span_id=entry.span_id or None,
    )


def _read_payload(envelope: str) -> str | None:
    """Returns the event's data as JSON text; None where the envelope can't be read, as that of some dead letters."""
    try:
        data = json.loads(envelope)
    except ValueError:
        return None
    if not isinstance(data, dict) or "data" not in data:
        return None
    return json.dumps(data["data"], ensure_ascii=False)


def _text_or_none(id_: UUID | None) -> str | None:
    return None if id_ is None else str(id_)


def _seconds(milliseconds: int | None) -> float | None:
    return None if milliseconds is None else milliseconds / 1_000


def _moment_of_ms(milliseconds: int) -> datetime:
    return moment(milliseconds * MILLISECOND_NS)


def _moment_of_ms_or_none(milliseconds: int | None) -> datetime | None:
    return None if milliseconds is None else _moment_of_ms(milliseconds)
