"""When all was stored of the traces in which runs of others may have begun: what figures of a range keep to."""

from typing import Final

from collector.questions.windows import Range
from collector.store.database import Session
from collector.store.queries import Query
from collector.store.sightings import Stretch

#: Traces by which figures are read: to look for more takes longer than to read all that is stored.
MOST_TRACES: Final = 100_000


def find_stretch(session: Session, within: Range) -> Stretch:
    """Returns from when to when all was stored of the traces in which runs of others may have begun in a range."""
    return session.stretch_of(Query.TRACES_BEGINNING, MOST_TRACES, first_ns=within.first_ns, end_ns=within.end_ns)
