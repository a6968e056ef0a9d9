"""A bench for each kind of work: what holds for steps and handlers alike is tested by both."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from runtime.settings import Settings
from runtime.testing import FakeClock, Recorder
from tests.runtime.worker.bench import Bench, HandlerBench, StepBench
from tests.runtime.worker.family import Family

KINDS = {"step": StepBench, "handler": HandlerBench}


@pytest.fixture(params=KINDS)
def bench(request: pytest.FixtureRequest, settings: Settings, facts: Recorder) -> Bench:
    """One piece of work, of one kind after the other."""
    return KINDS[request.param](settings, facts)


@pytest.fixture
def clock() -> FakeClock:
    """A clock that the test turns."""
    return FakeClock()


@pytest.fixture(params=KINDS)
def timed(request: pytest.FixtureRequest, settings: Settings, facts: Recorder, clock: FakeClock) -> Bench:
    """The same by a clock that the test turns."""
    return KINDS[request.param](settings, facts, clock)


@pytest.fixture
def handling(settings: Settings, facts: Recorder) -> HandlerBench:
    """A handler alone."""
    return HandlerBench(settings, facts)


@pytest.fixture
def stepping(settings: Settings, facts: Recorder) -> StepBench:
    """A step alone."""
    return StepBench(settings, facts)


@pytest.fixture
def family(tmp_path: Path) -> Iterator[Family]:
    """A parent that the test starts."""
    with Family(tmp_path) as family:
        yield family
