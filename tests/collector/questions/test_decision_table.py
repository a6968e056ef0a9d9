"""Which observation speaks for what: the article's table, whatever is observed."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.models.advice import Leaning, Verdict
from collector.questions.accuracy import compute_accuracy
from collector.questions.decision_table import (
    LEAST,
    TABLE,
    Proportion,
    StepObservation,
    decide_verdict,
    explain_verdict,
)

ROWS = {row.name: row for row in TABLE}


def rate(hits: int, n: int) -> Proportion:
    """A share with its interval."""
    share = compute_accuracy(hits, n)
    return Proportion(hits, n, share.low or 0.0, 1.0 if share.high is None else share.high)


def observed(n: int = 100, **said: object) -> StepObservation:
    """A step in the middle: others wait for it, are given its result, and it never fails."""
    shares = {
        "used": n,
        "awaited": n,
        "sole": 0,
        "returned": n,
        "failed": 0,
        "alone": 0,
        "undone": 0,
        "on_path": n,
    }
    rates = {name: rate(min(int(str(said.pop(name, hits))), n), n) for name, hits in shares.items()}
    told = {"saved_ms": 10.0, "took_ms": 100.0, "agents": 5, "has_own_agent": True, "asked_ms": None, **said}
    return replace(StepObservation(n, **rates, saved_ms=0, took_ms=0, agents=0, has_own_agent=False), **told)


NOTIFY = observed(used=0, awaited=0, returned=0)


def test_what_others_wait_for_is_orchestrated() -> None:
    """Though it costs time and has an agent of its own."""
    assert decide_verdict(observed()) == Verdict.ORCHESTRATE
    assert explain_verdict(observed()) == "a later step uses its result in 100 of 100 runs that ended well"


def test_what_nobody_waits_for_and_that_returns_nothing_is_choreographed() -> None:
    """The reason says what it costs."""
    assert decide_verdict(NOTIFY) == Verdict.CHOREOGRAPH
    assert explain_verdict(replace(NOTIFY, alone=rate(7, 100))) == (
        "nothing waits for it, and it returned nothing in 100 runs; half of its runs would end 10 ms earlier or more, "
        "and it alone failed 7 of 100 runs"
    )


def test_the_last_step_is_needed_where_its_run_returns_what_it_returns() -> None:
    """Unless it returns nothing."""
    last = observed(used=0, awaited=0, sole=100)
    assert decide_verdict(last) == Verdict.ORCHESTRATE
    assert "what its run returns" in explain_verdict(last)
    assert decide_verdict(replace(last, returned=rate(0, 100))) == Verdict.CHOREOGRAPH


def test_what_nobody_can_see_is_said_and_nothing_is_advised() -> None:
    """A gate that returns nothing, a result beside others, one of which nobody tells."""
    gate = observed(used=100, returned=0)
    beside = observed(used=0, awaited=0)
    silent = replace(beside, returned=Proportion())
    assert [decide_verdict(each) for each in (gate, beside, silent)] == [Verdict.UNCLEAR] * 3
    assert "where they may begin though it fails" in explain_verdict(gate)
    assert "where whoever starts the run does not read that" in explain_verdict(beside)
    assert "nobody tells" in explain_verdict(silent)


def test_what_was_undone_needs_recovery() -> None:
    """Whatever else speaks for choreography."""
    undone = replace(NOTIFY, undone=rate(1, 100))
    assert decide_verdict(undone) == Verdict.ORCHESTRATE
    assert ROWS["recovery"].leans(undone) == Leaning.ORCHESTRATE


@pytest.mark.parametrize(
    ("agents", "leans"),
    [(1, "orchestrate"), (2, "orchestrate"), (3, "neither"), (10, "neither"), (11, "choreograph")],
)
def test_the_number_of_agents_leans_as_the_table_says(agents: int, leans: str) -> None:
    """Below three plain orchestration does; above ten it stands in the way."""
    assert ROWS["agents"].leans(replace(NOTIFY, agents=agents)) == leans


def test_two_agents_need_no_events_where_these_save_nothing() -> None:
    """Where they do, the advice stands."""
    few = replace(NOTIFY, agents=2, saved_ms=0.0)
    assert decide_verdict(few) == Verdict.ORCHESTRATE
    assert decide_verdict(replace(few, alone=rate(3, 100))) == Verdict.CHOREOGRAPH
    assert decide_verdict(replace(few, saved_ms=10.0)) == Verdict.CHOREOGRAPH


def test_nobody_is_told_what_latency_would_need_where_none_is_asked_for() -> None:
    """Below a tenth of a second a coordinator is in the way of what need not be waited for."""
    assert ROWS["latency"].leans(NOTIFY) == Leaning.UNKNOWN
    assert ROWS["latency"].leans(replace(NOTIFY, asked_ms=99)) == Leaning.CHOREOGRAPH
    assert ROWS["latency"].leans(replace(NOTIFY, asked_ms=500)) == Leaning.NEITHER
    assert ROWS["latency"].leans(replace(observed(), asked_ms=50)) == Leaning.NEITHER


@st.composite
def anything(draw: st.DrawFn) -> StepObservation:
    """Any step."""
    n = draw(st.integers(0, 200))
    shares = {name: draw(st.integers(0, n)) for name in ("used", "awaited", "sole", "returned", "failed", "undone")}
    more = {"alone": draw(st.integers(0, shares["failed"])), "on_path": draw(st.integers(0, n))}
    return observed(
        n,
        **shares,
        **more,
        saved_ms=draw(st.floats(0, 1e6)),
        took_ms=draw(st.floats(0, 1e6)),
        agents=draw(st.integers(0, 50)),
        has_own_agent=draw(st.booleans()),
        asked_ms=draw(st.none() | st.floats(1, 1e6)),
    )


@given(anything())
def test_no_advice_comes_of_too_few_and_no_choreography_of_what_somebody_needs(of: StepObservation) -> None:
    """Whatever is observed; and there is always a reason, with a number in it or a word that says what is not told."""
    said = decide_verdict(of)
    assert (said == Verdict.TOO_FEW) == (of.n < LEAST)
    if said == Verdict.CHOREOGRAPH:
        assert not of.is_needed
        assert of.returned.hits == 0
        assert of.returned.n >= LEAST
        assert of.awaited.high < 0.5
        assert ROWS["sequence"].leans(of) == Leaning.CHOREOGRAPH
        assert of.agents >= 3 or of.can_shorten_runs or of.alone.hits
    if of.is_needed and of.n >= LEAST:
        assert said == Verdict.ORCHESTRATE
        assert Leaning.CHOREOGRAPH not in {ROWS[name].leans(of) for name in ("sequence", "path", "scaling", "latency")}
    reason = explain_verdict(of)
    assert any(char.isdigit() for char in reason) or "nobody" in reason
