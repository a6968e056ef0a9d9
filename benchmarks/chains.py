"""Chains of causes as our runtime tells them: a run with a retry and scores, what it publishes, who receives it, and
what dies there. Among them spans of others, whose ids are random."""

import os
import random
from collections import deque
from collections.abc import Iterator, Mapping
from typing import Final
from uuid import UUID

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import ScopeSpans, Span

from runtime import semconv
from runtime.causality import identity
from runtime.semconv import NodeKind

Value = str | int | list[str]

#: Spans of a chain, about.
SPANS: Final = 102

#: What those are called that are of others.
FOREIGN: Final = "GET /stock"

_MS: Final = 1_000_000

_STEPS: Final = 12
_PUBLISHED: Final = 18
_GROUPS: Final = ("billing", "board", "sms", "audit")

#: Of how many chains one lies over three traces.
_SPREAD: Final = 10

#: Spans of others among a hundred.
_FOREIGN: Final = 5


def request(first_ns: int, last_ns: int, chains: int, chance: random.Random) -> bytes:
    """A request of so many chains, which begin evenly between two moments."""
    message, scope = _make_empty_request()
    for number in range(chains):
        _Chain(scope, first_ns + (last_ns - first_ns) * number // chains, chance).add_spans()
    return message.SerializeToString()


def make_large_event(begun_ns: int, nodes: int, chance: random.Random) -> tuple[bytes, UUID]:
    """A request of one event of which so many nodes come, and the event's id."""
    message, scope = _make_empty_request()
    event = _Chain(scope, begun_ns, chance).add_fan_out(nodes)
    return message.SerializeToString(), event


def _make_empty_request() -> tuple[ExportTraceServiceRequest, ScopeSpans]:
    message = ExportTraceServiceRequest()
    resource = message.resource_spans.add()
    resource.resource.attributes.add(key="service.name").value.string_value = "orders"
    scope = resource.scope_spans.add()
    scope.scope.name = semconv.SCOPE
    return message, scope


class _Chain:
    """One chain; about `SPANS` spans, as `add_spans` adds them to a scope."""

    def __init__(self, scope: ScopeSpans, begun_ns: int, chance: random.Random) -> None:
        self._scope = scope
        self._ns = begun_ns
        self._chance = chance
        self._time = (begun_ns // _MS) << 80
        self._run = self._uuid()
        self._correlation = self._uuid()
        self._traces = [self._trace()] * 3
        if chance.randrange(_SPREAD) == 0:
            self._traces = [self._trace() for _ in range(3)]
        self._subject = f"O-{chance.randrange(10**6):06d}"
        self._about: Mapping[str, Value] = {semconv.WORKFLOW: "order", semconv.RUN_ID: str(self._run)}

    def add_spans(self) -> None:
        """Adds all its spans."""
        about = {**self._about, semconv.INPUT_KEYS: ["order"]}
        root = self._node(NodeKind.RUN, self._run, "start order", 0, about)
        about = {**self._about, semconv.OPERATION: "invoke_workflow", semconv.OUTCOME: "ok"}
        invoked = self._node(NodeKind.RUN, self._run, "invoke_workflow order", 0, about, parent=root, lasts=400)
        steps = [identity.step_id(self._run, f"step-{index}") for index in range(_STEPS)]
        for index, step in enumerate(steps):
            self._step(step, index, steps[index - 1] if index else None, invoked)
        for number in range(_PUBLISHED):
            self._publish(steps[number % _STEPS], number)
        for _ in range(_FOREIGN):
            self._foreign()

    def _step(self, step: UUID, index: int, before: UUID | None, parent: bytes) -> None:
        tries = 2 if index == 3 else 1
        for attempt in range(1, tries + 1):
            about: dict[str, Value] = {
                **self._about,
                semconv.STEP: f"step-{index}",
                semconv.AGENT: f"agent-{index % 4}",
                semconv.ATTEMPT: attempt,
                semconv.DEPTH: index + 1,
                semconv.OUTCOME: "ok" if attempt == tries else "retry",
                semconv.KEYS_READ: ["order"],
                semconv.CONTEXT_SIZE: 100 + index,
            }
            if before:
                about[semconv.CAUSES] = [str(before)]
            at = 20 * index + 5 * attempt
            self._node(NodeKind.STEP, step, f"step step-{index}", at, about, cause=self._run, parent=parent)
        if index % 4 == 1:
            self._score(self._scope.spans[-1])

    def _score(self, span: Span) -> None:
        event = span.events.add(name=semconv.EVALUATION_EVENT, time_unix_nano=span.end_time_unix_nano)
        event.attributes.add(key=semconv.EVALUATION_NAME).value.string_value = "correct"
        event.attributes.add(key=semconv.EVALUATION_SCORE).value.double_value = float(self._chance.random() < 0.9)

    def _publish(self, step: UUID, number: int) -> None:
        event, at = identity.event_id(step, number), 250 + 3 * number
        trace = self._traces[number % 3]
        published = self._event(event, step, number, at, trace)
        for group in _GROUPS[: 3 + number % 2]:
            self._delivery(event, group, number, at + 5, trace, published, died=group == "sms" and number == 7)

    def add_fan_out(self, nodes: int) -> UUID:
        """Adds an event and so many nodes that come of it: whoever receives one publishes the next.

        Returns:
            The event's id.
        """
        first, told = identity.event_id(self._run, 0), 0
        waiting = deque([(first, self._run)])
        while told < nodes:
            event, cause = waiting.popleft()
            published = self._event(event, cause, told, told, self._traces[0])
            for group in _GROUPS:
                self._delivery(event, group, told, told + 1, self._traces[0], published)
                delivery = identity.delivery_id(event, group, 0)
                waiting.append((identity.event_id(delivery, 0), delivery))
            told += 1 + len(_GROUPS)
        return first

    def _event(self, event: UUID, cause: UUID, number: int, at: int, trace: bytes) -> bytes:
        """Adds the span of what was published; returns its id."""
        told = {**_about_event(event, number, "publish"), semconv.PAYLOAD: self._payload}
        return self._node(NodeKind.EVENT, event, f"publish {_channel(number)}", at, told, cause=cause, trace=trace)

    @property
    def _payload(self) -> str:
        return f'{{"order": "{self._subject}", "note": "{"x" * 120}"}}'

    def _delivery(
        self, event: UUID, group: str, number: int, at: int, trace: bytes, published: bytes, *, died: bool = False
    ) -> None:
        delivery = identity.delivery_id(event, group, 0)
        about = {**_about_event(event, number, "process"), semconv.GROUP: group}
        received: dict[str, Value] = {
            **about,
            semconv.AGENT: group,
            semconv.ATTEMPT: 1,
            semconv.ROUND: 0,
            semconv.OUTCOME: "dead_letter" if died else "ok",
        }
        name = f"process {_channel(number)}"
        given = self._node(NodeKind.DELIVERY, delivery, name, at, received, cause=event, parent=published, trace=trace)
        if died:
            letter: dict[str, Value] = {**about, semconv.REASON: "max_attempts", semconv.ATTEMPTS: 1}
            letter_id, name = identity.dead_letter_id(delivery), f"dead_letter {_channel(number)}"
            self._node(NodeKind.DEAD_LETTER, letter_id, name, at + 4, letter, cause=delivery, parent=given, trace=trace)

    def _foreign(self) -> None:
        span = self._span(os.urandom(16), FOREIGN, self._chance.randrange(400), b"", 3)
        span.kind = Span.SPAN_KIND_SERVER
        span.attributes.add(key="http.route").value.string_value = "/stock"

    def _node(
        self,
        kind: NodeKind,
        node: UUID,
        name: str,
        at: int,
        about: Mapping[str, Value],
        *,
        cause: UUID | None = None,
        parent: bytes = b"",
        trace: bytes | None = None,
        lasts: int = 4,
    ) -> bytes:
        """Adds a span of a node, `at` so many milliseconds after the chain's begin; returns its id."""
        span = self._span(trace or self._traces[0], name, at, parent, lasts)
        ids = {semconv.NODE_ID: str(node), semconv.NODE_KIND: kind.value, semconv.SUBJECT: self._subject}
        causes = {semconv.CAUSATION_ID: str(cause)} if cause else {}
        for key, value in (*ids.items(), *causes.items(), *self._get_correlation_attribute(), *about.items()):
            _set(span, key, value)
        return span.span_id

    def _span(self, trace: bytes, name: str, at: int, parent: bytes, lasts: int) -> Span:
        begun = self._ns + at * _MS
        return self._scope.spans.add(
            trace_id=trace,
            span_id=os.urandom(8),
            parent_span_id=parent,
            name=name,
            kind=Span.SPAN_KIND_INTERNAL,
            start_time_unix_nano=begun,
            end_time_unix_nano=begun + lasts * _MS,
        )

    def _get_correlation_attribute(self) -> Iterator[tuple[str, str]]:
        yield semconv.CORRELATION_ID, str(self._correlation)

    def _uuid(self) -> UUID:
        return UUID(int=self._time | 7 << 76 | 2 << 62 | self._chance.getrandbits(60))

    def _trace(self) -> bytes:
        return (self._time | self._chance.getrandbits(80)).to_bytes(16, "big")


def _channel(number: int) -> str:
    return f"orders.{number % 6}"


def _about_event(event: UUID, number: int, operation: str) -> dict[str, Value]:
    return {
        semconv.CHANNEL: _channel(number),
        semconv.EVENT_ID: str(event),
        semconv.MESSAGING_OPERATION_NAME: operation,
    }


def _set(span: Span, key: str, value: Value) -> None:
    target = span.attributes.add(key=key).value
    if isinstance(value, str):
        target.string_value = value
    elif isinstance(value, int):
        target.int_value = value
    else:
        for item in value:
            target.array_value.values.add().string_value = item
