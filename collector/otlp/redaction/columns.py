"""Takes secrets out of Arrow tables: RE2 searches all texts at once, and what it suspects is looked at by Python."""

import functools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from collector.otlp.redaction import named_secrets
from collector.otlp.redaction.suspicion import Suspicion
from collector.otlp.redaction.wire import clean_list_message, clean_map_message
from collector.store.batch import Batch
from runtime.redaction.messages import HIDDEN, clean_bytes
from runtime.redaction.patterns import REDACTED
from runtime.redaction.redactor import Redactor

#: Columns of ids that were made of bytes: random, and as many as there are rows.
_IDS: Final = frozenset({"identity", "trace_id", "span_id", "parent_span_id", "linked_trace_id", "linked_span_id"})


class ColumnRedactor:
    """Takes secrets out of batches.

    Args:
        redactor: knows what is secret.
    """

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._in_texts = Suspicion(redactor.suspicion())
        self._in_bytes = Suspicion(redactor.suspicion(in_bytes=True), in_bytes=True)

    def clean(self, batch: Batch) -> Batch:
        """Returns the batch without secrets."""
        if self._redactor.is_idle:
            return batch
        texts = [text for table in batch.tables.values() for column in _columns(table) for text in _texts(column)]
        cleaning = _Cleaning(self._redactor, self._find_suspects(texts), self._in_bytes)
        return replace(batch, tables={name: cleaning.clean_table(table) for name, table in batch.tables.items()})

    def _find_suspects(self, texts: Sequence[pa.StringArray]) -> Iterator[pa.BooleanArray]:
        """Yields which texts to look at, for one array after the other; they are searched as one."""
        found = self._in_texts.find_matches(pa.concat_arrays(texts)) if texts else pa.array([], pa.bool_())
        start = 0
        for text in texts:
            yield found.slice(start, len(text))
            start += len(text)


class _Cleaning:
    """Of one batch: walks as `_texts` does, so that each text meets what was found in it."""

    def __init__(self, redactor: Redactor, found: Iterator[pa.BooleanArray], in_bytes: Suspicion) -> None:
        self._redactor = redactor
        self._found = found
        self._in_bytes = in_bytes

    def clean_table(self, table: pa.Table) -> pa.Table:
        """Returns the table without secrets."""
        for name in table.column_names:
            if not _is_searched(table.schema.field(name)):
                continue
            before = table.column(name).chunks
            chunks = [self._clean_values(chunk) for chunk in before]
            if any(new is not old for new, old in zip(chunks, before, strict=True)):
                place = table.schema.get_field_index(name)
                kind = table.schema.field(name)
                table = table.set_column(place, kind, pa.chunked_array(chunks, kind.type))
        return table

    def _clean_values(self, values: Any) -> Any:
        """Returns the same values without secrets; the same object where there were none."""
        if _is_void(values):
            return values
        kind = values.type
        if pa.types.is_string(kind):
            return _clean_suspects(values, next(self._found), self._redactor.text)
        if pa.types.is_binary(kind):
            return self._clean_bytes(values, clean_bytes)
        if pa.types.is_list(kind):
            values = _unslice(values)
            before = values.values
            items = self._hide_named(values, self._clean_values(before))
            return values if items is before else _rebuild_list(values, items)
        return self._clean_struct(values) if pa.types.is_struct(kind) else values

    def _hide_named(self, lists: pa.ListArray, items: Any) -> Any:
        """Returns the items of lists without secrets that another item of their list names."""
        if not pa.types.is_struct(items.type):
            return items
        if not _is_pair(items.type):
            return _hide_at(items, named_secrets.find_secret_arguments(lists, self._redactor))
        places = named_secrets.find_secret_values(lists, self._redactor)
        if not places:
            return items
        keys, values = items.field("key"), items.field("value")
        return _rebuild_struct(items, {"key": keys, "value": values}, {"key": keys, "value": _hide_at(values, places)})

    def _clean_struct(self, values: pa.StructArray) -> pa.StructArray:
        if _is_pair(values.type):
            return self._clean_pairs(values)
        names = [field.name for field in values.type]
        parts = {name: values.field(name) for name in names}
        cleaned = {name: self._clean_part(name, part) for name, part in parts.items()}
        return _rebuild_struct(values, parts, cleaned)

    def _clean_part(self, name: str, part: Any) -> Any:
        if name == "kvlist_value":
            return self._clean_bytes(part, clean_map_message)
        if name == "array_value" and pa.types.is_binary(part.type):
            return self._clean_bytes(part, clean_list_message)
        return self._clean_values(part)

    def _clean_pairs(self, pairs: pa.StructArray) -> pa.StructArray:
        keys, before = pairs.field("key"), pairs.field("value")
        values = self._clean_values(before)
        distinct = keys.dictionary_encode()
        names = distinct.dictionary.to_pylist()
        secret = pa.array([place for place, name in enumerate(names) if self._redactor.is_secret(name)], pa.int32())
        if len(secret):
            values = _hide_secrets(values, pc.is_in(distinct.indices, secret))
        told = [self._redactor.text(name) for name in names]
        keys_told = keys if told == names else pa.array(told, keys.type).take(distinct.indices)
        return _rebuild_struct(pairs, {"key": keys, "value": before}, {"key": keys_told, "value": values})

    def _clean_bytes(self, values: pa.BinaryArray, clean: Callable[[bytes, Redactor], bytes]) -> pa.BinaryArray:
        if _is_void(values):
            return values
        return _clean_suspects(values, self._in_bytes.find_matches(values), lambda value: clean(value, self._redactor))


def _columns(table: pa.Table) -> Iterator[Any]:
    for name in table.column_names:
        if _is_searched(table.schema.field(name)):
            yield from table.column(name).chunks


def _is_searched(field: pa.Field) -> bool:
    kind = field.type
    return field.name not in _IDS and bool(
        pa.types.is_string(kind) or pa.types.is_binary(kind) or pa.types.is_nested(kind)
    )


def _texts(values: Any) -> Iterator[pa.StringArray]:
    """Yields the texts of a column, but keys of attributes: those are few."""
    if _is_void(values):
        return
    kind = values.type
    if pa.types.is_string(kind):
        yield values
    elif pa.types.is_list(kind):
        yield from _texts(_unslice(values).values)
    elif pa.types.is_struct(kind):
        for name in ["value"] if _is_pair(kind) else [field.name for field in kind]:
            yield from _texts(values.field(name))


def _is_void(values: Any) -> bool:
    """Whether nothing is said: of the seven kinds that a value may have most requests know two."""
    return bool(values.null_count == len(values))


def _is_pair(kind: pa.StructType) -> bool:
    return [field.name for field in kind] == ["key", "value"]


def _hide_secrets(values: pa.StructArray, secret: pa.BooleanArray) -> pa.StructArray:
    """Returns the values with a mark for what is secret and no number."""
    said = functools.reduce(pc.or_, (pc.is_valid(values.field(name)) for name in HIDDEN))
    hidden = pc.and_(pc.fill_null(secret, fill_value=False), said)
    if not hidden.true_count:
        return values
    mark = pa.array([{"string_value": REDACTED}], values.type)
    places = pc.if_else(hidden, pa.scalar(len(values), pa.int64()), pa.arange(0, len(values)))
    return pa.concat_arrays([values, mark]).take(places)


def _hide_at(values: pa.StructArray, places: set[int]) -> pa.StructArray:
    """Returns the values with a mark at some places."""
    if not places:
        return values
    return _hide_secrets(values, pc.is_in(pa.arange(0, len(values)), pa.array(sorted(places), pa.int64())))


def _clean_suspects(values: Any, suspected: pa.BooleanArray, clean: Callable[[Any], Any]) -> Any:
    if not suspected.true_count:
        return values
    distinct = values.filter(suspected).dictionary_encode()
    before = distinct.dictionary.to_pylist()
    after = [clean(value) for value in before]
    if after == before:
        return values
    return pc.replace_with_mask(values, suspected, pa.array(after, values.type).take(distinct.indices))


def _unslice(values: pa.ListArray) -> pa.ListArray:
    """Returns a list that is no slice of another, whose values would be those of all."""
    return values.take(pa.arange(0, len(values))) if values.offset else values


def _rebuild_list(values: pa.ListArray, items: Any) -> pa.ListArray:
    return pa.ListArray.from_arrays(values.offsets, items, type=values.type, mask=_nulls(values))


def _rebuild_struct(values: pa.StructArray, parts: dict[str, Any], cleaned: dict[str, Any]) -> pa.StructArray:
    """Returns a struct with some of its parts replaced; the same object where none of them is another."""
    if all(part is parts[name] for name, part in cleaned.items()):
        return values
    return pa.StructArray.from_arrays(list((parts | cleaned).values()), fields=list(values.type), mask=_nulls(values))


def _nulls(values: Any) -> Any:
    return values.is_null() if values.null_count else None
