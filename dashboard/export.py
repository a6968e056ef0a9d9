"""Lists to take away: what a list shows, and all its further pages, as CSV."""

import csv
import io
import json
import re
import tempfile
from collections.abc import Callable, Iterable
from typing import Final

import streamlit as st

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
    """Shows a button that saves rows as a file.

    Args:
        name: of the file, without its ending; unlike that of any other on the page.
        rows: asked for once somebody presses it, outside of the page's own run: it must not ask Streamlit for anything.
    """
    st.download_button(
        "CSV",
        data=lambda: as_csv(rows()),
        file_name=f"{name}.csv",
        mime="text/csv",
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
            if number % _PART == 0 and file.tell() > most:
                raise ExportTooLargeError(
                    f"the file would have more than {most >> 20} MiB: choose a shorter time, or let a program ask the "
                    "collector's API (docs/api.md)"
                )
        file.seek(0)
        return file.read().decode()


def _cell(value: object) -> object:
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, str) and _FORMULA.match(value) and not _NUMBER.fullmatch(value):
        return f"'{value}"
    return value
