"""One table of attribute names: what each says, today's name first, then the old ones and those of neighbours.

Where a span carries several, the first of the table wins. Columns, searches and panels read by what is said (columns
`said_*` in SQL, `first_value` in Python), so that a name is added here and nowhere else.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any, Final


class AttributeMeaning(StrEnum):
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
WHEN_ASKED: Final = frozenset({AttributeMeaning.INPUT, AttributeMeaning.RESULT})


@dataclass(frozen=True, slots=True)
class AttributeName:
    """One name.

    Attributes:
        says: what it says.
        attribute: the name.
        source: who sends it.
    """

    says: AttributeMeaning
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
    AttributeName(AttributeMeaning.CHANNEL, "messaging.destination.name", _MESSAGING),
    AttributeName(AttributeMeaning.CHANNEL, "messaging.destination", _MESSAGING_1_16),
    AttributeName(
        AttributeMeaning.CHANNEL, "messaging.destination_publish.name", f"{_MESSAGING_1_24}; FastStream's consumers"
    ),
    AttributeName(AttributeMeaning.CHANNEL, "messaging.source.name", "OpenTelemetry messaging 1.17 to 1.20"),
    AttributeName(AttributeMeaning.CHANNEL, "messaging.kafka.topic", "Kafka clients"),
    AttributeName(AttributeMeaning.CHANNEL, "messaging.rabbitmq.destination.routing_key", _MESSAGING),
    AttributeName(AttributeMeaning.CHANNEL, "messaging.rabbitmq.routing_key", _MESSAGING_1_16),
    AttributeName(AttributeMeaning.CHANNEL, "message_bus.destination", "OpenTracing"),
    AttributeName(AttributeMeaning.MESSAGE_ID, "messaging.message.id", _MESSAGING),
    AttributeName(AttributeMeaning.MESSAGE_ID, "messaging.message_id", _MESSAGING_1_16),
    AttributeName(AttributeMeaning.MESSAGE_ID, "celery.task_id", "Celery, where its instrumentation is older"),
    AttributeName(AttributeMeaning.CONSUMER_GROUP, "messaging.consumer.group.name", _MESSAGING),
    AttributeName(
        AttributeMeaning.CONSUMER_GROUP,
        "messaging.destination.subscription.name",
        f"{_MESSAGING}: Pub/Sub, Service Bus",
    ),
    AttributeName(AttributeMeaning.CONSUMER_GROUP, "messaging.kafka.consumer.group", _MESSAGING_1_24),
    AttributeName(AttributeMeaning.CONSUMER_GROUP, "messaging.rocketmq.client_group", _MESSAGING_1_24),
    AttributeName(AttributeMeaning.CONSUMER_GROUP, "messaging.eventhubs.consumer.group", _MESSAGING_1_24),
    AttributeName(
        AttributeMeaning.CONSUMER_GROUP, "messaging.servicebus.destination.subscription_name", _MESSAGING_1_24
    ),
    AttributeName(AttributeMeaning.CONSUMER_GROUP, "messaging.kafka.consumer_group", _MESSAGING_1_16),
    AttributeName(AttributeMeaning.CONSUMER_GROUP, "messaging.consumer_group", "older clients"),
    AttributeName(AttributeMeaning.EVENT_ID, "cloudevents.event_id", _CLOUD_EVENTS),
    AttributeName(AttributeMeaning.EVENT_ID, "cloudevents.id", "the name within CloudEvents itself"),
    AttributeName(AttributeMeaning.EVENT_SOURCE, "cloudevents.event_source", _CLOUD_EVENTS),
    AttributeName(AttributeMeaning.EVENT_SOURCE, "cloudevents.source", "the name within CloudEvents itself"),
    AttributeName(AttributeMeaning.SUBJECT, "cloudevents.event_subject", _CLOUD_EVENTS),
    AttributeName(AttributeMeaning.SUBJECT, "cloudevents.subject", "the name within CloudEvents itself"),
    AttributeName(AttributeMeaning.SESSION, "gen_ai.conversation.id", _GEN_AI),
    AttributeName(AttributeMeaning.SESSION, "session.id", f"{_OPEN_INFERENCE}; OpenTelemetry session"),
    AttributeName(AttributeMeaning.SESSION, "langfuse.session.id", _LANGFUSE),
    AttributeName(AttributeMeaning.SESSION, "traceloop.association.properties.session_id", _TRACELOOP),
    AttributeName(AttributeMeaning.SESSION, "traceloop.association.properties.thread_id", f"{_TRACELOOP}: LangGraph"),
    AttributeName(AttributeMeaning.SUBJECT, "messaging.message.conversation_id", _MESSAGING),
    AttributeName(AttributeMeaning.SUBJECT, "messaging.conversation_id", _MESSAGING_1_16),
    AttributeName(AttributeMeaning.WORKFLOW, "gen_ai.workflow.name", _GEN_AI),
    AttributeName(AttributeMeaning.WORKFLOW, "traceloop.workflow.name", _TRACELOOP),
    AttributeName(AttributeMeaning.WORKFLOW, "langfuse.trace.name", _LANGFUSE),
    AttributeName(AttributeMeaning.OPERATION, "gen_ai.operation.name", _GEN_AI),
    AttributeName(AttributeMeaning.MESSAGE_OPERATION, "messaging.operation.type", _MESSAGING),
    AttributeName(AttributeMeaning.MESSAGE_OPERATION, "messaging.operation", _MESSAGING_1_24),
    AttributeName(AttributeMeaning.MESSAGE_OPERATION, "messaging.operation.name", _MESSAGING),
    AttributeName(AttributeMeaning.MESSAGE_OPERATION, "celery.action", "Celery's instrumentation"),
    AttributeName(AttributeMeaning.OPERATION, "openinference.span.kind", _OPEN_INFERENCE),
    AttributeName(AttributeMeaning.OPERATION, "traceloop.span.kind", _TRACELOOP),
    AttributeName(AttributeMeaning.OPERATION, "langfuse.observation.type", _LANGFUSE),
    AttributeName(AttributeMeaning.OPERATION, "llm.request.type", f"{_TRACELOOP} up to 0.40"),
    AttributeName(AttributeMeaning.OPERATION, "ai.operationId", _VERCEL),
    AttributeName(AttributeMeaning.STEP, "causeline.step.name", _OURS),
    AttributeName(AttributeMeaning.STEP, "gen_ai.task.name", f"{_GEN_AI}, proposed; LangGraph through {_TRACELOOP}"),
    AttributeName(AttributeMeaning.STEP, "graph.node.id", _OPEN_INFERENCE),
    AttributeName(AttributeMeaning.STEP, "traceloop.entity.name", _TRACELOOP),
    AttributeName(AttributeMeaning.STEP, "traceloop.association.properties.langgraph_node", f"{_TRACELOOP}: LangGraph"),
    AttributeName(AttributeMeaning.STEP, "celery.task_name", "Celery's instrumentation"),
    AttributeName(AttributeMeaning.AGENT, "gen_ai.agent.name", _GEN_AI),
    AttributeName(AttributeMeaning.AGENT, "agent.name", _OPEN_INFERENCE),
    AttributeName(AttributeMeaning.AGENT, "agent_name", _LOGFIRE),
    AttributeName(AttributeMeaning.AGENT, "langfuse.agent.name", _LANGFUSE),
    AttributeName(AttributeMeaning.AGENT, "ai.telemetry.functionId", _VERCEL),
    AttributeName(AttributeMeaning.ERROR_TYPE, "error.type", "OpenTelemetry"),
    AttributeName(
        AttributeMeaning.ERROR_TYPE, "exception.type", "OpenTelemetry, on an exception; by some on the span itself"
    ),
    AttributeName(
        AttributeMeaning.STATUS_MESSAGE,
        "langfuse.observation.status_message",
        f"{_LANGFUSE}, whose spans' own status says none",
    ),
    AttributeName(AttributeMeaning.MODEL, "gen_ai.request.model", _GEN_AI),
    AttributeName(AttributeMeaning.MODEL, "llm.model_name", _OPEN_INFERENCE),
    AttributeName(AttributeMeaning.MODEL, "embedding.model_name", _OPEN_INFERENCE),
    AttributeName(AttributeMeaning.MODEL, "llm.request.model", f"{_TRACELOOP} up to 0.14"),
    AttributeName(AttributeMeaning.MODEL, "langfuse.observation.model.name", _LANGFUSE),
    AttributeName(AttributeMeaning.MODEL, "model_name", _LOGFIRE),
    AttributeName(AttributeMeaning.MODEL, "ai.model.id", _VERCEL),
    AttributeName(AttributeMeaning.MODEL, "traceloop.association.properties.ls_model_name", f"{_TRACELOOP}: LangChain"),
    AttributeName(AttributeMeaning.INPUT_TOKENS, "gen_ai.usage.input_tokens", _GEN_AI),
    AttributeName(AttributeMeaning.INPUT_TOKENS, "gen_ai.usage.prompt_tokens", _GEN_AI_OLD),
    AttributeName(AttributeMeaning.INPUT_TOKENS, "llm.token_count.prompt", _OPEN_INFERENCE),
    AttributeName(AttributeMeaning.INPUT_TOKENS, "llm.usage.prompt_tokens", f"{_TRACELOOP} up to 0.14"),
    AttributeName(AttributeMeaning.INPUT_TOKENS, "ai.usage.promptTokens", _VERCEL),
    AttributeName(AttributeMeaning.INPUT_TOKENS, "ai.usage.inputTokens", f"{_VERCEL} from 5 on"),
    AttributeName(AttributeMeaning.INPUT_TOKENS, "ai.usage.tokens", f"{_VERCEL}: embeddings"),
    AttributeName(AttributeMeaning.OUTPUT_TOKENS, "gen_ai.usage.output_tokens", _GEN_AI),
    AttributeName(AttributeMeaning.OUTPUT_TOKENS, "gen_ai.usage.completion_tokens", _GEN_AI_OLD),
    AttributeName(AttributeMeaning.OUTPUT_TOKENS, "llm.token_count.completion", _OPEN_INFERENCE),
    AttributeName(AttributeMeaning.OUTPUT_TOKENS, "llm.usage.completion_tokens", f"{_TRACELOOP} up to 0.14"),
    AttributeName(AttributeMeaning.OUTPUT_TOKENS, "ai.usage.completionTokens", _VERCEL),
    AttributeName(AttributeMeaning.OUTPUT_TOKENS, "ai.usage.outputTokens", f"{_VERCEL} from 5 on"),
    AttributeName(AttributeMeaning.TOTAL_TOKENS, "gen_ai.usage.total_tokens", _TRACELOOP),
    AttributeName(AttributeMeaning.TOTAL_TOKENS, "llm.token_count.total", _OPEN_INFERENCE),
    AttributeName(AttributeMeaning.TOTAL_TOKENS, "llm.usage.total_tokens", f"{_TRACELOOP} up to 0.46"),
    AttributeName(AttributeMeaning.TOTAL_TOKENS, "ai.usage.totalTokens", f"{_VERCEL} from 5 on"),
    AttributeName(AttributeMeaning.CACHE_READ_TOKENS, "gen_ai.usage.cache_read.input_tokens", _GEN_AI),
    AttributeName(
        AttributeMeaning.CACHE_READ_TOKENS, "gen_ai.usage.cache_read_input_tokens", f"{_TRACELOOP} up to 0.46"
    ),
    AttributeName(AttributeMeaning.CACHE_READ_TOKENS, "gen_ai.usage.cache_read_tokens", _LOGFIRE),
    AttributeName(AttributeMeaning.CACHE_READ_TOKENS, "gen_ai.usage.cached_input_tokens", "Mastra"),
    AttributeName(AttributeMeaning.CACHE_READ_TOKENS, "gen_ai.usage.input_tokens.cached", "Sentry"),
    AttributeName(AttributeMeaning.CACHE_READ_TOKENS, "llm.token_count.prompt_details.cache_read", _OPEN_INFERENCE),
    AttributeName(AttributeMeaning.CACHE_READ_TOKENS, "ai.usage.cachedInputTokens", _VERCEL),
    AttributeName(AttributeMeaning.CACHE_WRITE_TOKENS, "gen_ai.usage.cache_write.input_tokens", _GEN_AI),
    AttributeName(
        AttributeMeaning.CACHE_WRITE_TOKENS,
        "gen_ai.usage.cache_creation.input_tokens",
        "OpenTelemetry gen_ai 1.40 to 1.41",
    ),
    AttributeName(
        AttributeMeaning.CACHE_WRITE_TOKENS, "gen_ai.usage.cache_creation_input_tokens", f"{_TRACELOOP} up to 0.46"
    ),
    AttributeName(AttributeMeaning.CACHE_WRITE_TOKENS, "gen_ai.usage.cache_write_tokens", _LOGFIRE),
    AttributeName(AttributeMeaning.CACHE_WRITE_TOKENS, "gen_ai.usage.input_tokens.cache_write", "Sentry"),
    AttributeName(AttributeMeaning.CACHE_WRITE_TOKENS, "gen_ai.usage.cache_write_input_tokens", _STRANDS),
    AttributeName(AttributeMeaning.CACHE_WRITE_TOKENS, "llm.token_count.prompt_details.cache_write", _OPEN_INFERENCE),
    AttributeName(AttributeMeaning.REASONING_TOKENS, "gen_ai.usage.reasoning.output_tokens", _GEN_AI),
    AttributeName(AttributeMeaning.REASONING_TOKENS, "gen_ai.usage.reasoning_tokens", _TRACELOOP),
    AttributeName(AttributeMeaning.REASONING_TOKENS, "llm.usage.reasoning_tokens", f"{_TRACELOOP} up to 0.46"),
    AttributeName(AttributeMeaning.REASONING_TOKENS, "gen_ai.usage.output_tokens.reasoning", "Sentry"),
    AttributeName(AttributeMeaning.REASONING_TOKENS, "llm.token_count.completion_details.reasoning", _OPEN_INFERENCE),
    AttributeName(AttributeMeaning.REASONING_TOKENS, "ai.usage.reasoningTokens", _VERCEL),
    AttributeName(AttributeMeaning.RESPONSE_MODEL, "gen_ai.response.model", _GEN_AI),
    AttributeName(AttributeMeaning.RESPONSE_MODEL, "llm.response.model_name", _OPEN_INFERENCE),
    AttributeName(AttributeMeaning.RESPONSE_MODEL, "ai.response.model", _VERCEL),
    AttributeName(AttributeMeaning.RESPONSE_ID, "gen_ai.response.id", _GEN_AI),
    AttributeName(AttributeMeaning.RESPONSE_ID, "ai.response.id", _VERCEL),
    AttributeName(
        AttributeMeaning.PROVIDER,
        "traceloop.association.properties.ls_provider",
        f"{_TRACELOOP}: the model's, not LangChain",
    ),
    AttributeName(AttributeMeaning.PROVIDER, "gen_ai.provider.name", _GEN_AI),
    AttributeName(AttributeMeaning.PROVIDER, "gen_ai.system", _GEN_AI_OLD),
    AttributeName(AttributeMeaning.PROVIDER, "llm.provider", _OPEN_INFERENCE),
    AttributeName(AttributeMeaning.PROVIDER, "llm.system", _OPEN_INFERENCE),
    AttributeName(AttributeMeaning.PROVIDER, "ai.model.provider", _VERCEL),
    AttributeName(AttributeMeaning.SERVICE_TIER, "openai.response.service_tier", "OpenTelemetry gen_ai: OpenAI"),
    AttributeName(AttributeMeaning.SERVICE_TIER, "gen_ai.openai.response.service_tier", _GEN_AI_OLD),
    AttributeName(AttributeMeaning.COST, "llm.cost.total", _OPEN_INFERENCE),
    AttributeName(AttributeMeaning.COST, "gen_ai.usage.cost", "OpenLIT; LangSmith"),
    AttributeName(AttributeMeaning.COST, "operation.cost", _LOGFIRE),
    AttributeName(AttributeMeaning.FIRST_CHUNK_SECONDS, "gen_ai.response.time_to_first_chunk", _GEN_AI),
    AttributeName(AttributeMeaning.FIRST_CHUNK_SECONDS, "gen_ai.response.time_to_first_token", "Sentry"),
    AttributeName(AttributeMeaning.TOOL, "gen_ai.tool.name", _GEN_AI),
    AttributeName(AttributeMeaning.TOOL, "tool.name", _OPEN_INFERENCE),
    AttributeName(AttributeMeaning.TOOL, "ai.toolCall.name", _VERCEL),
    AttributeName(AttributeMeaning.SESSION, "traceloop.association.properties.chat_id", _TRACELOOP),
    # Not `langsmith.trace.session_id`: that is the project.
    AttributeName(AttributeMeaning.SESSION, "langsmith.metadata.session_id", _LANGSMITH),
    AttributeName(AttributeMeaning.SESSION, "langsmith.metadata.thread_id", _LANGSMITH),
    AttributeName(AttributeMeaning.SESSION, "langsmith.metadata.conversation_id", _LANGSMITH),
    AttributeName(AttributeMeaning.SESSION, "ai.telemetry.metadata.sessionId", _VERCEL),
    AttributeName(AttributeMeaning.SESSION, "gcp.vertex.agent.session_id", _ADK),
    AttributeName(AttributeMeaning.SESSION, "gen_ai.thread.id", "Azure AI agents"),
    AttributeName(AttributeMeaning.USER, "user.id", f"{_OPEN_INFERENCE}; OpenTelemetry user"),
    AttributeName(AttributeMeaning.USER, "enduser.id", "OpenTelemetry up to 1.27"),
    AttributeName(AttributeMeaning.USER, "langfuse.user.id", _LANGFUSE),
    AttributeName(AttributeMeaning.USER, "ai.telemetry.metadata.userId", _VERCEL),
    AttributeName(AttributeMeaning.USER, "traceloop.association.properties.user_id", _TRACELOOP),
    AttributeName(AttributeMeaning.USER, "gen_ai.user", _TRACELOOP),
    AttributeName(AttributeMeaning.USER, "llm.user", f"{_TRACELOOP} up to 0.14"),
    AttributeName(AttributeMeaning.INPUT, "causeline.input", _OURS),
    AttributeName(AttributeMeaning.INPUT, "gen_ai.task.input", f"{_GEN_AI}, proposed; LangGraph through {_TRACELOOP}"),
    AttributeName(AttributeMeaning.INPUT, "gen_ai.tool.call.arguments", _GEN_AI),
    AttributeName(AttributeMeaning.INPUT, "input.value", _OPEN_INFERENCE),
    AttributeName(AttributeMeaning.INPUT, "traceloop.entity.input", _TRACELOOP),
    AttributeName(AttributeMeaning.INPUT, "langfuse.observation.input", _LANGFUSE),
    AttributeName(AttributeMeaning.INPUT, "tool_arguments", _LOGFIRE),
    AttributeName(AttributeMeaning.INPUT, "ai.toolCall.args", _VERCEL),
    AttributeName(AttributeMeaning.INPUT, "gcp.vertex.agent.tool_call_args", _ADK),
    AttributeName(AttributeMeaning.INPUT, "gen_ai.input.messages", f"{_GEN_AI}: agents"),
    AttributeName(AttributeMeaning.INPUT, "gen_ai.prompt", f"{_LANGSMITH}: chains and graphs"),
    AttributeName(AttributeMeaning.INPUT, "ai.prompt", _VERCEL),
    AttributeName(AttributeMeaning.RESULT, "causeline.result", _OURS),
    AttributeName(
        AttributeMeaning.RESULT, "gen_ai.task.output", f"{_GEN_AI}, proposed; LangGraph through {_TRACELOOP}"
    ),
    AttributeName(AttributeMeaning.RESULT, "gen_ai.tool.call.result", _GEN_AI),
    AttributeName(AttributeMeaning.RESULT, "output.value", _OPEN_INFERENCE),
    AttributeName(AttributeMeaning.RESULT, "traceloop.entity.output", _TRACELOOP),
    AttributeName(AttributeMeaning.RESULT, "langfuse.observation.output", _LANGFUSE),
    AttributeName(AttributeMeaning.RESULT, "tool_response", _LOGFIRE),
    AttributeName(AttributeMeaning.RESULT, "ai.toolCall.result", _VERCEL),
    AttributeName(AttributeMeaning.RESULT, "gcp.vertex.agent.tool_response", _ADK),
    AttributeName(AttributeMeaning.RESULT, "final_result", f"{_LOGFIRE}: agents"),
    AttributeName(AttributeMeaning.RESULT, "gen_ai.output.messages", f"{_GEN_AI}: agents"),
    AttributeName(AttributeMeaning.RESULT, "gen_ai.completion", f"{_LANGSMITH}: chains and graphs"),
    AttributeName(AttributeMeaning.RESULT, "ai.response.text", _VERCEL),
)

#: What an instrumentation says that does not know, and of what: the next name tells, then.
UNKNOWN: Final = "unknown"
MAY_BE_UNKNOWN: Final = frozenset({AttributeMeaning.MODEL, AttributeMeaning.RESPONSE_MODEL, AttributeMeaning.PROVIDER})


@cache
def attribute_names(said: AttributeMeaning) -> tuple[str, ...]:
    """Returns the names that say it, today's first."""
    return tuple(name.attribute for name in NAMES if name.says == said)


def first_value(attributes: Mapping[str, Any], said: AttributeMeaning) -> Any:
    """Returns what plain attributes say, in whichever name; None where they don't."""
    void = (None, UNKNOWN) if said in MAY_BE_UNKNOWN else (None,)
    return next((attributes[name] for name in attribute_names(said) if attributes.get(name) not in void), None)
