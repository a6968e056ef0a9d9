"""Ids as tools print them."""

import base64
from uuid import UUID

import pytest

from collector.questions import identifiers

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
NODE = UUID("0197f2f3-4567-7abc-89de-f0123456789a")
SHORT = "a3ce929d0e0e4736"


def encoded(digits: str) -> str:
    """The bytes that hex stands for, as base64."""
    return base64.b64encode(bytes.fromhex(digits)).decode()


@pytest.mark.parametrize(
    "text",
    [
        str(NODE),
        str(NODE).upper(),
        NODE.hex,
        f" {NODE}\n",
        f'"{NODE}",',
        f"{{{NODE}}}",
        NODE.urn,
        NODE.urn.upper(),
        f"0x{NODE.hex}",
        encoded(NODE.hex),
        encoded(NODE.hex).rstrip("="),
        base64.urlsafe_b64encode(NODE.bytes).decode(),
    ],
)
def test_a_uuid_is_read_in_any_form(text: str) -> None:
    """With hyphens or without, in any case, with what stands around it."""
    assert identifiers.parse_identifier(text).uuids == (NODE,)
    assert not identifiers.parse_identifier(text).spans


@pytest.mark.parametrize(
    "text",
    [
        f"00-{TRACE}-{SPAN}-01",
        f"traceparent: 00-{TRACE}-{SPAN}-01",
        f"cc-{TRACE}-{SPAN}-01-what-the-future-brings",
        f'{{"method": "GET", "headers": {{"host": "shop", "traceparent": "00-{TRACE}-{SPAN}-01"}}, "body": null}}',
        f"curl -H 'traceparent: 00-{TRACE}-{SPAN}-01' http://shop/{'x' * 3000}",
        f"{TRACE}-{SPAN}",
        f"b3: {TRACE}-{SPAN}-1-05e3ac9a4f6e3b90",
        f"{TRACE}-{SPAN}-d",
        f"{TRACE}:{SPAN}:0:1",
        f"uber-trace-id: {TRACE}:{SPAN.lstrip('0')}:0:1",
        f"{TRACE}/{int(SPAN, 16)};o=1",
        f"Root=1-{TRACE[:8]}-{TRACE[8:]};Parent={SPAN};Sampled=1",
        f"X-Amzn-Trace-Id: Root=1-{TRACE[:8]}-{TRACE[8:]};Parent={SPAN};Sampled=1",
        f"X-Cloud-Trace-Context: {TRACE}/{int(SPAN, 16)};o=1",
        f"sentry-trace: {TRACE}-{SPAN}-1",
        f'"traceparent": "00-{TRACE}-{SPAN}-01"',
        f'{{"traceparent": "00-{TRACE}-{SPAN}-01"}}',
        f"{TRACE}%3A{SPAN}%3A0%3A1",
        f"trace_id={TRACE} span_id={SPAN}",
        f'{{"trace_id": "{TRACE}", "span_id": "{SPAN}"}}',
        f'{{"traceId":"{TRACE}","spanId":"{SPAN}"}}',
        f"SpanContext(trace_id=0x{TRACE}, span_id=0x{SPAN}, trace_flags=0x01)",
        f"https://ui.example/x/trace?trace_id={TRACE}&span={SPAN}",
        f"|{TRACE}.{SPAN}.",
        f"|{TRACE}.{SPAN}",
    ],
)
def test_a_header_names_a_trace_and_its_span(text: str) -> None:
    """W3C, Zipkin, Jaeger, Google, AWS."""
    reading = identifiers.parse_identifier(text)
    assert (reading.uuids, reading.spans, reading.is_pair) == ((UUID(TRACE),), (int(SPAN, 16),), True)


@pytest.mark.parametrize(
    "text",
    [
        TRACE,
        f'{{"trace_id": "{TRACE}"}}',
        f"trace={TRACE}",
        f"trace_id=0x{TRACE}",
        f'{{trace:id="{TRACE}"}}',
        f"http://jaeger:16686/trace/{TRACE}",
        f"http://jaeger:16686/trace/{TRACE}?uiFind=x",
        f"({UUID(TRACE)})",
        f"Self=1-67891233-abcdef012345678912345678;Root=1-{TRACE[:8]}-{TRACE[8:]}",
        f"1-{TRACE[:8]}-{TRACE[8:]}",
        f"projects/shop/traces/{TRACE}",
        encoded(TRACE),
        base64.b64decode(TRACE).hex(),
        base64.b64encode(TRACE.encode()).decode(),
    ],
)
def test_a_trace_is_read_in_any_form(text: str) -> None:
    """The last two are hex that somebody took for base64, and hex that somebody encoded."""
    reading = identifiers.parse_identifier(text)
    assert (reading.uuids, reading.is_pair) == ((UUID(TRACE),), False)


@pytest.mark.parametrize("text", [SPAN, SPAN.lstrip("0"), str(int(SPAN, 16)), encoded(SPAN), f"0x{SPAN}"])
def test_a_span_is_read_in_any_form(text: str) -> None:
    """In hex with leading zeros or without, in decimal digits, in base64."""
    assert int(SPAN, 16) in identifiers.parse_identifier(text).spans


@pytest.mark.parametrize("text", [SHORT, SHORT.rjust(32, "0"), SHORT.upper(), str(int(SHORT, 16))])
def test_64_bits_can_be_a_trace_or_the_end_of_one(text: str) -> None:
    """Of a tracer that has no more, or of a tool that shows no more."""
    reading = identifiers.parse_identifier(text)
    assert UUID(int=int(SHORT, 16)) in reading.uuids
    assert int(SHORT, 16) in reading.lower_halves


def test_a_trace_without_its_leading_zeros_is_read() -> None:
    """As Jaeger prints it."""
    assert identifiers.parse_identifier("7" * 20).uuids[0] == UUID(int=int("7" * 20, 16))


@pytest.mark.parametrize(
    "text", ["", "S1-0042", "order", "helloworldx", "42", "12345678", "0" * 32, "ID:host-123", "Zürich", "x" * 500]
)
def test_what_is_no_id_is_read_as_none(text: str) -> None:
    """Words, subjects, small numbers, and the id that OpenTelemetry calls invalid."""
    assert not identifiers.parse_identifier(text)


def test_datadog_names_decimal_ids_in_a_line() -> None:
    """The lower half of the trace's, and the span's."""
    reading = identifiers.parse_identifier(f"dd.trace_id={int(SHORT, 16)} dd.span_id={int(SPAN, 16)}")
    assert (reading.spans, reading.lower_halves) == ((int(SPAN, 16),), (int(SHORT, 16),))


def test_base64_without_padding_is_no_word() -> None:
    """Eleven letters can be either."""
    assert int("cdefa10b2c3d4e5f", 16) in identifiers.parse_identifier(encoded("cdefa10b2c3d4e5f").rstrip("=")).spans
    assert not identifiers.parse_identifier("Information")
    assert not identifiers.parse_identifier("OrderPlaced")
