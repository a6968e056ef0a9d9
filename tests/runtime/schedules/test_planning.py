"""What is done about a schedule: a tick starts, some are dropped, or one waits; what follows is reckoned from the
tick."""

import pytest

from runtime.errors import DefinitionError
from runtime.schedules.every import Every
from runtime.schedules.planning import GRACE_MS, LOOK_AT, DropTicks, StartTick, WaitUntil, plan_next
from runtime.schedules.policies import CatchUp, Missed

HOUR = 3_600_000
HOURLY = Every(hours=1)
ALL: tuple[Missed, ...] = ("latest", "none", CatchUp(at_most=3, per_minute=60))


@pytest.mark.parametrize("missed", ALL)
def test_nothing_is_done_before_a_tick_is_due(missed: Missed):
    """Not by a millisecond."""
    assert plan_next(HOURLY, missed, 5 * HOUR, 5 * HOUR - 1, 0) == WaitUntil(5 * HOUR)


@pytest.mark.parametrize("missed", ALL)
def test_a_tick_that_is_due_starts_and_the_next_follows_from_it(missed: Missed):
    """However late it is seen, up to a minute: never reckoned from now."""
    for late in (0, 1, GRACE_MS):
        assert plan_next(HOURLY, missed, 5 * HOUR, 5 * HOUR + late, 0) == StartTick(
            5 * HOUR, 6 * HOUR, 0, is_late=False
        )


def test_of_ticks_that_were_missed_the_latest_runs_once():
    """And it is told how many don't."""
    assert plan_next(HOURLY, "latest", 5 * HOUR, 8 * HOUR + GRACE_MS + 1, 0) == StartTick(
        8 * HOUR, 9 * HOUR, 3, is_late=True
    )


def test_of_ticks_that_were_missed_none_runs_where_none_is_to():
    """But one that is on time does, whatever was missed before it."""
    assert plan_next(HOURLY, "none", 5 * HOUR, 8 * HOUR + GRACE_MS + 1, 0) == DropTicks(9 * HOUR, 4)
    assert plan_next(HOURLY, "none", 5 * HOUR, 8 * HOUR + 1, 0) == StartTick(8 * HOUR, 9 * HOUR, 3, is_late=False)


def test_all_that_were_missed_are_made_up_for_up_to_a_number():
    """The oldest first; those before them are dropped."""
    missed = CatchUp(at_most=3, per_minute=60)
    assert plan_next(HOURLY, missed, 5 * HOUR, 9 * HOUR + 1, 0) == StartTick(7 * HOUR, 8 * HOUR, 2, is_late=True)
    assert plan_next(HOURLY, missed, 8 * HOUR, 9 * HOUR + 1, 0) == StartTick(8 * HOUR, 9 * HOUR, 0, is_late=True)


def test_what_is_made_up_for_keeps_its_pace():
    """A tick that is on time doesn't wait for that."""
    missed, now = CatchUp(at_most=9, per_minute=6), 9 * HOUR + 1
    assert plan_next(HOURLY, missed, 5 * HOUR, now, now - 4_000) == WaitUntil(now + 6_000)
    assert plan_next(HOURLY, missed, 5 * HOUR, now, now - 10_000) == StartTick(5 * HOUR, 6 * HOUR, 0, is_late=True)
    assert plan_next(HOURLY, missed, 9 * HOUR, now, now - 1) == StartTick(9 * HOUR, 10 * HOUR, 0, is_late=False)


@pytest.mark.parametrize("missed", ALL)
def test_an_outage_of_years_is_worked_off_piece_by_piece(missed: Missed):
    """No look reckons without end, and in all nothing is counted twice or left out."""
    every, next_ms, dropped, looks = Every(seconds=1), 0, 0, 0
    now = 3_600_000 * 3
    while isinstance(what := plan_next(every, missed, next_ms, now, 0), DropTicks):
        next_ms, dropped, looks = what.following_ms, dropped + what.dropped, looks + 1
        assert what.dropped <= LOOK_AT
    assert isinstance(what, StartTick)
    keep = 3 if isinstance(missed, CatchUp) else 1
    assert (looks, dropped + what.dropped, what.at_ms) == (5, 10_801 - keep, now - (keep - 1) * 1000)


@pytest.mark.parametrize(
    ("name", "value"), [("at_most", 0), ("at_most", 1001), ("per_minute", 0), ("per_minute", 1.5), ("at_most", True)]
)
def test_a_number_that_cannot_be_is_refused(name: str, value: object):
    """By its name."""
    with pytest.raises(DefinitionError, match=f"{name} of CatchUp can't be {value!r}"):
        CatchUp(**{"at_most": 5, name: value})
