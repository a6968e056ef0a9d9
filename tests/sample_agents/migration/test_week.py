"""The payments of a seeded week."""

from sample_agents.migration import craft
from sample_agents.migration.week import DAYS, HOURS, Week


def test_each_payment_is_of_one_day_and_hours_never_go_back():
    """Numbers follow the clock."""
    week = Week(7, 100)
    assert [number for day in week.days for number in day] == list(week.numbers)
    hours = [week.payment(number).hour for number in week.numbers]
    assert hours == sorted(hours)
    assert [hours[day[0] - 1] // HOURS for day in week.days] == list(range(DAYS))


def test_the_same_seed_gives_the_same_week():
    """And another one another."""
    assert [Week(7, 9).payment(number) for number in range(1, 10)] == [Week(7, 9).payment(n) for n in range(1, 10)]
    assert Week(7, 9).payment(1) != Week(8, 9).payment(1)


def test_every_second_payment_shows_what_is_wrong_with_the_handler_of_points():
    """So that a handful of comparisons finds it, whatever the seed."""
    payments = [Week(3, 40).payment(number) for number in Week(3, 40).numbers]
    wrong = [craft.points(one) != craft.points_rounded(one) for one in payments]
    assert wrong == [number % 2 == 1 for number in range(1, 41)]
