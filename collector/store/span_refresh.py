"""Reads spans anew that are stored already: what their attributes say, and how they ended.

What a span is known by (its node, its event) stays as it was stored.
"""

from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from collector.store import attribute_columns, endings, implied, names, packed_figures, roles
from collector.store.database import Session
from collector.store.queries import Query
from collector.store.queries.upkeep import Upkeep
from collector.store.sightings import Stretch
from collector.store.staging import stage_spans

#: Characters of an attribute that are read: names and ids are shorter, and of an answer only counts that it is there.
_LONGEST: Final = 4_096

#: All attributes that a span's columns are read from.
_NAMES: Final = [
    *(name.attribute for name in names.NAMES if name.says not in names.WHEN_ASKED),
    *attribute_columns.OURS,
    *endings.READ,
    *implied.READ,
    *packed_figures.READ,
    roles.LANGSMITH,
]


def refresh_spans(session: Session) -> None:
    """Reads the spans anew that the temporary table `reread` chooses.

    Args:
        session: a transaction.
    """
    spans = session.table(Upkeep.REREADING_SPANS, names=_NAMES, longest=_LONGEST)
    if not spans.num_rows:
        return
    stored = pc.min_max(spans.column("stored_us")).as_py()
    spans = spans.drop_columns(["stored_us"])
    session.register("incoming_spans", spans)
    thrown: pa.Table = session.table(Upkeep.REREADING_EXCEPTIONS)
    channels = {row["channel"] for row in session.rows(Query.INGEST_OWN_CHANNELS)}
    rows = stage_spans(spans, thrown, channels)
    session.amend(rows, Stretch(stored["min"], stored["max"]))
    session.register("reread_spans", rows)
    session.run(Upkeep.REREADING_APPLY)
