"""A request without its records: the resources and scopes that they come from, which all signals have alike."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
from ptars import HandlerPool

from collector.errors import UndecodableError
from collector.otlp.decode import lenient
from collector.otlp.decode.descriptor import request_descriptor
from collector.otlp.decode.outline import Outline
from collector.otlp.signals import Signal

NO_UTF8: Final = "text is not valid UTF-8; invalid bytes were replaced by U+FFFD"


@dataclass(frozen=True, slots=True)
class Envelope:
    """Records, and where each comes from.

    Attributes:
        records: one row a span, log record or metric.
        resource_rows: of each record, the row of its resource within the request.
        scope_rows: of each record, the row of its scope within the request.
        mended: values that were mended, counted by reason.
    """

    records: pa.StructArray
    resource_rows: pa.Array
    scope_rows: pa.Array
    mended: Mapping[str, int]
    _per_resource: pa.StructArray = field(repr=False)
    _per_scope: pa.StructArray = field(repr=False)
    _outline: Outline = field(repr=False)

    @classmethod
    def open(cls, signal: Signal, body: bytes) -> "Envelope":
        """Decodes a request.

        Args:
            signal: of which it is a request.
            body: the message, decompressed.

        Raises:
            UndecodableError: when the bytes are no such message.
        """
        request, mended = _decode_request(signal, body)
        per_resource = request.column(signal.resources).flatten()
        scope_lists = per_resource.field(signal.scopes)
        per_scope = scope_lists.flatten()
        record_lists = per_scope.field(signal.records)
        scope_rows = pc.list_parent_indices(record_lists)
        resource_rows = pc.list_parent_indices(scope_lists).take(scope_rows)
        outline = Outline(signal, body)
        return cls(record_lists.flatten(), resource_rows, scope_rows, mended, per_resource, per_scope, outline)

    def filter_records(self, keep: pa.BooleanArray) -> "Envelope":
        """Returns the same without some of its records."""
        rows = (self.records.filter(keep), self.resource_rows.filter(keep), self.scope_rows.filter(keep))
        return Envelope(*rows, self.mended, self._per_resource, self._per_scope, self._outline)

    def origins(self) -> "Origins":
        """Returns the resources and scopes that a record refers to; empty ones cost a sender two bytes each."""
        resources, scopes = pc.unique(self.resource_rows), pc.unique(self.scope_rows)
        return Origins(
            _resources(self._per_resource, resources, self._outline),
            _scopes(self._per_scope, scopes, self._outline),
            pc.index_in(self.resource_rows, resources),
            pc.index_in(self.scope_rows, scopes),
        )


@dataclass(frozen=True, slots=True)
class Origins:
    """The resources and scopes of a request, and the row of each record's."""

    _resources: pa.Table
    _scopes: pa.Table
    _resource_rows: pa.Array
    _scope_rows: pa.Array

    @property
    def tables(self) -> dict[str, pa.Table]:
        """What is stored of them."""
        return {"resources": self._resources.drop_columns(["service"]), "scopes": self._scopes}

    def add_origin_columns(self, table: pa.Table) -> pa.Table:
        """Returns a table of one row a record with the columns that say where each comes from."""
        for name, source, rows in (
            ("resource_id", self._resources, self._resource_rows),
            ("service", self._resources, self._resource_rows),
            ("scope_id", self._scopes, self._scope_rows),
        ):
            table = table.append_column(name, source.column(name).take(rows))
        return table


def _decode_request(signal: Signal, body: bytes) -> tuple[pa.RecordBatch, dict[str, int]]:
    handler = _handler(signal)
    try:
        return handler.list_to_record_batch([body]), {}
    except ValueError as error:
        if "UTF-8" not in str(error):
            raise _make_undecodable_error(signal, error) from None
    except BaseException as panic:  # noqa: BLE001 the decoder panics where a length runs over, which is no Exception
        raise _make_undecodable_error(signal, panic) from None
    try:
        request, mended = lenient.decode_leniently(signal, body, handler.list_to_record_batch([b""]).schema)
    except BaseException as error:  # noqa: BLE001 as above
        raise _make_undecodable_error(signal, error) from None
    return request, {NO_UTF8: mended}


def _make_undecodable_error(signal: Signal, error: BaseException) -> UndecodableError:
    if isinstance(error, KeyboardInterrupt | SystemExit | GeneratorExit):
        raise error
    return UndecodableError(f"the body is not a valid {signal.request.DESCRIPTOR.name}: {error}")


@cache
def _handler(signal: Signal) -> Any:
    descriptor = request_descriptor(signal)
    return HandlerPool([descriptor.file]).get_for_message(descriptor)


def _take_rows(values: pa.Array, rows: pa.Array) -> pa.Array:
    """Returns the values of some rows, in their order; where they are all there is nothing to copy."""
    return values if len(rows) == len(values) else values.take(rows)


def _resources(per_resource: pa.StructArray, rows: pa.Array, outline: Outline) -> pa.Table:
    resource = _take_rows(per_resource.field("resource"), rows)
    fields = ("attributes", "dropped_attributes_count", "entity_refs")
    columns = {name: pc.struct_field(resource, name) for name in fields}
    return pa.table(
        {
            "resource_id": outline.resource_ids(rows),
            **columns,
            "schema_url": _take_rows(per_resource.field("schema_url"), rows),
            "service": _services(columns["attributes"]),
        }
    )


def _scopes(per_scope: pa.StructArray, rows: pa.Array, outline: Outline) -> pa.Table:
    scope = _take_rows(per_scope.field("scope"), rows)
    fields = ("name", "version", "attributes", "dropped_attributes_count")
    columns = {name: pc.struct_field(scope, name) for name in fields}
    urls = _take_rows(per_scope.field("schema_url"), rows)
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
