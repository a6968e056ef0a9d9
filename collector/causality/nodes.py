"""Nodes from their records: attempts are merged into one node, and an event exists where a group received it. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from collector.causality import status
from collector.models import AttemptBar, Node, NodeStatus
from collector.store.database import Row
from collector.times import moment, moment_or_none
from runtime.semconv import NodeKind

_WORK = frozenset({NodeKind.STEP, NodeKind.DELIVERY})
_KINDS = frozenset(NodeKind)


def build(records: Iterable[Row]) -> dict[UUID, Node]:
    """Builds all nodes that records speak of.

    Args:
        records: rows of the view `node_records`, oldest first.

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
            settled[record["dead_letter_id"]] = record["node_kind"]
    nodes = {node_id: _node(rows, settled) for node_id, rows in by_node.items()}
    for event_id, record in received.items():
        nodes.setdefault(event_id, _lost_event(event_id, record))
    return nodes


def known_kind(claimed: str) -> NodeKind:
    """Returns the kind that a record claims; one that is not known is treated as foreign."""
    return NodeKind(claimed) if claimed in _KINDS else NodeKind.SPAN


def _node(rows: Sequence[Row], settled: Mapping[UUID, str]) -> Node:
    kind = known_kind(rows[0]["node_kind"])
    ordered = sorted(rows, key=_order)
    last = _deciding(ordered)
    running = kind in _WORK and ordered[-1]["running"]
    ended = [row["end_ns"] for row in ordered if not row["running"]]
    outcome = next((row["outcome"] for row in reversed(ordered) if row["outcome"]), None)
    return Node(
        id=str(last["node_id"]),
        kind=kind,
        name=_name(kind, last),
        agent=_first(ordered, "agent") or last["service"] or "",
        status=_status(kind, last, outcome, running=running, settled=settled),
        start=moment(min(row["start_ns"] for row in ordered)),
        end=_end(kind, outcome, ended, running=running),
        attempts=_count(ordered) if kind in _WORK else 1,
        trace_id=last["trace_id"].hex,
        correlation_id=_text(_first(ordered, "correlation_id")),
        run_id=_text(_first(ordered, "run_id")),
        workflow=_first(ordered, "workflow"),
        event_id=_text(last["node_id"] if kind == NodeKind.EVENT else _first(ordered, "event_id")),
        channel=_first(ordered, "channel"),
        group=_first(ordered, "consumer_group"),
        round=_first(ordered, "round"),
        reason=_first(ordered, "reason"),
        error=last["error_type"] if kind == NodeKind.DEAD_LETTER else _error(last),
        subject=_first(ordered, "subject"),
        bars=_bars(_attempts(ordered)) if kind in _WORK else [],
    )


def _order(row: Row) -> tuple[int, bool, int]:
    """Sorts attempts; where both a marker and a span claim to be the same one, the span comes last and counts."""
    return row["place"], not row["running"], row["start_ns"]


def _attempts(ordered: Sequence[Row]) -> list[Row]:
    """Returns one record an attempt; the last one of those that claim to be the same."""
    return list({row["place"]: row for row in ordered}.values())


def _count(ordered: Sequence[Row]) -> int:
    """Counts the attempts made. Those of a worker that was killed left no span, but their numbers are gone."""
    return max(len(_attempts(ordered)), max(row["attempt"] or 1 for row in ordered))


def _deciding(ordered: Sequence[Row]) -> Row:
    """Returns the record that says how the node stands, as `work_where` has it: of the last attempt that decides; where
    none does, of the last that ended with an outcome."""
    ended = [row for row in reversed(ordered) if not row["running"]]
    found = [row for row in ended if row["decides"]] or [row for row in ended if row["outcome"]] or ended
    return found[0] if found else ordered[-1]


def _status(
    kind: NodeKind, last: Row, outcome: str | None, *, running: bool, settled: Mapping[UUID, str]
) -> NodeStatus:
    if kind in _WORK:
        return status.of_work(last["outcome"], running=running)
    if kind == NodeKind.RUN:
        return status.of_run(outcome)
    if kind == NodeKind.DEAD_LETTER:
        return status.of_dead_letter(settled.get(last["node_id"]))
    # The span status of a dead letter is that of the failure it reports; only of foreign spans it is the node's own.
    return status.of_span(last["status_code"]) if kind == NodeKind.SPAN else NodeStatus.OK


def _name(kind: NodeKind, row: Row) -> str:
    names = {
        NodeKind.RUN: row["workflow"],
        NodeKind.STEP: row["step"],
        NodeKind.DELIVERY: row["consumer_group"],
        NodeKind.SPAN: row["name"],
    }
    return str(names.get(kind, row["channel"]) or row["name"])


def _end(kind: NodeKind, outcome: str | None, ended: Sequence[int], *, running: bool) -> datetime | None:
    going_on = running or (kind == NodeKind.RUN and outcome is None)
    return moment_or_none(None if going_on or not ended else max(ended))


def _error(row: Row) -> str | None:
    if not row["error_type"] and row["status_code"] != status.SPAN_ERROR:
        return None
    kind, words = row["error_type"] or "", row["status_message"]
    return words if words.startswith(kind) and words else ": ".join(part for part in (kind, words) if part) or None


def _bars(attempts: Sequence[Row]) -> list[AttemptBar]:
    """Returns attempts as bars. One that only a marker tells of ended, with its worker, before the next began."""
    following = [row["start_ns"] for row in attempts[1:]]
    ends = [after if row["running"] else row["end_ns"] for row, after in zip(attempts, [*following, None], strict=True)]
    return [
        AttemptBar(
            attempt=row["attempt"] or 1,
            outcome=row["outcome"] or "",
            start=moment(row["start_ns"]),
            end=moment_or_none(end),
        )
        for row, end in zip(attempts, ends, strict=True)
    ]


def _lost_event(event_id: UUID, delivery: Row) -> Node:
    """Returns an event that is known only because a group received it."""
    return Node(
        id=str(event_id),
        kind=NodeKind.EVENT,
        name=delivery["channel"] or "",
        agent="",
        status=NodeStatus.UNKNOWN,
        correlation_id=_text(delivery["correlation_id"]),
        event_id=str(event_id),
        channel=delivery["channel"],
        subject=delivery["subject"],
    )


def _first(rows: Sequence[Row], column: str) -> Any:
    """Returns the newest value that is there."""
    return next((row[column] for row in reversed(rows) if row[column] is not None), None)


def _text(value: object) -> str | None:
    return None if value is None else str(value)
