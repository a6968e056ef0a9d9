"""Calls as rows beside the steps that made them."""

from datetime import UTC, datetime

import pytest
import streamlit as st

from collector.models import Call, NodeStatus, RunStep
from dashboard.parts import calls

AT = datetime(2026, 11, 1, 12, tzinfo=UTC)


def step(number: int, made: int) -> RunStep:
    """A step that made so many calls."""
    called = [
        Call(node_id=f"c{number}-{n}", role="tool", name=f"tool {n}", status=NodeStatus.OK, start=AT)
        for n in range(made)
    ]
    return RunStep(
        node_id=f"s{number}",
        step=f"step {number}",
        agent="writer",
        status=NodeStatus.OK,
        depth=1,
        attempts=1,
        start=AT,
        calls=called,
    )


@pytest.mark.parametrize(
    ("steps", "made", "shown"),
    [(1, 40, 40), (1, 41, 41), (1, 42, 40), (5, 40, 40), (6, 40, 3), (100, 19, 3), (100, 4, 4)],
)
def test_of_many_calls_each_step_shows_its_first_ones(steps: int, made: int, shown: int) -> None:
    """The rest is a press away; one more call is shown rather than told of."""
    told = [step(number, made) for number in range(steps)]
    rows = calls.rows(told[0].calls, told[0].node_id, most=calls.at_once(told))
    assert len(rows) == shown + (shown < made)
    assert (f"Show all {made} calls" in str(rows[-1])) == (shown < made)


def test_all_calls_of_the_step_that_the_address_names_are_shown() -> None:
    """Of that one alone."""
    told = [step(number, 19) for number in range(100)]
    st.query_params["calls"] = "s7"
    try:
        found = [len(calls.rows(each.calls, each.node_id, most=calls.at_once(told))) for each in told]
    finally:
        st.query_params.clear()
    assert found == [19 if number == 7 else 4 for number in range(100)]
