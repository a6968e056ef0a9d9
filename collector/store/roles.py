"""What part a span plays in an agent's work, by what conventions call its operation. One table, with its sources."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc


class Role(StrEnum):
    """A part that a span plays."""

    AGENT = "agent"
    WORKFLOW = "workflow"
    STEP = "step"
    MODEL = "model"
    EMBEDDING = "embedding"
    TOOL = "tool"
    RETRIEVER = "retriever"
    GUARDRAIL = "guardrail"
    EVALUATOR = "evaluator"


#: What hangs within a step, and is no step of its own.
DETAILS: Final = frozenset({Role.MODEL, Role.EMBEDDING, Role.TOOL, Role.RETRIEVER, Role.GUARDRAIL, Role.EVALUATOR})

#: Names of operations in lower case. OpenTelemetry: `gen_ai.operation.name`; OpenInference: `openinference.span.kind`;
#: OpenLLMetry: `traceloop.span.kind`, `llm.request.type`; Langfuse: `langfuse.observation.type`; Vercel's AI SDK:
#: `ai.operationId`. Where two conventions share a word, they mean the same by it.
ROLES: Final = {
    # OpenTelemetry gen_ai
    "chat": Role.MODEL,
    "text_completion": Role.MODEL,
    "generate_content": Role.MODEL,
    "embeddings": Role.EMBEDDING,
    "invoke_agent": Role.AGENT,
    "invoke_workflow": Role.WORKFLOW,
    "execute_task": Role.STEP,
    "plan": Role.STEP,
    "execute_tool": Role.TOOL,
    "retrieval": Role.RETRIEVER,
    # OpenInference
    "agent": Role.AGENT,
    "chain": Role.STEP,
    "llm": Role.MODEL,
    "tool": Role.TOOL,
    "retriever": Role.RETRIEVER,
    "reranker": Role.RETRIEVER,
    "embedding": Role.EMBEDDING,
    "guardrail": Role.GUARDRAIL,
    "evaluator": Role.EVALUATOR,
    "prompt": Role.STEP,
    "decision": Role.STEP,
    # OpenLLMetry
    "workflow": Role.WORKFLOW,
    "task": Role.STEP,
    "completion": Role.MODEL,
    "rerank": Role.RETRIEVER,
    # Langfuse
    "generation": Role.MODEL,
    "span": Role.STEP,
    # LangSmith
    "parser": Role.STEP,
    # Vercel's AI SDK: the outer span of a call does nothing itself but repeat what the inner one says
    "ai.generatetext": Role.STEP,
    "ai.streamtext": Role.STEP,
    "ai.generateobject": Role.STEP,
    "ai.streamobject": Role.STEP,
    "ai.generatetext.dogenerate": Role.MODEL,
    "ai.streamtext.dostream": Role.MODEL,
    "ai.generateobject.dogenerate": Role.MODEL,
    "ai.streamobject.dostream": Role.MODEL,
    "ai.embed": Role.STEP,
    "ai.embedmany": Role.STEP,
    "ai.embed.doembed": Role.EMBEDDING,
    "ai.embedmany.doembed": Role.EMBEDDING,
    "ai.toolcall": Role.TOOL,
}

#: Where LangSmith says what a span is. Its exporter calls the operation of a prompt `chat`, that of a retriever
#: `embeddings`: of those the kind decides, and where no operation is told.
LANGSMITH: Final = "langsmith.span.kind"
_MISNAMED: Final = ("prompt", "retriever", "parser")


def resolve_operations(told: pa.StringArray, kinds: pa.StringArray) -> pa.StringArray:
    """Returns what each span calls its operation, as it is meant.

    Args:
        told: as they say it.
        kinds: what LangSmith calls them.
    """
    if kinds.null_count == len(kinds):
        return told
    return pc.if_else(pc.is_in(kinds, pa.array(_MISNAMED, pa.string())), kinds, pc.coalesce(told, kinds))


def compute_roles(operations: pa.StringArray, implied: Iterable[tuple[Role, pa.BooleanArray]] = ()) -> pa.StringArray:
    """Returns the role of each span; NULL where no convention explains it.

    Args:
        operations: what the span calls its operation.
        implied: roles, each with which spans have it by what they carry; the first decides, where the operation does
            not.
    """
    named = pc.utf8_lower(operations).dictionary_encode()
    told = pa.array([ROLES.get(name) for name in named.dictionary.to_pylist()], pa.string())
    roles = told.take(named.indices) if len(told) else pa.nulls(len(operations), pa.string())
    for role, has in implied:
        roles = pc.coalesce(roles, pc.if_else(has, role.value, pa.scalar(None, pa.string())))
    return roles
