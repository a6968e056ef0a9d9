"""Sessions: conversations over many runs."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from collector.agents import reading, usage
from collector.agents.messages.message_memory import MessageMemory
from collector.agents.tree import Span, Tree
from collector.errors import NotFoundError
from collector.models import Run, Usage
from collector.models.conversations import Message, SessionBrief, SessionDetail, SessionPage, SessionRun
from collector.prices.price_list import PriceBook
from collector.questions import agent_runs, agent_spans, message_contents, runs, time_ranges, usage_totals
from collector.questions.message_contents import SpanContents
from collector.questions.paging import EXTRA, PagePosition, split_page
from collector.questions.search_text import SearchText
from collector.questions.spending import Spending
from collector.questions.storage import find_kept_since
from collector.questions.windows import END_OF_TIME_NS, Range
from collector.store.database import Row, Session
from collector.store.narrowing import narrow_to_traces
from collector.store.queries import Query
from collector.store.roles import Role
from collector.store.sightings import EVERYTHING, Stretch
from collector.times import moment

#: The column that names sessions.
SESSION: Final = "session_id"

#: Users of a session that are named.
_USERS: Final = 20
#: A span, with its trace.
_Place = tuple[UUID, Span]

_FIRST_ID: Final = UUID(int=0)


def find_sessions(
    session: Session,
    place: PagePosition,
    user: str | None,
    q: str | None,
    limit: int,
    prices: PriceBook = agent_runs.NO_PRICES,
) -> SessionPage:
    """Returns sessions, those first in which something happened last.

    Args:
        session: the snapshot to read.
        place: where the page begins, and in which time something happened in them.
        user: of this user only.
        q: text of their ids, users, services, agents and workflows.
        limit: entries of a page.
        prices: what calls of models cost.
    """
    sought = SearchText.parse(q)
    if user is None and not sought:
        rows = _find_newest_sessions(session, place, limit + EXTRA)
    else:
        rows = _query_sessions(session, place, limit + EXTRA, user=user, **sought.words)
    page, following = split_page(rows, place, limit, "key")
    return SessionPage(
        items=_list_briefs(session, page, prices),
        next=following,
        window=place.within.window,
        kept_since=find_kept_since(session),
    )


def make_first_position(session: Session, within: Range) -> PagePosition:
    """Returns where the first page of a session's runs begins.

    Args:
        session: the snapshot to read.
        within: when the runs began.
    """
    return PagePosition(within, session.as_of, -END_OF_TIME_NS, _FIRST_ID)


def find_session(
    session: Session, name: str, at: PagePosition, limit: int, prices: PriceBook = agent_runs.NO_PRICES
) -> SessionDetail:
    """Returns a session with a page of its runs, oldest first.

    Args:
        session: the snapshot to read.
        name: its id.
        at: behind which run the page begins.
        limit: runs of a page.
        prices: what calls of models cost.

    Raises:
        NotFoundError: when no span tells of it.
    """
    stored = session.stretch_saying(name, SESSION)
    found = _query_sessions(session, PagePosition(Range.everything(), at.as_of), 1, session=name, **stored.bounds)
    if not found:
        raise NotFoundError("session", name)
    named = _name_sessions(session, [name], stored)
    with narrow_to_traces(session, _list_traces(named)):
        rows = session.rows(
            Query.SESSIONS_RUNS,
            session=name,
            as_of=at.as_of,
            first_ns=at.within.first_ns,
            end_ns=at.within.end_ns,
            after_ns=at.before_ns,
            after_id=at.before_id,
            most=limit + EXTRA,
        )
        (brief,) = _build_briefs(session, found, named, prices)
    page, following = split_page([{**row, "listed_ns": row["start_ns"]} for row in rows], at, limit, "run_id")
    items = _build_runs(session, page, prices)
    return SessionDetail(session=brief, items=items, next=following, window=at.within.window)


def _find_newest_sessions(session: Session, place: PagePosition, most: int) -> list[Row]:
    """Returns the sessions of a page that leaves none out. As many as fill the page from a time on are its first,
    whatever else there is, so that what was before need not be read."""
    rows: list[Row] = []
    for at in time_ranges.list_time_ranges(session, place):
        rows = session.rows(Query.SESSIONS_NEWEST, most=most, **{**at, "end_ns": place.within.end_ns})
        if not all(row["is_certain"] for row in rows):
            return _query_sessions(session, place, most)
        if len(rows) == most:
            break
    return rows


def _query_sessions(snapshot: Session, place: PagePosition, most: int, /, **wanted: Any) -> list[Row]:
    narrowed = dict.fromkeys(("session", "since_us", "until_us", "user", "literal", "pattern")) | wanted
    is_bounded = place.within != Range.everything()
    return snapshot.rows(
        Query.SESSIONS_LIST,
        first_ns=place.within.first_ns if is_bounded else None,
        end_ns=place.within.end_ns if is_bounded else None,
        as_of=place.as_of,
        before_ns=place.before_ns,
        before_id=place.before_id,
        most=most,
        **narrowed,
    )


def _name_sessions(session: Session, names: Sequence[str], stored: Stretch) -> dict[str, Row]:
    """Returns what `sessions/named.sql` tells of each of some sessions, all of which was stored within a stretch."""
    return {row["session_id"]: row for row in session.rows(Query.SESSIONS_NAMED, sessions=names, **stored.bounds)}


def _list_briefs(session: Session, rows: Sequence[Row], prices: PriceBook) -> list[SessionBrief]:
    if not rows:
        return []
    # Where each was stored takes longer to find than to read the column.
    named = _name_sessions(session, [row["session_id"] for row in rows], EVERYTHING)
    with narrow_to_traces(session, _list_traces(named)):
        return _build_briefs(session, rows, named, prices)


def _list_traces(named: Mapping[str, Row]) -> list[UUID]:
    return list({trace for row in named.values() for trace in row["traces"]})


def _build_briefs(
    session: Session, rows: Sequence[Row], named: Mapping[str, Row], prices: PriceBook
) -> list[SessionBrief]:
    """Returns sessions of a list, of whose traces `spans` holds those alone."""
    spent = usage_totals.find_usage_by_session(session, _list_traces(named), prices)
    held = {row["session_id"]: row for row in session.rows(Query.SESSIONS_FIGURES, sessions=list(named))}
    names = [row["session_id"] for row in rows]
    return [
        _build_brief(row, named[name], held.get(name, {}), spent.get(name))
        for name, row in zip(names, rows, strict=True)
    ]


def _build_brief(row: Row, named: Row, held: Row, spent: Usage | None) -> SessionBrief:
    """Returns a session of a list, with what its runs hold; nothing where it has none."""
    begun_ns, last_ns = held.get("first_ns", named["first_ns"]), held.get("last_ns", row["listed_ns"])
    return SessionBrief(
        session=row["session_id"],
        users=named["users"][:_USERS],
        services=held.get("services", []),
        runs=held.get("runs", 0),
        running=held.get("running", 0),
        failed=held.get("failed", 0),
        first=moment(min(named["first_ns"], begun_ns)),
        last=moment(max(row["listed_ns"], last_ns)),
        latest=moment(row["listed_ns"]),
        usage=spent,
    )


def _build_runs(session: Session, rows: Sequence[Row], prices: PriceBook) -> list[SessionRun]:
    traces = {row[name] for row in rows for name in ("trace_id", "last_trace_id")}
    trees, _ = agent_spans.read_trees(session, traces)
    ends = {row["run_id"]: _find_end_calls(trees, row) for row in rows}
    spans = {(trace, span.id) for told in ends.values() for trace, span in told}
    contents = message_contents.read_contents(session, spans)
    memory = MessageMemory()
    return [_build_turn(_find_run(session, row, trees, prices), ends[row["run_id"]], contents, memory) for row in rows]


def _find_end_calls(trees: Mapping[UUID, Tree], row: Row) -> list[_Place]:
    """Returns the first and the last call of a model in a run, which tell its begin and its end, and its own span."""
    first = _find_model_calls(trees, row["trace_id"], row["span_id"])
    last = _find_model_calls(trees, row["last_trace_id"], row["last_span_id"])
    return [*first[1:2], *last[-1:], *first[:1]]


def _find_model_calls(trees: Mapping[UUID, Tree], trace: UUID, span_id: int) -> list[_Place]:
    """Returns a topmost span, and the calls of models from it on, in order of their beginning."""
    tree = trees.get(trace)
    top = tree.find_span(span_id) if tree is not None else None
    if tree is None or top is None:
        return []
    calls = [span for span in (top, *tree.below(top)) if span.role == Role.MODEL]
    calls.sort(key=lambda each: (each.start_ns, each.id))
    return [(trace, each) for each in (top, *calls)]


def _build_turn(
    run: Run, ends: Sequence[_Place], contents: Mapping[tuple[UUID, int], SpanContents], memory: MessageMemory
) -> SessionRun:
    """Returns a run with its begin and its end. Mostly it was told all that was said in the runs before it."""
    told = [message_contents.read_messages(span, contents[trace, span.id], memory) for trace, span in ends]
    asked = [_last_message(each.told, "user") for each in told]
    answered = [_last_message(each.answered, "assistant") for each in (*told[1:], *told[:1])]
    return SessionRun(
        run=run,
        asked=next((each for each in asked if each is not None), None),
        answered=next((each for each in answered if each is not None), None),
    )


def _find_run(session: Session, row: Row, trees: Mapping[UUID, Tree], prices: PriceBook) -> Run:
    if row["is_own"]:
        return runs.find_run(session, row["run_id"], prices=prices).run
    tree = trees[row["trace_id"]]
    top = tree.find_span(row["span_id"])
    if top is None:
        raise NotFoundError("run", str(row["run_id"]))
    return agent_runs.build_run(tree, reading.read_run(tree, top), Spending(usage.find_uncounted(tree), prices))


def _last_message(messages: Sequence[Message], role: str) -> Message | None:
    """Returns the last message of a role that says something; of an answer the first candidate."""
    return next((each for each in reversed(messages) if each.role == role and each.parts and not each.choice), None)
