"""Maps, and lists within lists, which are kept as the bytes that they are on the wire: what is wrong in them is mended.

The fast decoder does not look into them. A text that is no UTF-8 is mended as elsewhere, what is nested more deeply
than protobuf reads is cut there, and what is no message stands as a mark; all else in the map is taken as it is.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
from google.protobuf import descriptor_pool, message_factory
from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto
from google.protobuf.message import DecodeError, Message
from opentelemetry.proto.common.v1.common_pb2 import ArrayValue, KeyValueList

from collector.otlp.decode.envelope import NO_UTF8
from collector.store.batch import Batch

TOO_DEEP: Final = "nested more deeply than protobuf reads; cut there"
UNREADABLE: Final = "a map or a list can't be read"

#: What stands where something can't be read.
MARK: Final = "[unreadable]"

#: How many messages deep protobuf reads, and how many deep a map lies in a map, and a list in a list.
_DEEPEST: Final = 100
_MAP_STEP: Final = 3
_LIST_STEP: Final = 2

_PACKAGE: Final = "causeline.nested"
_SHAPES: Final = {
    "Map": (("values", 1, True),),
    "List": (("values", 1, True),),
    "Pair": (("key", 1, False), ("value", 2, False)),
    "Value": (("string_value", 1, False), ("array_value", 5, False), ("kvlist_value", 6, False)),
}


def mend_batch(batch: Batch) -> Batch:
    """Returns a batch of which every map and list can be read; what was wrong is counted in `mended`."""
    mender = _Mender()
    tables = {name: _mend_table(table, mender) for name, table in batch.tables.items()}
    if not mender.counts:
        return batch
    return replace(batch, tables=tables, mended=dict(mender.counts + Counter(batch.mended)))


def _mend_table(table: pa.Table, mender: "_Mender") -> pa.Table:
    for place, field in enumerate(table.schema):
        if pa.types.is_nested(field.type):
            before = table.column(place).chunks
            chunks = [_mend_values(chunk, mender) for chunk in before]
            if any(new is not old for new, old in zip(chunks, before, strict=True)):
                table = table.set_column(place, field, pa.chunked_array(chunks, field.type))
    return table


def _mend_values(values: Any, mender: "_Mender") -> Any:
    """Returns the same values, the same object where nothing was wrong."""
    if values.null_count == len(values):
        return values
    if pa.types.is_list(values.type):
        whole = values.take(pa.arange(0, len(values))) if values.offset else values
        items = _mend_values(whole.values, mender)
        if items is whole.values or items.equals(whole.values):
            return values
        return pa.ListArray.from_arrays(whole.offsets, items, type=values.type, mask=_nulls(whole))
    if not pa.types.is_struct(values.type):
        return values
    parts = {field.name: values.field(field.name) for field in values.type}
    after = {name: _mend_part(name, part, mender) for name, part in parts.items()}
    if all(after[name] is part for name, part in parts.items()):
        return values
    return pa.StructArray.from_arrays(list(after.values()), fields=list(values.type), mask=_nulls(values))


def _mend_part(name: str, part: Any, mender: "_Mender") -> Any:
    if not pa.types.is_binary(part.type):
        return _mend_values(part, mender)
    if name == "kvlist_value":
        return _replace_distinct(part, mender.map)
    return _replace_distinct(part, mender.list) if name == "array_value" else part


def _replace_distinct(values: pa.BinaryArray, mend: Callable[[bytes], bytes]) -> pa.BinaryArray:
    if values.null_count == len(values):
        return values
    given = pc.is_valid(values)
    before = values.filter(given).to_pylist()
    after = [mend(wire) for wire in before]
    if after == before:
        return values
    return pc.replace_with_mask(values, given, pa.array(after, values.type))


def _nulls(values: Any) -> Any:
    return values.is_null() if values.null_count else None


class _Mender:
    """Makes messages readable, and counts what was wrong with them."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def map(self, wire: bytes) -> bytes:
        """Returns the same `KeyValueList` where it can be read, else a mended one."""
        return self._mend_checked(KeyValueList, wire, lambda: self._map(wire, _DEEPEST - 1), _unreadable_map)

    def list(self, wire: bytes) -> bytes:
        """Returns the same `ArrayValue` where it can be read, else a mended one."""
        return self._mend_checked(ArrayValue, wire, lambda: self._list(wire, _DEEPEST - 1), _unreadable_list)

    def _mend_checked(
        self, kind: type[Message], wire: bytes, mend: Callable[[], bytes], stand_in: Callable[[], bytes]
    ) -> bytes:
        try:
            kind.FromString(wire)
        except DecodeError:
            pass
        else:
            return wire
        try:
            repaired = mend()
            kind.FromString(repaired)
        except DecodeError:
            self.counts[UNREADABLE] += 1
            return stand_in()
        return repaired

    def _map(self, wire: bytes, room: int) -> bytes:
        """Mends a map that lies so many messages above the deepest."""
        message = _message("Map", wire)
        message.values[:] = [self._pair(pair, room) for pair in message.values]
        return bytes(message.SerializeToString())

    def _pair(self, wire: bytes, room: int) -> bytes:
        pair = _message("Pair", wire)
        if pair.HasField("key"):
            pair.key = self._text(pair.key)
        if pair.HasField("value"):
            pair.value = self._value(pair.value, room - 2)
        return bytes(pair.SerializeToString())

    def _list(self, wire: bytes, room: int) -> bytes:
        message = _message("List", wire)
        message.values[:] = [self._value(value, room - 1) for value in message.values]
        return bytes(message.SerializeToString())

    def _value(self, wire: bytes, room: int) -> bytes:
        try:
            value = _message("Value", wire)
            if value.HasField("string_value"):
                value.string_value = self._text(value.string_value)
            for field, step, mend in (
                ("kvlist_value", _MAP_STEP, self._map),
                ("array_value", _LIST_STEP, self._list),
            ):
                if not value.HasField(field):
                    continue
                if room <= step:
                    self.counts[TOO_DEEP] += 1
                    return bytes(_message("Value", b"", string_value=MARK.encode()).SerializeToString())
                setattr(value, field, mend(getattr(value, field), room - 1))
        except DecodeError:
            self.counts[UNREADABLE] += 1
            return bytes(_message("Value", b"", string_value=MARK.encode()).SerializeToString())
        return bytes(value.SerializeToString())

    def _text(self, raw: bytes) -> bytes:
        text = raw.decode("utf-8", "replace").encode()
        self.counts[NO_UTF8] += text != raw
        return text


def _unreadable_map() -> bytes:
    found = KeyValueList()
    found.values.add(key=MARK).value.string_value = UNREADABLE
    return found.SerializeToString()


def _unreadable_list() -> bytes:
    found = ArrayValue()
    found.values.add().string_value = MARK
    return found.SerializeToString()


def _message(name: str, wire: bytes, **fields: bytes) -> Any:
    """Reads one level of a message: what is nested in it, and all texts, are bytes."""
    message = _kinds()[name](**fields)
    message.MergeFromString(wire)
    return message


@cache
def _kinds() -> dict[str, Any]:
    file = FileDescriptorProto(name="causeline/nested.proto", package=_PACKAGE, syntax="proto2")
    for name, fields in _SHAPES.items():
        message = file.message_type.add(name=name)
        for field, number, is_repeated in fields:
            label = FieldDescriptorProto.LABEL_REPEATED if is_repeated else FieldDescriptorProto.LABEL_OPTIONAL
            message.field.add(name=field, number=number, type=FieldDescriptorProto.TYPE_BYTES, label=label)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{_PACKAGE}.{name}")) for name in _SHAPES}
