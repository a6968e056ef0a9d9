"""The span of a recorded call: what it says as it begins, and as it ends. Pure."""

from typing import Final

from runtime import semconv
from runtime.facts import CallBegun, CallEnded
from runtime.telemetry.attributes import Attributes, error_status, present, text
from runtime.telemetry.endings import Ending, exception, sentence

#: What OpenTelemetry calls work that an agent has done by something else than a model.
_OPERATION: Final = "execute_tool"


def beginning(begun: CallBegun, arguments: str) -> Attributes:
    """What the span says as it begins; `arguments` is the presentable copy of what the call is given."""
    return present(
        {
            semconv.OPERATION: _OPERATION,
            semconv.TOOL_NAME: begun.name,
            semconv.CALL_KEY: begun.key,
            semconv.TOOL_ARGUMENTS: arguments,
        }
    )


def ending(ended: CallEnded, result: str) -> Ending:
    """What its end adds; `result` is the presentable copy of what the call returned."""
    attributes = present({semconv.CALL_TRIES: ended.tries, semconv.TOOL_RESULT: result})
    if ended.error is None:
        return Ending(attributes)
    attributes[semconv.ERROR_TYPE] = text(ended.error.type)
    moments = (exception(ended.error, ended.ended_ns),)
    return Ending(attributes, error_status(sentence(ended.error)), moments)
