"""Limits of agents are refused where they can't be, by name."""

from typing import Any

import pytest

from runtime import App
from runtime.errors import DefinitionError
from runtime.resilience.limits import Limit


def crew() -> App:
    """A step for an agent, and a handler for another."""
    app = App("crew")
    app.workflow("work").step(name="search", agent="research")(lambda: 1)
    app.subscribe("found", group="notes")(lambda event: None)
    return app


def limited(agent: str, **bounds: Any) -> None:
    """Gives an agent limits, and builds the app."""
    app = crew()
    app.agent(agent, **bounds)
    app.build()


def test_an_agent_s_limits_are_those_that_were_given():
    """What is not said is not bounded."""
    app = crew()
    assert app.build().limits == {}
    app.agent("research", at_once=3, tokens_per_minute=0)
    assert app.build().limits == {"research": Limit("research", 3, None, 0)}


@pytest.mark.parametrize(
    ("agent", "bounds", "why"),
    [
        ("research", {}, "agent 'research' is given no limit: say at_once="),
        ("research", {"at_once": -1}, "at_once of agent 'research' can't be -1: give a whole number; 0 pauses it"),
        ("research", {"at_once": True}, "at_once of agent 'research' can't be True"),
        ("research", {"calls_per_minute": 1.5}, "calls_per_minute of agent 'research' can't be 1.5"),
        ("research", {"tokens_per_minute": "9"}, "tokens_per_minute of agent 'research' can't be '9'"),
        ("", {"at_once": 1}, "the agent of app.agent\\(\\) can't be ''"),
        ("reserch", {"at_once": 1}, "'reserch' of app crew has limits and no step: did you mean 'research'"),
        (
            "notes",
            {"at_once": 1},
            "'notes' of app crew has limits, which hold for steps alone, but group 'crew.notes'|'notes'",
        ),
    ],
)
def test_limits_that_cannot_be_are_refused(agent: str, bounds: dict[str, Any], why: str):
    """When they are given, or when the app is built."""
    with pytest.raises(DefinitionError, match=why):
        limited(agent, **bounds)


def test_limits_are_given_once():
    """Or nobody would know which hold."""
    app = crew()
    app.agent("research", at_once=3)
    with pytest.raises(DefinitionError, match="agent 'research' of app crew is given limits twice"):
        app.agent("research", calls_per_minute=3)
