"""What a list that is asked for few of its things can begin with: the ids of all that may be meant, by what says so.

One column of all that is stored takes 3 ns of CPU a span where its condition is plain, and less where blocks are left
out by what they hold; what is listed is worked out for what is found alone. A clue may name more than is meant, and
never less.
"""

from collections.abc import Sequence
from typing import Final, Self
from uuid import UUID

import pyarrow as pa

from collector.store.database import Session
from collector.store.queries import Query

#: Rows up to which it is worth to know what is found: of more, a page mostly fills within the newest.
_MOST_ROWS: Final = 10_000

#: Ids of which each is looked at where it was stored, wherever that is: of more, those of the newest times first.
_FEW: Final = 1_000


class CandidateIds:
    """The ids that a clue leads to, in the column `id`, as their bytes."""

    def __init__(self, ids: pa.Table) -> None:
        self.ids = ids

    @classmethod
    def from_ids(cls, ids: Sequence[UUID]) -> Self:
        """Returns ids that are known already."""
        return cls(pa.table({"id": pa.array([id_.bytes for id_ in ids], pa.binary())}))

    @property
    def is_few(self) -> bool:
        """Whether each may be looked at, wherever it was stored."""
        return bool(self.ids.num_rows <= _FEW)

    @property
    def uuids(self) -> list[UUID]:
        """The ids, one by one."""
        return [UUID(bytes=id_) for id_ in self.ids.column("id").to_pylist()]


def find_candidates(session: Session, query: Query, /, **values: object) -> CandidateIds | None:
    """Returns the ids that a query finds; None where these are many.

    Args:
        session: the snapshot to read.
        query: of one column `id`, the bytes of ids, some of which may be there more than once; it takes `most`.
        values: what else it takes.
    """
    rows = session.table(query, most=_MOST_ROWS, **values)
    if rows.num_rows >= _MOST_ROWS:
        return None
    return CandidateIds(pa.table({"id": rows.column("id").unique()}))


def follow_candidates(
    session: Session, found: CandidateIds | None, query: Query, /, **values: object
) -> CandidateIds | None:
    """Returns what a query finds by ids that were found before: it reads them as `clues`, and keeps to when the spans
    were stored that name them."""
    if found is None or not found.ids.num_rows:
        return found
    session.register("clues", found.ids)
    return find_candidates(session, query, **values, **session.stretch_of_ids(found.ids).bounds)


def unite_candidates(every: Sequence[CandidateIds | None]) -> CandidateIds | None:
    """Returns what one of several clues leads to; None where one of them leads to many."""
    ids = [found.ids for found in every if found is not None]
    if not ids or len(ids) < len(every):
        return None
    return CandidateIds(pa.table({"id": pa.concat_tables(ids).column("id").unique()}))


def intersect_candidates(every: Sequence[CandidateIds | None]) -> CandidateIds | None:
    """Returns what all of several clues lead to; None where each of them leads to many."""
    found = [each for each in every if each is not None]
    if not found:
        return None
    ids = set.intersection(*(set(each.ids.column("id").to_pylist()) for each in found))
    return CandidateIds(pa.table({"id": pa.array(sorted(ids), pa.binary())}))
