"""Parameters that a function's code never mentions are found; what may use anything is believed."""

import functools
from collections.abc import Callable
from typing import Any

import pytest

from runtime.definitions.unused_parameters import find_unused_parameters


def mentions(order: int, pickup: str) -> int:
    return order


def closes_over(order: int, pickup: str) -> Callable[[], str]:
    return lambda: pickup + str(order)


def comprehends(order: int, pickup: list[int]) -> list[int]:
    return [order for _ in pickup]


def says_so(order: int, pickup: str) -> int:
    del pickup
    return order


def looks(order: int, pickup: str) -> dict[str, Any]:
    return locals()


async def waits(order: int, pickup: str) -> int:
    return order


class Courier:
    def deliver(self, order: int, pickup: str) -> int:
        return self.__hash__() + order

    def __call__(self, order: int, pickup: str) -> str:
        return f"{self}{pickup}"


@functools.wraps(mentions)
def wrapped(*args: Any, **kwargs: Any) -> int:
    return mentions(*args, **kwargs)


@pytest.mark.parametrize(
    ("function", "found"),
    [
        (mentions, {"pickup"}),
        (closes_over, set()),
        (comprehends, set()),
        (says_so, set()),
        (looks, set()),
        (waits, {"pickup"}),
        (Courier().deliver, {"pickup"}),
        (Courier(), {"order"}),
        (functools.partial(mentions, order=1), {"pickup"}),
        (wrapped, set()),
        (len, set()),
    ],
)
def test_what_is_never_mentioned_is_found(function: Callable[..., Any], found: set[str]):
    """`del` says that it is meant so; decorators, and code that looks at its own variables, may use anything."""
    assert find_unused_parameters(function) == found
