"""A cron expression is due when its wall clock says so, whatever is done to that clock."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.errors import DefinitionError
from runtime.schedules.cron import Cron

BERLIN, NEW_YORK, LORD_HOWE = "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"

#: Expressions of every kind: times of a day, intervals, days of either kind, both, and times that clocks skip or
# repeat.
EXPRESSIONS = (
    "30 2 * * *",
    "0,15,30,45 1-3 * * *",
    "*/15 * * * *",
    "*/20 2 * * *",
    "7 * * * *",
    "* 0-4 * * 0",
    "0 9 * * 1-5",
    "0 0 29 2 *",
    "30 2 1-7 * SUN",
    "0 12 13 * 5",
    "59 23 31 DEC,jan *",
    "@hourly",
)


def ms(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)


def shown(cron: Cron, since: str, count: int) -> list[str]:
    """The next times of a clock, with its offset."""
    at, found = ms(since), []
    for _ in range(count):
        at = cron.after(at)
        found.append(f"{datetime.fromtimestamp(at / 1000, ZoneInfo(cron.zone)):%m-%d %H:%M %z}")
    return found


def test_a_time_of_a_day_that_the_clock_skips_is_due_right_after_the_gap():
    """Once, and the day after at its own time again."""
    assert shown(Cron("30 2 * * *", BERLIN), "2026-03-28T12:00Z", 2) == ["03-29 03:00 +0200", "03-30 02:30 +0200"]
    assert shown(Cron("15 2 * * *", LORD_HOWE), "2026-10-03T00:00Z", 2) == ["10-04 02:30 +1100", "10-05 02:15 +1100"]


def test_several_times_within_a_gap_are_due_once():
    """All at the same moment, which is one tick."""
    assert shown(Cron("0,30 2,3 * * *", BERLIN), "2026-03-29T00:30Z", 3) == [
        "03-29 03:00 +0200",
        "03-29 03:30 +0200",
        "03-30 02:00 +0200",
    ]


def test_a_time_of_a_day_that_the_clock_shows_twice_is_due_the_first_time_only():
    """Also where one asks within the hour that is shown again."""
    cron = Cron("30 2 * * *", BERLIN)
    assert shown(cron, "2026-10-24T12:00Z", 2) == ["10-25 02:30 +0200", "10-26 02:30 +0100"]
    assert shown(cron, "2026-10-25T01:10Z", 1) == ["10-26 02:30 +0100"]  # 2:10 for the second time


def test_an_interval_keeps_its_length_when_the_clock_is_put_back_or_forward():
    """It neither rests for an hour nor runs twice as often."""
    for since in ("2026-10-24T12:00Z", "2026-03-28T12:00Z"):
        for zone in (BERLIN, NEW_YORK):
            cron, at = Cron("*/15 * * * *", zone), ms(since)
            for _ in range(4 * 48):
                assert cron.after(at) - at == 15 * 60_000
                at = cron.after(at)


def test_a_clock_that_moves_by_half_an_hour_hides_no_minute_that_it_shows():
    """One that goes by whole hours would miss 5:00 and 5:15."""
    assert shown(Cron("*/15 5 * * *", LORD_HOWE), "2026-10-03T12:00Z", 4) == [
        "10-04 05:00 +1100",
        "10-04 05:15 +1100",
        "10-04 05:30 +1100",
        "10-04 05:45 +1100",
    ]


@pytest.mark.parametrize("zone", [BERLIN, NEW_YORK, LORD_HOWE])
@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_what_is_next_is_always_later_for_ten_years(expression: str, zone: str):
    """And the clock shows what the expression says, but right after a gap; at most 20,000 ticks are looked at."""
    cron = Cron(expression, zone)
    at, end = ms("2024-01-01T00:00Z"), ms("2034-01-01T00:00Z")
    for _ in range(20_000):
        following = cron.after(at)
        assert following > at
        assert following % 60_000 == 0
        if (at := following) > end:
            break


@given(st.sampled_from(EXPRESSIONS), st.sampled_from([BERLIN, NEW_YORK, LORD_HOWE]), st.integers(0, 10 * 366 * 86_400))
def test_what_is_next_does_not_depend_on_where_one_begins_to_look(expression: str, zone: str, seconds: int):
    """From any moment before it, back to the tick before, the same one is next: whoever reckons finds the same
    ticks."""
    cron, at = Cron(expression, zone), ms("2024-01-01T00:00Z") + seconds * 1000
    following = cron.after(at)
    for part in (0, 1, 2, 3):
        assert cron.after(at + (following - 1 - at) * part // 3) == following
    assert cron.after(following) > following


@pytest.mark.parametrize("expression", ["17 4 * * *", "0 9 * * 1-5", "5 0 1 * *", "0 12 13 * 5", "*/7 3 * * *"])
def test_it_is_due_at_all_minutes_of_a_year_that_it_says_and_at_no_others(expression: str):
    """As read minute by minute; Berlin's clock is neither put forward nor back in these months."""
    cron, zone = Cron(expression, BERLIN), ZoneInfo(BERLIN)
    minute, hour, day, month, weekday = (field.split("/")[0] for field in expression.split())
    start = datetime(2026, 4, 1, tzinfo=zone)
    expected = []
    for number in range(60 * 24 * 90):
        at = start.astimezone(UTC) + timedelta(minutes=number)
        wall = at.astimezone(zone)
        in_month = day == "*" or wall.day == int(day)
        in_week = weekday == "*" or wall.isoweekday() in (range(1, 6) if weekday == "1-5" else [int(weekday)])
        is_day = in_month or in_week if "*" not in (day, weekday) else in_month and in_week
        is_time = wall.hour == int(hour) and (wall.minute % 7 == 0 if minute == "*" else wall.minute == int(minute))
        if is_day and is_time and month == "*":
            expected.append(int(at.timestamp() * 1000))
    found, at = [], int(start.timestamp() * 1000) - 1
    while (at := cron.after(at)) <= int((start + timedelta(days=90)).timestamp() * 1000) - 60_000:
        found.append(at)
    assert found == expected


@pytest.mark.parametrize(
    ("expression", "field"),
    [
        ("60 * * * *", "minute field can't be '60': '60' is not 0 to 59"),
        ("* 24 * * *", "hour field can't be '24'"),
        ("* * 0 * *", "day-of-month field can't be '0': '0' is not 1 to 31"),
        ("* * * 13 *", "month field can't be '13': '13' is not 1 to 12 or JAN to DEC"),
        ("* * * * 8", "day-of-week field can't be '8'"),
        ("* * * * FRY", "day-of-week field can't be 'FRY': 'FRY' is not 0 to 7 or SUN to SAT"),
        ("5/15 * * * *", "minute field can't be '5/15': write 5-59/15"),
        ("*/0 * * * *", "minute field can't be '\\*/0': a step is a number from 1 on"),
        ("30-10 * * * *", "minute field can't be '30-10': 30-10 ends before it begins"),
        ("0,,5 * * * *", "minute field can't be '0,,5': '' is not"),
        ("٣ * * * *", "minute field can't be '٣'"),
        ("0 0 30 2 *", "day-of-month field can't be '30': no month"),
        ("0 0 31 4,6 *", "day-of-month field can't be '31': no month"),
        ("* * * *", "has 4 fields and not five \\(minute, hour"),
        ("0 0 * * * *", "has 6 fields"),
        ("@reboot", "has 1 fields and not five"),
        ("", "has 0 fields"),
    ],
)
def test_an_expression_that_cannot_be_is_refused_when_it_is_made(expression: str, field: str):
    """By the name of the field, with what could be there."""
    with pytest.raises(DefinitionError, match=field):
        Cron(expression)


def test_what_is_no_text_is_no_expression():
    """Nor does it fail somewhere deep inside."""
    with pytest.raises(DefinitionError, match="a cron expression can't be 5"):
        Cron(5)  # type: ignore[arg-type] # what an author may write


@pytest.mark.parametrize("zone", ["Europe/Berlinn", "", "../etc/passwd", "/etc/localtime", "CEST2", None])
def test_a_zone_that_nobody_knows_is_refused_when_it_is_made(zone: str):
    """By its name."""
    with pytest.raises(DefinitionError, match=f"no time zone is known as {zone!r}"):
        Cron("0 9 * * *", zone)


def test_it_reads_as_its_author_wrote_it():
    """Where it is shown to people."""
    assert str(Cron("0 9 * * 1-5", BERLIN)) == "0 9 * * 1-5 (Europe/Berlin)"


def test_sunday_has_two_numbers_and_a_word():
    """All the same day."""
    days = {tuple(shown(Cron(f"0 0 * * {day}"), "2026-11-01T12:00Z", 3)) for day in ("0", "7", "sun")}
    assert days == {("11-08 00:00 +0000", "11-15 00:00 +0000", "11-22 00:00 +0000")}
