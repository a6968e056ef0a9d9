"""Every span of one shipment, one dead letter and one replay, to the letter: identity, causation and wire.

Data on disk depends on what this file pins. A difference is a break of the wire format, unless it only adds.
`UPDATE_GOLDEN=1` writes the file anew.
"""

import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from runtime.admin import Admin
from runtime.causality import identity
from sample_agents import logistics
from sample_agents.world import World
from tests.runtime.telemetry.receiver import Receiver
from tests.waiting import until

GOLDEN = Path(__file__).parent / "golden_shipment.json"

VOLATILE = {"exception.stacktrace", "service.instance.id", "telemetry.sdk.version"}
"""Attributes whose values differ from one machine, process or SDK to the next; that they are there is pinned all the
same."""


@pytest.fixture
def receiver(redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    found = Receiver()
    monkeypatch.setenv("CAUSELINE_COLLECTOR_URL", found.url)
    monkeypatch.setenv("CAUSELINE_REDIS_URL", redis_url)
    monkeypatch.setenv("CAUSELINE_HOME", str(tmp_path))
    for name in [name for name in os.environ if name.startswith("OTEL_")]:
        monkeypatch.delenv(name)  # they would join the resource
    yield found
    found.close()


@pytest.fixture(autouse=True)
def known_ids(monkeypatch: pytest.MonkeyPatch) -> None:
    """The minted ids and the random trace ids are counted instead; all others are derived from them."""
    minted = (UUID(f"01900000-0000-7000-8000-{number:012d}") for number in range(1, 99))
    traces = (0x019000000000 << 80 | number for number in range(1, 99))
    monkeypatch.setattr(identity, "mint", lambda: next(minted))
    monkeypatch.setattr(identity, "trace_id", lambda: next(traces))


async def test_the_spans_of_a_shipment_a_dead_letter_and_its_replay_are_as_they_always_were(receiver: Receiver) -> None:
    """One shipment goes through; its text message dies in an outage and succeeds when it is replayed."""
    world = World(seed=7, shipments=20)
    number = next(n for n in world.numbers if world.dies_of(n) == "max_attempts" and n not in world.smudged)

    async with logistics.app as app:
        await app.shared.put(logistics.OUTAGE, world.outage)
        run = await app.start(logistics.shipment, subject=f"S-{number}", order=world.order(number))
        await run.result()
        admin = await Admin.connect()
        letter = await _dead_letter(admin)
        await app.shared.put(logistics.OUTAGE, "")
        [settlement] = await admin.replay([letter], "ada")
        assert settlement.status == "replayed"
        await admin.close()

    spans = [span for span in _spans(receiver.requests) if not span["name"].startswith("pending ")]
    spans.sort(key=lambda span: (span["name"], json.dumps(span["attributes"], sort_keys=True)))
    if os.environ.get("UPDATE_GOLDEN"):
        GOLDEN.write_text(json.dumps(spans, indent=1, ensure_ascii=False) + "\n")
    assert spans == json.loads(GOLDEN.read_text())


async def _dead_letter(admin: Admin) -> UUID:
    async def ids() -> list[UUID]:
        return [letter.id for letter in (await admin.dead_letters()).items]

    return (await until(ids))[0]


def _spans(requests: Iterable[ExportTraceServiceRequest]) -> Iterator[dict[str, Any]]:
    for of in (of for request in requests for of in request.resource_spans):
        resource = _attributes(of.resource.attributes)
        for scoped in of.scope_spans:
            made_by = {"resource": resource, "scope": [scoped.scope.name, scoped.scope.version]}
            yield from (_plain(span) | made_by for span in scoped.spans)


def _plain(span: Span) -> dict[str, Any]:
    return {
        "name": span.name,
        "kind": Span.SpanKind.Name(span.kind),
        "trace_id": span.trace_id.hex(),
        "span_id": span.span_id.hex(),
        "parent_span_id": span.parent_span_id.hex(),
        "trace_state": span.trace_state,
        "flags": span.flags,
        "status": [span.status.code, span.status.message],
        "attributes": _attributes(span.attributes),
        "events": [{"name": event.name, "attributes": _attributes(event.attributes)} for event in span.events],
        "links": [_link(link) for link in span.links],
    }


def _link(link: Span.Link) -> list[Any]:
    return [link.trace_id.hex(), link.span_id.hex(), link.trace_state, link.flags, _attributes(link.attributes)]


def _attributes(pairs: Any) -> dict[str, Any]:
    return {pair.key: "..." if pair.key in VOLATILE else _value(pair.value) for pair in pairs}


def _value(value: AnyValue) -> Any:
    kind = value.WhichOneof("value")
    return [_value(one) for one in value.array_value.values] if kind == "array_value" else getattr(value, str(kind))
