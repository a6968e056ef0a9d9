"""The spans of a trace in the order of their calls, each with its place in time. Pure."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from collector.models import Span


@dataclass(frozen=True)
class WaterfallRow:
    """A span in its place.

    Attributes:
        span: the span.
        depth: how many of the spans that are there it lies within.
        offset: where it begins, as a share of the whole from 0 to 1.
        width: how long it took, as a share of the whole from 0 to 1.
        after: how long after the trace's begin it began.
        took: how long it took; not negative, though clocks may say so.
    """

    span: Span
    depth: int
    offset: float
    width: float
    after: timedelta
    took: timedelta


def rows(spans: Sequence[Span]) -> list[WaterfallRow]:
    """Returns spans in the order of their calls: each before what it called, siblings by their begin. What names a
    parent that is not there, or lies in a ring of parents, stands at the top.

    Args:
        spans: of one trace, by their begin.
    """
    known = {span.span_id for span in spans}
    children: dict[str | None, list[Span]] = defaultdict(list)
    for span in spans:
        children[span.parent_span_id if span.parent_span_id in known else None].append(span)
    ordered: list[tuple[Span, int]] = []
    seen: set[str] = set()
    for top in (*children[None], *spans):
        waiting = [(top, 0)]
        while waiting:
            span, depth = waiting.pop()
            if span.span_id in seen:
                continue
            seen.add(span.span_id)
            ordered.append((span, depth))
            waiting += [(child, depth + 1) for child in reversed(children[span.span_id])]
    begin = min((_at(span.start) for span in spans), default=datetime.min)
    end = max((max(_at(span.start), _at(span.end or span.start)) for span in spans), default=begin)
    whole = max(end - begin, timedelta(microseconds=1))
    return [_row(span, depth, begin, whole) for span, depth in ordered]


def _row(span: Span, depth: int, begin: datetime, whole: timedelta) -> WaterfallRow:
    after = _at(span.start) - begin
    took = max(_at(span.end or span.start) - _at(span.start), timedelta())
    return WaterfallRow(span, depth, after / whole, min(took / whole, 1.0), after, took)


def _at(text: str) -> datetime:
    """Returns a moment, RFC 3339 with nanoseconds, to the microsecond."""
    seconds, _, fraction = text.removesuffix("Z").partition(".")
    return datetime.fromisoformat(f"{seconds}.{fraction[:6].ljust(6, '0')}")
