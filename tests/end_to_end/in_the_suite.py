"""Which points of death the suite has. Apart from the points, which workers import that have no use for pytest."""

from collections.abc import Sequence
from typing import Any

import pytest


def in_the_suite(points: Sequence[str], *chosen: str) -> list[Any]:
    """Points as parameters of a test: those that are chosen are in the suite, all others in the battery alone. Each
    takes seconds of several processes, and of two points with no more between than an answer on its way one says most.

    Raises:
        AssertionError: one that was chosen is not among them.
    """
    if strange := set(chosen) - set(points):
        raise AssertionError(f"no such points: {strange}")
    return [pytest.param(one, marks=() if one in chosen else pytest.mark.battery) for one in points]
