"""The signature is the contract."""

from functools import partial
from typing import Annotated, Any

import pytest
from pydantic import Field

from runtime.definitions.context import Context
from runtime.definitions.signature import read
from runtime.errors import DefinitionError


def test_parameters_are_read_in_order_with_their_types():
    """A parameter without annotation takes anything; the context is told apart."""

    def step(order: int, ctx: Context, note, *, last: str = "") -> list[int]:  # type: ignore[no-untyped-def]
        return []

    signature = read(step, "step 'x'")
    assert [(one.name, one.annotation) for one in signature.parameters] == [
        ("order", int),
        ("note", Any),
        ("last", str),
    ]
    assert signature.context == "ctx"
    assert signature.result.validate_json("[1]") == [1]
    assert signature.parameters[1].adapter.validate_json('{"a": 1}') == {"a": 1}


def test_what_an_annotation_demands_is_kept():
    """Constraints too."""

    def step(order: Annotated[int, Field(gt=5)]) -> None: ...

    with pytest.raises(ValueError, match=r"greater than 5"):
        read(step, "step 'x'").parameters[0].adapter.validate_json("3")


def test_annotations_may_be_written_as_text():
    """They are resolved where the function is defined."""

    def step(order: "int") -> "str":
        return ""

    assert read(step, "step 'x'").parameters[0].annotation is int


def test_an_annotation_that_can_not_be_resolved_is_named():
    """A forward reference to nothing."""

    def step(order: "Missing") -> None: ...  # type: ignore[name-defined] # noqa: F821

    with pytest.raises(DefinitionError, match=r"step 'x' has an annotation that can't be resolved .*Missing"):
        read(step, "step 'x'")


@pytest.mark.parametrize("function", [lambda *orders: None, lambda **orders: None, lambda orders, /: None])
def test_parameters_without_a_name_to_fill_are_refused(function: Any):
    """`*args`, `**kwargs` and positional-only ones."""
    with pytest.raises(DefinitionError, match=r"step 'x' takes .*orders: name each parameter"):
        read(function, "step 'x'")


def test_what_is_no_function_is_refused():
    """The annotations of a partial, or of an object that can be called, are out of reach."""
    with pytest.raises(DefinitionError, match=r"step 'x' is functools.partial\(.*: take a function"):
        read(partial(print, 1), "step 'x'")
