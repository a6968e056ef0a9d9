"""Traces: which there are, and one of them span by span, as it was received."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final
from uuid import UUID

from collector.errors import NotFoundError
from collector.models import Span, SpanEvent, SpanLink, Trace, TraceBrief, TracePage
from collector.questions import candidates, id_places, newest_pages, run_candidates
from collector.questions.candidates import CandidateIds
from collector.questions.paging import EXTRA, PagePosition, split_page
from collector.questions.search_text import SearchText
from collector.questions.storage import find_kept_since
from collector.store.database import Row, Session
from collector.store.queries import Query
from collector.store.values import decode_attributes
from collector.times import duration_ms, moment, rfc3339
from runtime.semconv import INPUT, PAYLOAD, RESULT

#: Spans that an answer holds at most.
SPAN_LIMIT: Final = 20_000


@dataclass(frozen=True, slots=True)
class TraceCriteria:
    """Of which traces; None for all.

    Attributes:
        service: in which this service has a part.
        failed: whether a span of them says that it failed.
        q: text in the name of a span, a service or an agent, or in the trace's id; case doesn't matter.
    """

    service: str | None = None
    failed: bool | None = None
    q: str | None = None


#: What is written in an id.
_DIGITS: Final = re.compile("[0-9a-f]+")

_KINDS: Final = ("unspecified", "internal", "server", "client", "producer", "consumer")
_STATUSES: Final = ("unset", "ok", "error")


def find_traces(session: Session, place: PagePosition, wanted: TraceCriteria, limit: int) -> TracePage:
    """Returns traces, newest first.

    Args:
        session: the snapshot to read.
        place: where the page begins, and when they began.
        wanted: of which traces.
        limit: entries of a page.
    """
    sought = SearchText.parse(wanted.q)
    which = {"service": wanted.service, "failed": wanted.failed, "part": _id_part(sought), **sought.ids, **sought.words}
    most = limit + EXTRA
    if wanted.service is None and wanted.failed is None and not sought:
        of_ids = partial(_list_traces_of_ids, session, which)
        rows = newest_pages.find_first_rows(
            session, Query.TRACES_LIST, Query.TRACES_NEWEST, of_ids, place, most, **which
        )
    else:
        rows = newest_pages.find_rows_among(
            session, Query.TRACES_LIST, _find_candidates(session, wanted, sought), place, most, None, **which
        )
    page, following = split_page(rows, place, limit, "trace_id")
    return TracePage(
        items=[_build_brief(row) for row in page],
        next=following,
        window=place.within.window,
        kept_since=find_kept_since(session),
    )


def _list_traces_of_ids(
    session: Session, which: Mapping[str, Any], ids: Sequence[UUID], page: Mapping[str, Any]
) -> list[Row]:
    stored = session.stretch(ids).bounds
    return session.rows(Query.TRACES_LIST, among=ids, is_found=False, **stored, **page, **which)


def _find_candidates(session: Session, wanted: TraceCriteria, sought: SearchText) -> CandidateIds | None:
    """Returns the traces that may be meant; None for too many."""
    every: list[CandidateIds | None] = []
    if wanted.service is not None:
        every.append(run_candidates.find_traces(session, service=wanted.service))
    if wanted.failed:
        every.append(run_candidates.find_traces(session, outcome="failed", status_code=run_candidates.ERROR))
    if sought:
        part, mentions = _id_part(sought), session.mentions(sought.words["literal"])
        asked = {**sought.values, **mentions.values, **id_places.find_bounds(session, sought)}
        every.append(candidates.find_candidates(session, Query.CLUES_TRACES_SAYING, part=part, **asked))
    return candidates.intersect_candidates(every)


def _id_part(sought: SearchText) -> str | None:
    """Returns what is looked for as a part of a trace's id; None for what can be none, or is a whole one."""
    if sought.is_whole_id:
        return None
    digits = (sought.words["literal"] or "").replace("-", "")
    return digits if _DIGITS.fullmatch(digits) else None


def find_trace(session: Session, trace_id: UUID) -> Trace:
    """Returns the spans of a trace, by start time, to `SPAN_LIMIT`.

    Raises:
        NotFoundError: when there are none.
    """
    stored = session.stretch([trace_id]).bounds
    rows = session.rows(Query.TRACES_SPANS, id=trace_id, most=SPAN_LIMIT + 1, room=session.room, **stored)
    if not rows:
        raise NotFoundError("trace", trace_id.hex)
    beside = session.one(Query.TRACES_BESIDE, id=trace_id)
    events = _find_events(session, trace_id) if beside["events"] else {}
    links = _find_links(session, trace_id) if beside["links"] else {}
    which = {"id": trace_id, "most": SPAN_LIMIT, "room": session.room}
    superseded = session.rows(Query.TRACES_SUPERSEDED, **which) if beside["superseded"] else []
    return Trace(
        spans=[
            _build_span(row, events.get(row["span_id"], []), links.get(row["span_id"], [])) for row in rows[:SPAN_LIMIT]
        ],
        superseded=[_build_superseded(row) for row in superseded],
        truncated=len(rows) > SPAN_LIMIT,
    )


def _find_events(session: Session, trace_id: UUID) -> dict[int, list[SpanEvent]]:
    """Returns what happened within the spans of a trace."""
    events: dict[int, list[SpanEvent]] = defaultdict(list)
    for row in session.rows(Query.TRACES_EVENTS, id=trace_id, room=session.room):
        event = SpanEvent(
            name=row["name"], time=rfc3339(row["time_ns"]), attributes=decode_attributes(row["attributes"])
        )
        events[row["span_id"]].append(event)
    return events


def _find_links(session: Session, trace_id: UUID) -> dict[int, list[SpanLink]]:
    """Returns what the spans of a trace link to."""
    links: dict[int, list[SpanLink]] = defaultdict(list)
    for row in session.rows(Query.TRACES_LINKS, id=trace_id, room=session.room):
        link = SpanLink(
            trace_id=row["linked_trace_id"].hex,
            span_id=format_span_id(row["linked_span_id"]),
            attributes=decode_attributes(row["attributes"]),
        )
        links[row["span_id"]].append(link)
    return links


def format_span_id(span_id: int) -> str:
    """Returns a span id as OpenTelemetry writes it."""
    return f"{span_id:016x}"


def get_status_name(code: int) -> str:
    """Returns a status code in words."""
    return _STATUSES[code] if 0 <= code < len(_STATUSES) else str(code)


def _build_brief(row: Row) -> TraceBrief:
    return TraceBrief(
        trace_id=row["trace_id"].hex,
        name=row["root"]["name"],
        service=row["root"]["service"],
        node_id=str(row["root"]["node_id"]),
        start=moment(row["start_ns"]),
        duration_ms=duration_ms(row["start_ns"], row["end_ns"]),
        status="error" if row["errors"] else "ok",
        spans=row["spans"],
        errors=row["errors"],
        services=row["services"],
        has_root=row["has_root"],
    )


def _build_span(row: Row, events: list[SpanEvent], links: list[SpanLink]) -> Span:
    kind = row["kind"]
    return Span(
        trace_id=row["trace_id"].hex,
        span_id=format_span_id(row["span_id"]),
        parent_span_id=None if row["parent_span_id"] is None else format_span_id(row["parent_span_id"]),
        name=row["name"],
        kind=_KINDS[kind] if 0 <= kind < len(_KINDS) else str(kind),
        start=rfc3339(row["start_ns"]),
        end=None if row["end_ns"] is None else rfc3339(row["end_ns"]),
        status=get_status_name(row["status_code"]),
        status_message=row["status_message"],
        attributes=_merge_attributes(row),
        events=events,
        links=links,
        resource=decode_attributes(row["resource"]),
        scope=row["scope"] or "",
        service=row["service"],
        node_id=str(row["node_id"]),
        node_kind=row["node_kind"],
    )


def _build_superseded(row: Row) -> Span:
    """Returns a record that another of its span is shown instead of, with what hung on it."""
    events = [
        SpanEvent(name=each["name"], time=rfc3339(each["time_ns"]), attributes=decode_attributes(each["attributes"]))
        for each in row["events"] or ()
    ]
    links = [
        SpanLink(
            trace_id=each["linked_trace_id"].hex,
            span_id=format_span_id(each["linked_span_id"]),
            attributes=decode_attributes(each["attributes"]),
        )
        for each in row["links"] or ()
        if each["linked_trace_id"] is not None and each["linked_span_id"] is not None
    ]
    return _build_span(row, events, links)


def _merge_attributes(row: Row) -> dict[str, Any]:
    """Returns the attributes as they were sent; payload, input and result are kept apart in the store."""
    apart = {PAYLOAD: row["payload"], INPUT: row["input"], RESULT: row["result"]}
    return decode_attributes(row["attributes"]) | {name: text for name, text in apart.items() if text is not None}
