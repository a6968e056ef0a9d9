"""Runs of others of a page among some traces, as `agents/runs.sql` lists them: that plans what finds traces, too."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from collector.agents import folding
from collector.store.database import Row, Session
from collector.store.narrowing import narrow_to_traces
from collector.store.queries import Query
from collector.store.roles import DETAILS
from collector.store.sightings import EVERYTHING
from runtime.semconv import NodeKind

#: Spans of the traces of a page that are read at most; the database looks at more of them in less time.
MOST: Final = 3_000

#: What any span of a trace may say for all of it.
_SAID_OF_TRACES: Final = ("app", "agent", "model", "waiting")

#: Spans that are copied at most, to be read several times.
MOST_COPIED: Final = 100_000


class PageTraces:
    """The traces that a page is made of, each read once.

    Args:
        session: the snapshot to read.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._traces: dict[UUID, list[Row]] = {}

    def build_filter(self, asked: Mapping[str, Any]) -> Callable[[Sequence[Row]], list[Row]] | None:
        """Returns what leaves out rows by traces, their `id`, that do not say what is asked; None where nothing is.

        Args:
            asked: as `list_runs_of_traces` takes it.
        """
        said = {name: asked[name] for name in _SAID_OF_TRACES}

        def keep_saying(rows: Sequence[Row]) -> list[Row]:
            traces = sorted({row["id"] for row in rows})
            stored = self._session.stretch(traces).bounds
            saying = {row["id"] for row in self._session.rows(Query.AGENTS_SAYING, traces=traces, **stored, **said)}
            return [row for row in rows if row["id"] in saying]

        return keep_saying if any(value is not None for value in said.values()) else None

    def list_runs_of_traces(
        self, asked: Mapping[str, Any], ids: Collection[UUID], page: Mapping[str, Any]
    ) -> list[Row]:
        """Returns the rows of a page, newest first. Where their traces have many spans the database looks at them.

        Args:
            asked: what else `agents/runs.sql` takes, of which no session and no text may be there.
            ids: of the traces, all of which say what is asked of a trace.
            page: where it begins, its time range, and how many rows fill it, as `newest_pages` says that.
        """
        traces = sorted(set(ids))
        stored = self._session.stretch(traces).bounds
        if self._session.one(Query.AGENTS_SIZE, traces=traces, **stored)["spans"] > MOST:
            return self._session.rows(Query.AGENTS_RUNS, among=traces, is_found=False, **stored, **page, **asked)
        found: dict[UUID, list[Row]] = defaultdict(list)
        for span in self._session.rows(Query.AGENTS_AROUND, traces=traces, workflow=asked["workflow"], **stored):
            found[span["trace_id"]].append(span)
        self._traces |= found
        open_rows = self._session.rows(Query.AGENTS_OPEN, traces=traces)
        going_on = {(row["trace_id"], row["parent_span_id"]) for row in open_rows}
        rows = [row for each in found.values() for row in _find_candidates(each, page, asked, going_on)]
        rows.sort(key=lambda row: (row["listed_ns"], row["node_id"]), reverse=True)
        return rows[: page["most"]]

    def find_folded_spans(self, traces: Collection[UUID]) -> list[Row] | None:
        """Returns spans of some traces as `agents/folded.sql` has them; None where not all of these were read."""
        if not self._traces.keys() >= set(traces):
            return None
        return sorted(
            (row for trace in traces for row in folding.fold_spans(self._traces[trace])), key=lambda row: row["place"]
        )


def list_runs_among(session: Session, traces: Sequence[UUID], /, **asked: Any) -> list[Row] | None:
    """Returns the rows of a page among few traces, wherever these lie, as `agents/runs.sql` lists them; None where
    these have too many spans for a copy.

    Args:
        session: the snapshot to read.
        traces: their ids.
        asked: what else it takes.
    """
    if not traces:
        return []
    stored = session.stretch(traces).bounds
    if session.one(Query.AGENTS_SIZE, traces=traces, **stored)["spans"] > MOST_COPIED:
        return None
    with narrow_to_traces(session, traces):
        return session.rows(Query.AGENTS_RUNS, among=None, is_found=False, **EVERYTHING.bounds, **asked)


def _find_candidates(
    spans: Sequence[Row], page: Mapping[str, Any], asked: Mapping[str, Any], going_on: Collection[tuple[UUID, int]]
) -> list[Row]:
    """Returns the candidates for runs of one trace."""
    by_id = {span["span_id"]: span for span in spans}
    beside = {span["parent_span_id"] for span in spans if span["is_recorded_call"]}
    is_plain = all(span["role"] is None and span["node_kind"] == NodeKind.SPAN for span in spans)
    return [
        {
            "trace_id": span["trace_id"],
            "span_id": span["span_id"],
            "node_id": span["node_id"],
            "listed_ns": span["start_ns"],
            "is_nested": _is_nested(span, by_id),
        }
        for span in spans
        if span["node_kind"] == NodeKind.SPAN
        and span.get("is_called", True)
        and _is_on_page(span, page, asked)
        and (_is_top(span, by_id, beside, going_on) if span["role"] is not None else is_plain and _can_be_root(span))
    ]


def _is_on_page(span: Row, page: Mapping[str, Any], asked: Mapping[str, Any]) -> bool:
    begins = page["first_ns"] <= span["start_ns"] < page["end_ns"]
    was_there = span["stored_us"] is not None and span["stored_us"] <= page["as_of"]
    is_behind = (span["start_ns"], span["node_id"]) < (page["before_ns"], page["before_id"])
    has_failed = asked["failed"] is None or span["is_failed"] == asked["failed"]
    goes_on = asked["running"] is None or (span["end_ns"] is None) == asked["running"]
    return begins and was_there and is_behind and has_failed and goes_on


def _can_be_root(span: Row) -> bool:
    return span["parent_span_id"] is None and span["can_be_run"]


def _is_top(
    span: Row, by_id: Mapping[int, Row], beside: Collection[int | None], going_on: Collection[tuple[UUID, int]]
) -> bool:
    below = span["parent_span_id"]
    if span["is_recorded_call"] or (span["trace_id"], below) in going_on or (below is not None and below in beside):
        return False
    parent = by_id.get(below)
    return parent is None or not _is_enclosing(parent, span)


def _is_nested(span: Row, by_id: Mapping[int, Row]) -> bool:
    """Returns whether a span lies deeper below one that holds it."""
    at, seen = by_id.get(span["parent_span_id"]), set()
    while at is not None and at["span_id"] not in seen:
        if _is_enclosing(at, span):
            return True
        if at["role"] is not None:
            return False
        seen.add(at["span_id"])
        at = by_id.get(at["parent_span_id"])
    return False


def _is_enclosing(above: Row, span: Row) -> bool:
    """Returns whether what lies above a span says that this is no run by itself. Spans that are each other's parents,
    as no sound program sends, say nothing."""
    if above["span_id"] == span["span_id"] or above["parent_span_id"] == span["span_id"]:
        return False
    is_ours = above["node_kind"] != NodeKind.SPAN
    is_work = above["role"] is not None or above["node_kind"] == NodeKind.STEP
    return is_work or (is_ours and span["role"] in DETAILS)
