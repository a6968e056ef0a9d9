"""Trees are read of the spans that their traces hold, wherever these lie."""

from uuid import UUID

import pytest

from collector.questions import agent_spans
from collector.store.database import Database, Session
from collector.store.queries import Query
from tests.collector.agents.sent import SentTrace

#: By how many places rows may have moved: some onto others that are meant, some to where nothing is.
MOVES = (1, 2, -3, 1_000)


def stored(database: Database) -> list[UUID]:
    """Traces of an agent each that calls a model, below a request whose other leaves tell nothing."""
    numbers = range(1, 5)
    for number in numbers:
        (trace := SentTrace(number)).span("POST", took=100)
        agent = trace.span("invoke_agent a", 1, took=90, gen_ai__operation__name="invoke_agent")
        trace.span("chat m", agent, gen_ai__operation__name="chat")
        trace.span("SELECT", 1, took=200)
        trace.store(database)
    return [UUID(int=number) for number in numbers]


def told(session: Session, traces: list[UUID]) -> object:
    """The spans of each trace that a list of runs reads."""
    trees, _ = agent_spans.read_trees(session, traces, folds=True)
    return {trace: [(span.id, span.last_ns) for span in tree.spans] for trace, tree in trees.items()}


@pytest.mark.parametrize("moved", MOVES)
def test_rows_that_a_checkpoint_moves_between_two_statements_are_found(
    database: Database, monkeypatch: pytest.MonkeyPatch, moved: int
) -> None:
    """Those of the second one lie elsewhere than the first one said."""
    traces = stored(database)
    rows = Session.rows

    def read(session: Session, query: Query, **values: object) -> list[dict[str, object]]:
        found = rows(session, query, **values)
        return [{**row, "place": row["place"] + moved} for row in found] if query is Query.AGENTS_FOLDED else found

    with database.reading() as session:
        wanted = told(session, traces)
        monkeypatch.setattr(Session, "rows", read)
        assert told(session, traces) == wanted
    assert wanted
