"""Times in which a list looks for its newest rows."""

from collections.abc import Sequence

import pytest

from collector.otlp.decode.spans import decode
from collector.questions import time_ranges
from collector.questions.paging import PagePosition
from collector.questions.windows import Range
from collector.store.database import Database
from collector.store.records import RecordWriter
from tests.collector.story import MS, ORIGIN_NS, Story, place

#: Spans that are meant to lie in the first time, as these tests have it.
SPANS = 10


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time_ranges, "_SPANS", SPANS)


def count_spans(database: Database, begun_ms: Sequence[float]) -> list[int]:
    """How many of some spans, stored by when they began, lie in each time that is looked at."""
    story = Story()
    for number, at in enumerate(begun_ms):
        story.add("s", place(str(number), "s"), at=at)
    with database.writing() as session:
        RecordWriter(database).write(session, decode(story.request()))
    with database.reading() as session:
        ranges = list(time_ranges.list_time_ranges(session, PagePosition(Range.everything())))
    begun = [ORIGIN_NS + int(at * MS) for at in begun_ms]
    assert [at["end_ns"] for at in ranges] == sorted(at["end_ns"] for at in ranges)
    return [sum(at["first_ns"] <= ns < at["end_ns"] for ns in begun) for at in ranges]


def test_of_few_spans_all_are_looked_at_together(database: Database) -> None:
    """To ask twice would take longer."""
    assert count_spans(database, range(3 * SPANS)) == [3 * SPANS]


def test_of_spans_that_come_evenly_few_are_looked_at_first(database: Database) -> None:
    """And then eight times as many."""
    counts = count_spans(database, range(1_000))
    assert SPANS <= counts[0] <= SPANS + 2
    assert counts[1] in range(8 * SPANS, 8 * SPANS + 12)
    assert counts[-1] == 1_000


@pytest.mark.parametrize("burst_ms", [100.0, 1.0, 0.001])
def test_few_are_looked_at_first_where_all_of_a_sudden_many_came(database: Database, burst_ms: float) -> None:
    """As many as came within a day may have come within the last minute."""
    counts = count_spans(database, [*range(0, 1_000_000, 1_000), *(1e6 + n * burst_ms / 1_000 for n in range(1_000))])
    assert 1 <= counts[0] <= 3 * SPANS
    assert counts[-1] == 2_000


def test_a_clock_that_is_ahead_does_not_hide_that_many_came(database: Database) -> None:
    """The newest span of all says nothing of those before it."""
    burst = [1e6 + n / 10 for n in range(1_000)]
    counts = count_spans(database, [*range(0, 1_000_000, 1_000), *burst, 1_300_000])
    assert counts[0] <= 3 * SPANS
    assert counts[1] <= 24 * SPANS
    assert counts[-1] == 2_001


@pytest.mark.parametrize("oldest_ms", [-5e10, -1e12])
def test_one_span_that_is_years_older_does_not_have_all_others_read_again_and_again(
    database: Database, oldest_ms: float
) -> None:
    """Its clock was set back, or told no time at all."""
    counts = count_spans(database, [oldest_ms, *range(1_000)])
    assert counts[0] <= 3 * SPANS
    assert counts.count(1_000) <= 1
    assert counts[-1] == 1_001


def test_spans_that_all_began_at_one_time_are_looked_at_together(database: Database) -> None:
    """No time is short enough to hold some of them."""
    assert count_spans(database, [*range(0, 1_000_000, 10_000), *[2e6] * 900])[0] == 900
