"""Lists to take away: what a list shows, and all its further pages, as CSV."""

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Final

import streamlit as st

from collector import models as api

#: Rows of a file at most: the page has to hold them all at once. Who wants more asks the API.
MOST: Final = 100_000
#: A spreadsheet takes a cell for a formula that begins with one of these, of usual or of full width, after whatever it
#: skips: somebody else's words must not be one.
_FORMULA: Final = re.compile(
    r"[\s\x00-\x20\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n]"
)
_NUMBER: Final = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")


def button(name: str, rows: Callable[[], Sequence[api.Model]]) -> None:
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
        help=f"Save all that matches as a file, {MOST:,} rows at most",
        on_click="ignore",
    )


def as_csv(rows: Iterable[api.Model]) -> str:
    """Returns rows as CSV (RFC 4180) with a heading of their fields; a list or an object is JSON text. Empty for no
    rows."""
    dumped = [row.model_dump(mode="json") for row in rows]
    text = io.StringIO()
    writer = csv.DictWriter(text, list(dict.fromkeys(name for row in dumped for name in row)))
    if dumped:
        writer.writeheader()
    writer.writerows({name: _cell(value) for name, value in row.items()} for row in dumped)
    return text.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, str) and _FORMULA.match(value) and not _NUMBER.fullmatch(value):
        return f"'{value}"
    return value
