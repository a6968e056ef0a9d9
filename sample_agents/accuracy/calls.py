"""One call of a model, told as a `gen_ai` span below the step or handler that makes it (semantic conventions 1.44)."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any, Final

from opentelemetry.trace import Span, SpanKind, StatusCode

from runtime import NonRetryableError, get_tracer
from sample_agents.accuracy.conversation import Messages
from sample_agents.accuracy.model import Model, ModelError, ModelRefusedError, Reply

#: Requests of one call; each is a span.
TRIES: Final = 4

#: Longest wait, in seconds, that an endpoint may ask for; what asks for longer is tried again by the runtime's retry.
PATIENCE: Final = 30.0

Sleep = Callable[[float], Awaitable[None]]


async def call(model: Model, messages: Messages, sleep: Sleep = asyncio.sleep) -> Reply:
    """Asks the model; where it says when to come again, comes again then.

    Raises:
        ModelError: there is no answer, and whoever refused has not said when there may be one.
        NonRetryableError: the same call would be refused again.
    """
    for left in reversed(range(TRIES)):
        try:
            return await asyncio.to_thread(_call_in_span, model, messages)
        except ModelRefusedError as error:
            raise NonRetryableError(str(error)) from error
        except ModelError as error:
            if not left or error.retry_after is None or error.retry_after > PATIENCE:
                raise
            await sleep(error.retry_after)
    raise AssertionError("the last try returns or raises")


def _call_in_span(model: Model, messages: Messages) -> Reply:
    attributes: dict[str, str | bool] = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": model.provider,
        "gen_ai.request.model": model.name,
        "gen_ai.input.messages": _json([_message(one.role, one.content) for one in messages]),
        **({"gen_ai.request.stream": True} if model.is_streamed else {}),
    }
    tracer = get_tracer("sample_agents.accuracy")
    with tracer.start_as_current_span(
        f"chat {model.name}",
        kind=SpanKind.CLIENT,
        attributes=attributes,
        record_exception=False,
        set_status_on_exception=False,
    ) as span:
        try:
            reply = model.reply(messages)
        except ModelError as error:
            span.set_attribute("error.type", error.kind)
            span.set_status(StatusCode.ERROR, str(error))
            raise
        _record_reply(span, reply)
        return reply


def _record_reply(span: Span, reply: Reply) -> None:
    output = _message("assistant", reply.text) | {"finish_reason": reply.finish_reason or "stop"}
    said: dict[str, Any] = {
        "gen_ai.output.messages": _json([output]),
        "gen_ai.response.model": reply.model,
        "gen_ai.response.id": reply.id,
        "gen_ai.response.finish_reasons": [reply.finish_reason] if reply.finish_reason else None,
        "gen_ai.response.time_to_first_chunk": reply.first_chunk_seconds,
        "gen_ai.usage.input_tokens": reply.input_tokens,
        "gen_ai.usage.output_tokens": reply.output_tokens,
        "gen_ai.usage.cost": reply.cost,
    }
    span.set_attributes({name: value for name, value in said.items() if value not in (None, "")})


def _message(role: str, text: str) -> dict[str, Any]:
    return {"role": role, "parts": [{"type": "text", "content": text}]}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
