"""Where an id leads, in whatever form it comes and whatever it is the id of; and what to say where it leads nowhere."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any, Final, TypeVar
from uuid import UUID

from collector.errors import NotFoundError
from collector.models import Named, Searched
from collector.questions import id_places
from collector.questions.search_text import SearchText
from collector.store.database import Row, Session
from collector.store.queries import Query
from collector.times import moment, rfc3339

Answer = TypeVar("Answer")

#: Roles that one record has alone: such an id means that record's node.
_OF_ONE: Final = ("span", "message")

#: What an id is known as, and where to read on; the first that it has is said.
_KNOWN: Final[Mapping[str, tuple[str, str]]] = {
    "node": ("it is another kind of node", "/api/nodes/{text}"),
    "run": ("it is the run of {records} records", "/api/runs/{text}"),
    "trace": ("it is a trace of {records} spans", "/api/traces/{trace}"),
    "span": ("it is a span of trace {trace}", "/api/traces/{trace}"),
    "event": ("{records} records are about it, but it was not recorded itself", "/api/nodes/{node}/causality"),
    "correlation": ("it is the correlation of {records} records", "/api/events?q={text}"),
    "dead letter": ("{records} records settled it, but it was not recorded itself", "/api/nodes/{node}/causality"),
    "cause": ("{records} records name it as their cause, but it never arrived itself", "/api/nodes/{node}/causality"),
    "message": ("{records} spans handled the message that has it", "/api/nodes/{node}"),
}
_NOT_SAMPLED: Final = (
    "it was not sampled, and {records} dead letters, replays or discards tell of it",
    "/api/nodes/{node}/causality",
)


def find_roles(session: Session, wanted: SearchText, kept: Mapping[str, Any] | None = None) -> list[Named]:
    """Returns what a text is the id of, a role each; empty for what nobody has as an id.

    Args:
        session: the snapshot to read.
        wanted: the text.
        kept: what `id_places.keep_places` has returned, where that was asked before.
    """
    rows = (
        session.rows(Query.SEARCH_NAMED, **(kept or id_places.keep_places(session, wanted))) if wanted.reading else []
    )
    order = list(_KNOWN)
    found = sorted(
        rows or session.rows(Query.SEARCH_MESSAGE, text=wanted.text, written=wanted.written),
        key=lambda row: order.index(row["role"]),
    )
    return [_build_role(row) for row in found]


def answer_about_node(session: Session, what: str, text: str, ask: Callable[[UUID], Answer]) -> Answer:
    """Returns the answer about the node that an id leads to.

    Args:
        session: the snapshot to read.
        what: the kind of thing asked for, for the error.
        text: its id in any form: its own, that of a span of it, or that of a foreign message.
        ask: answers for one node id, or raises `NotFoundError`.

    Raises:
        NotFoundError: when it leads to none; says what it is instead, or what was searched.
    """
    wanted = SearchText.parse(text)
    return _answer_first(session, what, wanted, _list_nodes(session, wanted), ask)


def answer_about_trace(session: Session, text: str, ask: Callable[[UUID], Answer]) -> Answer:
    """Returns the answer about the trace that an id leads to: its own, with 128 bits or 64, or that of a span in it.

    Raises:
        NotFoundError: as `answer_about_node`.
    """
    wanted = SearchText.parse(text)
    return _answer_first(session, "trace", wanted, _list_traces(session, wanted), ask)


def describe_search(session: Session, wanted: SearchText) -> Searched:
    """Returns what a search had to look at."""
    row = session.one_cached(Query.LISTS_EXTENT)
    times = {} if not row["spans"] else {"first": moment(row["oldest_ns"]), "last": moment(row["newest_ns"])}
    beginning = wanted.needle.beginning if wanted.needle else None
    return Searched(text=wanted.text, is_id=bool(wanted.reading), beginning=beginning, records=row["spans"], **times)


def _answer_first(
    session: Session, what: str, wanted: SearchText, candidates: Iterator[UUID], ask: Callable[[UUID], Answer]
) -> Answer:
    for candidate in candidates:
        with suppress(NotFoundError):
            return ask(candidate)
    raise _build_not_found(session, what, wanted)


def _list_nodes(session: Session, wanted: SearchText) -> Iterator[UUID]:
    if not wanted.reading.is_pair:
        yield from wanted.reading.uuids
    yield from (UUID(role.node_id) for role in find_roles(session, wanted) if role.role in _OF_ONE)


def _list_traces(session: Session, wanted: SearchText) -> Iterator[UUID]:
    yield from wanted.reading.uuids
    yield from (UUID(role.trace_id) for role in find_roles(session, wanted) if role.role in ("trace", "span"))


def _build_not_found(session: Session, what: str, wanted: SearchText) -> NotFoundError:
    roles = find_roles(session, wanted)
    if roles:
        role = roles[0]
        known, see = _KNOWN[role.role] if role.sampled else _NOT_SAMPLED
        facts = {"text": wanted.text, "records": role.records, "trace": role.trace_id, "node": role.node_id}
        return NotFoundError(what, wanted.text, known.format(**facts), f"see {see.format(**facts)}")
    row = session.one_cached(Query.LISTS_EXTENT)
    if not row["spans"]:
        return NotFoundError(what, wanted.text, "nothing is stored yet")
    looked = f"{row['spans']} spans, from {rfc3339(row['oldest_ns'])} to {rfc3339(row['newest_ns'])}"
    return NotFoundError(what, wanted.text, f"looked among all ids of the {looked}")


def _build_role(row: Row) -> Named:
    return Named(
        role=row["role"],
        records=row["records"],
        node_id=str(row["node_id"]),
        trace_id=row["trace_id"].hex,
        first=moment(row["first_ns"]),
        last=moment(row["last_ns"]),
        sampled=row["is_sampled"],
    )
