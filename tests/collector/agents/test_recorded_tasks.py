"""What Celery sent of a task that was tried twice."""

from uuid import UUID

from collector.causality.graph import Direction, causal_graph
from collector.models import NodeStatus
from collector.otlp.decode import spans
from collector.questions import traces
from collector.questions.paging import Place
from collector.questions.windows import Range
from collector.store.database import Database
from collector.store.records import Records
from tests.collector.agents.programs import CELERY
from tests.collector.agents.recording import read


def test_a_task_that_is_tried_again_reads_so_and_nothing_failed(database: Database) -> None:
    """In the order in which it says itself that it ran."""
    request, journal = read(CELERY.name)
    with database.writing() as session:
        Records(database).write(session, spans.decode(request.SerializeToString()))
    with database.reading() as session:
        (trace,) = traces.find(session, Place(Range.everything()), traces.Wanted(), 5).items
        graph = causal_graph(session, UUID(trace.node_id), Direction.EFFECTS)
    tasks = [node for node in graph.nodes if node.name.startswith("run/")]
    ordered = sorted(tasks, key=lambda node: node.start)
    assert [node.name.removeprefix("run/") for node in ordered] == [entry["name"] for entry in journal]
    assert [node.status for node in ordered] == [NodeStatus.OK, NodeStatus.RETRYING, NodeStatus.OK]
    assert (trace.name, trace.errors) == ("POST /orders", 0)
