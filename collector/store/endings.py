"""How spans of others ended, where their status does not tell: tried again, waiting for a person, cut off."""

from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from collector.store.attributes import Attributes
from runtime.semconv import StepOutcome

#: OTLP's status code of what failed.
ERROR: Final = 2

#: What waits for somebody; nothing failed, and no attempt is due.
WAITING: Final = "waiting"

#: Exceptions by their full names: an application's own class of such a name means something else.
EXCEPTIONS: Final = {
    # LangGraph leaves a node by an exception to ask a person, or to go on in the graph around it.
    "langgraph.errors.GraphInterrupt": WAITING,
    "langgraph.errors.NodeInterrupt": WAITING,
    "langgraph.errors.ParentCommand": StepOutcome.OK,
    "langgraph.errors.GraphBubbleUp": StepOutcome.OK,
    # Pydantic AI: a tool that somebody must approve, or that is called elsewhere.
    "pydantic_ai.exceptions.ApprovalRequired": WAITING,
    "pydantic_ai.exceptions.CallDeferred": WAITING,
    "pydantic_ai.exceptions.ModelRetry": StepOutcome.RETRY,
    "pydantic_ai.exceptions.ToolRetryError": StepOutcome.RETRY,
    # A stream that nobody reads on, a task that is cancelled.
    "asyncio.exceptions.CancelledError": StepOutcome.CANCELLED,
    "CancelledError": StepOutcome.CANCELLED,
    "GeneratorExit": StepOutcome.CANCELLED,
    "celery.exceptions.Retry": StepOutcome.RETRY,
    "celery.exceptions.Ignore": StepOutcome.OK,
}

#: States of Celery's tasks, whose spans say nothing of them in their status.
CELERY: Final = {"RETRY": StepOutcome.RETRY, "REVOKED": StepOutcome.CANCELLED}

#: Pydantic AI: which retry a tool's failure asks for.
RETRIES: Final = "pydantic_ai.tool.retry.attempt"

_EXCEPTION: Final = "exception.type"

_STATE: Final = "celery.state"

#: Attributes of spans that are read here.
READ: Final = (RETRIES, _STATE)


def column(attributes: Attributes, events: pa.Table | None, failed: pa.BooleanArray) -> pa.StringArray:
    """Returns of each span how it ended: `ok`, `retry`, `cancelled` or `waiting`; NULL where its status tells.

    Args:
        attributes: of the spans.
        events: of the batch, each with the `row` of its span.
        failed: of the spans, whether their status says so.
    """
    retried = pc.if_else(attributes.texts(RETRIES).is_valid(), StepOutcome.RETRY.value, pa.scalar(None, pa.string()))
    thrown = _thrown(attributes, events)
    # An exception that was overcome is no end; but who leaves by one to ask a person says that all is well.
    ended_so = pc.if_else(pc.or_kleene(pc.equal(thrown, WAITING), failed), thrown, pa.scalar(None, pa.string()))
    return pc.coalesce(_read(attributes.texts(_STATE), CELERY), retried, ended_so)


def _thrown(attributes: Attributes, events: pa.Table | None) -> pa.StringArray:
    """The last exception decides: an earlier one was overcome."""
    count = len(attributes)
    if events is None or not events.num_rows:
        return pa.nulls(count, pa.string())
    types = Attributes(events.column("attributes").combine_chunks()).texts(_EXCEPTION)
    told = types.is_valid()
    if not told.true_count:
        return pa.nulls(count, pa.string())
    last = dict(zip(events.column("row").filter(told).to_pylist(), types.filter(told).to_pylist(), strict=True))
    return pa.array([EXCEPTIONS.get(last.get(row, "")) for row in range(count)], pa.string())


def _read(texts: pa.StringArray, means: dict[str, StepOutcome]) -> pa.StringArray:
    coded = texts.dictionary_encode()
    read = pa.array([means.get(text) for text in coded.dictionary.to_pylist()], pa.string())
    return read.take(coded.indices) if len(read) else pa.nulls(len(texts), pa.string())
