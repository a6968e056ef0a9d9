"""When work is tried again, and after how long."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.errors import DefinitionError, NonRetryableError, UndecodableError
from runtime.resilience.retry import Retry

SECONDS = st.floats(0, 1e6)


@st.composite
def policies(draw: st.DrawFn) -> Retry:
    """Any policy that can be."""
    first = draw(SECONDS)
    return Retry(
        attempts=draw(st.integers(1, 10_000)),
        first_delay=first,
        max_delay=first + draw(SECONDS),
        factor=draw(st.floats(1, allow_infinity=False)),
        max_elapsed=draw(st.none() | SECONDS),
    )


def longest(_low: float, high: float) -> float:
    return high


@given(retry=policies(), failed=st.integers(1, 10_000), elapsed=SECONDS)
def test_a_delay_is_never_negative_and_never_past_its_cap(retry: Retry, failed: int, elapsed: float):
    """However many attempts there were."""
    delay = retry.delay(failed, elapsed)
    assert delay is None or 0 <= delay <= retry.max_delay


@given(retry=policies(), failed=st.integers(1, 10_000), elapsed=SECONDS)
def test_there_is_another_attempt_until_one_limit_is_reached(retry: Retry, failed: int, elapsed: float):
    """Attempts, or time."""
    over = failed >= retry.attempts or (retry.max_elapsed is not None and elapsed >= retry.max_elapsed)
    assert (retry.delay(failed, elapsed) is None) == over


@given(retry=policies(), failed=st.integers(1, 9_998))
def test_ceilings_never_shrink(retry: Retry, failed: int):
    """From one attempt to the next."""
    this, following = (retry.delay(number, 0, longest) for number in (failed, failed + 1))
    assert this is None or following is None or this <= following


def test_ceilings_double_up_to_the_cap():
    """By default; the jitter takes a share between nothing and the ceiling."""
    retry = Retry(attempts=9, first_delay=0.5, max_delay=3)
    assert [retry.delay(failed, 0, longest) for failed in range(1, 6)] == [0.5, 1, 2, 3, 3]
    assert retry.delay(3, 0, lambda low, high: low + (high - low) / 4) == 0.5


def test_jitter_takes_the_whole_range():
    """Attempts that failed together don't come back together."""
    drawn = [Retry(first_delay=1).delay(1, 0) or 0 for _ in range(200)]
    assert min(drawn) < 0.2
    assert max(drawn) > 0.8


@pytest.mark.parametrize(
    ("error", "forbidden"),
    [
        (NonRetryableError("no"), True),
        (UndecodableError("no"), True),
        (KeyError("no"), True),
        (LookupError("no"), False),
        (OSError("no"), False),
        (SystemExit(1), False),
    ],
)
def test_some_errors_are_never_tried_again(error: BaseException, forbidden: bool):
    """Ours, and those that the policy names, with what derives from them."""
    assert Retry(non_retryable=(KeyError,)).is_final(error) is forbidden


@pytest.mark.parametrize(
    "wrong",
    [
        {"attempts": 0},
        {"attempts": float("nan")},
        {"attempts": "3"},
        {"first_delay": None},
        {"max_elapsed": "60"},
        {"first_delay": -1},
        {"first_delay": 2, "max_delay": 1},
        {"first_delay": float("nan")},
        {"max_delay": float("inf")},
        {"factor": 0.5},
        {"factor": float("nan")},
        {"factor": float("inf")},
        {"attempts": 2.5},
        {"attempts": True},
        {"attempts": float("inf")},
        {"max_elapsed": -1},
        {"max_elapsed": float("nan")},
        {"non_retryable": ValueError},
        {"non_retryable": [ValueError]},
        {"non_retryable": ("ValueError",)},
        {"non_retryable": (ValueError("no"),)},
        {"non_retryable": (int,)},
    ],
    ids=str,
)
def test_a_policy_that_can_not_be_is_refused(wrong: dict[str, Any]):
    """When it is made, not when something fails."""
    with pytest.raises(DefinitionError, match=r"Retry\(.*can't be"):
        Retry(**wrong)


def test_errors_that_are_no_tuple_of_classes_are_refused_with_an_example():
    """One class alone is what people write first; it would only fail when something else has failed already."""
    with pytest.raises(DefinitionError, match=r"give a tuple of exception classes, such as \(ValueError,\)"):
        Retry(non_retryable=ValueError)
