"""Children that are small Python programs."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from runtime.supervisor.child import Plan

MakePlan = Callable[..., Plan]


@pytest.fixture
def plan(tmp_path: Path) -> MakePlan:
    """Plans a child that runs a piece of Python, by name."""

    def make(name: str, code: str, *, deadline: float = 10.0, speaks: bool = False) -> Plan:
        return Plan(name, [sys.executable, "-c", code], {}, deadline, speaks, tmp_path / f"{name}.log")

    return make
