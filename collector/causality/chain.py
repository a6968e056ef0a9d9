"""The chain around a node: what shares its correlation, then what links and parents add to that, until nothing does."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from collector.store.database import Row, Session
from collector.store.queries import Query

#: Records that a chain may have before it is cut.
RECORD_LIMIT: Final = 50_000

#: Claims to read at most; a record rarely makes more than two.
CLAIM_LIMIT: Final = 4 * RECORD_LIMIT


@dataclass(slots=True)
class Chain:
    """Records and claims, oldest records first; `truncated` when there are more."""

    records: list[Row] = field(default_factory=list)
    claims: list[Row] = field(default_factory=list)
    truncated: bool = False


def load(session: Session, focus: UUID) -> Chain:
    """Everything that might be connected with a node.

    Args:
        session: the snapshot to read.
        focus: the node; empty answer where nothing records or names it.
    """
    traces = _ids(session.rows(Query.FOCUS_TRACES, id=focus)) or _ids(session.rows(Query.NAMED_TRACES, id=focus))
    chain = Chain()
    known: set[UUID] = set()
    correlations: set[UUID] = set()
    while (new := sorted(traces - known)) and not chain.truncated:
        known |= traces
        records, claims = _of_traces(session, chain, focus, new)
        unseen = {row["correlation_id"] for row in records if row["correlation_id"]} - correlations
        correlations |= unseen
        traces = _ids(session.rows(Query.CORRELATION_TRACES, correlations=sorted(unseen))) if unseen else set()
        traces |= {row["cause_trace_id"] for row in claims if row["cause_trace_id"]}
        nodes = {row["node_id"] for row in records}
        missing = {row["cause"] for row in claims} - {row["node_id"] for row in chain.records}
        traces |= _ids(session.rows(Query.NEIGHBOUR_TRACES, missing=sorted(missing), nodes=sorted(nodes), traces=new))
    chain.records.sort(key=lambda row: (row["start_ns"], row["trace_id"], row["span_id"]))
    return chain


def _of_traces(session: Session, chain: Chain, focus: UUID, traces: list[UUID]) -> tuple[list[Row], list[Row]]:
    """Adds the records and claims of some traces to a chain, and returns what was added."""
    room = RECORD_LIMIT - len(chain.records)
    records = session.rows(Query.CHAIN_RECORDS, traces=traces, focus=focus, most=room + 1)
    if len(records) > room:
        records, chain.truncated = records[:room], True
    claims = session.rows(Query.CHAIN_CLAIMS, traces=traces, most=CLAIM_LIMIT)
    chain.records += records
    chain.claims += claims
    return records, claims


def _ids(rows: Iterable[Row]) -> set[UUID]:
    return {row["trace_id"] for row in rows}
