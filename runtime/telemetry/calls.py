"""The span of a recorded call: what it says as it begins, and as it ends. Pure."""

from typing import Final

from runtime import semconv
from runtime.facts import CallBegun, CallEnded, CallUsage
from runtime.semconv import CallOutcome
from runtime.telemetry.attributes import Attributes, drop_empty, encodable_text, error_status
from runtime.telemetry.endings import SpanEnding, exception_event, format_error

#: What OpenTelemetry calls work that an agent has done by something else than a model.
_OPERATION: Final = "execute_tool"


def start_attributes(begun: CallBegun, arguments: str) -> Attributes:
    """What the span says as it begins; `arguments` is the presentable copy of what the call is given."""
    return drop_empty(
        {
            semconv.OPERATION: _OPERATION,
            semconv.TOOL_NAME: begun.name,
            semconv.CALL_KEY: begun.key,
            semconv.TOOL_ARGUMENTS: arguments,
        }
    )


def describe_ending(ended: CallEnded, result: str) -> SpanEnding:
    """What its end adds; `result` is the presentable copy of what the call returned."""
    attributes = drop_empty(
        {
            semconv.CALL_TRIES: ended.tries,
            semconv.OUTCOME: _outcome(ended),
            semconv.CALL_PARKED: encodable_text(ended.parked),
            semconv.TOOL_RESULT: result,
            **_usage_attributes(ended.usage),
        }
    )
    if ended.error is None:
        return SpanEnding(attributes)
    attributes[semconv.ERROR_TYPE] = encodable_text(ended.error.type)
    moments = (exception_event(ended.error, ended.ended_ns),)
    return SpanEnding(attributes, error_status(format_error(ended.error)), moments)


def _outcome(ended: CallEnded) -> str:
    if ended.parked:
        return CallOutcome.PARKED.value
    return CallOutcome.RECORDED.value if ended.tries == 0 and ended.error is None else ""


def _usage_attributes(usage: CallUsage | None) -> dict[str, int | float | str | None]:
    """By the conventions of calls of models: whoever adds up what was used need not know that a call was recorded."""
    if usage is None:
        return {}
    is_divided = bool(usage.input_tokens or usage.output_tokens)
    return {
        semconv.INPUT_TOKENS: usage.input_tokens if is_divided else None,
        semconv.OUTPUT_TOKENS: usage.output_tokens if is_divided else None,
        semconv.TOTAL_TOKENS: None if is_divided else usage.tokens,
        semconv.COST: usage.usd or None,
        semconv.MODEL: encodable_text(usage.model),
    }
