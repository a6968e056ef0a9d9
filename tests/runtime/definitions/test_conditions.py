"""Conditions of steps are checked when the workflow is built, as far as they can be."""

import re
from typing import Any

import pytest

from runtime import App, Context
from runtime.errors import DefinitionError


def built(reader: Any, when: Any = lambda order: order > 1) -> Any:
    """A workflow whose step `a` has a condition, and whose step `b` reads it."""
    workflow = App("shop").workflow("order", order=int)
    workflow.step(name="a", when=when)(lambda order: order)
    workflow.step(name="b")(reader)
    return workflow.build()


def takes_none(a: int | None) -> None: ...


def takes_anything(a): ...


def takes_a_number(a: int) -> None: ...


@pytest.mark.parametrize("reader", [takes_none, takes_anything])
def test_a_reader_may_take_the_none_of_a_step_that_may_be_skipped(reader: Any):
    """It says so by its type."""
    assert built(reader).steps["b"].upstream == ("a",)


def test_a_reader_that_cannot_take_none_is_refused():
    """Else it would fail when the step is skipped for the first time. So is a condition."""
    with pytest.raises(DefinitionError, match=r"step 'b' reads 'a', which is None where that step is skipped"):
        built(takes_a_number)
    workflow = App("shop").workflow("order", order=int)
    workflow.step(name="a", when=lambda order: order > 1)(lambda order: order)
    workflow.step(name="b", when=takes_a_number)(lambda order: order)
    with pytest.raises(DefinitionError, match=r"when= of step 'b' reads 'a'"):
        workflow.build()


def test_a_step_waits_for_what_its_condition_reads():
    """Also where the step itself does not."""
    workflow = App("shop").workflow("order", order=int)
    workflow.step(name="review")(lambda order: order > 1)
    workflow.step(name="ship", when=lambda review: review)(lambda order: order)
    steps = workflow.build().steps
    assert steps["ship"].upstream == ("review",)
    assert steps["review"].downstream == ("ship",)


async def _asks(order: int) -> bool:
    return order > 1


def _with_context(order: int, ctx: Context) -> bool:
    return order > 1


@pytest.mark.parametrize(
    ("when", "words"),
    [
        (True, "give a function"),
        (_asks, "is async"),
        (_with_context, "asks for a Context"),
        (lambda ordre: ordre, "did you mean 'order'?"),
        (lambda b: b, "wait for each other"),
    ],
)
def test_a_condition_that_cannot_be_asked_is_refused(when: Any, words: str):
    """By name, when the workflow is built."""
    with pytest.raises(DefinitionError, match=re.escape(words)):
        built(takes_none, when)


def of_a_workflow(reader: Any, over: str | None = None, until: Any = None) -> Any:
    """A workflow whose step `a` is a workflow within a workflow, whose last step may be skipped; step `b` reads it."""
    app = App("shop")
    inner, middle = app.workflow("inner", order=int), app.workflow("a", order=int)
    inner.step(name="c", when=lambda order: order > 1)(_number)
    middle.step(inner)
    inputs: dict[str, Any] = {over: list[int]} if over else {"order": int}
    workflow = app.workflow("order", **inputs)
    workflow.step(middle, over=over, until=until, max_rounds=2 if until else None)
    workflow.step(name="b")(reader)
    return workflow.build()


def _number(order: int) -> int:
    return order


def takes_numbers(a: list[int]) -> None: ...


def takes_numbers_and_none(a: list[int | None]) -> None: ...


def test_a_workflow_whose_last_step_is_skipped_yields_none_and_its_reader_has_to_take_that():
    """However deep that step is; of each item, where it is done for several."""
    assert of_a_workflow(takes_none).steps["a"].may_be_skipped
    assert not of_a_workflow(takes_numbers_and_none, "orders").steps["a"].may_be_skipped
    with pytest.raises(
        DefinitionError, match=r"step 'b' reads 'a', which is None where the last step of that workflow"
    ):
        of_a_workflow(takes_a_number)
    with pytest.raises(DefinitionError, match=r"step 'b' reads 'a', where an item is None if .*list\[\.\.\. \| None\]"):
        of_a_workflow(takes_numbers, "orders")
    with pytest.raises(DefinitionError, match=r"until= of step 'a' reads 'a', which is None"):
        of_a_workflow(takes_none, until=takes_a_number)
