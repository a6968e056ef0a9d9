"""One look for every status."""

import tomllib
from pathlib import Path

import dashboard
from collector.models import NodeStatus
from dashboard import palette
from runtime.semconv import DeliveryOutcome, RunOutcome, StepOutcome


def test_every_status_has_a_look_and_a_place_in_the_order_of_badness() -> None:
    """A status that is added to the API must be given one."""
    assert set(palette.LOOKS) == set(NodeStatus) == set(palette.SEVERITY)


def test_every_outcome_of_the_vocabulary_has_a_colour() -> None:
    """An attempt never falls back to unknown, but for one that was overtaken."""
    outcomes = {*StepOutcome, *DeliveryOutcome, *RunOutcome} - {"stale"}
    assert NodeStatus.UNKNOWN not in {palette.of_outcome(outcome) for outcome in outcomes}


def test_charts_have_the_ten_colours_without_which_plotly_takes_its_own() -> None:
    """Streamlit fills up with nothing, and Plotly refuses the whole list."""
    theme = tomllib.loads((Path(dashboard.__file__).parent / ".streamlit" / "config.toml").read_text())["theme"]
    assert len(set(theme["chartCategoricalColors"])) == 10
