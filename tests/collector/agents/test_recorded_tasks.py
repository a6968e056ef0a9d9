"""What programs sent that pass work on by messages: Celery of a task tried twice, FastStream of two channels."""

from uuid import UUID

from collector.causality.graph import Direction, build_causal_graph
from collector.models import CausalGraph, NodeStatus
from collector.otlp.decode import spans
from collector.questions import traces
from collector.questions.paging import PagePosition
from collector.questions.windows import Range
from collector.store.database import Database
from collector.store.records import RecordWriter
from runtime.semconv import Coordination, Evidence
from tests.collector.agents.programs import CELERY, FASTSTREAM, Program
from tests.collector.agents.recording import read


def shown(database: Database, program: Program) -> CausalGraph:
    """All that followed from the first span of what a program sent."""
    request, _ = read(program.name)
    with database.writing() as session:
        RecordWriter(database).write(session, spans.decode(request.SerializeToString()))
    with database.reading() as session:
        (trace,) = traces.find_traces(session, PagePosition(Range.everything()), traces.TraceCriteria(), 5).items
        assert trace.errors == 0
        return build_causal_graph(session, UUID(trace.node_id), Direction.EFFECTS)


def test_a_task_that_is_tried_again_reads_so_and_nothing_failed(database: Database) -> None:
    """In the order in which it says itself that it ran."""
    graph = shown(database, CELERY)
    tasks = [node for node in graph.nodes if node.name.startswith("run/")]
    ordered = sorted(tasks, key=lambda node: node.start)
    _, journal = read(CELERY.name)
    assert [node.name.removeprefix("run/") for node in ordered] == [entry["name"] for entry in journal]
    assert [node.status for node in ordered] == [NodeStatus.OK, NodeStatus.RETRYING, NodeStatus.OK]


def test_one_try_leads_to_the_next(database: Database) -> None:
    """And not the message again, which is the same for both; nor does a try lead back to it."""
    graph = shown(database, CELERY)
    names = {node.id: node.name for node in graph.nodes}
    tries = [node.id for node in graph.nodes if node.name == "run/shop.charge"]
    edges = [(edge.cause, edge.effect) for edge in graph.edges]
    assert [(names[cause], effect) for cause, effect in edges if effect in tries] == [
        ("celery", tries[0]),
        ("run/shop.charge", tries[1]),
    ]
    assert (tries[0], tries[1]) in edges
    assert [effect for cause, effect in edges if cause in tries] == [tries[1]]


def test_a_handler_leads_to_what_takes_the_message_that_it_published(database: Database) -> None:
    """FastStream says that all came of the first message: what we read out of channels and conversation is named so."""
    graph = shown(database, FASTSTREAM)
    names = {node.id: node.name for node in graph.nodes}
    assert {(names[edge.cause], names[edge.effect], edge.evidence) for edge in graph.edges} == {
        ("orders create", "orders publish", Evidence.PARENT),
        ("orders create", "orders process", Evidence.PARENT),
        ("orders process", "shipments publish", Evidence.PARENT),
        ("shipments publish", "shipments process", Evidence.INFERRED),
    }
    assert {edge.coordination for edge in graph.edges} == {Coordination.REACTED}
