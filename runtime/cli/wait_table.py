"""What commands show of what runs wait for: the collector's JSON in, drawings out."""

import shlex
from collections.abc import Sequence
from datetime import UTC, datetime

from rich.console import Group, RenderableType

from runtime.cli.collector_answers import WaitingRun
from runtime.cli.grid import add_row, grid
from runtime.cli.terminal import format_moment, plain


def waits_table(waits: Sequence[WaitingRun]) -> RenderableType:
    """What runs wait for, one a row, the longest first."""
    if not waits:
        return plain("no run waits for an answer")
    table = grid("run", "subject", "workflow", "waits for", "key", "in step", "for", "until")
    for wait in waits:
        where = (wait["run_id"], wait["subject"] or "", wait["workflow"])
        until = format_moment(_parse_ms(wait["until"])) if wait["until"] else ""
        add_row(table, *where, wait["name"], wait["key"], wait["step"], _format_age(wait["since"]), until)
    return table


def waits_of_runs(waits: Sequence[WaitingRun]) -> RenderableType:
    """The same below a picture, each with how it is answered; nothing where nobody is waited for."""
    return Group(
        *(
            plain(
                f"waits for {wait['name']!r}, in step {wait['step']}, for {_format_age(wait['since'])}: "
                f"causeline runs answer {wait['run_id']} {_wait_arguments(wait)} VALUE",
                "yellow",
            )
            for wait in waits
        )
    )


def _wait_arguments(wait: WaitingRun) -> str:
    return shlex.quote(wait["name"]) + (f" --key {shlex.quote(wait['key'])}" if wait["key"] else "")


def _parse_ms(at: str) -> int:
    return int(datetime.fromisoformat(at).timestamp() * 1000)


def _format_age(since: str) -> str:
    seconds = max(0.0, (datetime.now(UTC) - datetime.fromisoformat(since)).total_seconds())
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"
