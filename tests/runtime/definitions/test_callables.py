"""What may be declared: whatever can be called, has a name, and runs when it is called."""

from collections.abc import AsyncIterator, Iterator
from functools import partial, wraps
from typing import Any

import pytest

from runtime import App
from runtime.definitions.callables import is_async, name_of, refuse_generator
from runtime.errors import DefinitionError


def plain(order: int) -> int:
    return order


async def slow(order: int) -> int:
    return order


def numbers(order: int) -> Iterator[int]:
    yield order


async def slow_numbers(order: int) -> AsyncIterator[int]:
    yield order


class Sender:
    """An object that can be called."""

    async def __call__(self, order: int) -> int:
        return order

    def method(self, order: int) -> int:
        return order


class Numbers:
    """One whose call makes a generator."""

    def __call__(self, order: int) -> Iterator[int]:
        yield order


@wraps(slow)
def decorated(**arguments: Any) -> Any:
    return slow(**arguments)


NAMED = [
    (plain, "plain"),
    (partial(plain, 1), "plain"),
    (partial(partial(slow), 1), "slow"),
    (Sender(), "Sender"),
    (Sender().method, "method"),
    (decorated, "slow"),
]


@pytest.mark.parametrize(("function", "name"), NAMED)
def test_each_has_the_name_that_people_call_it_by(function: Any, name: str):
    """That of the function within a partial, or of an object's class."""
    assert name_of(function, "step") == name


def test_a_lambda_has_no_name():
    """A name that is made up would be another one after the next change."""
    with pytest.raises(DefinitionError, match="a lambda has no name to call the handler by: give it one"):
        name_of(lambda order: order, "handler")


def test_what_can_not_be_called_is_refused():
    """As when the brackets are left on."""
    with pytest.raises(DefinitionError, match="7 can't be a step: it can't be called"):
        name_of(plain(7), "step")


@pytest.mark.parametrize(
    ("function", "expected"),
    [(plain, False), (slow, True), (partial(slow, 1), True), (Sender(), True), (Sender().method, False)],
)
def test_what_makes_a_coroutine_is_known_before_it_is_called(function: Any, expected: bool):
    """Else it would run in a thread."""
    assert is_async(function) is expected


GENERATORS = [numbers, slow_numbers, partial(numbers, 1), Numbers()]


@pytest.mark.parametrize("function", GENERATORS)
def test_a_generator_is_refused(function: Any):
    """Nothing of its body would run, and the work would count as done."""
    with pytest.raises(DefinitionError, match="step 'x' is a generator: calling it runs nothing of its body; return"):
        refuse_generator(function, "step 'x'")


@pytest.mark.parametrize("function", GENERATORS)
def test_an_app_with_a_generator_can_not_be_built(function: Any):
    """Neither as a step nor as a handler; the error names what was declared."""
    stepping, handling = App("logistics"), App("logistics")
    stepping.workflow("w", order=int).step(name="pickup")(function)
    handling.subscribe("orders", group="sms")(function)
    with pytest.raises(DefinitionError, match="step 'pickup' is a generator"):
        stepping.build()
    with pytest.raises(DefinitionError, match="handler 'sms' of channel orders is a generator"):
        handling.build()
