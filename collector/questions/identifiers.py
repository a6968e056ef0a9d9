"""Ids as any tool prints them: what a text can be the id of. Pure.

The forms: UUIDs (RFC 9562; with braces, as a URN, without hyphens), trace and span ids in hex (W3C Trace Context; with
leading zeros or without them), `traceparent`, B3's single header (Zipkin), `uber-trace-id` (Jaeger), AWS X-Ray's trace
id and header, Google's `X-Cloud-Trace-Context`, decimal ids (Datadog), and base64 as protobuf's JSON mapping writes
bytes, or makes of hex that it took for base64.
"""

import base64
import binascii
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final
from uuid import UUID

_HEX: Final = "[0-9a-f]"
_LARGEST_SPAN: Final = 2**64 - 1

#: Without its padding only what is long enough not to be a word.
_BASE64: Final = re.compile(r"[A-Za-z0-9+/_-]{11}=?|[A-Za-z0-9+/_-]{22}(==)?|[A-Za-z0-9+/]{24}|[A-Za-z0-9+/]{43}=")

#: The name of a header or a field that has one id alone.
_LABEL: Final = re.compile(
    r"(?:traceparent|b3|uber-trace-id|sentry-trace|x-amzn-trace-id|x-cloud-trace-context|request-id)[\"']?\s*[:=]\s*[\"']?",
    re.IGNORECASE,
)

#: A field of a line: whether Datadog names it, and the id.
_ID: Final = r"[\"']?\s*[:=]\s*[\"']?((?:0x)?[0-9a-f][0-9a-f-]{7,38})(?![0-9a-z])"
_TRACE_FIELD: Final = re.compile(rf"(?<![a-z])(dd\.)?trace(?:[._-]?id|:id)?{_ID}")
_TRACEPARENT: Final = re.compile(rf"(?<![0-9a-z]){_HEX}{{2}}-({_HEX}{{32}})-({_HEX}{{16}})-{_HEX}{{2}}(?![0-9a-z])")
_SPAN_FIELD: Final = re.compile(rf"(?<![a-z])(dd\.)?span(?:[._-]?id|:id)?{_ID}")

#: Fewer digits are a number or a word, not an id whose leading zeros somebody left out.
_FEWEST_DIGITS: Final = 9


@dataclass(frozen=True, slots=True)
class ParsedId:
    """What a text can be the id of; empty where it is no id, or one that only its sender understands."""

    uuids: tuple[UUID, ...] = ()
    """Ids of nodes, correlations and traces: 128 bits don't say which."""
    spans: tuple[int, ...] = ()
    lower_halves: tuple[int, ...] = ()
    """The lower 64 bits of trace ids, for tools that know no more of them."""
    is_pair: bool = False
    """Whether the text named a span together with its trace."""

    def __bool__(self) -> bool:
        return bool(self.uuids or self.spans or self.lower_halves)


@dataclass(frozen=True, slots=True)
class _IdPart:
    trace: str = ""
    span: str = ""


def parse_identifier(text: str) -> ParsedId:
    """Returns what a text can be the id of.

    Args:
        text: as somebody pasted it; spaces and quotes around it don't matter, nor does case where its form has none.
    """
    plain = _strip_marks(_LABEL.sub("", _strip_marks(text)))
    lower = plain.lower().replace("%3a", ":")
    for form, take in _FORMS:
        if found := form.fullmatch(lower):
            return _merge_parts(take(*found.groups()))
    if fields := _parse_fields(lower):
        return _merge_parts(fields)
    return _merge_parts(_parse_base64(plain))


def _strip_marks(text: str) -> str:
    """Returns a text without the quotes, braces and signs around it."""
    return text.strip().strip("\"'`,;(){}[]<>").strip()


def _parse_fields(text: str) -> list[_IdPart]:
    """Returns the ids of a text that names them: a line of a log, JSON, Python's `SpanContext(...)`, a query; or
    that has one `traceparent`, such as among the headers of a request."""
    if len(told := set(_TRACEPARENT.findall(text))) == 1:
        return [_IdPart(*told.pop())]
    traces = [_to_hex_digits(kind, id_) for kind, id_ in _TRACE_FIELD.findall(text)]
    spans = [_to_hex_digits(kind, id_) for kind, id_ in _SPAN_FIELD.findall(text)]
    if not traces or not spans:
        return [part for trace in traces for part in _parse_trace(trace)] + [_IdPart(span=span) for span in spans]
    return [_IdPart(traces[0], spans[0])]


def _to_hex_digits(system: str, id_: str) -> str:
    """Returns an id in hex; Datadog writes it in decimal digits."""
    bare = id_.removeprefix("0x").replace("-", "")
    if system and bare.isdecimal() and int(bare) <= _LARGEST_SPAN:
        return f"{int(bare):x}"
    return bare


def _parse_trace(digits: str) -> Iterator[_IdPart]:
    yield _IdPart(trace=digits)


def _merge_parts(parts: Iterable[_IdPart]) -> ParsedId:
    uuids: dict[UUID, None] = {}
    spans: dict[int, None] = {}
    halves: dict[int, None] = {}
    is_pair = False
    for part in parts:
        is_pair |= bool(part.trace and part.span)
        if part.trace and (trace := int(part.trace, 16)):
            uuids[UUID(int=trace)] = None
            if trace <= _LARGEST_SPAN:
                halves[trace] = None
        if part.span and (span := int(part.span, 16)):
            spans[span] = None
    return ParsedId(tuple(uuids), tuple(spans), tuple(halves), is_pair)


def _parse_uuid(digits: str) -> Iterator[_IdPart]:
    yield _IdPart(trace=digits.replace("-", ""))


def _parse_pair(trace: str, span: str) -> Iterator[_IdPart]:
    yield _IdPart(trace, span)


def _parse_hex(digits: str) -> Iterator[_IdPart]:
    """Sixteen digits or fewer can be either id; more are a trace's. A row of decimal digits can be Datadog's, too."""
    if len(digits) <= 16:
        yield _IdPart(span=digits)
    yield _IdPart(trace=digits)
    if digits.isdecimal():
        yield from _parse_decimal(digits)


def _parse_decimal(digits: str) -> Iterator[_IdPart]:
    number = int(digits)
    if number <= _LARGEST_SPAN:
        yield _IdPart(span=f"{number:x}")
    if number < 2**128:
        yield _IdPart(trace=f"{number:x}")


def _parse_google(trace: str, span: str) -> Iterator[_IdPart]:
    """A trace in hex with a span in decimal digits."""
    yield _IdPart(trace, f"{int(span):x}" if int(span) <= _LARGEST_SPAN else "")


def _parse_xray(time: str, rest: str, parent: str | None) -> Iterator[_IdPart]:
    yield _IdPart(time + rest, parent or "")


def _parse_mistaken_base64(digits: str) -> Iterator[_IdPart]:
    """Hex that was read as base64 and printed as hex again: half as many digits more than were sent."""
    yield from _parse_sent_hex(base64.b64encode(bytes.fromhex(digits)).decode())


def _parse_mistaken_or_hex(digits: str) -> Iterator[_IdPart]:
    yield from _parse_mistaken_base64(digits)
    yield from _parse_hex(digits)


def _parse_sent_hex(digits: str) -> Iterator[_IdPart]:
    if re.fullmatch(f"{_HEX}{{32}}", digits.lower()):
        yield _IdPart(trace=digits)
    elif re.fullmatch(f"{_HEX}{{16}}", digits.lower()):
        yield _IdPart(span=digits)
        yield _IdPart(trace=digits)


def _parse_base64(text: str) -> Iterator[_IdPart]:
    if not _BASE64.fullmatch(text):
        return
    bare = text.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        content = base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True)
    except binascii.Error:
        return
    if len(content) == 16:
        yield _IdPart(trace=content.hex())
    elif len(content) == 8 and (text.endswith("=") or _is_random(text)):
        yield _IdPart(span=content.hex())
        yield _IdPart(trace=content.hex())
    elif content.isascii():
        yield from _parse_sent_hex(content.decode())  # hex digits that were encoded as if they were the bytes


def _is_random(text: str) -> bool:
    """Whether a text has capitals, small letters and digits in a mix that no word has."""
    kinds = [str.isdigit, str.islower, str.isupper]
    inside = re.search(r"[a-z][A-Z]|[0-9][A-Za-z]", text)
    return bool(inside) and all(any(is_kind(each) for each in text) for is_kind in kinds)


def _parse_self_xray(time: str, rest: str) -> Iterator[_IdPart]:
    yield _IdPart(time + rest)


#: Each form, in lower case, and how its groups are taken; the first that fits counts.
_FORMS: Final[tuple[tuple[re.Pattern[str], Callable[..., Iterator[_IdPart]]], ...]] = (
    (re.compile(rf"(?:urn:uuid:)?\{{?({_HEX}{{8}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{12}})\}}?"), _parse_uuid),
    (
        re.compile(rf"(?:traceparent\s*[:=]\s*)?{_HEX}{{2}}-({_HEX}{{32}})-({_HEX}{{16}})-{_HEX}{{2}}(?:-.*)?"),
        _parse_pair,
    ),
    (re.compile(rf"(?:root=)?1-({_HEX}{{8}})-({_HEX}{{24}})(?:;\s*parent=({_HEX}{{16}}))?(?:;.*)?"), _parse_xray),
    (re.compile(rf"self=[0-9a-f-]+;\s*root=1-({_HEX}{{8}})-({_HEX}{{24}})(?:;.*)?"), _parse_self_xray),
    (re.compile(rf"\|({_HEX}{{32}})\.({_HEX}{{16}})[._]?(?:.*)"), _parse_pair),
    (re.compile(rf"https?://\S+/traces?/({_HEX}{{32}})(?:[/?#]\S*)?"), _parse_uuid),
    (
        re.compile(rf"(?:b3\s*[:=]\s*)?({_HEX}{{16}}|{_HEX}{{32}})-({_HEX}{{16}})(?:-[01d])?(?:-{_HEX}{{16}})?"),
        _parse_pair,
    ),
    (
        re.compile(rf"(?:uber-trace-id\s*[:=]\s*)?({_HEX}{{1,32}}):({_HEX}{{1,16}}):{_HEX}{{1,16}}:{_HEX}{{1,2}}"),
        _parse_pair,
    ),
    (re.compile(rf"({_HEX}{{32}})/(\d{{1,20}})(?:;o=\d)?"), _parse_google),
    (re.compile(rf"(?:projects/[^/]+/traces/)?(?:0x|\{{)?({_HEX}{{32}})\}}?"), _parse_uuid),
    (re.compile(rf"({_HEX}{{48}})"), _parse_mistaken_base64),
    (re.compile(rf"({_HEX}{{24}})"), _parse_mistaken_or_hex),
    (re.compile(rf"(?:0x)?({_HEX}{{{_FEWEST_DIGITS},31}})"), _parse_hex),
    (re.compile(r"(\d{32,39})"), _parse_decimal),
)
