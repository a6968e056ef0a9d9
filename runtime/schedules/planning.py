"""What is to be done now about a schedule: to start a tick, to drop some, or to wait. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from runtime.schedules.every import Every
from runtime.schedules.policies import CatchUp, Missed
from runtime.schedules.spec import When

#: Age in ms from which on a tick that has not started was missed.
GRACE_MS: Final = 60_000
#: Ticks that are looked at in one go; a schedule that missed more drops the oldest of them, and is looked at again.
LOOK_AT: Final = 2_000


@dataclass(frozen=True, slots=True)
class StartTick:
    """The tick of `at_ms` is to start, after `dropped` older ones that never will; next is `following_ms`."""

    at_ms: int
    following_ms: int
    dropped: int
    is_late: bool


@dataclass(frozen=True, slots=True)
class DropTicks:
    """So many ticks are dropped; next is `following_ms`."""

    following_ms: int
    dropped: int


@dataclass(frozen=True, slots=True)
class WaitUntil:
    """Nothing is to be done before `until_ms`."""

    until_ms: int


Plan = StartTick | DropTicks | WaitUntil


def plan_next(when: When, missed: Missed, next_ms: int, now_ms: int, started_ms: int) -> Plan:
    """What to do now. What follows a tick is always reckoned from that tick, never from now.

    Args:
        when: the schedule is due.
        missed: what becomes of ticks that were missed.
        next_ms: the first tick that nobody has claimed.
        now_ms: by the server's clock.
        started_ms: when the tick before was claimed, by the same clock.
    """
    due = list(islice(due_from(when, next_ms, now_ms), LOOK_AT))
    if not due:
        return WaitUntil(next_ms)
    keep = missed.at_most if isinstance(missed, CatchUp) else 1
    if len(due) == LOOK_AT:
        return DropTicks(due[-keep], len(due) - keep)
    if missed == "none" and now_ms - due[-1] > GRACE_MS:
        return DropTicks(when.after(due[-1]), len(due))
    dropped = max(0, len(due) - keep)
    at_ms = due[dropped]
    is_late = at_ms != due[-1] or now_ms - at_ms > GRACE_MS
    if isinstance(missed, CatchUp) and is_late and now_ms < started_ms + missed.pause_ms:
        return WaitUntil(started_ms + missed.pause_ms)
    return StartTick(at_ms, when.after(at_ms), dropped, is_late)


def count_due(when: When, next_ms: int, until_ms: int) -> int:
    """How many ticks from `next_ms` on are due by a time. Of an expression, those of a year take seconds."""
    if isinstance(when, Every):
        return max(0, (until_ms - next_ms) // when.interval_ms + 1)
    return sum(1 for _ in due_from(when, next_ms, until_ms))


def due_from(when: When, next_ms: int, until_ms: int) -> Iterator[int]:
    """The ticks from `next_ms` on that are due by a time."""
    while next_ms <= until_ms:
        yield next_ms
        next_ms = when.after(next_ms)
