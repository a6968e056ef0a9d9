"""What a span says about a fact: name, kind, attributes, status. Pure: neither clock nor SDK."""

from datetime import UTC, datetime

from opentelemetry.trace import SpanKind, Status

from runtime import semconv
from runtime.causality.identity import text_of
from runtime.facts import (
    DeadLettered,
    DeliveryBegun,
    Discarded,
    EventPublished,
    Fact,
    Replayed,
    RunEnded,
    RunStarted,
    StepBegun,
    Ticked,
)
from runtime.frozen import frozen
from runtime.outages import Deferral, Outage
from runtime.semconv import RunOutcome, SpanVerb, span_name
from runtime.telemetry.attributes import (
    UNSET,
    Attributes,
    common_attributes,
    drop_empty,
    error_status,
    messaging_attributes,
)
from runtime.transfers import Transfer


@frozen()
class SpanData:
    """A span as it begins, or whole where it records a moment."""

    name: str
    kind: SpanKind
    attributes: Attributes
    status: Status = UNSET
    end_ns: int | None = None
    """Nanoseconds since 1970; None where the span is a moment and ends as it begins, or is still open."""


def describe_fact(fact: Fact | Outage | Transfer, given: str = "") -> SpanData:
    """The span of a fact.

    Args:
        fact: what happened or begins.
        given: the presentable copy of an event's data, or of a step's inputs; empty where it is not to be shown.

    Returns:
        Its name, kind and attributes; attributes with nothing to say are left out.
    """
    if isinstance(fact, Outage):
        return _outage(fact)
    return _transfer(fact) if isinstance(fact, Transfer) else _describe_node(fact, given)


def pending_marker(begun: SpanData) -> SpanData:
    """The marker that says that the work of a span still goes on: the same attributes, and that it is a marker."""
    attributes = {**begun.attributes, semconv.PENDING: True}
    return SpanData(span_name(SpanVerb.PENDING, begun.name), SpanKind.INTERNAL, attributes)


def _describe_node(fact: Fact, given: str) -> SpanData:
    match fact:
        case Ticked():
            return SpanData(span_name(SpanVerb.TICK, fact.schedule), SpanKind.PRODUCER, _tick(fact))
        case RunStarted():
            return SpanData(span_name(SpanVerb.START, fact.workflow), SpanKind.PRODUCER, _start(fact))
        case RunEnded():
            return _invoke_workflow(fact)
        case StepBegun():
            verb = SpanVerb.UNDO if fact.place.startswith("~") else SpanVerb.STEP
            return SpanData(span_name(verb, fact.step), SpanKind.INTERNAL, _step(fact, given))
        case DeliveryBegun():
            return SpanData(span_name(SpanVerb.PROCESS, fact.channel), SpanKind.CONSUMER, _process(fact))
        case EventPublished():
            return SpanData(span_name(SpanVerb.PUBLISH, fact.channel), SpanKind.PRODUCER, _publish(fact, given))
        case DeadLettered():
            return _dead_letter(fact)
        case Replayed():
            return SpanData(span_name(SpanVerb.REPLAY, fact.channel), SpanKind.PRODUCER, _replay(fact))
        case Discarded():
            return SpanData(span_name(SpanVerb.DISCARD, fact.channel), SpanKind.CLIENT, _discard(fact))
    raise TypeError(f"no span is defined for {type(fact).__name__}")


def _format_time(ms: int) -> str:
    return datetime.fromtimestamp(ms // 1000, UTC).isoformat().replace("+00:00", "Z")


def _tick(fact: Ticked) -> Attributes:
    due = _format_time(fact.due_ms)
    return drop_empty(
        common_attributes(fact)
        | {
            semconv.SCHEDULE: fact.schedule,
            semconv.TICK_TIME: due,
            semconv.TICK_KIND: fact.tick_kind.value,
            semconv.OPERATOR: fact.operator,
        }
    )


def _start(fact: RunStarted) -> Attributes:
    return drop_empty(
        common_attributes(fact)
        | {
            semconv.WORKFLOW: fact.workflow,
            semconv.RUN_ID: fact.node_id,
            semconv.VERSION: fact.version,
            semconv.INPUT_KEYS: fact.input_keys,
        }
    )


def _invoke_workflow(fact: RunEnded) -> SpanData:
    failed = fact.outcome is RunOutcome.FAILED
    attributes = drop_empty(
        common_attributes(fact)
        | {
            semconv.OPERATION: SpanVerb.INVOKE_WORKFLOW.value,
            semconv.WORKFLOW: fact.workflow,
            semconv.RUN_ID: fact.node_id,
            semconv.VERSION: fact.version,
            semconv.ATTEMPT: fact.life,
            semconv.OUTCOME: fact.outcome.value,
            semconv.STEP: fact.failed_step,
            semconv.PLACE: fact.failed_place,
            semconv.ERROR_TYPE: fact.error_type if failed else "",
        }
    )
    words = ": ".join(part for part in (fact.error_type, fact.error_message) if part)
    return SpanData(
        span_name(SpanVerb.INVOKE_WORKFLOW, fact.workflow),
        SpanKind.INTERNAL,
        attributes,
        error_status(words or fact.outcome.value) if failed else UNSET,
        fact.ended_ns,
    )


def _step(fact: StepBegun, given: str) -> Attributes:
    return drop_empty(
        common_attributes(fact)
        | {
            semconv.WORKFLOW: fact.workflow,
            semconv.RUN_ID: fact.run_id,
            semconv.STEP: fact.step,
            semconv.PLACE: fact.place,
            semconv.ATTEMPT: fact.attempt,
            semconv.CAUSES: tuple([text_of(cause) for cause in fact.causes]),
            semconv.DEPTH: fact.depth,
            semconv.KEYS_READ: fact.keys_read,
            semconv.KEY_SIZES: fact.key_sizes,
            semconv.CONTEXT_SIZE: fact.context_size,
            semconv.INPUT: given,
            **_breaker_attributes(fact.breaker, fact.deferred),
        }
    )


def _process(fact: DeliveryBegun) -> Attributes:
    return drop_empty(
        common_attributes(fact)
        | messaging_attributes("process", "process", fact.channel, fact.event_id, fact.group)
        | {
            semconv.ROUND: fact.round,
            semconv.ATTEMPT: fact.attempt,
            semconv.SHADOW_OF: fact.shadow_of,
            **_breaker_attributes(fact.breaker, fact.deferred),
        }
    )


def _breaker_attributes(breaker: str, deferred: Deferral | None) -> dict[str, str | int]:
    """What says which breaker guards an attempt, and how long that has deferred it."""
    said: dict[str, str | int] = {semconv.BREAKER: breaker}
    if deferred is not None:
        said[semconv.DEFERRED] = deferred.times
        said[semconv.DEFERRED_SINCE] = _format_time(deferred.since_ms)
        said[semconv.DEFERRED_UNTIL] = _format_time(deferred.until_ms)
    return said


def _outage(fact: Outage) -> SpanData:
    attributes = drop_empty(
        {
            semconv.BREAKER: fact.breaker,
            semconv.BREAKER_WHY: fact.why,
            semconv.BREAKER_PROBES: fact.probes,
            semconv.OPERATOR: fact.operator,
        }
    )
    return SpanData(span_name(SpanVerb.BREAKER, fact.breaker), SpanKind.INTERNAL, attributes, end_ns=fact.ended_ns)


def _transfer(fact: Transfer) -> SpanData:
    is_sent = fact.verb is SpanVerb.SEND
    attributes = drop_empty(
        {
            semconv.MESSAGING_SYSTEM: fact.system,
            semconv.MESSAGING_OPERATION_NAME: fact.verb.value,
            semconv.MESSAGING_OPERATION_TYPE: fact.verb.value,
            semconv.CHANNEL: fact.destination,
            semconv.ROUTING_KEY: fact.routing_key,
            semconv.EVENT_ID: fact.message_id,
            semconv.PAYLOAD_SIZE: fact.size,
            semconv.CORRELATION_ID: fact.correlation_id,
            semconv.SERVER_ADDRESS: fact.host,
            semconv.SERVER_PORT: fact.port,
            semconv.ERROR_TYPE: fact.error_type,
        }
    )
    kind = SpanKind.PRODUCER if is_sent else SpanKind.CONSUMER
    status = error_status(f"{fact.error_type}: {fact.why}") if fact.error_type else UNSET
    return SpanData(span_name(fact.verb, fact.destination), kind, attributes, status, fact.ended_ns)


def _publish(fact: EventPublished, payload: str) -> Attributes:
    return drop_empty(
        common_attributes(fact)
        | messaging_attributes("publish", "send", fact.channel, fact.node_id)
        | {
            semconv.EVENT_SOURCE: fact.source,
            semconv.PAYLOAD_SIZE: len(fact.data.encode("utf-8", "replace")),
            semconv.PAYLOAD: payload,
        }
    )


def _dead_letter(fact: DeadLettered) -> SpanData:
    attributes = drop_empty(
        common_attributes(fact)
        | messaging_attributes("dead_letter", "settle", fact.channel, fact.event_id, fact.group)
        | {
            semconv.ROUND: fact.round,
            semconv.REASON: fact.reason.value,
            semconv.ATTEMPTS: fact.attempts,
            semconv.ERROR_TYPE: fact.error_type,
        }
    )
    name = span_name(SpanVerb.DEAD_LETTER, fact.channel)
    return SpanData(name, SpanKind.CLIENT, attributes, error_status(f"gave up: {fact.reason}"))


def _replay(fact: Replayed) -> Attributes:
    return drop_empty(
        common_attributes(fact)
        | messaging_attributes("replay", "send", fact.channel, fact.event_id, fact.group)
        | {
            semconv.ROUND: fact.round,
            semconv.DEAD_LETTER_ID: fact.dead_letter_id,
            semconv.OPERATOR: fact.operator,
        }
    )


def _discard(fact: Discarded) -> Attributes:
    return drop_empty(
        common_attributes(fact)
        | messaging_attributes("discard", "settle", fact.channel, fact.event_id, fact.group)
        | {
            semconv.ROUND: fact.round,
            semconv.DEAD_LETTER_ID: fact.dead_letter_id,
            semconv.OPERATOR: fact.operator,
            semconv.REASON: fact.reason,
        }
    )
