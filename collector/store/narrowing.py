"""Has statements that read the spans of some traces many times over read them from a copy.

What a page of sessions holds, or what its calls cost, is told by statements that read `spans` ten times each, for the
same traces. Where these lie all over the store, each time walks through all of it. The copy is a temporary table by the
same name, which the database takes before its own: so all statements, views and macros can be asked of it, unchanged.
Refused was to name the table in each of them, which every other question would have to do as well.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from uuid import UUID

import duckdb

from collector.store.queries import Query
from collector.store.session import Session


@contextmanager
def narrow_to_traces(session: Session, traces: Sequence[UUID]) -> Iterator[None]:
    """Within it, `spans` are those of some traces alone, with the columns of `narrowing/copy.sql`: a statement that
    asks for others fails. What macros look for among all spans they read as `every_span`.

    Args:
        session: the snapshot to read; what was narrowed already can't be once more.
        traces: their ids.

    Raises:
        CollectorError: the reason, when the question was ended or has to give way.
        duckdb.Error: the copy could not be made.
    """
    name = str(session.one_cached(Query.NARROWING_DATABASE)["name"]).replace('"', '""')
    session.count(f'CREATE TEMP VIEW every_span AS FROM "{name}".main.spans', {})  # no statement binds a name
    session.run(Query.NARROWING_COPY, traces=traces, **session.stretch(traces).bounds)
    try:
        yield
    except duckdb.Error:
        raise  # of a snapshot that has failed nothing more is read
    except BaseException:
        with suppress(duckdb.Error):
            _widen(session)
        raise
    _widen(session)


def _widen(session: Session) -> None:
    """Ends it; also of a question that was ended meanwhile."""
    session.count(Query.NARROWING_DROP_COPY.sql, {})
    session.count(Query.NARROWING_DROP_EVERY_SPAN.sql, {})
