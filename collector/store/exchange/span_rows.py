"""Spans of an export, each with its events and links. Of two records of a span the one that ended is shown, as where
both are sent."""

import time
from pathlib import Path
from typing import Final

from collector.store.database import Session
from collector.store.queries import Query
from collector.store.queries.upkeep import Upkeep
from collector.store.tables import Table

#: Tables whose rows belong to a record of a span, and come and go with it.
HANGING: Final = ("span_events", "span_links")

_SETTLING: Final = (
    Query.INGEST_SUPERSEDE_SPANS,
    Query.MATERIALIZED_NOTE_WITHDRAWN,
    Query.INGEST_WITHDRAW_SPANS,
    Query.INGEST_WITHDRAW_EVENTS,
    Query.INGEST_WITHDRAW_LINKS,
)


def rows_statement(table: Table) -> str:
    """Returns the statement for a table's rows on their way. Spans are numbered; what hangs on them has their numbers,
    and is in that order, so that a part of it is found without reading the rest."""
    if table.name == "spans":
        return "SELECT rowid AS row, * FROM spans ORDER BY rowid"
    if table.name not in HANGING:
        return f"FROM {table.name}"
    return (
        f"SELECT numbered.row, {table.name}.* EXCLUDE (trace_id, span_id) "  # noqa: S608 names are our own
        f"FROM {table.name} JOIN (SELECT trace_id, span_id, min(rowid) AS row FROM spans GROUP BY ALL) AS numbered "
        "USING (trace_id, span_id) ORDER BY ALL"
    )


def add_spans(session: Session, space: Path, first: int, last: int) -> dict[str, int]:
    """Adds spans of a file by their numbers.

    Args:
        session: a transaction.
        space: where the files of `rows_statement` are.
        first: number of the first span.
        last: of the last one.

    Returns:
        How many rows were added, by table.
    """
    spans, events, links, superseded = (str(space / f"{name}.parquet") for name in ("spans", *HANGING, "superseded"))
    part = {"first": first, "last": last}
    session.run(Upkeep.EXCHANGE_STAGE_SPANS, spans=spans, **part)
    session.run(Upkeep.EXCHANGE_STAGE_SUSPECTS)
    session.run(Upkeep.EXCHANGE_STAGE_EVENTS, events=events, **part)
    session.run(Upkeep.EXCHANGE_STAGE_LINKS, links=links, **part)
    session.run(Query.INGEST_CONTEST_SPANS)
    session.run(Upkeep.EXCHANGE_COUNT_REPLACEMENTS, superseded=superseded, at_ns=time.time_ns())
    for query in _SETTLING:
        session.run(query)
    session.run(Upkeep.EXCHANGE_NEW_SPANS, spans=spans, **part)
    added = {"spans": session.count(_insert_spans(), {"spans": spans, **part})}
    for name, path in zip(HANGING, (events, links), strict=True):
        added[name] = session.count(_insert_hanging(name), {"path": path, "spans": spans, **part})
    return added


def _insert_spans() -> str:
    # They are stored now: pages of lists go by that.
    return """
        INSERT INTO spans BY NAME
        SELECT * EXCLUDE (row, stored_us) FROM read_parquet($spans)
        WHERE row BETWEEN $first AND $last AND row IN (SELECT row FROM new_rows)
    """


def _insert_hanging(name: str) -> str:
    return f"""
        INSERT INTO {name} BY NAME
        SELECT s.trace_id, s.span_id, h.* EXCLUDE (row)
        FROM read_parquet($path) AS h
        JOIN (
            SELECT trace_id, span_id, row FROM read_parquet($spans) WHERE row BETWEEN $first AND $last
        ) AS s USING (row)
        WHERE h.row BETWEEN $first AND $last AND h.row IN (SELECT row FROM new_rows)
    """  # noqa: S608 names are our own, values are bound
