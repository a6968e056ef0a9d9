"""What the end of an attempt adds to its span: outcome, keys, scores, the error. Pure."""

from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from opentelemetry.trace import Status

from runtime import semconv
from runtime.causality.error_info import ErrorInfo
from runtime.causality.identity import text_of
from runtime.facts import AttemptEnded, DeliveryBegun, Score, ShadowResult, StepBegun, WaitEnded
from runtime.frozen import frozen
from runtime.semconv import DeliveryOutcome, StepOutcome
from runtime.telemetry.attributes import UNSET, Attributes, drop_empty, encodable_text, error_status

#: Outcomes that make a span an error; `stale` and `duplicate` are no one's failure.
_FAILURES: Final = frozenset(
    {StepOutcome.RETRY, StepOutcome.FAILED, DeliveryOutcome.RETRY, DeliveryOutcome.DEAD_LETTER}
)


@dataclass(frozen=True, slots=True)
class SpanEvent:
    """An event on a span."""

    name: str
    attributes: Attributes
    at_ns: int


@frozen()
class SpanEnding:
    """What the end of an attempt adds to its span."""

    attributes: Attributes
    status: Status = UNSET
    moments: tuple[SpanEvent, ...] = field(default=())


def describe_ending(begun: StepBegun | DeliveryBegun, ended: AttemptEnded, result: str = "") -> SpanEnding:
    """What the end of an attempt adds to its span; `result` is the presentable copy of what it returned."""
    if not (has_details(ended) or result or ended.outcome in _FAILURES):  # as most deliveries end
        return SpanEnding({semconv.OUTCOME: ended.outcome.value})
    keys = _keys_read(begun, ended)
    attributes = drop_empty(
        {
            semconv.OUTCOME: ended.outcome.value,
            semconv.CAUSES: tuple([text_of(cause) for cause in _causes(begun, ended)]),
            semconv.KEYS_READ: keys,
            semconv.KEY_SIZES: _key_sizes(begun, ended, keys),
            semconv.KEYS_UNUSED: ended.keys_unused,
            semconv.KEYS_WRITTEN: ended.keys_written,
            semconv.INBOX: ended.inbox.value if ended.inbox else "",
            **_shadow_attributes(ended.beside),
            semconv.RESULT: result,
            semconv.STREAM_CHUNKS: ended.chunks or None,
            semconv.STREAM_LOST: ended.chunks_lost or None,
        }
    )
    moments = [*map(_wait_event, ended.waits), *map(_evaluation_event, ended.scores)]
    if ended.error:
        moments.append(exception_event(ended.error, ended.ended_ns))
    if ended.outcome not in _FAILURES:
        return SpanEnding(attributes, moments=tuple(moments))
    if ended.error:
        attributes[semconv.ERROR_TYPE] = encodable_text(ended.error.type)
    return SpanEnding(attributes, error_status(format_error(ended.error) or ended.outcome.value), tuple(moments))


def has_details(ended: AttemptEnded) -> bool:
    """Whether an end tells more than when and how, its result apart."""
    keys = ended.keys_read or ended.keys_unused or ended.keys_written or ended.key_sizes
    beside = ended.inbox or ended.beside or ended.scores or ended.waits or ended.chunks or ended.chunks_lost
    return bool(keys or beside or ended.error)


def _keys_read(begun: StepBegun | DeliveryBegun, ended: AttemptEnded) -> tuple[str, ...]:
    """What it was given, and what it has asked for; nothing where its beginning has told all."""
    if not ended.keys_read:
        return ()
    given = begun.keys_read if isinstance(begun, StepBegun) else ()
    return tuple(dict.fromkeys((*given, *ended.keys_read)))


def _key_sizes(begun: StepBegun | DeliveryBegun, ended: AttemptEnded, keys: tuple[str, ...]) -> tuple[int, ...]:
    """The bytes of each of them, as it was found last; nothing where nobody told of any."""
    given = dict(zip(begun.keys_read, begun.key_sizes, strict=False)) if keys and isinstance(begun, StepBegun) else {}
    sizes = given | dict(zip(ended.keys_read, ended.key_sizes, strict=False))
    return tuple([sizes.get(key, 0) for key in keys]) if sizes else ()


def _shadow_attributes(found: ShadowResult | None) -> dict[str, str | tuple[str, ...]]:
    """How a handler did beside a step."""
    if found is None:
        return {}
    return {
        semconv.SHADOW_VERDICT: found.verdict.value,
        semconv.SHADOW_DIFFERENCES: found.differences,
        semconv.SHADOW_WITHHELD: found.withheld,
    }


def _causes(begun: StepBegun | DeliveryBegun, ended: AttemptEnded) -> tuple[UUID, ...]:
    """What caused the step, with whoever answered it; nothing where its beginning has told all."""
    answered = [wait.node for wait in ended.waits if wait.node is not None and wait.node != begun.node_id]
    if not answered or not isinstance(begun, StepBegun):
        return ()
    # Without upstream steps it is caused by its run, whether or not an attempt has waited first.
    return tuple(dict.fromkeys((*(begun.causes or (begun.run_id,)), *answered)))


def _wait_event(wait: WaitEnded) -> SpanEvent:
    attributes = drop_empty(
        {
            semconv.WAIT_NAME: wait.name,
            semconv.WAIT_KEY: wait.key,
            semconv.ANSWERED_BY: wait.by,
            semconv.ANSWERED_BY_NODE: wait.node,
        }
    )
    return SpanEvent(semconv.WAIT_EVENT, attributes, wait.at_ns)


def _evaluation_event(score: Score) -> SpanEvent:
    attributes = drop_empty(
        {
            semconv.EVALUATION_NAME: score.name,
            semconv.EVALUATION_SCORE: float(score.value),
            semconv.EVALUATION_LABEL: score.label,
            semconv.EVALUATION_EXPLANATION: score.explanation,
        }
    )
    return SpanEvent(semconv.EVALUATION_EVENT, attributes, score.at_ns)


def exception_event(error: ErrorInfo, at_ns: int) -> SpanEvent:
    """The event of an exception, which happened at a time in nanoseconds."""
    attributes = drop_empty(
        {
            "exception.type": error.type,
            "exception.message": error.message,
            "exception.stacktrace": error.traceback,
        }
    )
    return SpanEvent("exception", attributes, at_ns)


def format_error(error: ErrorInfo | None) -> str:
    """An error in one sentence; empty where there is none."""
    if error is None:
        return ""
    return f"{error.type}: {error.message}" if error.message else error.type
