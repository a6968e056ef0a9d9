"""From a day book to figures."""

import math

import pytest

from sample_agents.daybook import Entry
from sample_agents.shapes import figures
from sample_agents.shapes.faults import Trouble
from sample_agents.shapes.figures import Fate, Outcome, bootstrap, break_even, fewer, outcome, percentile, rate, rates
from sample_agents.shapes.stage import Shape, Trial

TRIAL = Trial(Shape.PURE, 1, 3, 2, 1, Trouble.ALL)

WELL, LOST = Fate(1.0, lost=False, doubled=False), Fate(1.0, lost=True, doubled=False)


def entries(number: int, **at: float) -> list[Entry]:
    """What the book has of an order that was placed at 100."""
    return [Entry("ordered", str(number), 100.0), *(Entry(deed, str(number), when) for deed, when in at.items())]


def test_an_order_that_has_all_in_time_is_well() -> None:
    """What others do about it may take twice as long."""
    (fate,) = outcome(TRIAL, entries(1, pickup=101, delivery=109, sms=119, answered=110)).fates
    assert (fate.is_late(), fate.lost, fate.doubled, fate.has_failed()) == (False, False, False, False)
    assert fate.took == 9.5


def test_what_is_late_lost_and_doubled_is_found() -> None:
    """Each is told from the others."""
    book = [
        *entries(1, pickup=101, delivery=112, sms=113),
        *entries(2, pickup=101, delivery=102),
        *entries(3, pickup=101, delivery=102, sms=103),
        Entry("sms", "3", 104.0),
    ]
    found = outcome(TRIAL, book)
    assert [(fate.is_late(), fate.lost, fate.doubled) for fate in found.fates] == [
        (True, False, False),
        (False, True, False),
        (False, False, True),
    ]
    assert [rate([found], kind) for kind in (figures.is_late, figures.is_lost, figures.is_doubled)] == [
        pytest.approx(100 / 3)
    ] * 3
    assert rate([found], figures.has_failed) == 100


def test_a_listener_that_is_late_makes_its_order_late() -> None:
    """Twenty seconds for a text message."""
    (fate,) = outcome(TRIAL, entries(1, pickup=101, delivery=102, sms=121)).fates
    assert fate.is_late()


def test_answers_are_counted_from_the_order() -> None:
    """Those that never came are none."""
    book = [*entries(1, answered=102.5), *entries(2)]
    assert outcome(TRIAL, book).answers == (2.5,)


def test_an_interval_draws_seeds_and_holds_the_figure() -> None:
    """Where all seeds are alike it has no width; where they differ it has."""
    alike = [Outcome((WELL, LOST), ())] * 10
    estimate = rates(alike, figures.has_failed)
    assert (estimate.low, estimate.value, estimate.high) == (50, 50, 50)
    mixed = [Outcome((LOST,), ())] * 5 + [Outcome((WELL,), ())] * 5
    estimate = rates(mixed, figures.has_failed)
    assert 10 <= estimate.low < 50 < estimate.high <= 90
    assert rates(mixed, figures.has_failed) == estimate


def test_fewer_compares_the_trials_of_a_seed_with_each_other() -> None:
    """Half of the failures in each seed is half, whichever seeds are drawn, though seeds differ."""
    before = [Outcome((LOST, LOST, WELL, WELL), ()), Outcome((LOST,) * 4, ())]
    after = [Outcome((LOST, WELL, WELL, WELL), ()), Outcome((LOST, LOST, WELL, WELL), ())]
    estimate = fewer(before, after)
    assert (estimate.low, estimate.value, estimate.high) == (50, 50, 50)
    assert fewer(after, before).value == -100


def test_where_nothing_failed_nothing_is_saved() -> None:
    """And nothing is divided by it."""
    assert bootstrap(1, lambda places: len(places)).value == 1
    assert fewer([Outcome((WELL,), ())], [Outcome((WELL,), ())]).value == 0


def test_they_break_even_from_where_the_other_stays_no_worse() -> None:
    """One better figure among worse ones is no break-even."""
    counts = [2, 3, 5, 10]
    assert break_even(counts, [1, 2, 3, 4], [2, 2, 3, 3]) == 3
    assert break_even(counts, [1, 5, 3, 4], [2, 2, 4, 3]) == 10
    assert break_even(counts, [1, 2, 3, 4], [2, 3, 4, 5]) is None


def test_a_percentile_of_nothing_is_none() -> None:
    """Nor does one value fail."""
    assert math.isnan(percentile([], 99))
    assert percentile([3.0], 99) == 3.0
    assert percentile([float(value) for value in range(101)], 50) == 50
