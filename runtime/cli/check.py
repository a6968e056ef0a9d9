"""`causeline check`: whether all is as it should be."""

from typing import Annotated

import typer
from rich.table import Table

from runtime import settings
from runtime.cli.database_state import find_slowdowns
from runtime.cli.exposure import check_exposure
from runtime.cli.lateness import find_late_work, format_seconds, parse_duration
from runtime.cli.terminal import plain, screen

#: Exit status when something is not.
WRONG = 1


def check(
    max_age: Annotated[
        str,
        typer.Option(
            "--max-age", help="Look for an event, or a step of a run, that has waited for longer: 90s, 5m, 1h."
        ),
    ] = "",
) -> None:
    """Say what is open to whom and what slows the database of runs, or what has waited for too long; exit status 1 if
    anything is as it should not be."""
    if max_age:
        _report_late_work(parse_duration(max_age))
        return
    findings = [*check_exposure(), *find_slowdowns(settings.load().state_url)]
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for found in findings:
        state = plain("open", "red") if found.is_open else plain("")
        table.add_row(state, plain(found.about), plain(found.words))
    screen.print(table)
    if any(found.is_open for found in findings):
        raise typer.Exit(WRONG)


def _report_late_work(longest: float) -> None:
    problems = find_late_work(longest)
    for problem in problems:
        screen.print(plain(problem))
    if problems:
        raise typer.Exit(WRONG)
    screen.print(plain(f"nothing has waited for longer than {format_seconds(longest)}"))
