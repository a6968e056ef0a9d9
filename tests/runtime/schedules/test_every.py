"""An interval is counted by UTC from 1970 on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.errors import DefinitionError
from runtime.schedules.every import Every

LONGEST = 366 * 86_400


@given(st.integers(1, LONGEST), st.integers(0, 2**42))
def test_it_is_due_at_its_multiples(seconds: int, at_ms: int):
    """Always later than asked, by one interval at most; whoever asks finds the same."""
    step = seconds * 1000
    following = Every(seconds=seconds).after(at_ms)
    assert at_ms < following <= at_ms + step
    assert following % step == 0


def test_a_day_is_twenty_four_hours_long():
    """Though a clock that is put forward makes it shorter."""
    assert Every(days=1).interval_ms == 86_400_000
    assert str(Every(days=1, minutes=90)) == "every 1 d 1 h 30 min"


@pytest.mark.parametrize("parts", [{}, {"seconds": 0}, {"days": 367}, {"hours": 10**12}])
def test_an_interval_that_is_too_short_or_too_long_is_refused(parts: dict[str, int]):
    """When it is made."""
    with pytest.raises(DefinitionError, match="give one second to 366 days"):
        Every(**parts)


@pytest.mark.parametrize("value", [-1, 1.5, True, "5", None])
def test_what_is_no_whole_number_is_refused_by_its_name(value: object):
    """An interval of half a second would drift, or stand still."""
    with pytest.raises(DefinitionError, match=f"minutes of an interval can't be {value!r}"):
        Every(minutes=value)  # type: ignore[arg-type] # what an author may write
