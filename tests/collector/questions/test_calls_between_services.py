"""Who called a service is told by what lies above the call, in random trees of spans."""

import random
from collections import Counter
from dataclasses import dataclass

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from collector.models import Window
from collector.models.channels import BusState
from collector.otlp.decode.spans import decode
from collector.questions import topology
from collector.store.database import Database
from collector.store.records import RecordWriter
from collector.times import moment
from runtime import semconv
from runtime.semconv import NodeKind
from tests.collector.story import MS, ORIGIN_NS, Story, Where, place, uid

SERVICES = ("desk", "shop", "till")
#: Trees; more of them in the battery.
SEEDS = [0, *(pytest.param(seed, marks=pytest.mark.battery) for seed in range(1, 6))]
WINDOW = Window(start=moment(ORIGIN_NS), end=moment(ORIGIN_NS + 1_000 * MS))


@dataclass(frozen=True)
class Placed:
    """A span of a tree: a call, or a step of ours, which has a name."""

    service: str
    where: Where
    above: "Placed | None"
    step: str


def tree(chance: random.Random, number: int) -> list[Placed]:
    """Spans below each other; some of them far down within one service."""
    found: list[Placed] = []
    for index in range(chance.choice((1, 6, 40))):
        above = chance.choice(found[-2:]) if found else None
        same = above is not None and chance.random() < 0.6
        service = above.service if above is not None and same else chance.choice(SERVICES)
        step = f"step-{number}-{index}" if chance.random() < 0.2 else ""
        found.append(Placed(service, place(f"tree-{number}", str(index)), above, step))
    return found


def caller(one: Placed) -> str:
    """The step of ours that a call of another service came from, or else the service."""
    assert one.above is not None
    up, height = one.above, 0
    while not up.step and up.above is not None and up.above.service == up.service and height < 16:
        up, height = up.above, height + 1
    return up.step or one.above.service


def stored(database: Database, spans: list[Placed]) -> None:
    """Stores spans, those of each service together."""
    request = ExportTraceServiceRequest()
    for service in SERVICES:
        story = Story(service)
        for one in spans:
            above = one.above.where if one.above else None
            if one.service != service:
                continue
            if one.step:
                more = {semconv.STEP: one.step, semconv.WORKFLOW: "order", semconv.OUTCOME: "ok"}
                story.node(NodeKind.STEP, uid(one.step), one.step, one.where, parent=above, at=5, more=more)
            else:
                story.add("call", one.where, parent=above, at=5)
        request.MergeFrom(ExportTraceServiceRequest.FromString(story.request()))
    with database.writing() as session:
        RecordWriter(database).write(session, decode(request.SerializeToString()))


@pytest.mark.parametrize("seed", SEEDS)
def test_calls_are_of_the_step_above_them_or_of_its_service(seed: int, database: Database) -> None:
    """However many lie between within one service, up to sixteen."""
    chance = random.Random(seed)
    spans = [one for number in range(12) for one in tree(chance, number)]
    stored(database, spans)
    with database.reading() as session:
        found = topology.build_topology(session, WINDOW, topology.BusDeclarations(BusState(connected=False)))
    names = {part.id: part.name for part in found.parts}
    services = {part.id for part in found.parts if part.kind == "service"}
    told = {(names[flow.cause], names[flow.effect]): flow.count for flow in found.flows if flow.effect in services}
    crossing = [one for one in spans if one.above and not one.step and one.above.service != one.service]
    assert told == Counter((caller(one), one.service) for one in crossing)
    assert any(cause.startswith("step") for cause, _ in told)
    assert any(cause in SERVICES for cause, _ in told)
