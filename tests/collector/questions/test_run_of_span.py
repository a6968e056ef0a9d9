"""From a span of others to the run that it lies in."""

from uuid import UUID

from collector.models import RunDetail
from collector.otlp.decode import spans
from collector.questions import node, run_of_span, runs
from collector.questions.paging import PagePosition
from collector.questions.runs import RunCriteria
from collector.questions.windows import Range
from collector.store.database import Database, Session
from collector.store.records import RecordWriter
from tests.collector.agents.recording import read
from tests.collector.agents.sent import SentTrace, pydantic_ai


def told(session: Session) -> list[RunDetail]:
    """All runs, with those that they started."""
    listed = [
        UUID(run.run_id) for run in runs.find_runs(session, PagePosition(Range.everything()), RunCriteria(), 50).items
    ]
    found = []
    while listed:
        found.append(runs.find_run(session, listed.pop()))
        listed += [UUID(child.run_id) for child in found[-1].children]
    return found


def test_steps_calls_and_runs_themselves_say_their_run(database: Database) -> None:
    """Of an agent within another the inner one; what is above all of them says none."""
    trace = SentTrace()
    job = trace.add("job", 0, {})
    pydantic_ai(trace, parent=job)
    trace.store(database)
    with database.reading() as session:
        for run in told(session):
            calls = [call for step in run.steps for call in step.calls]
            for each in (run.run.run_id, *(step.node_id for step in run.steps), *(call.node_id for call in calls)):
                assert node.find_node(session, UUID(each)).node.run_id == run.run.run_id
        ((above,),) = session._cursor.execute("SELECT node_id FROM spans WHERE name = 'job'").fetchall()
        assert run_of_span.find_run_of_span(session, above) is None


def test_tries_at_a_step_are_found_from_it_and_say_the_same_run(database: Database) -> None:
    """With what each was given, so that they can be compared."""
    request, _ = read("langgraph_hard_openinference")
    with database.writing() as session:
        RecordWriter(database).write(session, spans.decode(request.SerializeToString()))
    with database.reading() as session:
        found = [(run, step) for run in told(session) for step in run.steps if step.tries]
        for run, step in found:
            assert step.attempts == 1 + len(step.tries)
            tries = [node.find_node(session, UUID(each)) for each in (*step.tries, step.node_id)]
            assert {each.node.run_id for each in tries} == {run.run.run_id}
            assert all(each.attempts[0].input for each in tries)
    assert found
