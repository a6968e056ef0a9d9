"""Spans of others that a list can do without: of a trace of 500 spans of a web server it reads one. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from collector.store.database import Row


def fold_spans(spans: Sequence[Row]) -> list[Row]:
    """Returns the spans of one trace without leaves that play no part, below one that plays none either, and say
    nothing of anybody: all that these tell is when the last of them ended. The same as `agents/folded.sql`.

    Args:
        spans: of `agents/around.sql`, all of them.

    Returns:
        Of each that is left its `place`, `trace_id`, `span_id`, and as `last_ns` when the last leaf below it ended.
    """
    by_id = {span["span_id"]: span for span in spans}
    holders = {span["parent_span_id"] for span in spans}
    leaves = [span for span in spans if span["span_id"] not in holders and _can_be_folded(span, by_id)]
    gone = {leaf["span_id"] for leaf in leaves}
    ends: dict[int, int] = {}
    for leaf in leaves:
        if leaf["end_ns"] is not None:
            ends[leaf["parent_span_id"]] = max(leaf["end_ns"], ends.get(leaf["parent_span_id"], leaf["end_ns"]))
    return [
        {
            "place": span["place"],
            "trace_id": span["trace_id"],
            "span_id": span["span_id"],
            "last_ns": ends.get(span["span_id"]),
        }
        for span in spans
        if span["span_id"] not in gone
    ]


def _can_be_folded(span: Row, by_id: Mapping[Any, Row]) -> bool:
    above = by_id.get(span["parent_span_id"])
    says_nothing = span["role"] is None and span["node_kind"] == "span" and span["is_silent"]
    return bool(says_nothing and above is not None and above["role"] is None)
