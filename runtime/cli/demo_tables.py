"""How a demo's report is printed."""

from rich.table import Column, Table

from runtime.cli.demo_report import Report
from runtime.cli.terminal import plain, screen


def print_report(report: Report) -> None:
    """Prints the tables of a report, its figures, and what did not happen."""
    for told in report.tables:
        columns = [Column(header=plain(head)) for head in told.columns]
        table = Table(*columns, title=plain(told.title), title_justify="left", box=None, padding=(0, 2, 0, 0))
        for row in told.rows:
            table.add_row(*map(plain, row))
        screen.print(table)
        screen.print()
    screen.print(_summary(report))


def _summary(report: Report) -> Table:
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for name, value in report.summary.items():
        table.add_row(plain(name.replace("_", " ")), plain(value, "bold"))
    for failure in report.failures:
        table.add_row(plain("did not happen", "red"), plain(failure, "red"))
    return table
