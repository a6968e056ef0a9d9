"""A search of everything: what an id is, and nodes of any kind that say a text."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from collector.causality import fates, nodes
from collector.models import Node, SearchAnswer, Searched
from collector.questions import id_places, lookup
from collector.questions.search_progress import SearchPace, SearchPosition, TimeSlicer
from collector.questions.search_text import SearchText
from collector.store.database import Row, Session
from collector.store.queries import Query
from collector.times import moment_or_none

#: Nodes that an answer holds at most.
LIMIT: Final = 100

#: How long texts are looked through for one answer.
_PACE: Final = SearchPace()

#: Nodes that one id leads to at most; the newest count.
_LED: Final = 10_000


def search_nodes(
    session: Session, text: str, limit: int, cursor: str | None = None, pace: SearchPace = _PACE
) -> SearchAnswer:
    """Returns what a text is the id of, and the newest nodes that it leads to or that say it.

    What an id leads to is looked up, whenever it was. Texts are looked through for what is no such id, the newest first
    and for a few seconds; `next` looks further.

    Args:
        session: the snapshot to read.
        text: an id in any form, or a text.
        limit: nodes to return at most.
        cursor: `next` of the answer before.
        pace: how long, and in what steps.

    Raises:
        BadQueryError: when the cursor is none.
    """
    wanted, place = SearchText.parse(text), SearchPosition.read(cursor)
    searched = lookup.describe_search(session, wanted)
    if not wanted or searched.first is None:
        return SearchAnswer(searched=searched)
    return _NodeSearch(session, wanted, limit, pace).find_page(place, searched)


class _NodeSearch:
    """One search, of one snapshot."""

    def __init__(self, session: Session, wanted: SearchText, limit: int, pace: SearchPace) -> None:
        self._session = session
        self._wanted = wanted
        self._limit = limit
        self._pace = pace
        kept = id_places.keep_places(session, wanted) if wanted.reading else {}
        self._roles = lookup.find_roles(session, wanted, kept)
        self._led = session.rows(Query.SEARCH_LED, most=_LED, **kept) if wanted.reading else []

    def find_page(self, place: SearchPosition, searched: Searched) -> SearchAnswer:
        """Returns the page that begins at a place."""
        found = [] if place.in_texts else self._find_by_id(place)
        if len(found) > self._limit:
            last = found[self._limit - 1]
            return self._build_answer(found, searched, place.move_behind(last["at_ns"], last["node_id"]))
        texts = place if place.in_texts else SearchPosition(in_texts=True)
        if self._wanted.reading and found:  # what an id leads to is told at once; texts may name it all the same
            return self._build_answer(found, searched, texts)
        said, reached = self._find_by_text(texts, self._limit - len(found))
        return self._build_answer([*found, *said], searched, reached)

    def _find_by_id(self, place: SearchPosition) -> list[Row]:
        """Returns what an id leads to behind a place, and one node more than an answer holds where there are more."""
        first = self._own_ids
        led = [row for row in self._led if row["node_id"] not in first]
        behind = [row for row in led if (row["at_ns"], row["node_id"]) < (place.before_ns, place.before_id)]
        own = [{"node_id": id_, "at_ns": place.before_ns} for id_ in first] if place.is_begin else []
        return [*own, *behind][: self._limit + 1]

    @property
    def _own_ids(self) -> list[UUID]:
        """The nodes that have the id themselves, or the message that has it."""
        return list(dict.fromkeys(UUID(role.node_id) for role in self._roles if role.role in ("node", "message")))

    def _find_by_text(self, place: SearchPosition, room: int) -> tuple[list[Row], SearchPosition | None]:
        """Returns nodes that say the text behind a place, and how far that was looked for; None for all."""
        found: dict[UUID, Row] = {}
        clock = self._pace.clock
        begun = clock()
        marks = self._session.rows(Query.SEARCH_MARKS, every=self._pace.every, end_ns=place.before_ns)
        stretches = TimeSlicer([row["start_ns"] for row in marks])
        end_ns = place.before_ns + (
            0 if place == SearchPosition(in_texts=True) else 1
        )  # others may have begun as the last did
        for begin_ns, until_ns in stretches.cut_before(end_ns):
            if not room or (until_ns != end_ns and clock() - begun > self._pace.seconds):
                return list(found.values()), place
            asked = clock()
            rows = self._query_saying(place, (begin_ns, until_ns), [*found], room + 1 - len(found))
            stretches.note_duration(clock() - asked)
            found |= {row["node_id"]: row for row in rows}
            if len(found) > room:
                kept = list(found.values())[:room]
                return kept, place.move_behind(kept[-1]["at_ns"], kept[-1]["node_id"])
            place = place.move_behind(begin_ns)
        return list(found.values()), None

    def _query_saying(
        self, place: SearchPosition, within: tuple[int, int], but: Sequence[UUID], most: int
    ) -> list[Row]:
        told = [*but, *self._own_ids, *(row["node_id"] for row in self._led)]
        return self._session.rows(
            Query.SEARCH_SAYING,
            first_ns=within[0],
            end_ns=within[1],
            before_ns=place.before_ns,
            before_id=place.before_id,
            but=told,
            most=most,
            **self._wanted.words,
        )

    def _build_answer(self, found: Sequence[Row], searched: Searched, following: SearchPosition | None) -> SearchAnswer:
        return SearchAnswer(
            named=self._roles,
            items=_read_nodes(self._session, [row["node_id"] for row in found[: self._limit]]),
            searched=searched,
            truncated=following is not None,
            next=following.cursor if following else None,
            back_to=moment_or_none(following.back_to_ns) if following else None,
        )


def _read_nodes(session: Session, ids: list[UUID]) -> list[Node]:
    records = session.rows(Query.NODE_RECORDS_OF_SEVERAL, ids=ids, **session.stretch(ids).bounds) if ids else []
    built = nodes.build_nodes(records, fates.find_fates(session, records))
    return [built[id_] for id_ in ids if id_ in built]
