"""A list that is taken away is whole, and harmless."""

import csv
import io
import random
import re
import tracemalloc
from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from collector.models import Event
from dashboard import export

AT = datetime(2026, 1, 2, tzinfo=UTC)


def event(number: int, subject: str = "") -> Event:
    """The `number`-th event."""
    return Event(event_id=str(number), channel="parcels", time=AT, subject=subject)


def saved(events: list[Event]) -> list[dict[str, str]]:
    """What a spreadsheet reads of the file."""
    return list(csv.DictReader(io.StringIO(export.as_csv(events), newline="")))


def test_every_row_has_a_cell_for_every_field() -> None:
    """Lists are JSON, and what is not known is empty."""
    (row,) = saved([event(1, 'a "quoted", subject')])
    assert (row["event_id"], row["subject"], row["deliveries"]) == ("1", 'a "quoted", subject', "[]")
    assert set(row) == set(Event.model_fields)


HOSTILE = (
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    " =1",
    " \n @x",
    "\uff1d1+1",
    "\uff0b1",
    "\uff0d1",
    "\uff20x",
    "\u200b=1",
)


@pytest.mark.parametrize("hostile", [*HOSTILE, "\ttext", "-", "--1", "-1e", "\ufeff=1", "\u00a0=1"])
def test_no_cell_is_a_formula(hostile: str) -> None:
    """A subject is somebody else's words, also after what a spreadsheet skips."""
    (row,) = saved([event(1, hostile)])
    assert row["subject"].startswith("'")
    assert re.sub(r"(^|[\t\r\n])'", r"\1", row["subject"]) == hostile


@pytest.mark.parametrize("separator", [";", "\t", "\n", "\r\n", "; ", ';"', "\u2028"])
@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\uff1d", "\u2212", "\ufe66", "\u200b="])
def test_no_part_of_a_cell_is_a_formula_where_others_split_it(separator: str, sign: str) -> None:
    """Half of Europe separates cells by `;`, and a cell is quoted whatever it holds."""
    subject = f"a{separator}{sign}1"
    (row,) = saved([event(1, subject)])
    parts = re.split(r"[;\t\r\n\u2028]", row["subject"])
    assert [part for part in parts if part.lstrip(' "').startswith(sign)] == []
    assert f'"{row["subject"].replace(chr(34), chr(34) * 2)}"' in export.as_csv([event(1, subject)])


@pytest.mark.parametrize("number", ["-1", "+1", "-1.5", "-1.5e-3", "5"])
def test_a_number_stays_one(number: str) -> None:
    """A sign alone makes no formula."""
    (row,) = saved([event(1, number)])
    assert row["subject"] == number


def test_nothing_is_an_empty_file() -> None:
    """Not a heading over nothing."""
    assert export.as_csv([]) == ""


def test_parquet_has_the_columns_and_types_of_the_api() -> None:
    """Whatever the rows hold: what is empty in all of them has a type as well."""
    table = pq.read_table(io.BytesIO(export.as_parquet(event(number) for number in range(2_500))))
    assert table.num_rows == 2_500
    assert set(table.column_names) == set(Event.model_fields)
    assert table.schema.field("time").type == pa.timestamp("us", "UTC")
    assert table.column("event_id")[2_499].as_py() == "2499"
    assert table.schema.field("correlation_id").type == pa.string()
    assert export.as_parquet([]) == b""


def test_a_file_has_every_row_however_many() -> None:
    """And few of them are held at a time."""
    tracemalloc.start()
    content = export.as_csv(event(number, "x" * 1_000) for number in range(20_000))
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    lines = content.splitlines()
    assert len(lines) == 20_001
    assert lines[-1].startswith('"19999",')
    assert most < 2 * len(content) + 2_000_000  # as bytes, and as text


def test_what_is_too_large_is_refused_before_any_of_it_is_sent() -> None:
    """A file that ends early would be taken for whole."""
    with pytest.raises(export.ExportTooLargeError, match="choose a shorter time"):
        export.as_csv((event(number, "x" * 1_000) for number in range(5_000)), most=2**20)
    noise = random.Random(1)
    with pytest.raises(export.ExportTooLargeError, match="choose a shorter time"):
        export.as_parquet((event(number, noise.randbytes(500).hex()) for number in range(5_000)), most=2**20)
