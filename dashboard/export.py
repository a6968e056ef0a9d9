"""Lists to take away: what a list shows, and all its further pages, as CSV or Parquet."""

import csv
import io
import json
import re
import tempfile
from collections.abc import Callable, Iterable
from itertools import islice
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq
import streamlit as st

from collector import columns
from collector import models as api

#: Bytes of a file at most: it has to be held whole once it is handed out. What is larger is refused, never cut.
MOST_BYTES: Final = 512 * 2**20
#: Rows that are written between two looks at how large the file is.
_PART: Final = 1_000
#: A spreadsheet takes a cell for a formula that begins with one of these, of usual or of full width, after whatever it
#: skips: somebody else's words must not be one.
_FORMULA: Final = re.compile(
    r"[\s\x00-\x20\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n]"
)
_NUMBER: Final = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")


class ExportTooLargeError(Exception):
    """Raised when a list is too large for a file, before any of that is sent."""


def button(name: str, rows: Callable[[], Iterable[api.Model]]) -> None:
    """Shows buttons that save rows as a file.

    Args:
        name: of the file, without its ending; unlike that of any other on the page.
        rows: asked for once somebody presses it, outside of the page's own run: it must not ask Streamlit for anything.
    """
    _button("CSV", f"{name}.csv", "text/csv", lambda: as_csv(rows()))
    _button("Parquet", f"{name}.parquet", "application/vnd.apache.parquet", lambda: as_parquet(rows()))


def text(label: str, name: str, said: Callable[[], str]) -> None:
    """Shows a button that saves JSON.

    Args:
        label: what it says.
        name: of the file.
        said: asked for once somebody presses it; as above.
    """
    _button(label, name, "application/json", said)


def _button(label: str, name: str, kind: str, content: Callable[[], str | bytes]) -> None:
    st.download_button(
        label,
        data=content,
        file_name=name,
        mime=kind,
        key=f"export-{name}",
        type="tertiary",
        icon=":material/download:",
        help=f"Save all that matches as a file; one of more than {MOST_BYTES >> 20} MiB is refused, and never cut",
        on_click="ignore",
    )


def as_csv(rows: Iterable[api.Model], most: int = MOST_BYTES) -> str:
    """Returns rows as CSV (RFC 4180) with a heading of their fields; a list or an object is JSON text. Empty for
    no rows. Rows are written to the disk as they come, and none is kept.

    Args:
        rows: all of one kind.
        most: bytes that the file may have.

    Raises:
        ExportTooLargeError: when it would have more.
    """
    with tempfile.TemporaryFile() as file, io.TextIOWrapper(file, "utf-8", newline="", write_through=True) as text:
        writer: csv.DictWriter[str] | None = None
        for number, row in enumerate(rows):
            values = row.model_dump(mode="json")
            if writer is None:
                writer = csv.DictWriter(text, list(values))
                writer.writeheader()
            writer.writerow({name: _cell(value) for name, value in values.items()})
            if number % _PART == 0:
                _refuse_more(file.tell(), most)
        file.seek(0)
        return file.read().decode()


def as_parquet(rows: Iterable[api.Model], most: int = MOST_BYTES) -> bytes:
    """Returns rows as a Parquet file, with the columns that the API gives them as Arrow; empty for no rows, whose
    columns nobody knows. Rows are written to the disk as they come.

    Args:
        rows: all of one kind.
        most: bytes that the file may have.

    Raises:
        ExportTooLargeError: when it would have more.
    """
    waiting = iter(rows)
    part = list(islice(waiting, _PART))
    if not part:
        return b""
    schema = columns.schema(type(part[0]))
    with tempfile.TemporaryFile() as file:
        with pq.ParquetWriter(file, schema) as writer:
            while part:
                writer.write_table(pa.Table.from_pylist([columns.values(row) for row in part], schema))
                _refuse_more(file.tell(), most)
                part = list(islice(waiting, _PART))
        file.seek(0)
        return file.read()


def _refuse_more(size: int, most: int) -> None:
    if size > most:
        raise ExportTooLargeError(
            f"the file would have more than {most >> 20} MiB: choose a shorter time, or let a program ask the "
            "collector's API (docs/api.md)"
        )


def _cell(value: object) -> object:
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, str) and _FORMULA.match(value) and not _NUMBER.fullmatch(value):
        return f"'{value}"
    return value
