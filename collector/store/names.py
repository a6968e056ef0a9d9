"""One table of attribute names: what each says, today's name first, then the old ones and those of neighbours.

Where a span carries several, the first of the table wins. Columns, searches and panels read by what is said (columns
`said_*` in SQL, `first` in Python), so that a name is added here and nowhere else.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any, Final


class Said(StrEnum):
    """What an attribute says."""

    CHANNEL = "channel"
    MESSAGE_ID = "message_id"
    CONSUMER_GROUP = "consumer_group"
    EVENT_ID = "event_id"
    EVENT_SOURCE = "event_source"
    SUBJECT = "subject"
    WORKFLOW = "workflow"
    OPERATION = "operation"
    MESSAGE_OPERATION = "message_operation"
    STEP = "step"
    AGENT = "agent"
    ERROR_TYPE = "error_type"
    STATUS_MESSAGE = "status_message"
    MODEL = "model"
    INPUT_TOKENS = "input_tokens"
    OUTPUT_TOKENS = "output_tokens"
    TOTAL_TOKENS = "total_tokens"
    CACHE_READ_TOKENS = "cache_read_tokens"
    CACHE_WRITE_TOKENS = "cache_write_tokens"
    REASONING_TOKENS = "reasoning_tokens"
    RESPONSE_MODEL = "response_model"
    RESPONSE_ID = "response_id"
    PROVIDER = "provider"
    SERVICE_TIER = "service_tier"
    COST = "cost"
    FIRST_CHUNK_SECONDS = "first_chunk_seconds"
    TOOL = "tool"
    SESSION = "session"
    USER = "user"
    INPUT = "input"
    RESULT = "result"


#: What is read when asked for, from the attributes that are kept anyway: it may be long, and no question goes by it.
WHEN_ASKED: Final = frozenset({Said.INPUT, Said.RESULT})


@dataclass(frozen=True, slots=True)
class Name:
    """One name.

    Attributes:
        says: what it says.
        attribute: the name.
        source: who sends it.
    """

    says: Said
    attribute: str
    source: str


_OURS: Final = "Causeline"
_MESSAGING: Final = "OpenTelemetry messaging"
_MESSAGING_1_24: Final = "OpenTelemetry messaging 1.17 to 1.24"
_MESSAGING_1_16: Final = "OpenTelemetry messaging up to 1.16; Celery's instrumentation"
_GEN_AI: Final = "OpenTelemetry gen_ai"
_GEN_AI_OLD: Final = "OpenTelemetry gen_ai up to 1.36"
_CLOUD_EVENTS: Final = "OpenTelemetry cloudevents"
_OPEN_INFERENCE: Final = "OpenInference"
_TRACELOOP: Final = "OpenLLMetry (Traceloop)"
_LANGFUSE: Final = "Langfuse"
_LOGFIRE: Final = "Logfire, Pydantic AI"
_VERCEL: Final = "Vercel AI SDK"
_LANGSMITH: Final = "LangSmith"
_STRANDS: Final = "Strands Agents"
_ADK: Final = "Google ADK"

NAMES: Final = (
    Name(Said.CHANNEL, "messaging.destination.name", _MESSAGING),
    Name(Said.CHANNEL, "messaging.destination", _MESSAGING_1_16),
    Name(Said.CHANNEL, "messaging.destination_publish.name", f"{_MESSAGING_1_24}; FastStream's consumers"),
    Name(Said.CHANNEL, "messaging.source.name", "OpenTelemetry messaging 1.17 to 1.20"),
    Name(Said.CHANNEL, "messaging.kafka.topic", "Kafka clients"),
    Name(Said.CHANNEL, "messaging.rabbitmq.destination.routing_key", _MESSAGING),
    Name(Said.CHANNEL, "messaging.rabbitmq.routing_key", _MESSAGING_1_16),
    Name(Said.CHANNEL, "message_bus.destination", "OpenTracing"),
    Name(Said.MESSAGE_ID, "messaging.message.id", _MESSAGING),
    Name(Said.MESSAGE_ID, "messaging.message_id", _MESSAGING_1_16),
    Name(Said.MESSAGE_ID, "celery.task_id", "Celery, where its instrumentation is older"),
    Name(Said.CONSUMER_GROUP, "messaging.consumer.group.name", _MESSAGING),
    Name(Said.CONSUMER_GROUP, "messaging.destination.subscription.name", f"{_MESSAGING}: Pub/Sub, Service Bus"),
    Name(Said.CONSUMER_GROUP, "messaging.kafka.consumer.group", _MESSAGING_1_24),
    Name(Said.CONSUMER_GROUP, "messaging.rocketmq.client_group", _MESSAGING_1_24),
    Name(Said.CONSUMER_GROUP, "messaging.eventhubs.consumer.group", _MESSAGING_1_24),
    Name(Said.CONSUMER_GROUP, "messaging.servicebus.destination.subscription_name", _MESSAGING_1_24),
    Name(Said.CONSUMER_GROUP, "messaging.kafka.consumer_group", _MESSAGING_1_16),
    Name(Said.CONSUMER_GROUP, "messaging.consumer_group", "older clients"),
    Name(Said.EVENT_ID, "cloudevents.event_id", _CLOUD_EVENTS),
    Name(Said.EVENT_ID, "cloudevents.id", "the name within CloudEvents itself"),
    Name(Said.EVENT_SOURCE, "cloudevents.event_source", _CLOUD_EVENTS),
    Name(Said.EVENT_SOURCE, "cloudevents.source", "the name within CloudEvents itself"),
    Name(Said.SUBJECT, "cloudevents.event_subject", _CLOUD_EVENTS),
    Name(Said.SUBJECT, "cloudevents.subject", "the name within CloudEvents itself"),
    Name(Said.SESSION, "gen_ai.conversation.id", _GEN_AI),
    Name(Said.SESSION, "session.id", f"{_OPEN_INFERENCE}; OpenTelemetry session"),
    Name(Said.SESSION, "langfuse.session.id", _LANGFUSE),
    Name(Said.SESSION, "traceloop.association.properties.session_id", _TRACELOOP),
    Name(Said.SESSION, "traceloop.association.properties.thread_id", f"{_TRACELOOP}: LangGraph"),
    Name(Said.SUBJECT, "messaging.message.conversation_id", _MESSAGING),
    Name(Said.SUBJECT, "messaging.conversation_id", _MESSAGING_1_16),
    Name(Said.WORKFLOW, "gen_ai.workflow.name", _GEN_AI),
    Name(Said.WORKFLOW, "traceloop.workflow.name", _TRACELOOP),
    Name(Said.WORKFLOW, "langfuse.trace.name", _LANGFUSE),
    Name(Said.OPERATION, "gen_ai.operation.name", _GEN_AI),
    Name(Said.MESSAGE_OPERATION, "messaging.operation.type", _MESSAGING),
    Name(Said.MESSAGE_OPERATION, "messaging.operation", _MESSAGING_1_24),
    Name(Said.MESSAGE_OPERATION, "messaging.operation.name", _MESSAGING),
    Name(Said.MESSAGE_OPERATION, "celery.action", "Celery's instrumentation"),
    Name(Said.OPERATION, "openinference.span.kind", _OPEN_INFERENCE),
    Name(Said.OPERATION, "traceloop.span.kind", _TRACELOOP),
    Name(Said.OPERATION, "langfuse.observation.type", _LANGFUSE),
    Name(Said.OPERATION, "llm.request.type", f"{_TRACELOOP} up to 0.40"),
    Name(Said.OPERATION, "ai.operationId", _VERCEL),
    Name(Said.STEP, "causeline.step.name", _OURS),
    Name(Said.STEP, "gen_ai.task.name", f"{_GEN_AI}, proposed; LangGraph through {_TRACELOOP}"),
    Name(Said.STEP, "graph.node.id", _OPEN_INFERENCE),
    Name(Said.STEP, "traceloop.entity.name", _TRACELOOP),
    Name(Said.STEP, "traceloop.association.properties.langgraph_node", f"{_TRACELOOP}: LangGraph"),
    Name(Said.STEP, "celery.task_name", "Celery's instrumentation"),
    Name(Said.AGENT, "gen_ai.agent.name", _GEN_AI),
    Name(Said.AGENT, "agent.name", _OPEN_INFERENCE),
    Name(Said.AGENT, "agent_name", _LOGFIRE),
    Name(Said.AGENT, "langfuse.agent.name", _LANGFUSE),
    Name(Said.AGENT, "ai.telemetry.functionId", _VERCEL),
    Name(Said.ERROR_TYPE, "error.type", "OpenTelemetry"),
    Name(Said.ERROR_TYPE, "exception.type", "OpenTelemetry, on an exception; by some on the span itself"),
    Name(Said.STATUS_MESSAGE, "langfuse.observation.status_message", f"{_LANGFUSE}, whose spans' own status says none"),
    Name(Said.MODEL, "gen_ai.request.model", _GEN_AI),
    Name(Said.MODEL, "llm.model_name", _OPEN_INFERENCE),
    Name(Said.MODEL, "embedding.model_name", _OPEN_INFERENCE),
    Name(Said.MODEL, "llm.request.model", f"{_TRACELOOP} up to 0.14"),
    Name(Said.MODEL, "langfuse.observation.model.name", _LANGFUSE),
    Name(Said.MODEL, "model_name", _LOGFIRE),
    Name(Said.MODEL, "ai.model.id", _VERCEL),
    Name(Said.MODEL, "traceloop.association.properties.ls_model_name", f"{_TRACELOOP}: LangChain"),
    Name(Said.INPUT_TOKENS, "gen_ai.usage.input_tokens", _GEN_AI),
    Name(Said.INPUT_TOKENS, "gen_ai.usage.prompt_tokens", _GEN_AI_OLD),
    Name(Said.INPUT_TOKENS, "llm.token_count.prompt", _OPEN_INFERENCE),
    Name(Said.INPUT_TOKENS, "llm.usage.prompt_tokens", f"{_TRACELOOP} up to 0.14"),
    Name(Said.INPUT_TOKENS, "ai.usage.promptTokens", _VERCEL),
    Name(Said.INPUT_TOKENS, "ai.usage.inputTokens", f"{_VERCEL} from 5 on"),
    Name(Said.INPUT_TOKENS, "ai.usage.tokens", f"{_VERCEL}: embeddings"),
    Name(Said.OUTPUT_TOKENS, "gen_ai.usage.output_tokens", _GEN_AI),
    Name(Said.OUTPUT_TOKENS, "gen_ai.usage.completion_tokens", _GEN_AI_OLD),
    Name(Said.OUTPUT_TOKENS, "llm.token_count.completion", _OPEN_INFERENCE),
    Name(Said.OUTPUT_TOKENS, "llm.usage.completion_tokens", f"{_TRACELOOP} up to 0.14"),
    Name(Said.OUTPUT_TOKENS, "ai.usage.completionTokens", _VERCEL),
    Name(Said.OUTPUT_TOKENS, "ai.usage.outputTokens", f"{_VERCEL} from 5 on"),
    Name(Said.TOTAL_TOKENS, "gen_ai.usage.total_tokens", _TRACELOOP),
    Name(Said.TOTAL_TOKENS, "llm.token_count.total", _OPEN_INFERENCE),
    Name(Said.TOTAL_TOKENS, "llm.usage.total_tokens", f"{_TRACELOOP} up to 0.46"),
    Name(Said.TOTAL_TOKENS, "ai.usage.totalTokens", f"{_VERCEL} from 5 on"),
    Name(Said.CACHE_READ_TOKENS, "gen_ai.usage.cache_read.input_tokens", _GEN_AI),
    Name(Said.CACHE_READ_TOKENS, "gen_ai.usage.cache_read_input_tokens", f"{_TRACELOOP} up to 0.46"),
    Name(Said.CACHE_READ_TOKENS, "gen_ai.usage.cache_read_tokens", _LOGFIRE),
    Name(Said.CACHE_READ_TOKENS, "gen_ai.usage.cached_input_tokens", "Mastra"),
    Name(Said.CACHE_READ_TOKENS, "gen_ai.usage.input_tokens.cached", "Sentry"),
    Name(Said.CACHE_READ_TOKENS, "llm.token_count.prompt_details.cache_read", _OPEN_INFERENCE),
    Name(Said.CACHE_READ_TOKENS, "ai.usage.cachedInputTokens", _VERCEL),
    Name(Said.CACHE_WRITE_TOKENS, "gen_ai.usage.cache_write.input_tokens", _GEN_AI),
    Name(Said.CACHE_WRITE_TOKENS, "gen_ai.usage.cache_creation.input_tokens", "OpenTelemetry gen_ai 1.40 to 1.41"),
    Name(Said.CACHE_WRITE_TOKENS, "gen_ai.usage.cache_creation_input_tokens", f"{_TRACELOOP} up to 0.46"),
    Name(Said.CACHE_WRITE_TOKENS, "gen_ai.usage.cache_write_tokens", _LOGFIRE),
    Name(Said.CACHE_WRITE_TOKENS, "gen_ai.usage.input_tokens.cache_write", "Sentry"),
    Name(Said.CACHE_WRITE_TOKENS, "gen_ai.usage.cache_write_input_tokens", _STRANDS),
    Name(Said.CACHE_WRITE_TOKENS, "llm.token_count.prompt_details.cache_write", _OPEN_INFERENCE),
    Name(Said.REASONING_TOKENS, "gen_ai.usage.reasoning.output_tokens", _GEN_AI),
    Name(Said.REASONING_TOKENS, "gen_ai.usage.reasoning_tokens", _TRACELOOP),
    Name(Said.REASONING_TOKENS, "llm.usage.reasoning_tokens", f"{_TRACELOOP} up to 0.46"),
    Name(Said.REASONING_TOKENS, "gen_ai.usage.output_tokens.reasoning", "Sentry"),
    Name(Said.REASONING_TOKENS, "llm.token_count.completion_details.reasoning", _OPEN_INFERENCE),
    Name(Said.REASONING_TOKENS, "ai.usage.reasoningTokens", _VERCEL),
    Name(Said.RESPONSE_MODEL, "gen_ai.response.model", _GEN_AI),
    Name(Said.RESPONSE_MODEL, "llm.response.model_name", _OPEN_INFERENCE),
    Name(Said.RESPONSE_MODEL, "ai.response.model", _VERCEL),
    Name(Said.RESPONSE_ID, "gen_ai.response.id", _GEN_AI),
    Name(Said.RESPONSE_ID, "ai.response.id", _VERCEL),
    Name(Said.PROVIDER, "traceloop.association.properties.ls_provider", f"{_TRACELOOP}: the model's, not LangChain"),
    Name(Said.PROVIDER, "gen_ai.provider.name", _GEN_AI),
    Name(Said.PROVIDER, "gen_ai.system", _GEN_AI_OLD),
    Name(Said.PROVIDER, "llm.provider", _OPEN_INFERENCE),
    Name(Said.PROVIDER, "llm.system", _OPEN_INFERENCE),
    Name(Said.PROVIDER, "ai.model.provider", _VERCEL),
    Name(Said.SERVICE_TIER, "openai.response.service_tier", "OpenTelemetry gen_ai: OpenAI"),
    Name(Said.SERVICE_TIER, "gen_ai.openai.response.service_tier", _GEN_AI_OLD),
    Name(Said.COST, "llm.cost.total", _OPEN_INFERENCE),
    Name(Said.COST, "gen_ai.usage.cost", "OpenLIT; LangSmith"),
    Name(Said.COST, "operation.cost", _LOGFIRE),
    Name(Said.FIRST_CHUNK_SECONDS, "gen_ai.response.time_to_first_chunk", _GEN_AI),
    Name(Said.FIRST_CHUNK_SECONDS, "gen_ai.response.time_to_first_token", "Sentry"),
    Name(Said.TOOL, "gen_ai.tool.name", _GEN_AI),
    Name(Said.TOOL, "tool.name", _OPEN_INFERENCE),
    Name(Said.TOOL, "ai.toolCall.name", _VERCEL),
    Name(Said.SESSION, "traceloop.association.properties.chat_id", _TRACELOOP),
    # Not `langsmith.trace.session_id`: that is the project.
    Name(Said.SESSION, "langsmith.metadata.session_id", _LANGSMITH),
    Name(Said.SESSION, "langsmith.metadata.thread_id", _LANGSMITH),
    Name(Said.SESSION, "langsmith.metadata.conversation_id", _LANGSMITH),
    Name(Said.SESSION, "ai.telemetry.metadata.sessionId", _VERCEL),
    Name(Said.SESSION, "gcp.vertex.agent.session_id", _ADK),
    Name(Said.SESSION, "gen_ai.thread.id", "Azure AI agents"),
    Name(Said.USER, "user.id", f"{_OPEN_INFERENCE}; OpenTelemetry user"),
    Name(Said.USER, "enduser.id", "OpenTelemetry up to 1.27"),
    Name(Said.USER, "langfuse.user.id", _LANGFUSE),
    Name(Said.USER, "ai.telemetry.metadata.userId", _VERCEL),
    Name(Said.USER, "traceloop.association.properties.user_id", _TRACELOOP),
    Name(Said.USER, "gen_ai.user", _TRACELOOP),
    Name(Said.USER, "llm.user", f"{_TRACELOOP} up to 0.14"),
    Name(Said.INPUT, "causeline.input", _OURS),
    Name(Said.INPUT, "gen_ai.task.input", f"{_GEN_AI}, proposed; LangGraph through {_TRACELOOP}"),
    Name(Said.INPUT, "gen_ai.tool.call.arguments", _GEN_AI),
    Name(Said.INPUT, "input.value", _OPEN_INFERENCE),
    Name(Said.INPUT, "traceloop.entity.input", _TRACELOOP),
    Name(Said.INPUT, "langfuse.observation.input", _LANGFUSE),
    Name(Said.INPUT, "tool_arguments", _LOGFIRE),
    Name(Said.INPUT, "ai.toolCall.args", _VERCEL),
    Name(Said.INPUT, "gcp.vertex.agent.tool_call_args", _ADK),
    Name(Said.INPUT, "gen_ai.input.messages", f"{_GEN_AI}: agents"),
    Name(Said.INPUT, "gen_ai.prompt", f"{_LANGSMITH}: chains and graphs"),
    Name(Said.INPUT, "ai.prompt", _VERCEL),
    Name(Said.RESULT, "causeline.result", _OURS),
    Name(Said.RESULT, "gen_ai.task.output", f"{_GEN_AI}, proposed; LangGraph through {_TRACELOOP}"),
    Name(Said.RESULT, "gen_ai.tool.call.result", _GEN_AI),
    Name(Said.RESULT, "output.value", _OPEN_INFERENCE),
    Name(Said.RESULT, "traceloop.entity.output", _TRACELOOP),
    Name(Said.RESULT, "langfuse.observation.output", _LANGFUSE),
    Name(Said.RESULT, "tool_response", _LOGFIRE),
    Name(Said.RESULT, "ai.toolCall.result", _VERCEL),
    Name(Said.RESULT, "gcp.vertex.agent.tool_response", _ADK),
    Name(Said.RESULT, "final_result", f"{_LOGFIRE}: agents"),
    Name(Said.RESULT, "gen_ai.output.messages", f"{_GEN_AI}: agents"),
    Name(Said.RESULT, "gen_ai.completion", f"{_LANGSMITH}: chains and graphs"),
    Name(Said.RESULT, "ai.response.text", _VERCEL),
)

#: What an instrumentation says that does not know, and of what: the next name tells, then.
UNKNOWN: Final = "unknown"
MAY_BE_UNKNOWN: Final = frozenset({Said.MODEL, Said.RESPONSE_MODEL, Said.PROVIDER})


@cache
def of(said: Said) -> tuple[str, ...]:
    """Returns the names that say it, today's first."""
    return tuple(name.attribute for name in NAMES if name.says == said)


def first(attributes: Mapping[str, Any], said: Said) -> Any:
    """Returns what plain attributes say, in whichever name; None where they don't."""
    void = (None, UNKNOWN) if said in MAY_BE_UNKNOWN else (None,)
    return next((attributes[name] for name in of(said) if attributes.get(name) not in void), None)
