"""What real programs of agents sent, beside what they say themselves that they did."""

from uuid import UUID

import pytest

from collector.models import RunDetail
from collector.otlp.decode import spans
from collector.questions import runs
from collector.questions.paging import PagePosition
from collector.questions.runs import RunCriteria
from collector.questions.windows import Range
from collector.store.database import Database
from collector.store.records import RecordWriter
from tests.collector.agents import truth
from tests.collector.agents.programs import PROGRAMS
from tests.collector.agents.recording import read


def shown(database: Database) -> truth.Picture:
    """What the API says of all that is stored."""
    with database.reading() as session:

        def one(run_id: str) -> RunDetail:
            return runs.find_run(session, UUID(run_id))

        return truth.of_api(runs.find_runs(session, PagePosition(Range.everything()), RunCriteria(), 50).items, one)


@pytest.mark.parametrize("name", [program.name for program in PROGRAMS])
def test_what_a_program_did_is_what_is_shown(name: str, database: Database) -> None:
    """Runs, steps, calls, tokens and causes, one by one."""
    request, journal = read(name)
    with database.writing() as session:
        RecordWriter(database).write(session, spans.decode(request.SerializeToString()))
    told, found = truth.of_journal(journal), shown(database)
    assert found.runs == told.runs
    assert found.steps == told.steps
    assert found.models == told.models
    assert found.calls == told.calls
    guessed = found.edges - told.edges
    assert found.edges - guessed == told.edges
    assert guessed == GUESSED.get(name, {})


#: OpenInference sends no edges of a graph: of nodes that ran at once, any may have led to the next ones.
GUESSED = {
    "langgraph_hard_openinference": {
        ("office", source, target): 1
        for source, target in (("short", "longer"), ("aside", "longer"), ("long", "shaky"), ("aside", "shaky"))
    }
}
