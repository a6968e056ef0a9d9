"""Spans as OTLP, their secrets taken out.

What `encode_spans` and `redact_request` do in two passes, and in the same words, is done here in one for the spans that
most are: attributes of plain types under keys that hide nothing. Whatever else a span holds goes their way.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Final
from uuid import UUID

from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans, SpanFlags
from opentelemetry.proto.trace.v1.trace_pb2 import Span as EncodedSpan
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import SpanContext, StatusCode

from runtime.redaction.redactor import NAMES, VALUES, Redactor
from runtime.telemetry.redaction import redact_request

#: Spans after which other threads get their turn: who encodes holds the interpreter's lock, and the agents' code waits.
_TURN: Final = 8

#: Longest text whose cleaned form is remembered, and how many.
_SHORT: Final = 64
_REMEMBERED: Final = 4_096

_LOCAL: Final = int(SpanFlags.SPAN_FLAGS_CONTEXT_HAS_IS_REMOTE_MASK)
_REMOTE: Final = _LOCAL | int(SpanFlags.SPAN_FLAGS_CONTEXT_IS_REMOTE_MASK)
_AN_ID: Final = str(UUID(int=0))
#: Characters of an id: of most texts that alone says that they are none.
_ID_LENGTH: Final = len(_AN_ID)


class _Scopes:
    """Where the spans of a request go: one record for each resource, and in it one for each scope."""

    def __init__(self) -> None:
        self._seen: dict[tuple[int, int], ScopeSpans] = {}
        self._scopes: dict[tuple[Resource, InstrumentationScope | None], ScopeSpans] = {}
        self._resources: dict[Resource, ResourceSpans] = {}

    def find(self, span: ReadableSpan) -> ScopeSpans | None:
        """The record of the span's scope; None where it is its first."""
        # Resources are equal by all their attributes, which nobody wants to compare for each span.
        place = id(span.resource), id(span.instrumentation_scope)
        found = self._seen.get(place) or self._scopes.get((span.resource, span.instrumentation_scope))
        if found is not None:
            self._seen[place] = found
        return found

    def add_first(
        self, request: ExportTraceServiceRequest, span: ReadableSpan, whole: ExportTraceServiceRequest
    ) -> None:
        """The first span of a scope brings the records of that, and of its resource, along."""
        record = self._resources.get(span.resource)
        if record is None:
            request.MergeFrom(whole)
            record = self._resources[span.resource] = request.resource_spans[-1]
        else:
            record.scope_spans.add().CopyFrom(whole.resource_spans[0].scope_spans[0])
        self._scopes[span.resource, span.instrumentation_scope] = record.scope_spans[-1]


class SpanEncoder:
    """Writes requests. Args: `redactor`, which takes secrets out; `turn` lets other threads have a turn."""

    def __init__(self, redactor: Redactor, turn: Callable[[], object] = lambda: time.sleep(0)) -> None:
        self._redactor = redactor
        self._turn = turn
        self._is_open = lru_cache(_REMEMBERED)(self._is_harmless_key)
        self._short = lru_cache(_REMEMBERED)(redactor.text)
        self._short_attribute = lru_cache(_REMEMBERED)(self._encode_text)
        self._short_list = lru_cache(_REMEMBERED)(self._encode_list)

    def encode(self, spans: Iterable[ReadableSpan]) -> ExportTraceServiceRequest:
        """The request that carries the spans.

        Raises:
            Exception: one of them can't be written as OTLP; the SDK's encoder names no errors of its own.
        """
        request, scopes = ExportTraceServiceRequest(), _Scopes()
        for number, span in enumerate(spans, 1):
            scope = scopes.find(span)
            if scope is None:
                scopes.add_first(request, span, self._encode_fully(span))
            elif self._is_plain(span) and (attributes := self._encode_attributes(span)) is not None:
                self._write(scope, span, attributes)
            else:
                scope.spans.append(self._encode_fully(span).resource_spans[0].scope_spans[0].spans[0])
            if number % _TURN == 0:
                self._turn()
        return request

    def _encode_fully(self, span: ReadableSpan) -> ExportTraceServiceRequest:
        request = encode_spans([span])
        if not self._redactor.is_idle:
            redact_request(request, self._redactor)
        return request

    def _is_plain(self, span: ReadableSpan) -> bool:
        """Whether `_write` can write it, as far as its attributes say nothing else."""
        if span.events or span.context is None or span.context.trace_state or span.status.description:
            return False
        if span.dropped_attributes or span.dropped_links:
            return False
        return not any([link.attributes for link in span.links])  # noqa: C419 a generator costs more

    def _write(self, scope: ScopeSpans, span: ReadableSpan, attributes: bytes) -> None:
        context, parent = span.context, span.parent
        if context is None:
            raise AssertionError("a span that has ended has a context")
        written = scope.spans.add(
            trace_id=context.trace_id.to_bytes(16),
            span_id=context.span_id.to_bytes(8),
            name=self._clean_text(span.name),
            kind=span.kind.value + 1,  # OTLP has one more, in front of them
            start_time_unix_nano=span.start_time or 0,
            end_time_unix_nano=span.end_time or 0,
            flags=_flags(parent),
        )
        if parent is not None:
            written.parent_span_id = parent.span_id.to_bytes(8)
        written.MergeFromString(attributes)
        for link in span.links:
            pointed = link.context
            written.links.add(
                trace_id=pointed.trace_id.to_bytes(16), span_id=pointed.span_id.to_bytes(8), flags=_flags(pointed)
            )
        written.status.SetInParent()
        if span.status.status_code is not StatusCode.UNSET:
            written.status.code = span.status.status_code.value  # OTLP's numbers are those of the API

    def _encode_attributes(self, span: ReadableSpan) -> bytes | None:
        """A span's attributes as they lie in its message; None where they are not plain."""
        parts: list[bytes] = []
        for key, value in (span.attributes or {}).items():
            if not self._is_open(key):
                return None
            if isinstance(value, str):
                if len(value) == _ID_LENGTH and self._redactor.is_harmless_id(value):
                    parts += (_id_prefix(key), value.encode())
                elif len(value) > _SHORT:
                    parts.append(self._encode_text(key, value))
                else:
                    parts.append(self._short_attribute(key, value))
            elif isinstance(value, int):  # a bool is an int
                parts.append(_encode_number(key, value))
            elif isinstance(value, float):
                parts.append(_encode_attribute(key, AnyValue(double_value=value)))
            elif isinstance(value, tuple) and all([type(item) is str for item in value]):  # noqa: C419 as above
                parts += self._encode_list_attribute(key, value)
            elif isinstance(value, tuple) and all([type(item) is int for item in value]):  # noqa: C419 as above
                parts.append(_encode_numbers(key, value))
            else:
                return None
        return b"".join(parts)

    def _encode_list_attribute(self, key: str, items: tuple[str, ...]) -> Sequence[bytes]:
        if all([self._redactor.is_harmless_id(item) for item in items]):  # noqa: C419 as above
            return _ids_prefix(key, len(items)), *[_ITEM + item.encode() for item in items]
        if sum(map(len, items)) > _SHORT:
            return (self._encode_list(key, items),)
        return (self._short_list(key, items),)

    def _encode_list(self, key: str, items: tuple[str, ...]) -> bytes:
        return _encode_attribute(key, _list_value(self._clean_text(item) for item in items))

    def _encode_text(self, key: str, value: str) -> bytes:
        return _encode_attribute(key, AnyValue(string_value=self._redactor.text(value)))

    def _clean_text(self, text: str) -> str:
        if len(text) > _SHORT:
            return self._redactor.text(text)
        is_id = len(text) == _ID_LENGTH and self._redactor.is_harmless_id(text)
        return text if is_id else self._short(text)

    def _is_harmless_key(self, key: str) -> bool:
        """Whether a key says nothing of its value, nor of others, and is no secret itself."""
        is_named = key in NAMES or key in VALUES or self._redactor.is_secret(key)
        return not is_named and self._redactor.text(key) == key


def _encode_attribute(key: str, value: AnyValue) -> bytes:
    """An attribute as it lies in the message of its span: of most there are few, which are remembered so."""
    return EncodedSpan(attributes=[KeyValue(key=key, value=value)]).SerializeToString()


@lru_cache(_REMEMBERED, typed=True)
def _encode_number(key: str, value: int) -> bytes:
    """The same of a number, or a truth value."""
    return _encode_attribute(key, AnyValue(bool_value=value) if isinstance(value, bool) else AnyValue(int_value=value))


@lru_cache(_REMEMBERED)
def _encode_numbers(key: str, values: tuple[int, ...]) -> bytes:
    """The same of a list of numbers."""
    return _encode_attribute(
        key, AnyValue(array_value=ArrayValue(values=[AnyValue(int_value=value) for value in values]))
    )


@lru_cache(_REMEMBERED)
def _id_prefix(key: str) -> bytes:
    """What lies before an id: ids are all of one length, and stand at the end."""
    return _encode_attribute(key, AnyValue(string_value=_AN_ID))[: -len(_AN_ID)]


@lru_cache(_REMEMBERED)
def _ids_prefix(key: str, count: int) -> bytes:
    """The same of a list of ids, each behind `_ITEM`."""
    return _encode_attribute(key, _list_value([_AN_ID] * count))[: -count * len(_ITEM + _AN_ID.encode()) or None]


def _list_value(items: Iterable[str]) -> AnyValue:
    return AnyValue(array_value=ArrayValue(values=[AnyValue(string_value=item) for item in items]))


#: What lies before an id in a list.
_ITEM: Final = ArrayValue(values=[AnyValue(string_value=_AN_ID)]).SerializeToString()[: -len(_AN_ID)]


def _flags(context: SpanContext | None) -> int:
    return _REMOTE if context is not None and context.is_remote else _LOCAL
