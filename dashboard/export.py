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
#: skips: somebody else's words must not be one. Where lists are separated by `;`, or it is told to split at tabs, it
#: sees a cell begin in the middle of ours, quoted or not as it may be.
_SKIPPED: Final = (
    r"\s\x00-\x20\x7f-\xa0\xad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f"
    r"\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff\"'"
)
_SIGN: Final = r"[=+\-@\u207a\u207c\u208a\u208c\u2212\ufe62\ufe63\ufe66\ufe6b\uff0b\uff0d\uff1d\uff20]"
_FORMULA: Final = re.compile(rf"[{_SKIPPED}]*{_SIGN}|[\t\r\n]")
_INNER: Final = re.compile(rf"([;\t\r\n\x0b\x0c\x85\u2028\u2029])(?=[{_SKIPPED}]*{_SIGN})")
_NUMBER: Final = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")


class ExportTooLargeError(Exception):
    """Raised when a list is too large for a file, before any of that is sent."""


def button(name: str, rows: Callable[[], Iterable[api.Model]]) -> None:
    """Shows buttons that save rows as a file.

    Args:
        name: of the file, without its ending; unlike that of any other on the page.
        rows: asked for once somebody presses it, outside of the page's own run: it must not ask Streamlit for anything.
    """
    with st.container(horizontal=True, width="content"):
        _button("CSV", f"{name}.csv", "text/csv", lambda: as_csv(rows()))
        _button("Parquet", f"{name}.parquet", "application/vnd.apache.parquet", lambda: as_parquet(rows()))


def heading(title: str, name: str, rows: Callable[[], Iterable[api.Model]]) -> None:
    """Shows the heading of a list, and beside it the buttons that save the list.

    Args:
        title: of the list.
        name: of the file; as above.
        rows: as above.
    """
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(title, anchor=False)
        button(name, rows)


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
                writer = csv.DictWriter(text, list(values), quoting=csv.QUOTE_NONNUMERIC)
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
        return _escape_formulas(json.dumps(value, ensure_ascii=False))
    if isinstance(value, str) and not _NUMBER.fullmatch(value):
        return _escape_formulas(value)
    return value


def _escape_formulas(text: str) -> str:
    """Returns a text of which no spreadsheet makes a formula, wherever it splits it: with an apostrophe before."""
    text = _INNER.sub(r"\1'", text)
    return f"'{text}" if _FORMULA.match(text) else text
