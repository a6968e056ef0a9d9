"""A list that is taken away is whole, and harmless."""

import csv
import io
from datetime import UTC, datetime

from collector.models import Event
from dashboard import export

AT = datetime(2026, 1, 2, tzinfo=UTC)


def event(number: int, subject: str = "") -> Event:
    """The `number`-th event."""
    return Event(event_id=str(number), channel="parcels", time=AT, subject=subject)


def rows(text: str) -> list[dict[str, str]]:
    """What a spreadsheet reads."""
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_every_row_has_a_cell_for_every_field() -> None:
    """Lists are JSON, and what is not known is empty."""
    (row,) = rows(export.as_csv([event(1, 'a "quoted", subject')]))
    assert (row["event_id"], row["subject"], row["deliveries"]) == ("1", 'a "quoted", subject', "[]")
    assert set(row) == set(Event.model_fields)


def test_no_cell_is_a_formula() -> None:
    """A subject is somebody else's words."""
    for hostile in ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"):
        (row,) = rows(export.as_csv([event(1, hostile)]))
        assert row["subject"] == f"'{hostile}"


def test_nothing_is_an_empty_file() -> None:
    """Not a heading over nothing."""
    assert export.as_csv([]) == ""
