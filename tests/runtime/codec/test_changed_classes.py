"""Dataclasses, NamedTuples, root models and enumerations that a deploy has changed, and what counts as a change."""

import enum
from collections.abc import Callable
from dataclasses import dataclass, field, make_dataclass
from typing import Annotated, Any, NamedTuple, Optional

import pytest
from pydantic import AfterValidator, Field, RootModel, SecretStr, create_model

from runtime.codec.encode import encode
from runtime.codec.shapes import class_name, shape_of
from runtime.errors import UndecodableError
from tests.runtime.codec.deployed import deployed
from tests.runtime.codec.trips import WHAT, read, same


def test_dataclasses_are_made_anew_where_they_have_changed():
    """By their fields; what is computed when they begin is computed again."""

    @dataclass
    class Order:
        a: int

    first = deployed(Order)

    @dataclass
    class Order:
        a: int
        b: int = 5
        total: int = field(init=False)

        def __post_init__(self) -> None:
            self.total = self.a + self.b

    second = deployed(Order)
    back = read(encode(first(1), WHAT), second)
    assert same(back, second(1))
    assert read(encode(second(1), WHAT), first) == first(1)


def test_named_tuples_are_made_anew_where_they_have_changed():
    """By position, as their readers unpack them."""

    class Order(NamedTuple):
        a: int

    first = deployed(Order)

    class Order(NamedTuple):
        a: int
        b: int = 2

    second = deployed(Order)
    assert same(read(encode(first(1), WHAT), second), second(1))
    assert same(read(encode([first(1)], WHAT), list[second]), [second(1)])
    with pytest.raises(UndecodableError, match=r"asks for: 0"):
        read(encode([second(1)], WHAT), list[first])


def test_root_models_are_validated_where_they_have_changed():
    """Into what they hold now."""

    class Order(RootModel[int]): ...

    first = deployed(Order)

    class Order(RootModel[list[int] | int]): ...

    second = deployed(Order)
    assert same(read(encode([first(1)], WHAT), list[second]), [second(1)])


def test_a_member_that_went_is_told():
    """Beside those that are left."""

    class Order(enum.Enum):
        A = 1
        B = 2

    first = deployed(Order)

    class Order(enum.Enum):
        A = 1

    second = deployed(Order)
    with pytest.raises(UndecodableError, match=r"asks for: 1: Input should be 1$"):
        read(encode([first.A, first.B], WHAT), list[second])


def test_a_secret_stays_one_where_its_class_has_changed():
    """And is not told."""
    first = deployed(create_model("Order", secret=(SecretStr, ...)))
    second = deployed(create_model("Order", secret=(SecretStr, ...), more=(int, 1)))
    third = deployed(create_model("Order", secret=(int, ...)))
    encoded = encode(first(secret="hunter2"), WHAT)  # noqa: S106 - nobody's
    assert read(encoded, second).secret.get_secret_value() == "hunter2"
    with pytest.raises(UndecodableError) as raised:
        read(encoded, third)
    assert "hunter2" not in str(raised.value)


Shape = tuple[str, Any]


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ([("a", int)], [("a", int)], True),
        ([("a", int)], [("b", int)], False),
        ([("a", int)], [("a", str)], False),
        ([("a", int), ("b", int)], [("b", int), ("a", int)], False),
        ([("a", int)], [("a", Annotated[int, Field(gt=1)])], True),
        ([("a", list[Annotated[int, AfterValidator(lambda n: n)]])], [("a", list[int])], True),
        ([("a", int | None)], [("a", Optional[int])], True),  # noqa: UP045 - the other way to write it
        ([("a", dict[str, list[int]])], [("a", dict[str, list[str]])], False),
        ([("a", Callable[[int], str])], [("a", Callable[[str], str])], False),
        ([("a", "Later")], [("a", "Later")], True),
        ([("a", "Later")], [("a", "Other")], False),
    ],
)
def test_a_shape_is_the_names_and_types_of_the_fields_in_order(one: list[Shape], other: list[Shape], alike: bool):
    """What validates them is no part of it."""
    shapes = [shape_of(make_dataclass("Any", fields)) for fields in (one, other)]
    assert (shapes[0] == shapes[1]) is alike


def test_names_of_generic_models_say_of_what():
    """By module and name, at every depth."""
    from tests.runtime.codec.test_models import Box, Order

    assert class_name(Box[list[Order | None]]) == (
        "tests.runtime.codec.models:Box[builtins:list[Union[tests.runtime.codec.models:Order,builtins:NoneType]]]"
    )
