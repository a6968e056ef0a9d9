"""Budgets and usages that can't be are refused when they are declared."""

import re
from typing import Any

import pytest

from runtime import App, Budget, Price, Usage
from runtime.errors import DefinitionError


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        ({}, "Budget() limits nothing"),
        ({"usd": 0}, "Budget(usd=0) can't be: give a number above 0"),
        ({"tokens": 1.5}, "Budget(tokens=1.5) can't be: give a whole number above 0"),
        ({"hops": True}, "Budget(hops=True) can't be"),
        ({"minutes": "ten"}, "Budget(minutes='ten') can't be"),
        ({"usd": float("nan")}, "Budget(usd=nan) can't be"),
        ({"usd": 1e-9}, "Budget(usd=1e-09) can't be: give 1e-06 to 1,000,000,000"),
        ({"tokens": 2**63}, "Budget(tokens=9223372036854775808) can't be: give 1 to 1,000,000,000,000,000"),
        ({"minutes": 1e300}, "Budget(minutes=1e+300) can't be: give"),
        (
            {"usd": 2, "models": ["small", "large"], "prices": {"small": Price(1, 2)}},
            "has no price for large: give prices=",
        ),
    ],
)
def test_a_budget_that_cannot_be_is_refused(limits: dict[str, Any], said: str):
    """By its limit."""
    with pytest.raises(DefinitionError, match=re.escape(said)):
        Budget(**limits)


def test_models_without_prices_are_no_matter_where_nobody_counts_money():
    """Tokens have no price."""
    assert Budget(tokens=100, models=["large"]).tokens == 100


@pytest.mark.parametrize(
    ("usage", "said"),
    [
        ({"tokens": -1}, "what a call costs is a number from 0 on"),
        ({"usd": float("inf")}, "what a call costs is a number from 0 on"),
        ({"input_tokens": "many"}, "what a call costs is a number from 0 on"),
        ({"tokens": 1.5}, "tokens are counted in whole numbers"),
        ({"output_tokens": True}, "tokens are counted in whole numbers"),
        ({"tokens": 10**16}, "1,000,000,000,000,000 tokens and 1,000,000,000 US dollars at most"),
        ({"usd": 1e300}, "1,000,000,000 US dollars at most"),
    ],
)
def test_a_usage_that_cannot_be_is_refused(usage: dict[str, Any], said: str):
    """Nobody is paid for asking, and no server can count it."""
    with pytest.raises(DefinitionError, match=said):
        Usage(**usage)


def test_money_is_counted_in_millionths():
    """What is said counts; else the model's tokens by its price."""
    prices = {"small": Price(0.15, 0.6)}
    assert Usage(usd=0.1 + 0.2).micros(prices) == 300_000
    asked = Usage(model="small", input_tokens=1000, output_tokens=500)
    assert (asked.micros(prices), asked.all_tokens, asked.micros(None)) == (450, 1500, 0)


def test_no_input_is_called_as_what_a_start_takes():
    """It could not be given."""
    with pytest.raises(DefinitionError, match=r"can't have an input named 'budget'"):
        App("crew").workflow("feature", budget=int)
