"""`causeline check`: whether all is as it should be."""

import typer
from rich.table import Table

from runtime.cli.exposure import exposure
from runtime.cli.terminal import plain, screen

#: Exit status when something is not.
WRONG = 1


def check() -> None:
    """Say what is open to whom; exit status 1 if that is more than it should be."""
    findings = exposure()
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for found in findings:
        state = plain("open", "red") if found.is_open else plain("")
        table.add_row(state, plain(found.about), plain(found.words))
    screen.print(table)
    if any(found.is_open for found in findings):
        raise typer.Exit(WRONG)
