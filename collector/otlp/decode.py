"""Decodes an OTLP trace request into Arrow tables. Pure, and vectorised: no Python runs for each span."""

import array
import sys
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
from ptars import HandlerPool

from collector.errors import UndecodableError
from collector.otlp.descriptor import request_descriptor
from collector.otlp.outline import Outline
from collector.store.batch import Batch

_DESCRIPTOR: Final = request_descriptor()
_POOL: Final = HandlerPool([_DESCRIPTOR.file])
_HANDLER: Final = _POOL.get_for_message(_DESCRIPTOR)

_TRACE_BYTES: Final = 16
_SPAN_BYTES: Final = 8
_LATEST_NS: Final = 2**63 - 1

BAD_TRACE_ID: Final = "trace_id is not 16 bytes, or all zero"
BAD_SPAN_ID: Final = "span_id is not 8 bytes, or all zero"
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
    try:
        request = _HANDLER.list_to_record_batch([body])
    except ValueError as error:
        raise UndecodableError(f"the body is no ExportTraceServiceRequest: {error}") from None
    return _flatten(request, Outline(body))


def _flatten(request: pa.RecordBatch, outline: Outline) -> Batch:
    per_resource = request.column("resource_spans").flatten()
    scope_lists = per_resource.field("scope_spans")
    per_scope = scope_lists.flatten()
    span_lists = per_scope.field("spans")
    spans = span_lists.flatten()
    scope_rows = pc.list_parent_indices(span_lists)

    resource_rows = pc.list_parent_indices(scope_lists).take(scope_rows)

    keep, rejected = _valid(spans)
    if rejected:
        spans, scope_rows, resource_rows = spans.filter(keep), scope_rows.filter(keep), resource_rows.filter(keep)
    # Only those that a span refers to are read: empty ones cost a sender two bytes each.
    used_resources, used_scopes = pc.unique(resource_rows), pc.unique(scope_rows)
    resources = _resources(per_resource, used_resources, outline)
    scopes = _scopes(per_scope, used_scopes, outline)
    table = _spans(spans)
    for name, source, rows in (
        ("resource_id", resources, pc.index_in(resource_rows, used_resources)),
        ("service", resources, pc.index_in(resource_rows, used_resources)),
        ("scope_id", scopes, pc.index_in(scope_rows, used_scopes)),
    ):
        table = table.append_column(name, source.column(name).take(rows))
    return Batch(table, _events(spans), _links(spans), resources.drop_columns(["service"]), scopes, rejected)


def _valid(spans: pa.StructArray) -> tuple[pa.BooleanArray, dict[str, int]]:
    """Returns which spans to keep, and how many are refused for which reason; a span is counted once."""
    late = pa.scalar(_LATEST_NS, pa.uint64())
    checks = (
        (BAD_TRACE_ID, _is_id(spans.field("trace_id"), _TRACE_BYTES)),
        (BAD_SPAN_ID, _is_id(spans.field("span_id"), _SPAN_BYTES)),
        (
            BAD_TIME,
            pc.and_(
                pc.less_equal(spans.field("start_time_unix_nano"), late),
                pc.less_equal(spans.field("end_time_unix_nano"), late),
            ),
        ),
    )
    keep, rejected, kept = None, {}, len(spans)
    for reason, passed in checks:
        keep = passed if keep is None else pc.and_(keep, passed)
        remaining = pc.sum(keep).as_py() or 0
        if remaining < kept:
            rejected[reason] = kept - remaining
            kept = remaining
    return keep, rejected


def _is_id(ids: pa.BinaryArray, size: int) -> pa.BooleanArray:
    return pc.and_(pc.equal(pc.binary_length(ids), size), pc.not_equal(ids, pa.scalar(bytes(size), pa.binary())))


def _uuids(ids: pa.BinaryArray) -> pa.Array:
    """Returns 128-bit ids as UUIDs; what is no id becomes the nil UUID."""
    whole = pc.if_else(_is_id(ids, _TRACE_BYTES), ids, pa.scalar(bytes(_TRACE_BYTES), pa.binary()))
    return pa.ExtensionArray.from_storage(pa.uuid(), whole.cast(pa.binary(_TRACE_BYTES)))


def _numbers(ids: pa.BinaryArray) -> pa.UInt64Array:
    """Returns 64-bit ids as numbers; what is no id becomes null."""
    whole = pc.if_else(_is_id(ids, _SPAN_BYTES), ids, pa.scalar(bytes(_SPAN_BYTES), pa.binary()))
    fixed = whole.cast(pa.binary(_SPAN_BYTES))
    begin, end = fixed.offset * _SPAN_BYTES, (fixed.offset + len(fixed)) * _SPAN_BYTES
    words = array.array("Q")
    words.frombytes(memoryview(fixed.buffers()[1])[begin:end])
    if sys.byteorder == "little":
        words.byteswap()
    numbers = pa.Array.from_buffers(pa.uint64(), len(fixed), [None, pa.py_buffer(words)])
    return pc.if_else(pc.equal(numbers, pa.scalar(0, pa.uint64())), pa.scalar(None, pa.uint64()), numbers)


def _spans(spans: pa.StructArray) -> pa.Table:
    status = spans.field("status")
    return pa.table(
        {
            "row": pa.arange(0, len(spans)),
            "trace_id": _uuids(spans.field("trace_id")),
            "span_id": _numbers(spans.field("span_id")),
            "parent_span_id": _numbers(spans.field("parent_span_id")),
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
            "linked_trace_id": _uuids(links.field("trace_id")),
            "linked_span_id": _numbers(links.field("span_id")),
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


def _resources(per_resource: pa.StructArray, rows: pa.Array, outline: Outline) -> pa.Table:
    resource = per_resource.field("resource").take(rows)
    fields = ("attributes", "dropped_attributes_count", "entity_refs")
    columns = {name: pc.struct_field(resource, name) for name in fields}
    return pa.table(
        {
            "resource_id": outline.resource_ids(rows),
            **columns,
            "schema_url": per_resource.field("schema_url").take(rows),
            "service": _services(columns["attributes"]),
        }
    )


def _scopes(per_scope: pa.StructArray, rows: pa.Array, outline: Outline) -> pa.Table:
    scope = per_scope.field("scope").take(rows)
    fields = ("name", "version", "attributes", "dropped_attributes_count")
    columns = {name: pc.struct_field(scope, name) for name in fields}
    urls = per_scope.field("schema_url").take(rows)
    return pa.table({"scope_id": outline.scope_ids(rows), **columns, "schema_url": urls})


def _services(attributes: pa.ListArray) -> pa.StringArray:
    """Returns the first service name of each attribute list; empty where there is none, or where it is no text."""
    pairs = attributes.flatten()
    values = pairs.field("value")
    named = pc.and_(pc.equal(pairs.field("key"), "service.name"), pc.is_valid(values))
    owners = pc.list_parent_indices(attributes).filter(named)
    names = pc.struct_field(values, "string_value").filter(named)
    first = pc.index_in(pa.arange(0, len(attributes)), owners.cast(pa.int64()))
    return pc.fill_null(names.take(first), "")
