"""What commands show of dead letters, runs, groups, workers and the audit; records in, drawings out."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final

from rich.console import Group, RenderableType
from rich.table import Table

from runtime.cli.collector_answers import AuditEntry, Run, Window
from runtime.cli.grid import add_row, grid
from runtime.cli.terminal import format_moment, plain

if TYPE_CHECKING:  # only names in signatures; the package of records brings the bus along
    from runtime.bus.records import AttemptRecord, AuditRecord, ChannelLedger, DeadLetter, Settlement
    from runtime.runs.registry import AppWorker
    from runtime.state.presence import WorkerActivity
    from runtime.state.runs import Lane, LimitUse, WaitingKey

_NO_LETTER: Final = "no dead letter matches: `causeline dlq list --state all` shows all there are"

#: What became of a letter, where its status alone does not say what to do.
_BECAME: Final = {"group_retired": "nothing: its group was retired, and nobody would process it; it can be discarded"}

#: When a group's workers were last heard of that have said goodbye, or that nobody remembers.
_UNKNOWN: Final = "unknown"


def letters_table(letters: "Sequence[DeadLetter]", *, narrowed: bool) -> RenderableType:
    """Dead letters, one a row; `narrowed` says that others may have been left out."""
    if not letters:
        return plain(_NO_LETTER if narrowed else "no dead letters")
    table = grid("id", "subject", "channel", "group", "reason", "attempts", "round", "state", "died", "error")
    for letter in letters:
        add_row(
            table,
            letter.id,
            letter.subject,
            letter.channel,
            letter.group,
            letter.reason,
            letter.attempts,
            letter.round,
            _describe_state(letter),
            format_moment(letter.dead_ms),
            format_error(letter.error_type, letter.message),
        )
    return table


def letter_page(letter: "DeadLetter") -> RenderableType:
    """One dead letter whole."""
    facts = Table.grid(padding=(0, 2))
    pairs = {
        "dead letter": letter.id,
        "state": _describe_state(letter),
        "channel": letter.channel,
        "group": letter.group,
        "subject": letter.subject,
        "event": letter.event_id,
        "reason": letter.reason,
        "round": letter.round,
        "died": format_moment(letter.dead_ms),
    }
    if letter.order_key is not None:
        pairs["key"] = letter.order_key or "none"
    for name, value in pairs.items():
        facts.add_row(plain(name, "dim"), plain(value))
    attempts = [part for attempt in letter.history for part in _format_attempt(attempt)]
    return Group(facts, plain("\nevent", "bold"), plain(_indent_json(letter.envelope)), *attempts)


def settlements_table(settlements: "Sequence[Settlement]") -> RenderableType:
    """What became of the letters of a request."""
    if not settlements:
        return plain(_NO_LETTER)
    table = grid("dead letter", "what became of it")
    for settlement in settlements:
        add_row(table, settlement.dead_letter_id, _BECAME.get(settlement.status) or settlement.status.replace("_", " "))
    return table


def audit_table(records: "Sequence[AuditRecord]", of_alerts: Sequence[AuditEntry] = ()) -> RenderableType:
    """What operators did, one act a row, newest first; `of_alerts` as the collector tells of it."""
    rows: list[tuple[int, str, str, str, str, str]] = [
        (
            record.at_ms,
            record.operator,
            record.action,
            _owner(record),
            str(record.dead_letter_id or record.run_id or ""),
            record.reason,
        )
        for record in records
    ]
    for act in of_alerts:
        at_ms = int(datetime.fromisoformat(act["at"]).timestamp() * 1000)
        rows.append((at_ms, act["operator"], act["action"], f"alerts of {act['rule']}", "", act["reason"]))
    if not rows:
        return plain("no operator has done anything yet")
    table = grid("when", "who", "action", "of", "id", "reason")
    for at_ms, *facts in sorted(rows, key=lambda row: row[0], reverse=True):
        add_row(table, format_moment(at_ms), *facts)
    return table


def runs_table(runs: Sequence[Run], *, narrowed: bool) -> RenderableType:
    """Runs as the collector tells of them, one a row; `narrowed` says that others may have been left out."""
    if not runs and narrowed:
        return plain("no run matches: `causeline runs list` shows the newest of all")
    if not runs:
        return plain("no runs yet: `causeline runs start FILE.py WORKFLOW key=value` starts one")
    table = grid("id", "subject", "workflow", "status", "start", "ms", "retries")
    for run in runs:
        took = "" if run["duration_ms"] is None else f"{run['duration_ms']:.0f}"
        start = datetime.fromisoformat(run["start"]).timestamp() * 1000
        facts = (run["run_id"], run["subject"] or "", run["workflow"], run["status"], format_moment(int(start)), took)
        add_row(table, *facts, run["retries"])
    return table


def describe_window(window: Window | None) -> str:
    """Which time a list of the collector's covers; None for all."""
    if window is None:
        return "of all time"
    start, end = (
        format_moment(int(datetime.fromisoformat(at).timestamp() * 1000)) for at in (window["start"], window["end"])
    )
    return f"of {start} to {end}" + (", the latest time with data" if window["fallback"] else "")


def groups_table(channels: "Sequence[ChannelLedger]") -> RenderableType:
    """Groups, one a row, with what they owe."""
    rows = [(channel, group) for channel in channels for group in channel.groups]
    if not rows and not any(channel.delayed for channel in channels):
        return plain("no groups")
    names = ("workers", "due", "retrying", "dead", "expired", "done", "oldest", "last heard of")
    table = grid("channel", "group", "app", *names, "ordered by")
    for channel, group in rows:
        add_row(
            table,
            channel.channel,
            group.group,
            group.app,
            group.consumers,
            group.pending,
            group.retrying,
            group.dead,
            group.expired,
            group.done,
            _format_age(group.oldest_unprocessed_ms),
            "now" if group.consumers else _format_age(group.silent_ms) or _UNKNOWN,
            f"{group.order_by} ({group.behind} behind others)" if group.behind else group.order_by,
        )
    delayed = [plain(f"{one.channel}: {one.delayed} held back") for one in channels if one.delayed]
    return Group(table, *delayed)


def workers_table(workers: "Sequence[AppWorker]") -> RenderableType:
    """Workers and cells, one a row: for whom, and how many attempts they have under way."""
    if not workers:
        return plain("no workers")
    table = grid("worker", "app", "for", "version", "host", "process", "slots", "last heard of", "does")
    for worker in workers:
        record = worker.seen.record
        kind = "cell" if record.is_cell else record.concurrency
        heard = f"{_format_age(worker.seen.silent_ms)} ago"
        whom = ", ".join(record.agents) or "all"
        whom += f" ({record.only})" if record.only else ""
        named = (record.consumer, worker.app, whom, record.version, record.host, record.pid, kind, heard)
        add_row(table, *named, _describe_activity(worker.seen.doing))
    return table


def describe_limit_use(app: str, use: "LimitUse") -> str:
    """What of an agent's limit is used now."""
    limit = use.limit
    told = (
        (use.at_once, limit.at_once, "at once"),
        (use.calls, limit.calls_per_minute, "calls in the last minute"),
        (use.tokens, limit.tokens_per_minute, "tokens in the last minute"),
    )
    facts = [f"{used:,} of {bound:,} {what}" for used, bound, what in told if bound is not None]
    return f"{app}: agent {limit.name} has used {', '.join(facts)}"


def describe_lane(app: str, lane: "Lane", *, is_served: bool) -> str:
    """What is due for an agent and was left to its workers, or waits for its limit."""
    steps = "1 step is" if lane.due == 1 else f"{lane.due} steps are"
    told = f"{app}: {steps} due for agent {lane.agent}, the first for {_format_age(lane.oldest.for_ms)}"
    if lane.keys:
        told += f"; in turn by key, the longest: {', '.join(map(_describe_key, lane.keys))}"
    return told if is_served else f"{told}, and no live worker serves it"


def _describe_key(key: "WaitingKey") -> str:
    named = ", ".join(f"{name} {value!r}" for name, value in key.by) or "runs without a key"
    return f"{named} {key.due} for {_format_age(key.for_ms)}"


def _describe_activity(doing: "WorkerActivity") -> str:
    more = doing.under_way - len(doing.oldest)
    return "\n".join([*doing.oldest, *([f"and {more} more"] if more > 0 else [])])


def _owner(record: "AuditRecord") -> str:
    if record.channel:
        return f"{record.channel} / {record.group}"
    if record.breaker:
        return f"breaker {record.breaker}"
    if record.step:
        return f"{record.app} / {record.workflow} / step {record.step}"
    return f"{record.app} / {record.schedule or record.budget or record.workflow}"


def _format_age(ms: int | None) -> str:
    """A span of time, to its largest unit; empty for None."""
    if ms is None:
        return ""
    for unit, size in (("d", 86_400_000), ("h", 3_600_000), ("min", 60_000)):
        if ms >= size:
            return f"{ms // size} {unit}"
    return f"{ms / 1000:.0f} s"


def _describe_state(letter: "DeadLetter") -> str:
    return f"{letter.state}, {letter.replay_outcome}" if letter.replay_outcome else letter.state


def format_error(kind: str, message: str) -> str:
    return f"{kind}: {message}" if kind else message


def _format_attempt(attempt: "AttemptRecord") -> list[RenderableType]:
    head = (
        f"\nattempt {attempt.attempt} of round {attempt.round}, {format_moment(attempt.started_ms)}, {attempt.worker}"
    )
    error = attempt.traceback or format_error(attempt.error_type, attempt.message) or _describe_outcome(attempt)
    return [plain(head, "bold"), plain(error.rstrip())]


def _describe_outcome(attempt: "AttemptRecord") -> str:
    """What is said of an attempt without an error."""
    cut_off = "cut off: its worker was told to stop"
    return {"cancelled": cut_off, "lost": "lost: its worker is gone"}.get(attempt.outcome, "still going on")


def _indent_json(text: str) -> str:
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except ValueError:
        return text
