"""Undos and workflows as steps are checked when the workflow is built, as far as they can be."""

import re
from typing import Any

import pytest

from runtime import App, Context, Retry
from runtime.definitions.workflow import Workflow
from runtime.errors import DefinitionError


def paying(undo: Any, **options: Any) -> Workflow:
    """A workflow whose step `pay` has an undo."""
    flow = App("shop").workflow("order", amount=int, parcels=list[int])

    @flow.step(**({"undo": undo} | options))
    def pay(amount: int) -> int:
        return amount

    return flow


def refund(pay: int | None, amount: int, ctx: Context) -> None: ...


def test_an_undo_may_ask_for_the_result_for_inputs_and_a_context():
    """So it is known that the step has one."""
    built = paying(refund).build()
    assert built.steps["pay"].has_undo
    assert built.has_undo
    assert not paying(None).build().has_undo


def _takes_no_none(pay: int) -> None: ...


def _takes_another(pay: int | None, ship: str) -> None: ...


@pytest.mark.parametrize(
    ("undo", "said"),
    [
        (7, "undo= of step 'pay' can't be 7"),
        (_takes_no_none, "undo= of step 'pay' reads 'pay', which is None where nobody knows whether the step was done"),
        (_takes_another, "undo= of step 'pay' asks for 'ship': it may ask for amount, parcels, pay, and a Context"),
    ],
)
def test_an_undo_that_cannot_be_is_refused(undo: Any, said: str):
    """By the name of its step."""
    with pytest.raises(DefinitionError, match=re.escape(said)):
        paying(undo).build()


def test_the_undo_of_an_item_may_ask_for_it():
    """By the name that the step gives it."""
    flow = App("shop").workflow("order", parcels=list[int])

    def unlabel(label: str | None, parcel: int) -> None: ...

    flow.step(over="parcels", undo=unlabel, name="label")(lambda parcel: str(parcel))
    assert flow.build().steps["label"].undo is not None


def shop() -> tuple[App, Workflow, Workflow]:
    """An app with a workflow that may be a step of another."""
    app = App("shop")
    deploy = app.workflow("deploy", text=str, note=str | None)
    deploy.step(name="push")(lambda text, note: text)
    return app, deploy, app.workflow("order", amount=int)


def test_a_workflow_is_a_step_whose_inputs_are_filled_by_name():
    """One that may be left out is left out where nothing is called so."""
    app, deploy, order = shop()
    order.step(name="text")(lambda amount: str(amount))
    order.step(deploy)
    order.step(name="tell")(lambda deploy: deploy)
    steps = app.build().workflows["order"].steps
    assert (steps["deploy"].upstream, steps["tell"].upstream) == (("text",), ("deploy",))
    assert [one.name for one in steps["deploy"].signature.parameters] == ["text"]


def test_an_input_that_nothing_is_called_like_is_said():
    """As a parameter is."""
    _, deploy, order = shop()
    order.step(deploy, name="publish")
    with pytest.raises(DefinitionError, match=r"step 'publish' of workflow order asks for 'text', which is neither"):
        order.build()


def test_a_workflow_that_is_a_step_of_itself_is_refused():
    """Also by way of another."""
    app = App("shop")
    first, second = app.workflow("first", n=int), app.workflow("second", n=int)
    first.step(second)
    second.step(first)
    with pytest.raises(DefinitionError, match=r"workflow first is a step of itself: start a run of it in a step"):
        app.build()
    with pytest.raises(DefinitionError, match=r"workflow second is a step of itself"):
        second.build()


def test_a_workflow_of_another_app_is_refused():
    """Nobody would do its steps."""
    _, deploy, _ = shop()
    other = App("other")
    flow = other.workflow("order", text=str)
    flow.step(deploy)
    with pytest.raises(DefinitionError, match=r"is workflow deploy, which is not of app other"):
        other.build()


@pytest.mark.parametrize("options", [{"retry": Retry()}, {"timeout": 3}, {"undo": refund}])
def test_what_its_own_steps_have_a_workflow_does_not_have_as_a_step(options: dict[str, Any]):
    """Says where to declare it."""
    _, deploy, order = shop()
    with pytest.raises(DefinitionError, match=r"is workflow deploy, whose own steps have retry=, timeout="):
        order.step(deploy, **options)


def test_a_workflow_with_undos_has_them_as_a_step():
    """They are undone with it."""
    app = App("shop")
    inner = app.workflow("inner", n=int)
    inner.step(name="pay", undo=lambda n: None)(lambda n: n)
    outer = app.workflow("outer", n=int)
    outer.step(inner)
    assert app.build().workflows["outer"].steps["inner"].has_undo
