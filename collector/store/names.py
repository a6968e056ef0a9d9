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
    MODEL = "model"
    INPUT_TOKENS = "input_tokens"
    OUTPUT_TOKENS = "output_tokens"


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
    Name(Said.SUBJECT, "gen_ai.conversation.id", _GEN_AI),
    Name(Said.SUBJECT, "session.id", f"{_OPEN_INFERENCE}; OpenTelemetry session"),
    Name(Said.SUBJECT, "langfuse.session.id", _LANGFUSE),
    Name(Said.SUBJECT, "traceloop.association.properties.session_id", _TRACELOOP),
    Name(Said.SUBJECT, "traceloop.association.properties.thread_id", f"{_TRACELOOP}: LangGraph"),
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
    Name(Said.STEP, "traceloop.association.properties.langgraph_node", f"{_TRACELOOP}: LangGraph"),
    Name(Said.STEP, "traceloop.entity.name", _TRACELOOP),
    Name(Said.STEP, "celery.task_name", "Celery's instrumentation"),
    Name(Said.AGENT, "gen_ai.agent.name", _GEN_AI),
    Name(Said.AGENT, "agent.name", _OPEN_INFERENCE),
    Name(Said.AGENT, "agent_name", _LOGFIRE),
    Name(Said.AGENT, "langfuse.agent.name", _LANGFUSE),
    Name(Said.ERROR_TYPE, "error.type", "OpenTelemetry"),
    Name(Said.ERROR_TYPE, "exception.type", "OpenTelemetry, on an exception; by some on the span itself"),
    Name(Said.MODEL, "gen_ai.request.model", _GEN_AI),
    Name(Said.MODEL, "gen_ai.response.model", _GEN_AI),
    Name(Said.MODEL, "llm.model_name", _OPEN_INFERENCE),
    Name(Said.MODEL, "embedding.model_name", _OPEN_INFERENCE),
    Name(Said.MODEL, "llm.request.model", f"{_TRACELOOP} up to 0.14"),
    Name(Said.MODEL, "langfuse.observation.model.name", _LANGFUSE),
    Name(Said.MODEL, "model_name", _LOGFIRE),
    Name(Said.MODEL, "ai.model.id", _VERCEL),
    Name(Said.INPUT_TOKENS, "gen_ai.usage.input_tokens", _GEN_AI),
    Name(Said.INPUT_TOKENS, "gen_ai.usage.prompt_tokens", _GEN_AI_OLD),
    Name(Said.INPUT_TOKENS, "llm.token_count.prompt", _OPEN_INFERENCE),
    Name(Said.INPUT_TOKENS, "llm.usage.prompt_tokens", f"{_TRACELOOP} up to 0.14"),
    Name(Said.INPUT_TOKENS, "ai.usage.promptTokens", _VERCEL),
    Name(Said.OUTPUT_TOKENS, "gen_ai.usage.output_tokens", _GEN_AI),
    Name(Said.OUTPUT_TOKENS, "gen_ai.usage.completion_tokens", _GEN_AI_OLD),
    Name(Said.OUTPUT_TOKENS, "llm.token_count.completion", _OPEN_INFERENCE),
    Name(Said.OUTPUT_TOKENS, "llm.usage.completion_tokens", f"{_TRACELOOP} up to 0.14"),
    Name(Said.OUTPUT_TOKENS, "ai.usage.completionTokens", _VERCEL),
)


#: What has a column in the table of spans.
STAGED: Final = tuple(said for said in Said if said not in (Said.MODEL, Said.INPUT_TOKENS, Said.OUTPUT_TOKENS))


@cache
def of(said: Said) -> tuple[str, ...]:
    """Returns the names that say it, today's first."""
    return tuple(name.attribute for name in NAMES if name.says == said)


def first(attributes: Mapping[str, Any], said: Said) -> Any:
    """Returns what plain attributes say, in whichever name; None where they don't."""
    return next((attributes[name] for name in of(said) if attributes.get(name) is not None), None)
