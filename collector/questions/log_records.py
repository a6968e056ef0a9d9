"""Log records of all programs: a list of them, whether they belong to a span or to none."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, get_args
from uuid import UUID

from collector.models import LogPage, SeverityName, Window
from collector.questions import identifiers, logs
from collector.questions.paging import EXTRA, PagePosition, split_page
from collector.questions.search_progress import SearchPace, TimeSlicer
from collector.questions.search_text import SearchText
from collector.questions.windows import DEFAULT_LENGTH, FURTHEST, Period, Range, get_asked_range
from collector.store.database import Row, Session
from collector.store.queries import Query
from collector.store.sightings import EVERYTHING, Stretch
from collector.times import moment_or_none

#: Severity numbers from one name to the next (OpenTelemetry's logs data model).
_RANGE: Final = 4
_PACE: Final = SearchPace()
_JUST_AFTER: Final = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class LogCriteria:
    """Of which log records; None for all.

    Attributes:
        service: of this service only.
        severity: of this severity at least; one that nobody knows is none.
        trace: of the trace of this id only, in any form.
        span: of the span of this id only, in any form.
        node: of this node, and of foreign spans below it, only.
        loose: of no span only.
        q: text in what is shown of them, or an id.
    """

    service: str | None = None
    severity: SeverityName | None = None
    trace: str | None = None
    span: str | None = None
    node: UUID | None = None
    loose: bool = False
    q: str | None = None

    @property
    def has_conditions(self) -> bool:
        """Whether anything is asked for."""
        return self != LogCriteria()


def choose_range(session: Session, period: Period, now: datetime, which: LogCriteria) -> Range:
    """Returns the range of a list: what was asked for; for a filter all time; else the last hour, or the latest with
    data.

    Raises:
        BadQueryError: when it ends before it begins.
    """
    if period.is_set or which.has_conditions:
        return get_asked_range(period, now)
    latest = moment_or_none(session.one(Query.LOGS_LATEST)["latest_ns"])
    if latest is None or latest >= now - DEFAULT_LENGTH:
        ahead = latest is not None and now < latest
        end = min(latest + _JUST_AFTER, now + FURTHEST) if ahead and latest else now
        return Range.of(Window(start=now - DEFAULT_LENGTH, end=end))
    end = latest + _JUST_AFTER
    return Range.of(Window(start=end - DEFAULT_LENGTH, end=end, fallback=True))


def find_log_records(
    session: Session, place: PagePosition, which: LogCriteria, limit: int, pace: SearchPace = _PACE
) -> LogPage:
    """Returns log records, newest first. A search looks back for a few seconds; the next page goes on.

    Args:
        session: the snapshot to read.
        place: where the page begins, and when they were written.
        which: of which.
        limit: entries of a page.
        pace: how long a search looks, and in what steps.
    """
    sought = SearchText.parse(which.q)
    if not sought:
        rows = _query_rows(session, place, which, sought, limit + EXTRA)
        page, following = split_page(rows, place, limit, "id")
    else:
        page, following = _search_rows(session, place, which, limit, pace)
    return LogPage(items=[logs.build_log_record(row) for row in page], next=following, window=place.within.window)


def _search_rows(
    session: Session, place: PagePosition, which: LogCriteria, limit: int, pace: SearchPace
) -> tuple[Sequence[Row], str | None]:
    """Returns rows that a search finds, newest first, and where to go on."""
    sought, within = SearchText.parse(which.q), place.within
    found: list[Row] = []
    begun = pace.clock()
    end_ns = min(within.end_ns, place.before_ns + 1)
    marks = session.rows(Query.LOGS_MARKS, every=pace.every, end_ns=end_ns)
    stretches = TimeSlicer([row["start_ns"] for row in marks])
    for begin_ns, until_ns in stretches.cut_before(end_ns):
        first_ns, looked = max(begin_ns, within.first_ns), pace.clock()
        if until_ns != end_ns and looked - begun > pace.seconds:
            return found, PagePosition(within, place.as_of, until_ns, UUID(int=0)).cursor
        stretch = PagePosition(Range(first_ns, until_ns, None), place.as_of, place.before_ns, place.before_id)
        found += _query_rows(session, stretch, which, sought, limit + EXTRA - len(found))
        stretches.note_duration(pace.clock() - looked)
        if len(found) > limit or begin_ns <= within.first_ns:
            break
    return split_page(found, place, limit, "id")


def _query_rows(session: Session, place: PagePosition, which: LogCriteria, sought: SearchText, most: int) -> list[Row]:
    stored, around = _find_stretches(session, which.node)
    rows = session.rows(
        Query.LOGS_LIST,
        first_ns=place.within.first_ns,
        end_ns=place.within.end_ns,
        before_ns=place.before_ns,
        before_id=min(place.before_id.int, 2**64 - 1),
        service=which.service,
        least=None if which.severity is None else get_args(SeverityName).index(which.severity) * _RANGE + 1,
        traces=None if which.trace is None else list(identifiers.parse_identifier(which.trace).uuids),
        spans=None if which.span is None else list(identifiers.parse_identifier(which.span).spans),
        node=which.node,
        loose=which.loose,
        ids=sought.ids["ids"],
        span_ids=sought.ids["span_ids"],
        room=logs.ROOM,
        most=most,
        **stored.bounds,
        **around.bounds_of("around"),
        **sought.words,
    )
    return [{**row, "id": UUID(int=row["record_id"])} for row in rows]


def _find_stretches(session: Session, node: UUID | None) -> tuple[Stretch, Stretch]:
    """Returns when a node's own spans were stored, and those of its traces."""
    if node is None:
        return EVERYTHING, EVERYTHING
    stored = session.stretch([node])
    rows = session.rows(Query.CHAIN_FOCUS_TRACES, id=node, **stored.bounds)
    return stored, session.stretch(row["trace_id"] for row in rows)
