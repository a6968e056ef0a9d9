"""Loops are checked when the workflow is built: they close, have a bound, and a first round with nothing before it."""

import re
from typing import Any

import pytest

from runtime import App
from runtime.definitions.workflow import Workflow
from runtime.errors import DefinitionError

GOOD: Any = lambda review: review  # noqa: E731 - as users write it


def workflow(**options: Any) -> Workflow:
    """Research, then drafts and reviews until they are good, then a deployment."""
    flow = App("crew").workflow("write", topic=str)
    flow.step(name="research")(lambda topic: topic)

    @flow.step
    def draft(research: str, draft: str | None, review: bool | None) -> str:
        return "draft"

    flow.step(name="check")(lambda draft: draft)
    flow.step(**({"name": "review", "until": GOOD, "max_rounds": 3, "back_to": "draft"} | options))(
        lambda draft, check: True
    )
    flow.step(name="deploy")(lambda draft, research: draft)
    return flow


def test_a_round_is_what_lies_between_its_first_step_and_its_last():
    """Whoever reads of it from outside waits for the last one."""
    steps = workflow().build().steps
    loop = steps["check"].loop
    assert loop is not None
    assert (loop.head, loop.tail, loop.body) == ("draft", "review", {"draft": 0, "check": 1, "review": 2})
    assert steps["research"].loop is None
    assert steps["draft"].previous == ("draft", "review")
    assert steps["draft"].downstream == ("check", "review")
    assert steps["deploy"].waits_for == ("review", "research")
    assert steps["deploy"].upstream == ("draft", "research")
    assert steps["deploy"].loops_read == {"draft": loop}
    assert steps["review"].downstream == ("deploy",)


def test_the_result_is_of_what_comes_after_the_loop():
    """A verdict that ended it is none, unless nothing else is last."""
    assert workflow().build().sinks == ("deploy",)
    flow = App("crew").workflow("write", topic=str)
    flow.step(name="draft", until=lambda draft: draft, max_rounds=2)(lambda topic, draft: topic)
    assert flow.build().sinks == ("draft",)


def test_a_step_may_loop_alone():
    """It reads its own result of the round before."""
    flow = App("crew").workflow("write", topic=str)

    @flow.step(until=lambda draft: len(draft) > 3, max_rounds=5)
    def draft(topic: str, draft: str | None) -> str:
        return (draft or "") + topic

    built = flow.build().steps["draft"]
    assert (built.previous, built.upstream, built.is_tail) == (("draft",), (), True)


def test_the_first_round_has_nothing_before_it():
    """So what is read of the round before takes None."""
    flow = App("crew").workflow("write", topic=str)

    @flow.step(until=lambda draft: draft, max_rounds=5)
    def draft(topic: str, draft: str) -> str:
        return draft

    with pytest.raises(DefinitionError, match=r"step 'draft' reads 'draft', which is None in the first round"):
        flow.build()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"max_rounds": None}, "step 'review' loops without a bound: say max_rounds="),
        ({"max_rounds": 0}, "can't have 0 rounds at most"),
        ({"max_rounds": True}, "can't have True rounds at most"),
        ({"until": None}, "says max_rounds= or back_to= without until="),
        ({"until": 7}, "until= of step 'review' can't be 7"),
        ({"back_to": 7}, "can't go back to 7"),
        ({"back_to": "darft"}, "goes back to 'darft', which is not a step"),
        ({"back_to": "deploy"}, "goes back to 'deploy', on whose result it does not depend"),
    ],
)
def test_loops_that_cannot_be_are_refused(options: dict[str, Any], said: str):
    """By the name of their last step."""
    with pytest.raises(DefinitionError, match=re.escape(said)):
        workflow(**options).build()


async def _asks(review: bool) -> bool:
    return review


def test_an_end_that_cannot_be_asked_is_refused():
    """It decides at once, as `when=` does."""
    with pytest.raises(DefinitionError, match=r"until= of step 'review' is async"):
        workflow(until=_asks).build()


def test_loops_that_share_a_step_are_refused():
    """Says what to do instead."""
    flow = workflow()
    flow.step(name="again", until=lambda again: again, max_rounds=2, back_to="check")(lambda check: True)
    with pytest.raises(DefinitionError, match=r"'review' and 'again' share the step 'check': put the inner one into"):
        flow.build()
