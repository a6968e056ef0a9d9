"""What a run's end waited for, and what it would save not to wait for a step."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.models import NodeStatus, RunStep
from collector.questions import critical_path
from collector.questions.observed_runs import ObservedRun, ObservedStep
from collector.times import moment
from dashboard.figures import critical_path as drawn_path

MS = 1_000_000


def run(*steps: tuple[str, int, int, list[str]]) -> ObservedRun:
    """A run of steps, each with its name, its begin and its end in milliseconds, and its causes."""
    made = [ObservedStep(name, name, "", start * MS, end * MS, causes=causes) for name, start, end, causes in steps]
    return ObservedRun("run", "app", "w", "", False, 0, max(end for _, _, end, _ in steps) * MS, made)


SHOP = run(
    ("validate", 0, 10, []), ("pay", 12, 30, ["validate"]), ("ship", 31, 40, ["pay"]), ("notify", 31, 90, ["pay"])
)


@pytest.mark.parametrize(("without", "saved"), [("notify", 50), ("ship", 0), ("pay", 20), ("validate", 10)])
def test_a_run_ends_earlier_by_what_nobody_waits_for_any_more(without: str, saved: float) -> None:
    """What waited for it waits for what that waited for, as long as it did before."""
    assert critical_path.find_critical_path(SHOP) == ["validate", "pay", "notify"]
    assert critical_path.compute_saved_ms(SHOP, {without}) == saved


@st.composite
def runs(draw: st.DrawFn) -> ObservedRun:
    """Any run whose steps begin after their causes ended."""
    made: list[tuple[str, int, int, list[str]]] = []
    for number in range(draw(st.integers(1, 8))):
        causes = [f"s{at}" for at in range(number) if draw(st.booleans())]
        ready = max((end for name, _, end, _ in made if name in causes), default=0)
        start = ready + draw(st.integers(0, 20))
        made.append((f"s{number}", start, start + draw(st.integers(0, 50)), causes))
    return run(*made)


@given(runs())
def test_only_what_the_end_waited_for_can_save_anything_and_never_more_than_the_run_took(of: ObservedRun) -> None:
    """Whatever the run is."""
    path = set(critical_path.find_critical_path(of))
    for step in of.steps:
        saved = critical_path.compute_saved_ms(of, {step.id})
        assert 0 <= saved <= of.took_ms
        assert step.id in path or saved == 0


@given(runs())
def test_the_path_is_that_which_the_page_of_a_run_draws(of: ObservedRun) -> None:
    """Both walk back in the same way."""
    drawn = [
        RunStep(
            node_id=step.id,
            step=step.name,
            agent="",
            status=NodeStatus.OK,
            depth=1,
            attempts=1,
            start=moment(step.start_ns),
            end=moment(step.end_ns or 0),
            causes=list(step.causes),
        )
        for step in of.steps
    ]
    assert [step.node_id for step in drawn_path.path(drawn)] == critical_path.find_critical_path(of)
    assert all(step.end is None or step.end - step.start >= timedelta() for step in drawn)
