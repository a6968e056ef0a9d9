"""What an author may say of a breaker, and what says nothing about health."""

from typing import Any

import pytest

from runtime.errors import DefinitionError
from runtime.resilience.breaker import Breaker


@pytest.mark.parametrize(
    "wrong",
    [
        {"failures": 0},
        {"failures": float("nan")},
        {"failures": "5"},
        {"cooldown": 0},
        {"cooldown": float("nan")},
        {"cooldown": float("inf")},
        {"rate": 0},
        {"rate": 1.1},
        {"rate": "half"},
        {"window": 0},
        {"window": float("inf")},
        {"calls_at_least": 0},
        {"calls_at_least": 2.5},
        {"failures": 2.5},
        {"failures": True},
        {"slow": 0},
        {"slow": float("nan")},
        {"probe_timeout": -1},
        {"name": "a b"},
        {"name": None},
    ],
    ids=str,
)
def test_a_breaker_that_can_not_be_is_refused(wrong: dict[str, Any]):
    """When it is made."""
    with pytest.raises(DefinitionError, match="can't be"):
        Breaker(**({"name": "carrier-api"} | wrong))


def test_only_a_call_that_takes_long_is_slow():
    """And none is where nothing is said of it."""
    assert [Breaker("model", slow=2).is_slow(took) for took in (1.9, 2.0, 9.0)] == [False, True, True]
    assert not Breaker("model").is_slow(3600)
