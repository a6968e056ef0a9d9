"""Is anything left undone for too long? Asks the bus itself, so it works without a collector."""

import asyncio
import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

import typer

from runtime.cli.admin_connection import connect_admin
from runtime.errors import ServerError

if TYPE_CHECKING:  # heavy; most commands do without
    from runtime.admin import Admin, AppBacklog, ChannelLedger

_LENGTH: Final = re.compile(r"(\d+(?:\.\d+)?)\s*(s|m|min|h|d)?")
_SECONDS: Final = {"s": 1.0, "m": 60.0, "min": 60.0, "h": 3_600.0, "d": 86_400.0}
_UNITS: Final = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))


def parse_duration(text: str) -> float:
    """Returns a length of time in seconds, such as `90s`, `5m`, `1h`, `2d`, or a plain number of seconds.

    Raises:
        typer.BadParameter: when it is none.
    """
    match = _LENGTH.fullmatch(text.strip())
    if match is None:
        raise typer.BadParameter(f"{text!r} is not a duration: write 90s, 5m, 1h or 2d")
    return float(match[1]) * _SECONDS[match[2] or "s"]


def find_late_work(longest: float) -> list[str]:
    """Returns what has waited for longer than so many seconds, a sentence each, the oldest first.

    Raises:
        ServerError: as `backlog_problems` does.
    """

    async def look() -> list[str]:
        async with connect_admin() as admin:
            return await backlog_problems(admin, longest)

    return asyncio.run(look())


async def backlog_problems(admin: "Admin", longest: float) -> list[str]:
    """Returns what has waited for longer than so many seconds, a sentence each, the oldest first.

    Args:
        admin: the connection to the bus.
        longest: seconds that an event, or a due step, may wait.

    Raises:
        ServerError: when the server is not there, or can't say how old something is and nothing else is too old.
    """
    channels, apps = await admin.channels(), await admin.backlogs()
    found = sorted([*_late_events(channels, longest), *_late_steps(apps, longest)], reverse=True)
    unknown = [
        f"{group.group} on {ledger.channel}"
        for ledger in channels
        for group in ledger.groups
        if group.pending + group.retrying and group.oldest_unprocessed_ms is None
    ]
    if unknown and not found:
        raise ServerError(
            f"the server does not say for how long events wait for {', '.join(unknown)}: it may have lost the group, "
            "which its workers make again when they start"
        )
    return [problem for _, problem in found]


def _late_events(channels: "Sequence[ChannelLedger]", longest: float) -> Iterable[tuple[float, str]]:
    for ledger in channels:
        for group in ledger.groups:
            age = (group.oldest_unprocessed_ms or 0) / 1_000
            if age > longest and not group.is_ephemeral:
                waiting = (
                    f"{group.pending + group.retrying} unprocessed in all, {group.retrying} of them between attempts"
                )
                served = "" if group.consumers else "; no live worker serves it"
                problem = (
                    f"an event on {ledger.channel} has waited {format_seconds(age)} for group {group.group}: "
                    f"{waiting}{served}"
                )
                yield age, problem


def _late_steps(apps: "Sequence[AppBacklog]", longest: float) -> Iterable[tuple[float, str]]:
    for app in apps:
        for waiting in (app.runs.oldest, app.runs.oldest_suspect):
            age = waiting.for_ms / 1_000 if waiting else 0.0
            if waiting is not None and age > longest:
                works = "" if app.workers else f"; nobody works for {app.runs.app}"
                step = f"step {waiting.step} of run {waiting.run} ({waiting.workflow})"
                yield age, f"{step} has waited {format_seconds(age)}{works}"


def format_seconds(seconds: float) -> str:
    unit, size = next(((unit, size) for unit, size in _UNITS if seconds >= size), ("s", 1))
    return f"{seconds / size:.1f} {unit}".replace(".0 ", " ")
