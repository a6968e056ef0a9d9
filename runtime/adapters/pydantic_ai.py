"""Records what agents of Pydantic AI ask models and have tools do: a later attempt at the step takes it from there.

Answers are recorded where the model itself is asked, below all else that an agent is made of: what processes histories,
looks at answers or repairs them runs in each attempt, on the same answers.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Final

from runtime.adapters.recording_context import call_name, find_recording_context, missing_package_error
from runtime.definitions.context import Context
from runtime.errors import UnencodableError
from runtime.resilience.retry import Retry

try:
    from pydantic import TypeAdapter
    from pydantic_ai.capabilities import AbstractCapability, CapabilityOrdering
    from pydantic_ai.durable_exec import record_durable_unit, replay_scope
    from pydantic_ai.exceptions import ModelRetry, ToolFailed, ToolFailedError, ToolRetryError
    from pydantic_ai.messages import (
        ModelMessage,
        ModelMessagesTypeAdapter,
        ModelRequest,
        ModelResponse,
        PartDeltaEvent,
        PartStartEvent,
        RetryFeedbackPart,
        TextPart,
        TextPartDelta,
        ToolCallPart,
        ToolReturn,
        ToolReturnContent,
        ToolReturnPart,
        UserPromptPart,
    )
    from pydantic_ai.models import (
        CompletedStreamedResponse,
        Model,
        ModelRequestContext,
        ModelRequestParameters,
        StreamedResponse,
    )
    from pydantic_ai.models.wrapper import WrapperModel
    from pydantic_ai.run import AgentRunResult
    from pydantic_ai.settings import ModelSettings
    from pydantic_ai.tools import RunContext, ToolDefinition
    from pydantic_core import PydanticSerializationError, to_jsonable_python
except ImportError as error:
    raise missing_package_error("pydantic-ai-slim>=2.68", "Pydantic AI", error) from error

_CONTENT: Final[TypeAdapter[Any]] = TypeAdapter(ToolReturnContent)
_RETURN: Final[TypeAdapter[ToolReturn[Any]]] = TypeAdapter(ToolReturn[Any])


@dataclass
class Recorded(AbstractCapability[Any]):
    """A capability: within a step, what the agent asks models and has tools do is recorded (`ctx.once`).

    Give it to an agent, or to one run of it. Outside of steps, in handlers, and within a call that is recorded as a
    whole it does nothing.

    Attributes:
        key: tells apart several runs of one agent within a step.
        retry: how often a request to a model is tried; by default once.
        timeout: seconds for one try; by default none.
        except_tools: names of tools that are not recorded: they run in each attempt, and may record calls themselves.
        streamed: whether what a model writes is streamed (`ctx.stream`) as it comes. The model must be able to.
        agent: the agent's name, once it runs; begins the names of its calls.
    """

    key: str = ""
    retry: Retry | None = None
    timeout: float | None = None
    except_tools: Sequence[str] = ()
    streamed: bool = False
    id: str | None = "causeline"
    agent: str = field(default="agent", init=False)
    _turn: int = field(default=0, init=False, repr=False)

    def get_ordering(self) -> CapabilityOrdering:
        """Within all others: they see what was recorded as if it had been answered now."""
        return CapabilityOrdering(position="innermost")

    async def for_run(self, ctx: RunContext[Any]) -> "Recorded":
        """One of its own for each run, which knows whose it is."""
        own = replace(self)
        own.agent = (ctx.agent.name if ctx.agent is not None else None) or own.agent
        return own

    async def wrap_run(
        self, ctx: RunContext[Any], *, handler: Callable[[], Awaitable[AgentRunResult[Any]]]
    ) -> AgentRunResult[Any]:
        """Keeps what comes from records out of spans and sums of tokens: an earlier attempt has told it."""
        if find_recording_context() is None:
            return await handler()
        with replay_scope():
            return await handler()

    async def wrap_model_request(
        self,
        ctx: RunContext[Any],
        *,
        request_context: ModelRequestContext,
        handler: Callable[[ModelRequestContext], Awaitable[ModelResponse]],
    ) -> ModelResponse:
        """Notes which request of the run it is: whichever model answers it, it is one call."""
        self._turn = ctx.run_step
        return await handler(request_context)

    def get_wrapper_model(self, model: Model) -> Model | None:
        """The model that is asked, behind the record."""
        return _RecordedModel(model, self)

    async def wrap_tool_execute(
        self,
        ctx: RunContext[Any],
        *,
        call: ToolCallPart,
        tool_def: ToolDefinition,
        args: dict[str, Any],
        handler: Callable[[dict[str, Any]], Awaitable[Any]],
    ) -> Any:
        """Has a tool do its work, or takes from the record what it has done."""
        context = find_recording_context()
        if context is None or call.tool_name in self.except_tools:
            return await handler(args)
        has_run = False

        async def execute_tool(**given: Any) -> dict[str, Any]:
            nonlocal has_run
            has_run = True
            return await _execute_for_record(call.tool_name, lambda: handler(args))

        said = to_jsonable_python(args, fallback=str)
        key = f"{self.key}{ctx.run_step}/{call.tool_call_id}"
        outcome = await context.once(call_name(self.agent, call.tool_name), execute_tool, key=key, into=Any, **said)
        record_durable_unit(executed=has_run)
        return _replay_outcome(outcome)

    async def ask_once(
        self, context: Context, messages: Sequence[ModelMessage], ask: Callable[[], Awaitable[ModelResponse]]
    ) -> ModelResponse:
        """What a model answers, or has answered."""
        has_run = False

        async def answer(asked: Any) -> Any:
            nonlocal has_run
            has_run = True
            return ModelMessagesTypeAdapter.dump_python([await ask()], mode="json")

        recorded = await context.once(
            call_name(self.agent, "model"),
            answer,
            _collect_new_input(messages),
            key=f"{self.key}{self._turn}",
            retry=self.retry,
            timeout=self.timeout,
            into=Any,
        )
        record_durable_unit(executed=has_run)
        (response,) = ModelMessagesTypeAdapter.validate_python(recorded)
        assert isinstance(response, ModelResponse)  # noqa: S101 - nothing else was recorded
        return response


class _RecordedModel(WrapperModel):
    """Asks the model behind it, unless the answer is recorded."""

    def __init__(self, wrapped: Model, recorder: Recorded) -> None:
        super().__init__(wrapped)
        self._recorder = recorder

    async def request(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
    ) -> ModelResponse:
        context = find_recording_context()
        asked = messages, model_settings, model_request_parameters
        if context is None:
            return await self.wrapped.request(*asked)
        if self._recorder.streamed:
            return await self._recorder.ask_once(context, messages, lambda: self._stream_response(context, *asked))
        return await self._recorder.ask_once(context, messages, lambda: self.wrapped.request(*asked))

    @asynccontextmanager
    async def request_stream(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
        run_context: RunContext[Any] | None = None,
    ) -> AsyncGenerator[StreamedResponse]:
        context = find_recording_context()
        asked = messages, model_settings, model_request_parameters, run_context
        if context is None:
            async with self.wrapped.request_stream(*asked) as stream:
                yield stream
            return
        response = await self._recorder.ask_once(context, messages, lambda: self._stream_response(context, *asked))
        yield CompletedStreamedResponse(response, model_request_parameters=model_request_parameters, replay_events=True)

    async def _stream_response(self, context: Context, *asked: Any) -> ModelResponse:
        """The whole of an answer that comes in pieces; a record has no pieces."""
        async with self.wrapped.request_stream(*asked) as stream:
            async for event in stream:
                if self._recorder.streamed and (words := _event_text(event)):
                    await context.stream(words)
            return stream.get()


def _event_text(event: Any) -> str:
    """What a model writes for people: its text, and nothing of its tools' arguments or its thoughts."""
    if isinstance(event, PartStartEvent) and isinstance(event.part, TextPart):
        return event.part.content
    if isinstance(event, PartDeltaEvent) and isinstance(event.delta, TextPartDelta):
        return event.delta.content_delta
    return ""


def _collect_new_input(messages: Sequence[ModelMessage]) -> list[Any]:
    """What was said since the model's last answer. Instructions may tell the time, and ids and times are new in each
    attempt: they are not compared."""
    asked: list[Any] = []
    for message in messages:
        if not isinstance(message, ModelRequest):
            asked = []
            continue
        for part in message.parts:
            if isinstance(part, ToolReturnPart):
                asked.append([part.tool_name, _to_json(part.content)])
            elif isinstance(part, UserPromptPart | RetryFeedbackPart):
                asked.append(_to_json(part.content))
    return asked


def _to_json(content: Any) -> Any:
    return to_jsonable_python(content, fallback=lambda value: type(value).__name__, bytes_mode="base64")


async def _execute_for_record(tool: str, execute: Callable[[], Awaitable[Any]]) -> dict[str, Any]:
    """What a tool has come to, as it is recorded. That the model is to try again, or is told that it failed, is an
    answer, too: the tool has done its work."""
    try:
        value = await execute()
    except (ToolRetryError, ModelRetry) as error:
        cause = error.__cause__ if isinstance(error, ToolRetryError) else error
        return {"retry": cause.message if isinstance(cause, ModelRetry) else str(error)}
    except (ToolFailedError, ToolFailed) as error:
        return {"failed": str(error)}
    try:
        if isinstance(value, ToolReturn):
            return {"return": _RETURN.dump_python(value, mode="json")}
        return {"value": _CONTENT.dump_python(value, mode="json")}
    except PydanticSerializationError as error:
        raise UnencodableError(f"what tool {tool!r} returned can't be recorded: {error}") from None


def _replay_outcome(outcome: dict[str, Any]) -> Any:
    match outcome:
        case {"retry": str() as message}:
            raise ModelRetry(message)
        case {"failed": str() as message}:
            raise ToolFailed(message)
        case {"return": value}:
            return _RETURN.validate_python(value)
    return _CONTENT.validate_python(outcome["value"])
