"""Everything that is known of one node."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from collector.agents import mistyped
from collector.causality import chain, fates, nodes
from collector.causality.fates import Fate
from collector.causality.nodes import Tried, tried
from collector.errors import NotFoundError
from collector.models import Attempt, EndedWait, Evaluation, LogExcerpt, Node, NodeDetail, SpanBrief
from collector.questions import deferral, logs, nested, values, whose_run
from collector.questions.traces import hex_span, status_name
from collector.store.database import Row, Session
from collector.store.names import Said, first
from collector.store.queries import Query
from collector.store.values import plain
from collector.times import later, moment, moment_or_none
from runtime.semconv import INBOX, KEY_SIZES, KEYS_UNUSED, NodeKind

#: Nested spans that an answer holds at most.
NESTED_LIMIT: Final = 500

#: Waits that an answer holds at most.
WAIT_LIMIT: Final = 500

#: Kinds that have attempts. A run only begins and ends, once in each of its lives; an event, a dead letter, a replay or
#: a discard happens once. A foreign span counts as its own attempt, which is where its traceback is shown.
_ATTEMPTED: Final = frozenset({NodeKind.STEP, NodeKind.DELIVERY, NodeKind.SPAN})

#: Resource attributes that name the process, the most telling first.
_PROCESS: Final = ("service.instance.id", "host.name", "process.pid")

#: The resource attribute that names the version of what the process ran.
_VERSION: Final = "service.version"

#: What a span event tells of an exception, each after `exception.`.
_RAISED: Final = ("type", "message", "stacktrace")


def one(session: Session, node_id: UUID) -> NodeDetail:
    """Returns a node with its attempts, scores, errors, nested spans, log records and payload.

    Raises:
        NotFoundError: when no span tells of it.
    """
    stored = session.stretch([node_id]).bounds
    records = _records(session, node_id, stored)
    found = fates.of_all(session, [row for row in records if row["node_id"] == node_id])
    node = nodes.build(records, found).get(node_id)
    if node is None:
        raise NotFoundError("node", str(node_id))
    if node.kind == NodeKind.SPAN and node.run_id is None:
        node = node.model_copy(update={"run_id": whose_run.of(session, node_id)})
    attempts = session.rows(Query.NODE_ATTEMPTS, id=node_id, room=session.room, **stored)
    traces = {row["trace_id"] for row in records if row["node_id"] == node_id}
    own = [(row["trace_id"], row["span_id"]) for row in attempts if not row["running"]]
    beside = session.one(Query.NODE_BESIDE, traces=sorted(traces), spans=sorted({span for _, span in own}))
    foreign = nested.below(session, node_id, own, traces, NESTED_LIMIT + 1)
    causation = next((row["causation_id"] for row in records if row["node_id"] == node_id and row["causation_id"]), "")
    attributes = plain(attempts[-1]["attributes"]) if attempts else {}
    return NodeDetail(
        node=node,
        causation_id=str(causation) or None,
        causes=chain.causes_of(session, node_id, {row["trace_id"] for row in records}),
        attempts=_attempts(session, node, attempts, found.get(node_id, fates.NOTHING)),
        evaluations=_evaluations(session, node, beside, stored),
        waits=_waits(session, node, stored),
        nested=[_nested(row) for row in foreign[:NESTED_LIMIT]],
        logs=logs.of_node(session, node_id, session.stretch(traces)) if beside["logs"] else LogExcerpt(),
        payload=_payload(session, node),
        keys_read=_newest(attempts, "keys_read") or [],
        key_sizes=_sizes(attempts),
        keys_unused=_texts(attributes.get(KEYS_UNUSED)),
        keys_written=_newest(attempts, "keys_written") or [],
        context_size=_newest(attempts, "context_size"),
        inbox=_said(attributes.get(INBOX)),
        operator=_newest(attempts, "operator"),
        attributes=attributes,
        truncated=len(foreign) > NESTED_LIMIT,
        notes=mistyped.notes(attributes),
    )


def _records(session: Session, node_id: UUID, stored: Mapping[str, Any]) -> list[Row]:
    """Returns what tells of a node: its own records, with what settled it where it is a dead letter; of an event that
    nobody published, where it was received."""
    own = session.rows(Query.NODE_RECORDS, id=node_id, **stored)
    if not own:
        return session.rows(Query.EVENTS_RECORDS, id=node_id, **stored)
    is_letter = any(row["node_kind"] == NodeKind.DEAD_LETTER for row in own)
    return own + session.rows(Query.NODE_SETTLED, id=node_id, **stored) if is_letter else own


def _attempts(session: Session, node: Node, rows: Sequence[Row], fate: Fate) -> list[Attempt]:
    """Returns the attempts of a node; of a run that was resumed its ends."""
    if node.kind == NodeKind.RUN and node.attempts > 1:
        told = [Tried(row, row["outcome"], later(row["start_ns"], row["end_ns"])) for row in rows if row["outcome"]]
    elif node.kind in _ATTEMPTED:
        told = tried(rows, fate)
    else:
        return []
    id_ = UUID(node.id)
    exceptions = session.rows(Query.NODE_EXCEPTIONS, id=id_, room=session.room, **session.stretch([id_]).bounds)
    raised = {(row["trace_id"], row["span_id"]): plain(row["attributes"]) for row in exceptions}
    return [_attempt(each, raised.get((each.row["trace_id"], each.row["span_id"]), {})) for each in told]


def _attempt(each: Tried, exception: dict[str, Any]) -> Attempt:
    row, attributes = each.row, plain(each.row["attributes"])
    resource, told = plain(row["resource"]), values.read(attributes)
    error_type, message, traceback = (_said(exception.get(f"exception.{name}")) for name in _RAISED)
    return Attempt(
        attempt=row["attempt"] or 1,
        outcome=each.outcome,
        start=moment(row["start_ns"]),
        end=moment_or_none(each.end_ns),
        trace_id=row["trace_id"].hex,
        span_id=hex_span(row["span_id"]),
        worker=next((str(resource[name]) for name in _PROCESS if name in resource), ""),
        version=_said(resource.get(_VERSION)),
        error_type=row["error_type"] or error_type,
        error_message=message or row["status_message"] or None,
        traceback=traceback,
        input=row["input"] or told["input"],
        result=row["result"] or told["result"],
        deferred=deferral.of(attributes),
        attributes=attributes,
    )


def _said(value: object) -> str | None:
    """Returns what somebody wrote where text belongs: as it is, or as JSON."""
    return value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _evaluations(session: Session, node: Node, beside: Row, stored: Mapping[str, Any]) -> list[Evaluation]:
    """Returns scores; of a span of others also those that name no span, but the answer that it gave."""
    if not (beside["scores"] or beside["logs"] or node.kind == NodeKind.SPAN):
        return []
    return [_evaluation(row) for row in session.rows(Query.NODE_EVALUATIONS, id=UUID(node.id), **stored)]


def _evaluation(row: Row) -> Evaluation:
    return Evaluation(
        name=row["name"],
        score=row["score"],
        label=row["label"],
        explanation=row["explanation"],
        at=moment(row["time_ns"]),
    )


def _waits(session: Session, node: Node, stored: Mapping[str, Any]) -> list[EndedWait]:
    """Returns how what a step waited for ended."""
    if node.kind != NodeKind.STEP:
        return []
    rows = session.rows(Query.NODE_WAITS, id=UUID(node.id), room=session.room, most=WAIT_LIMIT, **stored)
    return [
        EndedWait(
            name=row["name"], key=row["key"], by=row["answered_by"], node_id=row["node_id"], at=moment(row["time_ns"])
        )
        for row in rows
    ]


def _newest(rows: Sequence[Row], column: str) -> Any:
    """Returns the newest value that is there."""
    return next((row[column] for row in reversed(rows) if row[column] is not None), None)


def _sizes(attempts: Sequence[Row]) -> list[int]:
    """Returns the sizes of the keys that the newest attempt read which tells of any; none where they don't fit them."""
    keys = _newest(attempts, "keys_read") or []
    for row in reversed(attempts):
        attributes = plain(row["attributes"])
        if row["keys_read"] is not None:
            told = attributes.get(KEY_SIZES)
            sizes = [one for one in told if type(one) is int] if isinstance(told, list) else []
            return sizes if len(sizes) == len(keys) else []
    return []


def _texts(value: object) -> list[str]:
    """Returns a list of texts; an empty one for anything else."""
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _nested(row: Row) -> SpanBrief:
    attributes = plain(row["attributes"])
    return SpanBrief(
        trace_id=row["trace_id"].hex,
        span_id=hex_span(row["span_id"]),
        parent_span_id=None if row["parent_span_id"] is None else hex_span(row["parent_span_id"]),
        name=row["name"],
        start=moment(row["start_ns"]),
        end=moment_or_none(later(row["start_ns"], row["end_ns"])),
        status=status_name(row["status_code"]),
        model=_said(first(attributes, Said.MODEL)),
        input_tokens=_count(first(attributes, Said.INPUT_TOKENS)),
        output_tokens=_count(first(attributes, Said.OUTPUT_TOKENS)),
        attributes=attributes,
    )


def _count(value: object) -> int | None:
    """Returns a number of things; None for what is no whole number."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _payload(session: Session, node: Node) -> str | None:
    """Returns the payload of the event that a node is, or deals with."""
    if node.event_id is None:
        return None
    id_ = UUID(node.event_id)
    rows = session.rows(Query.NODE_PAYLOAD, id=id_, **session.stretch([id_]).bounds)
    payload: str | None = rows[0]["payload"] if rows else None
    return payload
