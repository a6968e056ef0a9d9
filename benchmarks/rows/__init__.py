"""The rows of the table, one file for each kind of work."""

from benchmarks.contest import Row
from benchmarks.rows import (
    bridge,
    browser,
    coordination,
    events,
    flows,
    groups,
    hop,
    ingest,
    open_pages,
    questions,
    spans,
    steps,
    stored,
    waiting,
)

ROWS: tuple[Row, ...] = (
    *events.ROWS,
    *groups.ROWS,
    *hop.ROWS,
    *steps.ROWS,
    *stored.ROWS,
    *flows.ROWS,
    *bridge.ROWS,
    *spans.ROWS,
    *waiting.ROWS,
    *ingest.ROWS,
    *questions.ROWS,
    *browser.ROWS,
    *open_pages.ROWS,
    *coordination.ROWS,
)
