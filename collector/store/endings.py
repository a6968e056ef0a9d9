"""How spans of others ended, where their status does not tell: tried again, waiting for a person, cut off, failed."""

from collections.abc import Mapping
from dataclasses import dataclass
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
CELERY: Final = {"RETRY": StepOutcome.RETRY, "REVOKED": StepOutcome.CANCELLED, "FAILURE": StepOutcome.FAILED}

#: How a message was settled. Azure Service Bus: https://opentelemetry.io/docs/specs/semconv/messaging/azure-messaging/,
#: other brokers by the name of the operation. To complete a message says nothing of the work.
SETTLED: Final = {
    "dead_letter": StepOutcome.FAILED,
    "reject": StepOutcome.FAILED,
    "abandon": StepOutcome.RETRY,
    "nack": StepOutcome.RETRY,
    "release": StepOutcome.RETRY,
    "defer": WAITING,
}
_SETTLED: Final = (
    "messaging.servicebus.disposition_status",
    "messaging.operation.name",
    "messaging.operation",
)


@dataclass(frozen=True, slots=True)
class Sign:
    """An attribute that says that its span failed, where the status is unset.

    Attributes:
        attribute: its name.
        says: in lower case, the values that say so; any but an empty one where there are none.
        least: the number from which on it says so, instead.
    """

    attribute: str
    says: frozenset[str] = frozenset()
    least: int | None = None

    def is_told(self, text: str) -> bool:
        """Returns whether a value says so."""
        if self.least is not None:
            return text.isdecimal() and int(text) >= self.least
        return text.lower() in self.says if self.says else bool(text)


#: What says that a span failed, with its source. An exception's type is looked up in `EXCEPTIONS` first.
SIGNS: Final = (
    # OpenTelemetry: set where an operation ended with an error, and not where it went well
    # (https://opentelemetry.io/docs/specs/semconv/attributes-registry/error/).
    Sign("error.type"),
    # OpenTelemetry has it on events; instrumentations of OpenInference and of logging on the span itself.
    Sign("exception.type"),
    # Langfuse: DEBUG, DEFAULT, WARNING, ERROR (https://langfuse.com/docs/observability/features/log-levels).
    Sign("langfuse.observation.level", frozenset({"error"})),
    # OpenTracing's semantic conventions: `error` is true where an operation failed.
    Sign("error", frozenset({"true"})),
    # OpenTelemetry's status for what has none, such as Zipkin and OpenTracing's bridges.
    Sign("otel.status_code", frozenset({"error"})),
    # Logfire: levels have OpenTelemetry's numbers of severity, of which 17 is ERROR.
    Sign("logfire.level_num", least=17),
)

#: Nanoseconds before a span's end from which on an exception is what it ended by. Who leaves a span by one has it
#: recorded and the span ended in the next moment; clocks of browsers have whole milliseconds.
_AT_THE_END_NS: Final = 1_000_000

#: Pydantic AI: which retry a tool's failure asks for.
RETRIES: Final = "pydantic_ai.tool.retry.attempt"

_EXCEPTION: Final = "exception.type"

_STATE: Final = "celery.state"

#: Attributes of spans that are read here.
READ: Final = (RETRIES, _STATE, *_SETTLED, *(sign.attribute for sign in SIGNS))

#: OTLP's status code of what says nothing.
_UNSET: Final = 0


def column(attributes: Attributes, spans: pa.Table, events: pa.Table | None) -> pa.StringArray:
    """Returns how each span ended: `ok`, `failed`, `retry`, `cancelled` or `waiting`; NULL where its status tells.

    Args:
        attributes: of the spans.
        spans: with `status_code` and `end_ns`.
        events: of the batch, each with the `row` of its span.
    """
    codes = spans.column("status_code").combine_chunks()
    failed, unset = pc.equal(codes, ERROR), pc.equal(codes, _UNSET).fill_null(True)
    retried = pc.if_else(attributes.texts(RETRIES).is_valid(), StepOutcome.RETRY.value, pa.scalar(None, pa.string()))
    thrown = _thrown(attributes, events)
    # An exception that was overcome is no end; but who leaves by one to ask a person says that all is well.
    ended_so = pc.if_else(pc.or_kleene(pc.equal(thrown, WAITING), failed), thrown, pa.scalar(None, pa.string()))
    told = (_signed(attributes), _escaped(spans, events), _read(attributes.texts(*_SETTLED), SETTLED))
    found = pc.coalesce(_read(attributes.texts(_STATE), CELERY), retried, ended_so, told[2])
    return pc.coalesce(found, pc.if_else(unset, pc.coalesce(*told[:2]), pa.scalar(None, pa.string())))


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


def _signed(attributes: Attributes) -> pa.StringArray:
    """Returns what attributes say that tell of a failure, or of what an exception means."""
    found = pa.nulls(len(attributes), pa.string())
    for sign in SIGNS:
        texts = attributes.texts(sign.attribute)
        if texts.null_count < len(texts):
            means = {text: EXCEPTIONS.get(text, StepOutcome.FAILED) for text in texts.unique().to_pylist() if text}
            found = pc.coalesce(found, _read(texts, {text: end for text, end in means.items() if sign.is_told(text)}))
    return found


def _escaped(spans: pa.Table, events: pa.Table | None) -> pa.StringArray:
    """Returns what the last exception of a span means that it was left by: it says so, or the span ended right then."""
    if events is None or not events.num_rows:
        return pa.nulls(spans.num_rows, pa.string())
    said = Attributes(events.column("attributes").combine_chunks())
    types = said.texts(_EXCEPTION)
    if types.null_count == len(types):
        return pa.nulls(spans.num_rows, pa.string())
    found: list[str | None] = [None] * spans.num_rows
    rows = zip(
        events.column("row").to_pylist(),
        events.column("time_ns").to_pylist(),
        types.to_pylist(),
        said.texts("exception.escaped").to_pylist(),
        strict=True,
    )
    ends = spans.column("end_ns").to_pylist()
    for row, at_ns, kind, escaped in rows:
        if kind is not None:
            is_last = abs(ends[row] - at_ns) <= _AT_THE_END_NS if escaped is None else escaped.lower() == "true"
            found[row] = EXCEPTIONS.get(kind, StepOutcome.FAILED) if is_last else None
    return pa.array(found, pa.string())


def _read(texts: pa.StringArray, means: Mapping[str, str]) -> pa.StringArray:
    coded = texts.dictionary_encode()
    read = pa.array([means.get(text) for text in coded.dictionary.to_pylist()], pa.string())
    return read.take(coded.indices) if len(read) else pa.nulls(len(texts), pa.string())
