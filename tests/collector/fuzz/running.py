"""A collector that is there to be tried."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.collector.fuzz.targets import Targets
from tests.collector.live import LiveCollector
from tests.collector.operations.memory import MemoryBus


@contextmanager
def targets(folder: Path) -> Iterator[Targets]:
    """What can be tried with one of its own, while the block runs."""
    with LiveCollector(folder / "causeline.duckdb", MemoryBus()) as collector:
        tried = Targets(collector)
        try:
            yield tried
        finally:
            tried.close()
