"""Stores of many spans that tests of plans ask, as a collector has them some minutes after its start."""

from pathlib import Path

from collector.store import materialized, text_loading
from collector.store.database import Database
from collector.store.records import RecordWriter
from tests.collector.fresh import open_database

#: Spans that the store holds, in eight of the blocks that the database reads or leaves out; and of one chain.
SPANS, CHAIN = 983_040, 96

#: Chains with a run that something else started, steps, events, deliveries and spans of others, whose ids are random.
FILL = f"""
INSERT INTO spans BY NAME
WITH told AS (
    SELECT
        i, i // {CHAIN} AS chain, i % {CHAIN} AS k, 1767225600000 + 10 * (i // {CHAIN}) AS ms,
        CASE
            WHEN k = 0 THEN 'run' WHEN k <= 10 THEN 'step' WHEN k <= 30 THEN 'event' WHEN k <= 90 THEN 'delivery'
            ELSE 'span'
        END AS node_kind
    FROM range({SPANS}) AS r (i)
),
named AS (
    SELECT
        *, printf('%012x', ms) AS begin,
        CAST(begin || '80008000' || printf('%012x', {CHAIN} * chain) AS UUID) AS run,
        CAST(begin || '80008000' || printf('%012x', i) AS UUID) AS own,
        CAST(begin || '80008000' || printf('%012x', {CHAIN} * chain + 11 + k % 20) AS UUID) AS sent
    FROM told
)
SELECT
    CASE WHEN node_kind = 'span' THEN CAST(md5('trace' || i) AS UUID)
        ELSE CAST(begin || '00008000' || printf('%012x', chain) AS UUID) END AS trace_id,
    hash(i) AS span_id, '' AS trace_state, 0 AS flags, 'work' AS name, 1 AS kind, ms * 1000000 + k AS start_ns,
    ms * 1000000 + k + 500 AS end_ns, 0 AS status_code, '' AS status_message, [] AS attributes,
    0 AS dropped_attributes_count, 0 AS dropped_events_count, 0 AS dropped_links_count, 1 AS resource_id, 1 AS scope_id,
    's' AS service,
    CASE WHEN node_kind = 'span' THEN CAST(md5('node' || i) AS UUID) ELSE own END AS node_id, node_kind,
    CASE node_kind WHEN 'step' THEN run WHEN 'event' THEN run WHEN 'delivery' THEN sent END AS causation_id,
    CASE WHEN node_kind IN ('run', 'step') THEN run END AS run_id,
    CASE WHEN node_kind <> 'span' THEN run END AS correlation_id,
    CASE WHEN node_kind = 'delivery' THEN sent END AS event_id,
    CASE WHEN node_kind = 'delivery' THEN 'g' || k END AS consumer_group,
    CASE WHEN node_kind = 'step' THEN 's' || k END AS step,
    CASE WHEN node_kind <> 'span' THEN 'S-' || printf('%07d', chain) END AS subject,
    CASE WHEN node_kind = 'span' AND chain = {SPANS // 2 // CHAIN} THEN 'model' END AS role, 'ok' AS outcome,
    1 AS attempt, 0 AS round,
    1767225600000000 + (i // 20000) * 1000000 AS stored_us
FROM named
ORDER BY i
"""  # noqa: S608 numbers of our own


def filled_with(folder: Path, *statements: str, is_settled: bool = True) -> Database:
    """Makes one that the collector has read.

    Args:
        folder: where its file goes.
        statements: what fills it, one after the other.
        is_settled: whether what became of work is worked out ahead, too.
    """
    database = open_database(folder / "causeline.duckdb")
    for statement in statements:
        database._connection.execute(statement)
    assert database.checkpoint()
    RecordWriter(database).load_stored_ids()
    text_loading.load_texts(database)
    if is_settled:
        while materialized.materialize_slice(database):
            pass
        with database.reading() as session:
            session.find_edge_sources()
    return database
