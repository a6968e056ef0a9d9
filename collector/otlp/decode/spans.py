"""Spans, their events and their links as Arrow tables. Pure, and vectorised: no Python runs for each span."""

from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from collector.otlp.decode import nested
from collector.otlp.decode.checks import BAD_SPAN_ID, BAD_TRACE_ID, filter_invalid, latest_ns
from collector.otlp.decode.envelope import Envelope
from collector.otlp.decode.ids import SPAN_BYTES, TRACE_BYTES, are_ids, to_numbers, to_uuids
from collector.otlp.signals import TRACES
from collector.store.batch import Batch

BAD_TIME: Final = "start or end time is beyond the year 2262"


def decode(body: bytes) -> Batch:
    """Decodes an `ExportTraceServiceRequest`.

    Args:
        body: the message, decompressed.

    Returns:
        Its spans; those that the protocol calls invalid are left out and counted in `rejected`.

    Raises:
        UndecodableError: when the bytes are no such message.
    """
    envelope, rejected = _filter_spans(Envelope.open(TRACES, body))
    spans, origins = envelope.records, envelope.origins()
    tables = {
        "spans": origins.add_origin_columns(_spans(spans)),
        "events": _events(spans),
        "links": _links(spans),
        **origins.tables,
    }
    return nested.mend_batch(Batch(tables, rejected, envelope.mended))


def _filter_spans(envelope: Envelope) -> tuple[Envelope, dict[str, int]]:
    spans = envelope.records
    in_time = pc.and_(
        pc.less_equal(spans.field("start_time_unix_nano"), latest_ns()),
        pc.less_equal(spans.field("end_time_unix_nano"), latest_ns()),
    )
    return filter_invalid(
        envelope,
        (BAD_TRACE_ID, are_ids(spans.field("trace_id"), TRACE_BYTES)),
        (BAD_SPAN_ID, are_ids(spans.field("span_id"), SPAN_BYTES)),
        (BAD_TIME, in_time),
    )


def _spans(spans: pa.StructArray) -> pa.Table:
    status = spans.field("status")
    return pa.table(
        {
            "row": pa.arange(0, len(spans)),
            "trace_id": to_uuids(spans.field("trace_id")),
            "span_id": to_numbers(spans.field("span_id")),
            "parent_span_id": to_numbers(spans.field("parent_span_id")),
            "identity": pc.binary_join_element_wise(spans.field("trace_id"), spans.field("span_id"), b""),
            "trace_state": spans.field("trace_state"),
            "flags": spans.field("flags"),
            "name": spans.field("name"),
            "kind": spans.field("kind"),
            "start_ns": spans.field("start_time_unix_nano").cast(pa.int64()),
            "end_ns": spans.field("end_time_unix_nano").cast(pa.int64()),
            "attributes": spans.field("attributes"),
            "dropped_attributes_count": spans.field("dropped_attributes_count"),
            "dropped_events_count": spans.field("dropped_events_count"),
            "dropped_links_count": spans.field("dropped_links_count"),
            "status_code": pc.struct_field(status, "code"),
            "status_message": pc.struct_field(status, "message"),
        }
    )


def _events(spans: pa.StructArray) -> pa.Table:
    rows, position, events = _children(spans.field("events"))
    return pa.table(
        {
            "row": rows,
            "position": position,
            "time_ns": events.field("time_unix_nano"),
            "name": events.field("name"),
            "attributes": events.field("attributes"),
            "dropped_attributes_count": events.field("dropped_attributes_count"),
        }
    )


def _links(spans: pa.StructArray) -> pa.Table:
    rows, position, links = _children(spans.field("links"))
    return pa.table(
        {
            "row": rows,
            "position": position,
            "linked_trace_id": to_uuids(links.field("trace_id")),
            "linked_span_id": to_numbers(links.field("span_id")),
            "trace_state": links.field("trace_state"),
            "flags": links.field("flags"),
            "attributes": links.field("attributes"),
            "dropped_attributes_count": links.field("dropped_attributes_count"),
        }
    )


def _children(lists: pa.ListArray) -> tuple[pa.Int64Array, pa.Int64Array, pa.StructArray]:
    """Returns the row of each child's span, its place in the whole column (which orders siblings), and the children."""
    children = lists.flatten()
    return pc.list_parent_indices(lists).cast(pa.int64()), pa.arange(0, len(children)), children
