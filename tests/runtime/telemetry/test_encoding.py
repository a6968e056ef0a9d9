"""Spans as OTLP in one pass: word for word what the SDK's encoder writes, cleaned."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from runtime.redaction.redactor import Redactor
from runtime.telemetry.encoding import SpanEncoder
from runtime.telemetry.redaction import redact_request
from tests.runtime.telemetry import samples
from tests.runtime.telemetry.conftest import Recorder

SECRET = Redactor()


def in_two_passes(spans: tuple[ReadableSpan, ...]) -> Any:
    request = encode_spans(spans)
    redact_request(request, SECRET)
    return request


def told(recorder: Recorder) -> None:
    """Every kind of fact, and attempts that ended in every way."""
    observer = recorder.observer
    for fact in (
        samples.run_started(),
        samples.run_ended(),
        samples.event_published(),
        samples.event_published(data='{"note": "nothing to hide"}', agent="Bearer abcdefgh1234"),
        samples.dead_lettered(),
        samples.replayed(),
        samples.discarded(),
    ):
        observer.emit(fact)
    observer.open(samples.delivery_begun()).end(samples.delivery_ended())
    observer.open(samples.step_begun()).end(samples.step_ended(keys_written=("sorting", "token=abcdef99")))
    observer.open(samples.step_begun()).end(samples.step_ended(error=samples.ERROR, scores=(samples.SCORE,)))


def test_spans_of_ours_are_written_as_the_sdk_writes_them(recorder: Recorder):
    """Their secrets taken out as they were in two passes."""
    told(recorder)
    assert len(recorder.spans) == 10
    assert SpanEncoder(SECRET).encode(recorder.spans) == in_two_passes(recorder.spans)


def test_spans_of_others_are_written_so_too():
    """Of several scopes; with values of every type, under keys that hide what they give."""
    exporter, provider = InMemorySpanExporter(), TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    values: list[dict[str, Any]] = [
        {"a": 1, "b": 2.5, "c": True, "d": "text", "e": ("x", "y"), "f": (1, 2), "g": ()},
        {"a": True, "b": -2, "c": 1, "d": 2.0, "e": ("1",), "f": "0" * 65, "g": "01930000-0000-7000-8000-000000000002"},
        {"a": (str(samples.RUN),), "b": (str(samples.RUN),) * 3, "c": (str(samples.RUN), "x"), "d": ("y" * 65,) * 2},
        {
            "password": "hunter2",
            "api_key": "",
            "sk-abcdefghijklmnop1234": "v",
            "name": "token",
            "value": "t0k3n-of-mine",
        },
        {"text": "sk-abcdefghijklmnop1234", "id": "01930000-0000-7000-8000-000000000001", "b": b"\x00\xff"},
        {},
    ]
    for scope in ("one", "two"):
        for value in values:
            with provider.get_tracer(scope, "1").start_as_current_span("outer", attributes=value) as span:
                span.set_status(trace.StatusCode.OK)
                with provider.get_tracer(scope, "1").start_as_current_span(
                    "inner", kind=trace.SpanKind.CLIENT
                ) as inner:
                    inner.add_event("said", {"password": "hunter2"})
    spans = exporter.get_finished_spans()
    assert SpanEncoder(SECRET).encode(spans) == in_two_passes(spans)


def test_others_have_a_turn_between_spans(recorder: Recorder):
    """Whoever encodes holds the interpreter's lock."""
    for _ in range(20):
        told(recorder)
    turns: list[int] = []
    SpanEncoder(SECRET, lambda: turns.append(1)).encode(recorder.spans)
    assert len(turns) == len(recorder.spans) // 8


@given(st.uuids())
def test_an_id_of_ours_is_no_secret_to_any_pattern(id_):
    """So that none is searched."""
    assert SECRET.is_harmless_id(str(id_))
    assert SECRET.text(str(id_)) == str(id_)


def test_where_an_operator_has_a_pattern_of_his_own_ids_are_searched():
    """It might be one."""
    from runtime.redaction.configured_redactor import get_redactor

    own = get_redactor(active=True, words="", pattern="0193[0-9a-f-]+")
    assert not own.is_harmless_id(str(samples.RUN))
    assert own.text(str(samples.RUN)) == "[redacted]"


@pytest.mark.parametrize(
    "text",
    [
        '{"pass\\u0077ord": "p4ss-of-mine"}',
        '{"PASSWORD": "p4ss-of-mine"}',
        '{"a": "sk-abcdefghijklmnop1234"}',
        '{"x": ["token", "abcdef99"]}',
        '{"clientSecret": {"deep": 1}}',
    ],
)
def test_a_text_that_may_hold_a_secret_is_read(text: str):
    """However it is written."""
    assert "[redacted]" in SECRET.text(text)


WORDS = st.sampled_from(
    ["pass", "word", "api", "key", "user", "sk-", "token", "x", "Id", "_", "-", "\\u0070", "abcdef123456"]
)


@given(st.lists(WORDS, min_size=1, max_size=4).map("".join), st.lists(WORDS, min_size=1, max_size=4).map("".join))
def test_what_is_not_read_would_have_stayed_as_it_was(key: str, value: str):
    """No sign, no secret."""
    text = f'{{"{key}": "{value}"}}'
    if SECRET._is_plainly_clean(text):
        assert SECRET.json(text) == text
