"""A batch of spans as rows of the store: their causal columns, from what their attributes say. Vectorised.

What does not parse is null: views reckon with these columns, and one absurd number must not spoil every answer.
"""

from collections.abc import Container
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from collector.store import attribute_columns, endings, lists, numerals, uuids
from collector.store.attribute_columns import Columns
from collector.store.uuids import SEPARATOR
from runtime.semconv import StepOutcome

#: OTLP's kinds of spans that send a message: a client that sends is no other than a producer, where something else made
#: the message before.
_CLIENT: Final = 3
_PRODUCER: Final = 4
_SENDS: Final = ("send", "publish", "create")

#: Attributes that have a column of their own, and are kept there alone.
_COPIES: Final = ("causeline.event.payload", "causeline.input", "causeline.result")

#: Columns that are what an attribute says, as it is.
_AS_SAID: Final = {
    "workflow": "said_workflow",
    "step": "said_step",
    "run_version": "causeline.run.version",
    "step_place": "causeline.step.place",
    "input_keys": "causeline.run.input_keys",
    "keys_read": "causeline.keys.read",
    "keys_written": "causeline.keys.written",
    "context_size": "causeline.context.size",
    "breaker": "causeline.breaker.name",
    "channel": "said_channel",
    "consumer_group": "said_consumer_group",
    "event_source": "said_event_source",
    "reason": "causeline.dead_letter.reason",
    "operator": "causeline.operator",
    "payload": "causeline.event.payload",
    "input": "causeline.input",
    "result": "causeline.result",
    "agent": "said_agent",
    "error_type": "said_error_type",
    "session_id": "said_session",
    "user_id": "said_user",
}

_IDS: Final = {
    "causation_id": "causeline.causation.id",
    "correlation_id": "causeline.correlation.id",
    "run_id": "causeline.run.id",
    "dead_letter_id": "causeline.dead_letter.id",
}

_NUMBERS: Final = {
    "depth": "causeline.step.depth",
    "attempt": "causeline.attempt",
    "round": "causeline.round",
    "attempts": "causeline.dead_letter.attempts",
}

#: What a call says of itself, in the order of the column `work`.
_WORK_TEXTS: Final = ("tool", "model", "response_model", "response_id", "provider", "service_tier")
_WORK_COUNTS: Final = (
    "input_tokens",
    "output_tokens",
    "total_tokens",
    "cache_read_tokens",
    "cache_write_tokens",
    "reasoning_tokens",
)
_WORK_REALS: Final = ("cost", "first_chunk_seconds")

#: No `pa.scalar`, with which PyArrow imports pandas where it may (`unused_imports.py`).
_NO_TEXT: Final = pa.nulls(1, pa.string())[0]


def stage_spans(spans: pa.Table, events: pa.Table | None, own_channels: Container[str]) -> pa.Table:
    """Returns a batch of spans with the columns of the table `spans`, and `row` and `is_pending`.

    Args:
        spans: as they are decoded.
        events: of the same batch.
        own_channels: channels of ours; on them a message of others has the id that the runtime gives to it.
    """
    spans = spans.combine_chunks()
    told = attribute_columns.read_columns(spans, events)
    found = _identify_spans(spans, told, own_channels)
    operation = pc.coalesce(told["said_operation"], pc.if_else(found["is_foreign"], found["messaging"], _NO_TEXT))
    is_work = pc.and_(found["is_foreign"], pc.invert(found["is_sent"]))
    has_copy = pc.or_(pc.or_(*(told[name].is_valid() for name in _COPIES[:2])), told[_COPIES[2]].is_valid())
    ends = spans.column("end_ns").chunk(0)
    columns: Columns = {name: spans.column(name) for name in spans.column_names if name != "identity"}
    columns |= {
        "is_pending": told["causeline.pending"].fill_null(False),
        "end_ns": pc.if_else(pc.equal(ends, 0), pa.scalar(None, pa.int64()), ends),
        "status_code": spans.column("status_code").fill_null(0),
        "status_message": _status_message(spans, told),
        "attributes": lists.remove_keys(spans.column("attributes").chunk(0), has_copy, _COPIES),
        "node_id": uuids.to_uuid_type(found["node_id"]),
        "node_kind": found["node_kind"],
        "event_id": uuids.to_uuid_type(found["event_id"]),
        "message_id": found["message"],
        "causes": lists.parse_uuid_lists(told["causeline.causes"]),
        "operation": operation,
        "subject": pc.coalesce(told["said_subject"], told["said_session"]),
        "outcome": pc.if_else(is_work, told["ended"], told["causeline.outcome"]),
        "role": pc.if_else(found["is_foreign"], told["role"], _NO_TEXT),
        "work": _work_column(told),
    }
    columns |= {column: told[name] for column, name in _AS_SAID.items()}
    columns |= {column: uuids.to_uuid_type(uuids.parse_uuids(told[name])) for column, name in _IDS.items()}
    columns |= {column: numerals.limit_to_int32(told[name]) for column, name in _NUMBERS.items()}
    return pa.table(columns)


def _status_message(spans: pa.Table, told: Columns) -> pa.Array:
    own = spans.column("status_message").combine_chunks().fill_null("")
    return pc.if_else(pc.equal(own, ""), told["said_status_message"].fill_null(""), own)


def _identify_spans(spans: pa.Table, told: Columns, own_channels: Container[str]) -> Columns:
    """Returns which node each span is, and which event it is about."""
    declared = uuids.parse_uuids(told["causeline.node.id"])
    is_foreign = declared.is_null()
    ids = pc.coalesce(told["said_event_id"], told["said_message_id"], told["position"])
    ids = pc.if_else(pc.equal(ids, ""), _NO_TEXT, ids)
    with_source = pc.binary_join_element_wise(told["said_event_source"], ids, SEPARATOR)
    message = pc.if_else(is_foreign, pc.coalesce(with_source, ids), _NO_TEXT)
    messaging = pc.utf8_lower(told["said_message_operation"])
    kind = spans.column("kind").chunk(0)
    sends = pc.or_(
        pc.equal(kind, _PRODUCER),
        pc.and_(pc.equal(kind, _CLIENT), pc.is_in(messaging, pa.array(_SENDS, pa.string()))),
    )
    failed = pc.or_(
        pc.equal(spans.column("status_code").chunk(0), endings.ERROR).fill_null(False),
        pc.equal(told["ended"], StepOutcome.FAILED.value).fill_null(False),
    )
    is_told = pc.or_(message.is_valid(), pc.and_(is_foreign, _find_unnamed_sends(told, kind, messaging)))
    is_sent = pc.and_(pc.and_(is_told, pc.invert(failed)), sends)
    event = _find_event_ids(told["said_channel"], message, own_channels)
    kinds = pc.coalesce(told["causeline.node.kind"], pa.scalar("span"))
    about = pc.if_else(
        is_foreign, event, uuids.parse_uuids(_keep_where(pc.invert(is_foreign), told["said_message_id"]))
    )
    return {
        "is_foreign": is_foreign,
        "is_sent": is_sent,
        "messaging": messaging,
        "message": message,
        "node_id": pc.coalesce(
            declared,
            _keep_where(is_sent, event),
            _hash_node_ids(spans, pc.and_not(is_foreign, pc.and_(is_sent, event.is_valid()))),
        ),
        "node_kind": pc.if_else(is_sent, "event", pc.if_else(is_foreign, "span", kinds)),
        # Of a foreign event itself it is null; its own id is in its attributes.
        "event_id": _keep_where(pc.invert(is_sent), about),
    }


def _find_unnamed_sends(told: Columns, kind: pa.Int32Array, messaging: pa.StringArray) -> pa.BooleanArray:
    """Returns which spans send one message to a channel, whatever its id is: Kafka's clients give none. Of
    others, who gives none may tell of one message by several such spans."""
    has_no_ids = pc.equal(pc.utf8_lower(told[attribute_columns.SYSTEM]), "kafka").fill_null(False)
    is_one = pc.and_(has_no_ids, pc.and_(told["said_channel"].is_valid(), told[attribute_columns.BATCH].is_null()))
    is_send = pc.or_(messaging.is_null(), pc.is_in(messaging, pa.array(_SENDS, pa.string())))
    return pc.and_(pc.equal(kind, _PRODUCER), pc.and_(is_one, is_send)).fill_null(False)


def _keep_where(mask: pa.BooleanArray, values: Any) -> Any:
    """Returns values; null outside the mask."""
    return pc.if_else(mask, values, pa.scalar(None, values.type))


def _hash_node_ids(spans: pa.Table, mask: pa.BooleanArray) -> pa.FixedSizeBinaryArray:
    """Returns the node ids of spans that carry none; null outside the mask."""
    places = np.flatnonzero(mask.to_numpy(zero_copy_only=False))
    ids = np.zeros((len(mask), 16), np.uint8)
    ids[places] = uuids.hash_contents(spans.column("identity").chunk(0).take(pa.array(places)).to_pylist())
    is_there = np.zeros(len(mask), np.bool_)
    is_there[places] = True
    return uuids.make_column(ids, is_there)


def _find_event_ids(
    channels: pa.StringArray, messages: pa.StringArray, own_channels: Container[str]
) -> pa.FixedSizeBinaryArray:
    """Returns the event that each message of others is; null where there is none."""
    if messages.null_count == len(messages):
        return pa.nulls(len(messages), uuids.KIND)
    pairs = zip(channels.to_pylist(), messages.to_pylist(), strict=True)
    ids = [
        None if message is None else uuids.message_event_id(channel, message, is_ours=channel in own_channels)
        for channel, message in pairs
    ]
    return pa.array(ids, uuids.KIND)


def _work_column(told: Columns) -> pa.StructArray:
    """Returns what calls say of themselves; null for what plays no part in an agent's work."""
    columns = {name: told[f"said_{name}"] for name in _WORK_TEXTS}
    columns |= {name: numerals.parse_integers(told[f"said_{name}"]) for name in _WORK_COUNTS}
    columns |= {name: numerals.parse_doubles(told[f"said_{name}"]) for name in _WORK_REALS}
    return pa.StructArray.from_arrays(list(columns.values()), list(columns), mask=told["role"].is_null())
