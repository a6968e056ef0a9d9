"""The bus's records as the API gives them. Pure."""

import json
from datetime import datetime

from collector.models import (
    AttemptError,
    AuditEntry,
    ChannelBacklog,
    DeadLetter,
    DeadLetterDetail,
    DeadLetterGroup,
    DeadLetterState,
    GroupBacklog,
    Settlement,
)
from collector.times import MILLISECOND_NS, moment
from runtime import admin as records


def channel(ledger: records.ChannelLedger) -> ChannelBacklog:
    """Returns a channel's ledger."""
    groups = [group(entry) for entry in sorted(ledger.groups, key=lambda entry: entry.group)]
    return ChannelBacklog(channel=ledger.channel, published=ledger.published, groups=groups)


def group(ledger: records.GroupLedger) -> GroupBacklog:
    """Returns a group's ledger."""
    oldest = ledger.oldest_unprocessed_ms
    return GroupBacklog(
        group=ledger.group,
        owed=ledger.owed,
        done=ledger.done,
        pending=ledger.pending,
        retrying=ledger.retrying,
        dead=ledger.dead,
        discarded=ledger.discarded,
        consumers=ledger.consumers,
        oldest_unprocessed_seconds=None if oldest is None else oldest / 1_000,
    )


def dead_letter(letter: records.DeadLetter) -> DeadLetter:
    """Returns a dead letter as a list shows it."""
    return DeadLetter(
        id=str(letter.id),
        channel=letter.channel,
        group=letter.group,
        event_id=str(letter.event_id),
        round=letter.round,
        reason=letter.reason,
        error=": ".join(part for part in (letter.error_type, letter.message) if part),
        attempts=letter.attempts,
        dead_at=_at(letter.dead_ms),
        state=DeadLetterState(letter.state),
        subject=letter.subject or None,
        delivery_id=str(letter.delivery_id),
        correlation_id=str(letter.correlation_id) if letter.correlation_id else None,
        replay_id=str(letter.replay_id) if letter.replay_id else None,
        settled_at=_at_or_none(letter.settled_ms),
        operator=letter.operator or None,
        replay_outcome=letter.replay_outcome or None,
    )


def dead_letter_detail(letter: records.DeadLetter) -> DeadLetterDetail:
    """Returns a dead letter whole."""
    return DeadLetterDetail(
        **dead_letter(letter).model_dump(),
        envelope=letter.envelope,
        payload=_payload(letter.envelope),
        history=[_attempt(entry) for entry in letter.history],
    )


def count(entry: records.DeadLetterCount) -> DeadLetterGroup:
    """Returns how many letters of one reason a group has."""
    return DeadLetterGroup(
        channel=entry.channel,
        group=entry.group,
        reason=entry.reason,
        count=entry.count,
        oldest=_at(entry.oldest_ms),
    )


def settlement(entry: records.Settlement) -> Settlement:
    """Returns what became of one letter of a request."""
    return Settlement(
        dead_letter_id=str(entry.dead_letter_id),
        status=entry.status,
        replay_id=str(entry.settlement_id) if entry.settlement_id else None,
        delivery_id=str(entry.delivery_id) if entry.delivery_id else None,
    )


def audit(entry: records.AuditRecord) -> AuditEntry:
    """Returns one thing that an operator did."""
    return AuditEntry(
        at=_at(entry.at_ms),
        action=entry.action,
        channel=entry.channel,
        group=entry.group,
        dead_letter_id=str(entry.dead_letter_id),
        event_id=str(entry.event_id),
        operator=entry.operator,
        reason=entry.reason,
    )


def _attempt(entry: records.AttemptRecord) -> AttemptError:
    return AttemptError(
        attempt=entry.attempt,
        round=entry.round,
        started_at=_at(entry.started_ms),
        ended_at=_at_or_none(entry.ended_ms),
        worker=entry.worker,
        error_type=entry.error_type,
        message=entry.message,
        traceback=entry.traceback,
        trace_id=entry.trace_id or None,
        span_id=entry.span_id or None,
    )


def _payload(envelope: str) -> str | None:
    """Returns the event's data as JSON text; None where the envelope can't be read, as that of some dead letters."""
    try:
        data = json.loads(envelope)
    except ValueError:
        return None
    if not isinstance(data, dict) or "data" not in data:
        return None
    return json.dumps(data["data"], ensure_ascii=False)


def _at(milliseconds: int) -> datetime:
    return moment(milliseconds * MILLISECOND_NS)


def _at_or_none(milliseconds: int | None) -> datetime | None:
    return None if milliseconds is None else _at(milliseconds)
