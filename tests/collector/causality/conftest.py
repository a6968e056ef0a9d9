"""Graphs are made of what is stored: one collector does for a file of tests, emptied before each."""

from collections.abc import Iterator

import pytest

from tests.collector.live import LiveCollector


@pytest.fixture
def collector(request: pytest.FixtureRequest) -> Iterator[LiveCollector]:
    """A collector without a row; of the test's own where that fills a bus too."""
    if "bus" in request.fixturenames:
        with LiveCollector(request.getfixturevalue("path"), request.getfixturevalue("bus")) as live:
            yield live
    else:
        yield request.getfixturevalue("emptied")
