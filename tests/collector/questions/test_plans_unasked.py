"""What goes on by itself, whether anybody asks or not, does not hold all that is stored in memory."""

from collections.abc import Callable, Iterator

import pytest

from collector.questions import score_counts
from collector.questions.windows import END_OF_TIME_NS, Range
from collector.store.database import Database
from collector.store.retention import removal
from tests.collector.questions.filling import FILL, filled_with


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A million spans, as a collector has read them, in a database that has little memory and no disk beside it."""
    database = filled_with(tmp_path_factory.mktemp("unasked"), FILL, is_settled=False)
    database._connection.execute("SET max_temp_directory_size = '0KiB'; SET GLOBAL memory_limit = '24MiB'")
    yield database
    database._connection.execute("SET GLOBAL memory_limit = '1GiB'")
    database.close()


def look_at_scores(database: Database) -> None:
    """What alerts look at each time, of all time."""
    with database.reading() as session:
        assert score_counts.count_scores_by_step(session, Range.everything()) == []


UNASKED: dict[str, Callable[[Database], object]] = {
    "logs": lambda database: removal.remove_logs(database, END_OF_TIME_NS),
    "sources": removal.remove_sources,
    "scores": look_at_scores,
}


@pytest.mark.parametrize("work", UNASKED)
def test_it_fits_into_little_memory(filled: Database, work: str) -> None:
    """Where it did not, it would fail each time in the memory that is usual, and leave none to whoever asks."""
    UNASKED[work](filled)
