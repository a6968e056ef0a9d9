"""What was written down while a node was worked on."""

import json
from typing import Any, Final
from uuid import UUID

from collector.models import LogExcerpt, LogRecord
from collector.questions.traces import format_span_id
from collector.store.database import Row, Session
from collector.store.queries import Query
from collector.store.sightings import Stretch
from collector.store.values import decode_attributes, decode_stored_value
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


def find_logs_of_node(session: Session, node_id: UUID, around: Stretch) -> LogExcerpt:
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
        record = build_log_record(row)
        room -= len(record.body) + len(_to_json(record.attributes))
        if room < 0:
            break
        items.append(record)
    total = session.one(Query.LOGS_OF_NODE, id=node_id, **stored)["records"]
    return LogExcerpt(items=items, more=rows[0]["found"] - len(items) if rows else 0, total=total)


def build_log_record(row: Row) -> LogRecord:
    """Returns a row of log records as an answer holds it: what is too long is cut."""
    body = _text_of_value(decode_stored_value(row["body"]))
    attributes = decode_attributes(row["attributes"])
    kept = attributes if len(_to_json(attributes)) <= ATTRIBUTES else _shorten_attributes(attributes)
    return LogRecord(
        time=moment(row["at_ns"]),
        severity=row["severity_text"] or get_severity_name(row["severity_number"]),
        event_name=row["event_name"],
        body=body if len(body) <= BODY else body[: BODY - 1] + _CUT,
        service=row["service"],
        trace_id="" if row["trace_id"] is None else row["trace_id"].hex,
        span_id="" if row["span_id"] is None else format_span_id(row["span_id"]),
        attributes=kept,
        cut=len(body) > BODY or kept is not attributes,
    )


def get_severity_name(number: int | None) -> str:
    """Returns the name of a severity number; empty for one that OpenTelemetry does not know."""
    return _SEVERITIES[(number - 1) // 4] if number and 0 < number <= 24 else ""


def _text_of_value(value: Any) -> str:
    return value if isinstance(value, str) else "" if value is None else _to_json(value)


def _shorten_attributes(attributes: dict[str, Any]) -> dict[str, Any]:
    """Returns attributes as far as there is room, the short ones first."""
    room = ATTRIBUTES // 2
    kept: dict[str, Any] = {}
    for key, value in sorted(attributes.items(), key=lambda item: len(_to_json(item[1]))):
        text = _to_json(value)
        if len(key) + len(text) > room:
            if len(key) < room:
                kept[key] = _text_of_value(value)[: room - len(key)] + _CUT
            break
        kept[key] = value
        room -= len(key) + len(text)
    return kept


def _to_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
