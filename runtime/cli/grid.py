"""A table as commands print it: columns without borders, ids that can be copied whole."""

from typing import Final

from rich.table import Table

from runtime.cli.terminal import plain

#: Characters of a UUID.
_ID_WIDTH: Final = 36


def grid(*columns: str) -> Table:
    """An empty table."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for column in columns:
        is_id = column in ("id", "dead letter", "last run")  # to be copied: never folded
        table.add_column(column, overflow="fold", no_wrap=is_id, min_width=_ID_WIDTH if is_id else None)
    return table


def add_row(table: Table, *values: object) -> None:
    """Adds a row of plain texts."""
    table.add_row(*(plain(value) for value in values))
