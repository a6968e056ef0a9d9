"""The simulated models read their prompts, and know nothing else."""

import pytest

from sample_agents.accuracy.model import ModelError
from sample_agents.codegen import simulation
from sample_agents.codegen.catalog import FUNCTIONS, Flaw
from sample_agents.codegen.plan import Fate, Plan
from sample_agents.codegen.simulation import SimulatedCoder, SimulatedResearcher, SimulatedReviewer

PLAN = next(plan for plan in (Plan(7, number) for number in range(1, 8)) if plan.fate is Fate.REVISED_TWICE)


def test_the_researcher_names_the_functions_that_a_wish_names() -> None:
    """In its order."""
    reply = SimulatedResearcher().reply(simulation.to_research("We need slug and a pony and roman."))
    assert reply.text.split() == ["slug", "roman"]
    assert (reply.model, reply.cost) == ("simulated-researcher", 0.0)


def test_each_remark_makes_for_another_draft_until_it_is_right() -> None:
    """By the plan of the feature that the prompt names."""
    for name in PLAN.names:
        for draft in range(4):
            said = SimulatedCoder(PLAN.seed).reply(simulation.to_write(PLAN.number, name, ("it fails",) * draft))
            assert said.text == FUNCTIONS[name].draft(PLAN.flaw(name, draft))
        assert said.text == FUNCTIONS[name].right


def test_an_overloaded_endpoint_answers_nothing() -> None:
    """Another try may."""
    with pytest.raises(ModelError, match="overloaded"):
        SimulatedCoder(7, is_overloaded=True).reply(simulation.to_write(1, "roman", ()))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_reviewer_sees_every_flaw_but_that_which_looks_right(name: str) -> None:
    """So it is wrong now and then, and is scored for it."""
    function = FUNCTIONS[name]

    def said(flaw: Flaw | None) -> str:
        return SimulatedReviewer().reply(simulation.to_review((FUNCTIONS["slug"].right, function.draft(flaw)))).text

    assert [said(flaw) for flaw in (None, Flaw.WRONG)] == [simulation.GOOD] * 2
    assert [said(flaw).count("\n") for flaw in (Flaw.HANGS, Flaw.GREEDY, Flaw.QUITS)] == [0] * 3
    assert simulation.GOOD not in {said(flaw) for flaw in (Flaw.HANGS, Flaw.GREEDY, Flaw.QUITS)}


def test_all_names_say_that_they_are_simulated() -> None:
    """In each span of a call."""
    for model in (SimulatedResearcher(), SimulatedCoder(7), SimulatedReviewer()):
        assert model.name.startswith("simulated-")
        assert model.provider == "causeline.simulation"
