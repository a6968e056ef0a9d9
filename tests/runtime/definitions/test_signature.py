"""The signature is the contract."""

from functools import partial
from typing import Annotated, Any

import pytest
from pydantic import Field

from runtime.codec.codec import Codec
from runtime.codec.encoded import Encoded
from runtime.definitions.context import Context
from runtime.definitions.signature import read_signature
from runtime.errors import DefinitionError, UndecodableError


def value(codec: Codec, text: str) -> Any:
    """What a text says to whoever declares the codec's type."""
    return codec.decode(Encoded.parse(text), "the value")


def test_parameters_are_read_in_order_with_their_types():
    """A parameter without annotation takes anything; the context is told apart."""

    def step(order: int, ctx: Context, note, *, last: str = "") -> list[int]:
        return []

    signature = read_signature(step, "step 'x'")
    assert [(one.name, one.codec.annotation) for one in signature.parameters] == [
        ("order", int),
        ("note", Any),
        ("last", str),
    ]
    assert signature.context == "ctx"
    assert value(signature.result, "[1]") == [1]
    assert value(signature.parameters[1].codec, '{"a": 1}') == {"a": 1}


def test_what_an_annotation_demands_is_kept():
    """Constraints too."""

    def step(order: Annotated[int, Field(gt=5)]) -> None: ...

    (order,) = read_signature(step, "step 'x'").parameters
    with pytest.raises(UndecodableError, match=r"greater than 5"):
        value(order.codec, "3")


def test_annotations_may_be_written_as_text():
    """They are resolved where the function is defined."""

    def step(order: "int") -> "str":
        return ""

    assert read_signature(step, "step 'x'").parameters[0].codec.annotation is int


def test_an_annotation_that_can_not_be_resolved_is_named():
    """A forward reference to nothing."""

    def step(order: "Missing") -> None: ...  # noqa: F821 it is defined nowhere on purpose

    with pytest.raises(DefinitionError, match=r"step 'x' has an annotation that can't be resolved .*Missing"):
        read_signature(step, "step 'x'")


@pytest.mark.parametrize("text", ["list[", "1 / 0", "int.nothing", "{}[1]"])
def test_an_annotation_whose_text_fails_is_named(text: str):
    """It is code, and may fail in any way."""

    def step(order: int) -> None: ...

    step.__annotations__["order"] = text
    with pytest.raises(DefinitionError, match=r"step 'x' has an annotation that can't be read: \w+Error: .*; write a"):
        read_signature(step, "step 'x'")


def test_a_second_context_is_refused():
    """One of them would not be filled."""

    def step(ctx: Context, order: int, also: Context | None = None) -> None: ...

    with pytest.raises(DefinitionError, match="step 'x' asks for the Context as 'ctx' and as 'also': once is enough"):
        read_signature(step, "step 'x'")


@pytest.mark.parametrize("function", [lambda *orders: None, lambda **orders: None, lambda orders, /: None])
def test_parameters_without_a_name_to_fill_are_refused(function: Any):
    """`*args`, `**kwargs` and positional-only ones."""
    with pytest.raises(DefinitionError, match=r"step 'x' takes .*orders: name each parameter"):
        read_signature(function, "step 'x'")


def test_a_default_makes_a_parameter_optional():
    """It is left out where nothing has its name."""

    def step(order: int, note: str = "none") -> None: ...

    assert [(one.name, one.is_optional) for one in read_signature(step, "step 'x'").parameters] == [
        ("order", False),
        ("note", True),
    ]


@pytest.mark.parametrize(
    "annotation", [Context, Context | None, Annotated[Context, "mine"], "Context", "Context | None"]
)
def test_a_context_is_told_from_a_value(annotation: Any):
    """Also where it may be None, or is annotated by more or by text."""

    def step(order: int, ctx=None) -> None: ...

    step.__annotations__["ctx"] = annotation
    signature = read_signature(step, "step 'x'")
    assert (signature.context, [one.name for one in signature.parameters]) == ("ctx", ["order"])


def test_names_of_ours_that_are_imported_for_type_checkers_alone_are_known():
    """As in a module that imports them below `if TYPE_CHECKING`."""
    source = "from __future__ import annotations\ndef step(order: Optional[int], ctx: Context) -> list[int]: ..."
    namespace: dict[str, Any] = {}
    exec(compile(source, "module", "exec", dont_inherit=True), namespace)  # noqa: S102 - a module without imports
    signature = read_signature(namespace["step"], "step 'x'")
    assert (signature.context, signature.parameters[0].codec.annotation) == ("ctx", int | None)


def test_a_class_that_is_defined_later_may_be_named():
    """A signature is read when the app is built."""
    source = "def step(order: 'Order') -> None: ...\nclass Order(int): ..."
    namespace: dict[str, Any] = {}
    exec(compile(source, "module", "exec", dont_inherit=True), namespace)  # noqa: S102 - as above
    assert read_signature(namespace["step"], "step 'x'").parameters[0].codec.annotation is namespace["Order"]


def plain(order: int, carrier: str, ctx: Context) -> str:
    return carrier * order


class Carrier:
    """A function with something to remember."""

    def __call__(self, order: int, ctx: Context) -> str:
        return ""

    def method(self, order: int, ctx: Context) -> str:
        return ""

    @classmethod
    def of_class(cls, order: int, ctx: Context) -> str:
        return ""


@pytest.mark.parametrize(
    "function",
    [
        partial(plain, carrier="north"),
        partial(partial(plain), carrier="north"),
        Carrier(),
        Carrier().method,
        Carrier.of_class,
    ],
)
def test_whatever_can_be_called_has_a_signature(function: Any):
    """Partials without what they fill by position, methods without their object."""
    signature = read_signature(function, "step 'x'")
    assert [(one.name, one.codec.annotation) for one in signature.parameters if not one.is_optional] == [("order", int)]
    assert signature.context == "ctx"
    assert value(signature.result, '"a"') == "a"


def test_what_a_partial_has_filled_by_name_may_still_be_given():
    """It is a default then."""
    (_, carrier) = read_signature(partial(plain, carrier="north"), "step 'x'").parameters
    assert (carrier.name, carrier.is_optional) == ("carrier", True)


def test_what_does_not_say_what_it_takes_is_refused():
    """Some functions written in C."""
    with pytest.raises(DefinitionError, match=r"step 'x' is .*which does not say what it takes: wrap it in a function"):
        read_signature(min, "step 'x'")
