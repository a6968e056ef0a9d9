"""Nodes from their records: attempts are merged into one node, and an event exists where a group received it. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from collector.causality import status
from collector.causality.fates import NOTHING, WORK, Fate
from collector.models import AttemptBar, Node, NodeStatus, places
from collector.store.database import Row
from collector.times import clamp_end, moment, moment_or_none
from runtime.semconv import DeliveryOutcome, NodeKind, SpanVerb, StepOutcome, span_name

_KINDS = frozenset(NodeKind)


@dataclass(frozen=True, slots=True)
class NodeAttempt:
    """An attempt, how it ended, and when; without an end it goes on."""

    row: Row
    outcome: str
    end_ns: int | None


def build_nodes(records: Iterable[Row], fates: Mapping[UUID, Fate]) -> dict[UUID, Node]:
    """Builds all nodes that records speak of.

    Args:
        records: rows of `node_records_within`, oldest first.
        fates: how those of them stand that are work or runs.

    Returns:
        Nodes by id. An event whose publish never arrived is there too, with status `unknown`.
    """
    by_node: dict[UUID, list[Row]] = defaultdict(list)
    received: dict[UUID, Row] = {}
    settled: dict[UUID, str] = {}
    for record in records:
        by_node[record["node_id"]].append(record)
        if record["node_kind"] == NodeKind.DELIVERY and record["event_id"]:
            received.setdefault(record["event_id"], record)
        if record["node_kind"] in (NodeKind.REPLAY, NodeKind.DISCARD) and record["dead_letter_id"]:
            settled.setdefault(record["dead_letter_id"], record["node_kind"])
    nodes = {node_id: _build_node(rows, settled, fates.get(node_id, NOTHING)) for node_id, rows in by_node.items()}
    for event_id, record in received.items():
        nodes.setdefault(event_id, _build_lost_event(event_id, record))
    return nodes


def parse_kind(claimed: str) -> NodeKind:
    """Returns the kind that a record claims; one that is not known is treated as foreign."""
    return NodeKind(claimed) if claimed in _KINDS else NodeKind.SPAN


def _build_node(rows: Sequence[Row], settled: Mapping[UUID, str], fate: Fate) -> Node:
    kind = parse_kind(rows[0]["node_kind"])
    ordered = sorted(rows, key=_order_key)
    last = _find_deciding_record(ordered)
    return Node(
        id=str(last["node_id"]),
        kind=kind,
        name=_node_name(kind, last),
        agent=_newest_value(ordered, "agent") or last["service"] or "",
        status=_node_status(kind, last, settled, fate),
        start=moment(min(row["start_ns"] for row in ordered)),
        end=moment_or_none(_end_ns(kind, ordered, fate)),
        attempts=_count_attempts(kind, ordered, fate),
        trace_id=last["trace_id"].hex,
        correlation_id=_text_or_none(_newest_value(ordered, "correlation_id")),
        run_id=_text_or_none(_newest_value(ordered, "run_id")),
        workflow=_newest_value(ordered, "workflow"),
        step=_newest_value(ordered, "step") if kind == NodeKind.STEP else None,
        place=_newest_value(ordered, "step_place") if kind == NodeKind.STEP else None,
        event_id=_text_or_none(last["node_id"] if kind == NodeKind.EVENT else _newest_value(ordered, "event_id")),
        channel=_newest_value(ordered, "channel"),
        group=_newest_value(ordered, "consumer_group"),
        round=_newest_value(ordered, "round"),
        reason=_newest_value(ordered, "reason"),
        error=last["error_type"] if kind == NodeKind.DEAD_LETTER else _error_text(last),
        subject=_newest_value(ordered, "subject"),
        bars=_build_bars(kind, ordered, fate),
    )


def _order_key(row: Row) -> tuple[int, bool, int]:
    """Sorts attempts; where both a marker and a span claim to be the same one, the span comes last and counts."""
    return row["place"], not row["running"], row["start_ns"]


def build_attempts(rows: Sequence[Row], fate: Fate) -> list[NodeAttempt]:
    """Returns attempts with their ends. One that only a marker tells of ended, with its worker, before the next began;
    the last of them goes on, unless it was settled by others.

    Args:
        rows: records of one step or delivery, in the order of attempts.
        fate: how that stands.
    """
    begun = _select_begun(rows)
    following = [row["start_ns"] for row in begun[1:]]
    return [_build_attempt(row, after, fate) for row, after in zip(begun, [*following, None], strict=bool(begun))]


def _build_attempt(row: Row, after_ns: int | None, fate: Fate) -> NodeAttempt:
    if not row["running"]:
        return NodeAttempt(row, row["outcome"] or "", clamp_end(row["start_ns"], row["end_ns"]))
    if after_ns is not None:
        return NodeAttempt(row, StepOutcome.LOST, after_ns)
    if fate.cut_ns is not None:
        return NodeAttempt(row, fate.cut_attempt_outcome, max(fate.cut_ns, row["start_ns"]))
    return NodeAttempt(row, "", None)


def _select_begun(rows: Sequence[Row]) -> list[Row]:
    """Returns the records of attempts; a delivery that gave up before its first has none, but is told as attempt 0."""
    return [row for row in rows if (row["attempt"], row["outcome"]) != (0, DeliveryOutcome.DEAD_LETTER)]


def _last_record_per_attempt(ordered: Sequence[Row]) -> list[Row]:
    """Returns one record an attempt; the last one of those that claim to be the same."""
    return list({row["place"]: row for row in ordered}.values())


def _count_attempts(kind: NodeKind, ordered: Sequence[Row], fate: Fate) -> int:
    """Counts the attempts made, as `work_where` does. Those of a worker that was killed left no span, but their numbers
    are gone; what left to wait, and what ran no code, is none. A run has as many as it had lives."""
    if kind not in WORK:
        return fate.life
    begun = _select_begun(_last_record_per_attempt(ordered))
    if not begun:
        return 0
    waits = sum(row["outcome"] == StepOutcome.WAITING for row in begun)
    idle = sum(row["outcome"] in status.IDLE for row in begun)
    numbered = max(int(row["attempt"] or 1) for row in begun)
    return max(len(begun), numbered) - waits - idle or int(waits > 0)


def _find_deciding_record(ordered: Sequence[Row]) -> Row:
    """Returns the record that says how the node stands, as `work_where` has it: of the last attempt that decides; where
    none does, of the last that ended with an outcome."""
    ended = [row for row in reversed(ordered) if not row["running"]]
    found = [row for row in ended if row["decides"]] or [row for row in ended if row["outcome"]] or ended
    return found[0] if found else ordered[-1]


def _node_status(kind: NodeKind, last: Row, settled: Mapping[UUID, str], fate: Fate) -> NodeStatus:
    if kind in WORK:
        return status.of_work(fate.outcome, running=fate.running)
    if kind == NodeKind.RUN:
        return status.of_run(fate.outcome)
    if kind == NodeKind.DEAD_LETTER:
        return status.of_dead_letter(settled.get(last["node_id"]))
    # The span status of a dead letter is that of the failure it reports; only of foreign spans it is the node's own.
    return status.of_span(last["status_code"], last["outcome"]) if kind == NodeKind.SPAN else NodeStatus.OK


def _node_name(kind: NodeKind, row: Row) -> str:
    names = {
        NodeKind.RUN: row["workflow"],
        NodeKind.STEP: row["step"] and places.called(row["step"], row["step_place"]),
        NodeKind.DELIVERY: row["consumer_group"],
        NodeKind.SPAN: row["name"],
    }
    if kind == NodeKind.TICK:  # the schedule has no column of its own, but is its span's subject
        return str(row["name"]).removeprefix(span_name(SpanVerb.TICK, ""))
    return str(names.get(kind, row["channel"]) or row["name"])


def _end_ns(kind: NodeKind, ordered: Sequence[Row], fate: Fate) -> int | None:
    if kind == NodeKind.RUN:
        return clamp_end(ordered[0]["start_ns"], fate.end_ns)
    ended = [max(row["start_ns"], row["end_ns"]) for row in ordered if not row["running"] and row["end_ns"]]
    if fate.cut_ns is not None:
        ended.append(max(fate.cut_ns, ordered[-1]["start_ns"]))
    return None if fate.running or fate.outcome in status.PAUSED else max(ended, default=None)


def _error_text(row: Row) -> str | None:
    is_told = row["status_code"] == status.SPAN_ERROR or (
        row["node_kind"] == NodeKind.SPAN and row["outcome"] == StepOutcome.FAILED
    )
    if not row["error_type"] and not is_told:
        return None
    kind, words = row["error_type"] or "", row["status_message"]
    return words if words.startswith(kind) and words else ": ".join(part for part in (kind, words) if part) or None


def _build_bars(kind: NodeKind, ordered: Sequence[Row], fate: Fate) -> list[AttemptBar]:
    """Returns the attempts of work, or the lives of a run that had several, as bars."""
    if kind == NodeKind.RUN:
        return _build_life_bars(ordered, fate) if fate.life > 1 else []
    return [
        AttemptBar(
            attempt=each.row["attempt"] or 1,
            outcome=each.outcome,
            start=moment(each.row["start_ns"]),
            end=moment_or_none(each.end_ns),
        )
        for each in (build_attempts(_last_record_per_attempt(ordered), fate) if kind in WORK else ())
    ]


def _build_life_bars(ordered: Sequence[Row], fate: Fate) -> list[AttemptBar]:
    ends = {row["attempt"] or 1: row for row in ordered if row["outcome"]}
    bars = [
        AttemptBar(
            attempt=life,
            outcome=row["outcome"],
            start=moment(row["start_ns"]),
            end=moment_or_none(clamp_end(row["start_ns"], row["end_ns"])),
        )
        for life, row in sorted(ends.items())
    ]
    if fate.running and fate.begun_ns is not None:
        bars.append(AttemptBar(attempt=fate.life, start=moment(fate.begun_ns)))
    return bars


def _build_lost_event(event_id: UUID, delivery: Row) -> Node:
    """Returns an event that is known only because a group received it."""
    return Node(
        id=str(event_id),
        kind=NodeKind.EVENT,
        name=delivery["channel"] or "",
        agent="",
        status=NodeStatus.UNKNOWN,
        correlation_id=_text_or_none(delivery["correlation_id"]),
        event_id=str(event_id),
        channel=delivery["channel"],
        subject=delivery["subject"],
    )


def _newest_value(rows: Sequence[Row], column: str) -> Any:
    """Returns the newest value that is there."""
    return next((row[column] for row in reversed(rows) if row[column] is not None), None)


def _text_or_none(value: object) -> str | None:
    return None if value is None else str(value)
