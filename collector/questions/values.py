"""What steps were given and returned, as lists show it: the beginning."""

import json
from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID

from collector.store.database import Session
from collector.store.names import AttributeMeaning, attribute_names, first_value
from collector.store.queries import Query
from collector.store.values import decode_attributes

#: Characters of an input or result that a list shows.
EXCERPT: Final = 200


def find_values_of_others(session: Session, trace: UUID, spans: Iterable[int]) -> dict[int, dict[str, str | None]]:
    """Returns the beginning of `input` and `result` of some spans of one trace, by span id."""
    names = [*attribute_names(AttributeMeaning.INPUT), *attribute_names(AttributeMeaning.RESULT)]
    asked = {"trace": trace, "spans": sorted(spans), "names": names, "excerpt": EXCERPT}
    rows = session.rows(Query.AGENTS_VALUES, **asked, **session.stretch([trace]).bounds)
    return {row["span_id"]: parse_values(decode_attributes(row["said"])) for row in rows}


def parse_values(attributes: dict[str, Any]) -> dict[str, str | None]:
    """Returns `input` and `result` as attributes say them, in whichever names."""
    return {
        "input": _text_or_json(first_value(attributes, AttributeMeaning.INPUT)),
        "result": _text_or_json(first_value(attributes, AttributeMeaning.RESULT)),
    }


def _text_or_json(value: object) -> str | None:
    """Returns what somebody wrote where text belongs: as it is, or as JSON."""
    return value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False)
