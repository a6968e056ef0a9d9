"""Runs of others that began in a time range, for figures."""

from typing import Final

from collector.questions import remembered_rows
from collector.questions.remembered_rows import RowKind
from collector.questions.windows import Range
from collector.store.database import Session
from collector.store.queries import Query
from collector.store.recollection import Subject

TOPS: Final = RowKind(
    subject=Subject.TOPS,
    found=Query.TOPS_FOUND,
    traces=Query.TOPS_TRACES,
    affected=Query.TOPS_AFFECTED,
    told=("trace_id", "start_ns"),
)


def offer_top_runs(session: Session, within: Range) -> None:
    """Lets the next statements read those of a range, and some that began right beside it, as the table `found_tops`.

    Args:
        session: the snapshot to read.
        within: the range.
    """
    session.register("found_tops", remembered_rows.find_rows_between(session, TOPS, within))
