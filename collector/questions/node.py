"""Everything that is known of one node."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from collector.agents import mistyped_attributes
from collector.causality import chain, fates, nodes
from collector.causality.fates import Fate
from collector.causality.nodes import NodeAttempt, build_attempts
from collector.errors import NotFoundError
from collector.models import Attempt, EndedWait, Evaluation, LogExcerpt, Node, NodeDetail, SpanBrief
from collector.questions import deferral, logs, nested, run_of_span, values
from collector.questions.traces import format_span_id, get_status_name
from collector.store.database import Row, Session
from collector.store.names import AttributeMeaning, first_value
from collector.store.queries import Query
from collector.store.values import decode_attributes
from collector.times import clamp_end, moment, moment_or_none
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


def find_node(session: Session, node_id: UUID) -> NodeDetail:
    """Returns a node with its attempts, scores, errors, nested spans, log records and payload.

    Raises:
        NotFoundError: when no span tells of it.
    """
    stored = session.stretch([node_id]).bounds
    records = _read_records(session, node_id, stored)
    found = fates.find_fates(session, [row for row in records if row["node_id"] == node_id])
    node = nodes.build_nodes(records, found).get(node_id)
    if node is None:
        raise NotFoundError("node", str(node_id))
    if node.kind == NodeKind.SPAN and node.run_id is None:
        node = node.model_copy(update={"run_id": run_of_span.find_run_of_span(session, node_id)})
    attempts = session.rows(Query.NODE_ATTEMPTS, id=node_id, room=session.room, **stored)
    traces = {row["trace_id"] for row in records if row["node_id"] == node_id}
    own = [(row["trace_id"], row["span_id"]) for row in attempts if not row["running"]]
    beside = session.one(Query.NODE_BESIDE, traces=sorted(traces), spans=sorted({span for _, span in own}))
    foreign = nested.find_spans_below(session, node_id, own, traces, NESTED_LIMIT + 1)
    causation = next((row["causation_id"] for row in records if row["node_id"] == node_id and row["causation_id"]), "")
    attributes = decode_attributes(attempts[-1]["attributes"]) if attempts else {}
    return NodeDetail(
        node=node,
        causation_id=str(causation) or None,
        causes=chain.find_direct_causes(session, node_id, {row["trace_id"] for row in records}),
        attempts=_build_attempts(session, node, attempts, found.get(node_id, fates.NOTHING)),
        evaluations=_find_evaluations(session, node, beside, stored),
        waits=_find_waits(session, node, stored),
        nested=[_build_span_brief(row) for row in foreign[:NESTED_LIMIT]],
        logs=logs.find_logs_of_node(session, node_id, session.stretch(traces)) if beside["logs"] else LogExcerpt(),
        payload=_find_payload(session, node),
        keys_read=_newest_value(attempts, "keys_read") or [],
        key_sizes=_read_key_sizes(attempts),
        keys_unused=_keep_texts(attributes.get(KEYS_UNUSED)),
        keys_written=_newest_value(attempts, "keys_written") or [],
        context_size=_newest_value(attempts, "context_size"),
        inbox=_text_or_json(attributes.get(INBOX)),
        operator=_newest_value(attempts, "operator"),
        attributes=attributes,
        truncated=len(foreign) > NESTED_LIMIT,
        notes=mistyped_attributes.describe_mistyped(attributes),
    )


def _read_records(session: Session, node_id: UUID, stored: Mapping[str, Any]) -> list[Row]:
    """Returns what tells of a node: its own records, with what settled it where it is a dead letter; of an event that
    nobody published, where it was received."""
    own = session.rows(Query.NODE_RECORDS, id=node_id, **stored)
    if not own:
        return session.rows(Query.EVENTS_RECORDS, id=node_id, **stored)
    is_letter = any(row["node_kind"] == NodeKind.DEAD_LETTER for row in own)
    return own + session.rows(Query.NODE_SETTLED, id=node_id, **stored) if is_letter else own


def _build_attempts(session: Session, node: Node, rows: Sequence[Row], fate: Fate) -> list[Attempt]:
    """Returns the attempts of a node; of a run that was resumed its ends."""
    if node.kind == NodeKind.RUN and node.attempts > 1:
        told = [
            NodeAttempt(row, row["outcome"], clamp_end(row["start_ns"], row["end_ns"]))
            for row in rows
            if row["outcome"]
        ]
    elif node.kind in _ATTEMPTED:
        told = build_attempts(rows, fate)
    else:
        return []
    id_ = UUID(node.id)
    exceptions = session.rows(Query.NODE_EXCEPTIONS, id=id_, room=session.room, **session.stretch([id_]).bounds)
    raised = {(row["trace_id"], row["span_id"]): decode_attributes(row["attributes"]) for row in exceptions}
    return [_build_attempt(each, raised.get((each.row["trace_id"], each.row["span_id"]), {})) for each in told]


def _build_attempt(each: NodeAttempt, exception: dict[str, Any]) -> Attempt:
    row, attributes = each.row, decode_attributes(each.row["attributes"])
    resource, told = decode_attributes(row["resource"]), values.parse_values(attributes)
    error_type, message, traceback = (_text_or_json(exception.get(f"exception.{name}")) for name in _RAISED)
    return Attempt(
        attempt=row["attempt"] or 1,
        outcome=each.outcome,
        start=moment(row["start_ns"]),
        end=moment_or_none(each.end_ns),
        trace_id=row["trace_id"].hex,
        span_id=format_span_id(row["span_id"]),
        worker=next((str(resource[name]) for name in _PROCESS if name in resource), ""),
        version=_text_or_json(resource.get(_VERSION)),
        error_type=row["error_type"] or error_type,
        error_message=message or row["status_message"] or None,
        traceback=traceback,
        input=row["input"] or told["input"],
        result=row["result"] or told["result"],
        deferred=deferral.parse_deferral(attributes),
        attributes=attributes,
    )


def _text_or_json(value: object) -> str | None:
    """Returns what somebody wrote where text belongs: as it is, or as JSON."""
    return value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _find_evaluations(session: Session, node: Node, beside: Row, stored: Mapping[str, Any]) -> list[Evaluation]:
    """Returns scores; of a span of others also those that name no span, but the answer that it gave."""
    if not (beside["scores"] or beside["logs"] or node.kind == NodeKind.SPAN):
        return []
    return [_build_evaluation(row) for row in session.rows(Query.NODE_EVALUATIONS, id=UUID(node.id), **stored)]


def _build_evaluation(row: Row) -> Evaluation:
    return Evaluation(
        name=row["name"],
        score=row["score"],
        label=row["label"],
        explanation=row["explanation"],
        at=moment(row["time_ns"]),
    )


def _find_waits(session: Session, node: Node, stored: Mapping[str, Any]) -> list[EndedWait]:
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


def _newest_value(rows: Sequence[Row], column: str) -> Any:
    """Returns the newest value that is there."""
    return next((row[column] for row in reversed(rows) if row[column] is not None), None)


def _read_key_sizes(attempts: Sequence[Row]) -> list[int]:
    """Returns the sizes of the keys that the newest attempt read which tells of any; none where they don't fit them."""
    keys = _newest_value(attempts, "keys_read") or []
    for row in reversed(attempts):
        attributes = decode_attributes(row["attributes"])
        if row["keys_read"] is not None:
            told = attributes.get(KEY_SIZES)
            sizes = [one for one in told if type(one) is int] if isinstance(told, list) else []
            return sizes if len(sizes) == len(keys) else []
    return []


def _keep_texts(value: object) -> list[str]:
    """Returns a list of texts; an empty one for anything else."""
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _build_span_brief(row: Row) -> SpanBrief:
    attributes = decode_attributes(row["attributes"])
    return SpanBrief(
        trace_id=row["trace_id"].hex,
        span_id=format_span_id(row["span_id"]),
        parent_span_id=None if row["parent_span_id"] is None else format_span_id(row["parent_span_id"]),
        name=row["name"],
        start=moment(row["start_ns"]),
        end=moment_or_none(clamp_end(row["start_ns"], row["end_ns"])),
        status=get_status_name(row["status_code"]),
        model=_text_or_json(first_value(attributes, AttributeMeaning.MODEL)),
        input_tokens=_whole_number(first_value(attributes, AttributeMeaning.INPUT_TOKENS)),
        output_tokens=_whole_number(first_value(attributes, AttributeMeaning.OUTPUT_TOKENS)),
        attributes=attributes,
    )


def _whole_number(value: object) -> int | None:
    """Returns a number of things; None for what is no whole number."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _find_payload(session: Session, node: Node) -> str | None:
    """Returns the payload of the event that a node is, or deals with."""
    if node.event_id is None:
        return None
    id_ = UUID(node.event_id)
    rows = session.rows(Query.NODE_PAYLOAD, id=id_, **session.stretch([id_]).bounds)
    payload: str | None = rows[0]["payload"] if rows else None
    return payload
