"""Reads a page of a list that is newest first: of a short time first, and of longer ones until the page is full.

A page that few rows fill is looked for in all that is stored, which costs little more than to look there at once.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple
from uuid import UUID

import pyarrow as pa

from collector.questions import id_places
from collector.questions.candidates import CandidateIds
from collector.questions.paging import PagePosition
from collector.questions.search_text import SearchText
from collector.questions.time_ranges import bind_place, list_time_ranges
from collector.store.database import Row, Session
from collector.store.queries import Query
from collector.store.sightings import EVERYTHING
from runtime.semconv import NodeKind

#: Times as many as fill a page that are looked at: some turn out to have begun before.
_SPARE: Final = 2

#: So many times as many are looked at where the first ones do not fill a page.
_GROWTH: Final = 8

#: Times as many are looked at where few of them may be meant: whether they are is soon said.
_LOOKED: Final = 10

#: Most that are looked at so: each is a row, of which one question may read a million.
_MOST_LOOKED: Final = 20_000

#: Most that a search may find to be looked for by their ids.
_MOST_FOUND: Final = 2_000
_ALL: Final = 2**62


class IdSearch(NamedTuple):
    """How the ids of a list are found.

    Attributes:
        query: finds them by whatever nobody knows where it is said.
        kinds: of the records that say it in columns that lists show; the first is the kind of what is listed.
        keep: finds where the records lie that an id leads to, and returns what the query binds for that.
    """

    query: Query
    kinds: tuple[NodeKind, ...]
    keep: Callable[[Session, SearchText], dict[str, Any]]


#: Reads the rows of a page that is among some ids, by `most` and by what `bind_place` says of the place.
OfIds = Callable[[Sequence[UUID], Mapping[str, Any]], list[Row]]

#: Leaves out some rows.
Keep = Callable[[Sequence[Row]], list[Row]]

#: What a query takes that does not know among which ids, and when these were stored.
UNKNOWN: Final = {"among": None, **EVERYTHING.bounds}


def find_rows(session: Session, query: Query, place: PagePosition, most: int, /, **values: Any) -> list[Row]:
    """Returns the rows of a page.

    Args:
        session: the snapshot to read.
        query: of a list by `listed_ns`, newest first; it takes a place, and `most`. What it lists is told by a span
            which begins at that very time.
        place: where the page begins, and its time range.
        most: rows that fill the page.
        values: what else the query takes.
    """
    found: list[Row] = []
    for at in list_time_ranges(session, place):
        found = session.rows(query, most=most, **at, **values)
        if len(found) >= most:
            break
    return found


def find_rows_among(
    session: Session,
    query: Query,
    found: CandidateIds | None,
    place: PagePosition,
    most: int,
    of_ids: OfIds | None = None,
    further: Callable[[], tuple[CandidateIds | None, Mapping[str, Any]]] | None = None,
    /,
    **values: Any,
) -> list[Row]:
    """Returns the rows of a page of what a clue leads to: if that is known, whenever it was, else as `find_rows` does.

    Args:
        session: the snapshot to read.
        query: as that of `find_rows`; it takes the ids to keep to as `among`, when all that names them was stored, and
            whether it reads the table `found`.
        found: what the clue leads to; None for too much.
        place: where the page begins, and its time range.
        most: rows that fill the page.
        of_ids: reads the rows among ids, instead of the query.
        further: looks for another clue, where there was none and the newest do not fill the page; returns what that
            leads to, and what of the query it settles.
        values: what else the query takes.
    """
    at = bind_place(place, place.within.first_ns, place.within.end_ns)
    if found is not None and of_ids is not None:
        return of_ids(found.uuids, {"most": most, **at}) if found.ids.num_rows else []
    if found is not None and found.is_few:
        return _query_among(session, query, found.uuids, most=most, is_found=False, **at, **values)
    if found is not None:
        session.register("found", found.ids)
    listed: list[Row] = []
    for number, within in enumerate(list_time_ranges(session, place)):
        if number == 1 and found is None and further is not None:
            another, settled = further()
            if another is not None:
                return find_rows_among(session, query, another, place, most, of_ids, **{**values, **settled})
        listed = session.rows(query, most=most, is_found=found is not None, **UNKNOWN, **within, **values)
        if len(listed) >= most:
            break
    return listed


def find_first_rows(
    session: Session,
    query: Query,
    newest: Query,
    of_ids: OfIds,
    place: PagePosition,
    most: int,
    named: Mapping[str, Any] | None = None,
    spare: int | None = None,
    /,
    **values: Any,
) -> list[Row]:
    """Returns the rows of a page of a list that leaves nothing out, as `find_rows` does; what is listed is told by
    several spans, which may have been stored at any time.

    Each of those that spans of a time range place on the page is listed there, or began before and is left out: so as
    many as fill the page are its first, whatever else there is. What names them is all that is read.

    Args:
        session: the snapshot to read.
        query: as that of `find_rows`; it takes the ids to keep to as `among`, and when what names them was stored.
        newest: finds the ids that spans of a time range place first.
        of_ids: reads these.
        place: where the page begins, and its time range.
        most: rows that fill the page.
        named: what else `newest` takes, where the list leaves out what is not named so.
        spare: times as many as fill the page that are looked at, where it leaves out others.
        values: what else the query takes.
    """
    found: list[Row] = []
    looked = (spare or _SPARE) * most
    for at in list_time_ranges(session, place):
        ids = [row["id"] for row in session.rows(newest, most=looked, **at, **named or {})]
        found = of_ids(ids, {"most": most, **at}) if ids else []
        if len(found) < most and len(ids) == looked:
            found = session.rows(query, most=most, is_found=False, **UNKNOWN, **at, **values)
        if len(found) >= most:
            break
    return found


def search_rows(
    session: Session,
    query: Query,
    search: IdSearch,
    what: SearchText,
    place: PagePosition,
    most: int,
    of_ids: OfIds | None = None,
    /,
    **values: Any,
) -> list[Row]:
    """Returns the rows of a page of what a search finds; that may have been told at any time, so all is read at once.

    Args:
        session: the snapshot to read.
        query: as that of `find_first_rows`; where too much is found for ids of its own, it reads the table `found`.
        search: how ids are found.
        what: is searched for.
        place: where the page begins, and its time range.
        most: rows that fill the page.
        of_ids: reads the rows among the ids that are found, instead of the query.
        values: what else the query takes.
    """
    at = bind_place(place, place.within.first_ns, place.within.end_ns)
    led = search.keep(session, what) if what.reading else {}
    asked = {"first_ns": place.within.first_ns, **what.values, **led}
    mentions = session.mentions(what.words["literal"])
    listed = {"kind": search.kinds[0], "kinds": list(search.kinds), **asked, **mentions.values}
    searches = [(search.query, asked), *([(Query.SEARCH_LISTED, listed)] if mentions.columns else [])]
    found = {row["id"] for each, of in searches for row in session.rows(each, most=_MOST_FOUND + 1, **of)}
    if len(found) <= _MOST_FOUND and of_ids is not None:
        return of_ids(list(found), {"most": most, **at}) if found else []
    if len(found) <= _MOST_FOUND:
        return _query_among(session, query, list(found), most=most, is_found=False, **at, **values)
    session.register("found", pa.concat_tables([session.table(each, most=_ALL, **of) for each, of in searches]))
    return session.rows(query, most=most, is_found=True, **UNKNOWN, **at, **values)


def find_top_rows(
    session: Session,
    newest: Query,
    of_traces: OfIds,
    place: PagePosition,
    most: int,
    keep: Keep | None = None,
    /,
    **which: Any,
) -> list[Row] | None:
    """Returns the rows of a page of what the topmost span of a trace, or of a part of it, tells of: whether a span is
    one, and whether it is asked for, the rest of its trace says, which may have been stored at any time. None where
    too few of those that were looked at are meant, and more are there.

    Args:
        session: the snapshot to read.
        newest: finds the spans of a time range that may be meant, in the order of the list.
        of_traces: reads the rows among the traces of these.
        place: where the page begins, and its time range.
        most: rows that fill the page.
        keep: leaves out those of which the traces do not say what is asked for, where that is asked.
        which: what else `newest` takes.
    """
    found, is_cut = list[Row](), False
    kept = _SPARE * most
    for at in list_time_ranges(session, place):
        looked = max(kept, min(_LOOKED * kept, _MOST_LOOKED)) if keep else kept
        spans = session.rows(newest, most=looked, **at, **which)
        meant = keep(spans) if keep and spans else spans
        is_cut = len(meant) > kept or len(spans) == looked
        last = meant[kept - 1] if len(meant) > kept else spans[-1] if spans else None
        seen = {**at, "first_ns": last["start_ns"] + 1} if last and is_cut else at  # others may be as old as the last
        found = of_traces([row["id"] for row in meant[:kept]], {"most": most, **seen}) if meant else []
        if len(found) >= most:
            return found
        if is_cut and (kept > _SPARE * most or _GROWTH * len(meant) < most):
            return None
        kept *= _GROWTH if is_cut else 1
    return None if is_cut else found


def search_top_rows(
    session: Session, query: Query, search: Query, what: SearchText, place: PagePosition, most: int, /, **values: Any
) -> list[Row]:
    """Returns the rows of a page of such as a search finds.

    Args:
        session: the snapshot to read.
        query: as that of `find_rows`, of topmost spans; it searches as well.
        search: finds the traces in which something may be found.
        what: is searched for.
        place: where the page begins, and its time range.
        most: rows that fill the page.
        values: what else the query takes.
    """
    asked = {**what.ids, **what.words, **values}
    mentions = session.mentions(what.words["literal"])
    stored = id_places.find_bounds(session, what)
    found = session.rows(search, most=_MOST_FOUND + 1, **what.values, **mentions.values, **stored)
    if len(found) > _MOST_FOUND:
        return find_rows(session, query, place, most, is_found=False, **UNKNOWN, **asked)
    at = bind_place(place, place.within.first_ns, place.within.end_ns)
    return _query_among(session, query, [row["id"] for row in found], most=most, is_found=False, **at, **asked)


def _query_among(session: Session, query: Query, ids: Sequence[UUID], /, **values: Any) -> list[Row]:
    return session.rows(query, among=ids, **session.stretch(ids).bounds, **values) if ids else []
