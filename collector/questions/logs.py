"""What was written down while a node was worked on."""

import json
from typing import Any, Final
from uuid import UUID

from collector.models import LogExcerpt, LogRecord
from collector.questions.traces import hex_span
from collector.store.database import Row, Session
from collector.store.queries import Query
from collector.store.sightings import Stretch
from collector.store.values import plain, plain_value
from collector.times import moment

#: Log records that an answer holds at most.
RECORDS: Final = 200
#: Characters of all of them together, after which the rest is left out.
CHARACTERS: Final = 200_000
#: Characters of one body, and of one record's attributes as JSON.
BODY: Final = 4_000
ATTRIBUTES: Final = 4_000
#: Characters of each text that are read of the store: more than an answer holds, so that it is cut again, and marked.
ROOM: Final = 4_100

#: Says that a text goes on.
_CUT: Final = "…"

#: OpenTelemetry's ranges of severity numbers, four to each.
_SEVERITIES: Final = ("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL")


def of_node(session: Session, node_id: UUID, around: Stretch) -> LogExcerpt:
    """Returns the log records of a node's spans, and of foreign spans below them, as far as an answer holds them.

    Args:
        session: the snapshot to read.
        node_id: the node.
        around: when the spans of its traces were stored.
    """
    stored = session.stretch([node_id]).bounds | around.bounds_of("around")
    rows = session.rows(Query.NODE_LOGS, id=node_id, most=RECORDS, room=ROOM, **stored)
    items: list[LogRecord] = []
    room = CHARACTERS
    for row in rows:
        record = told(row)
        room -= len(record.body) + len(_json(record.attributes))
        if room < 0:
            break
        items.append(record)
    total = session.one(Query.LOGS_OF_NODE, id=node_id, **stored)["records"]
    return LogExcerpt(items=items, more=rows[0]["found"] - len(items) if rows else 0, total=total)


def told(row: Row) -> LogRecord:
    """Returns a row of log records as an answer holds it: what is too long is cut."""
    body = _text(plain_value(row["body"]))
    attributes = plain(row["attributes"])
    kept = attributes if len(_json(attributes)) <= ATTRIBUTES else _some(attributes)
    return LogRecord(
        time=moment(row["at_ns"]),
        severity=row["severity_text"] or severity(row["severity_number"]),
        event_name=row["event_name"],
        body=body if len(body) <= BODY else body[: BODY - 1] + _CUT,
        service=row["service"],
        trace_id="" if row["trace_id"] is None else row["trace_id"].hex,
        span_id="" if row["span_id"] is None else hex_span(row["span_id"]),
        attributes=kept,
        cut=len(body) > BODY or kept is not attributes,
    )


def severity(number: int | None) -> str:
    """Returns the name of a severity number; empty for one that OpenTelemetry does not know."""
    return _SEVERITIES[(number - 1) // 4] if number and 0 < number <= 24 else ""


def _text(value: Any) -> str:
    return value if isinstance(value, str) else "" if value is None else _json(value)


def _some(attributes: dict[str, Any]) -> dict[str, Any]:
    """Returns attributes as far as there is room, the short ones first."""
    room = ATTRIBUTES // 2
    kept: dict[str, Any] = {}
    for key, value in sorted(attributes.items(), key=lambda item: len(_json(item[1]))):
        text = _json(value)
        if len(key) + len(text) > room:
            if len(key) < room:
                kept[key] = _text(value)[: room - len(key)] + _CUT
            break
        kept[key] = value
        room -= len(key) + len(text)
    return kept


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
