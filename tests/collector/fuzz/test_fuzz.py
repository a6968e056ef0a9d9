"""A little of `make fuzz`, the same each time."""

from collections.abc import Iterator

import pytest

from tests.collector.fuzz.chance import Chance
from tests.collector.fuzz.running import targets
from tests.collector.fuzz.targets import Targets

#: Tries of each kind.
TRIES = 60


@pytest.fixture(scope="module")
def tried(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Targets]:
    """One collector for all."""
    with targets(tmp_path_factory.mktemp("fuzz")) as made:
        yield made


@pytest.mark.parametrize("what", ["protobuf", "json", "grpc", "question", "head"])
def test_nonsense_is_answered(tried: Targets, what: str) -> None:
    """Taken, or refused for good; never with an error of ours, and nothing dies of it."""
    for seed in range(TRIES):
        tried.all[what](Chance(seed))
