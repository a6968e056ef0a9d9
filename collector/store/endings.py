"""How spans of others ended, where their status does not tell: tried again, waiting for a person, cut off, failed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from collector.store.attributes import Attributes
from runtime.semconv import OUTCOME, CallOutcome, StepOutcome

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
    "langgraph.errors.GraphDrained": StepOutcome.CANCELLED,  # told to stop; it can be resumed
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
class FailureSign:
    """An attribute that says that its span failed, where the status is unset.

    Attributes:
        attribute: its name.
        says: in lower case, the values that say so; any but an empty one where there are none.
        least: the number from which on it says so, instead.
    """

    attribute: str
    says: frozenset[str] = frozenset()
    least: int | None = None

    def is_failure(self, text: str) -> bool:
        """Returns whether a value says so."""
        if self.least is not None:
            return text.isdecimal() and int(text) >= self.least
        return text.lower() in self.says if self.says else bool(text)


#: What says that a span failed, with its source. An exception's type is looked up in `EXCEPTIONS` first.
SIGNS: Final = (
    # OpenTelemetry: set where an operation ended with an error, and not where it went well
    # (https://opentelemetry.io/docs/specs/semconv/attributes-registry/error/).
    FailureSign("error.type"),
    # OpenTelemetry has it on events; instrumentations of OpenInference and of logging on the span itself.
    FailureSign("exception.type"),
    # Langfuse: DEBUG, DEFAULT, WARNING, ERROR (https://langfuse.com/docs/observability/features/log-levels).
    FailureSign("langfuse.observation.level", frozenset({"error"})),
    # OpenTracing's semantic conventions: `error` is true where an operation failed.
    FailureSign("error", frozenset({"true"})),
    # OpenTelemetry's status for what has none, such as Zipkin and OpenTracing's bridges.
    FailureSign("otel.status_code", frozenset({"error"})),
    # Logfire: levels have OpenTelemetry's numbers of severity, of which 17 is ERROR.
    FailureSign("logfire.level_num", least=17),
)

#: Nanoseconds before a span's end from which on an exception is what it ended by. Who leaves a span by one has it
#: recorded and the span ended in the next moment; clocks of browsers have whole milliseconds.
_AT_THE_END_NS: Final = 1_000_000

#: Pydantic AI: which retry a tool's failure asks for.
RETRIES: Final = "pydantic_ai.tool.retry.attempt"

#: Recorded calls of ours whose function was not called.
CALLS: Final = {outcome.value: outcome for outcome in CallOutcome}

_EXCEPTION: Final = "exception.type"

_STATE: Final = "celery.state"

#: Attributes of spans that are read here.
READ: Final = (OUTCOME, RETRIES, _STATE, *_SETTLED, *(sign.attribute for sign in SIGNS))

#: OTLP's status code of what says nothing.
_UNSET: Final = 0


def compute_outcomes(attributes: Attributes, spans: pa.Table, events: pa.Table | None) -> pa.StringArray:
    """Returns how each span ended: `ok`, `failed`, `retry`, `cancelled` or `waiting`, of calls of ours
    also `recorded` or `parked`; NULL where its status tells.

    Args:
        attributes: of the spans.
        spans: with `status_code` and `end_ns`.
        events: of the batch, each with the `row` of its span.
    """
    codes = spans.column("status_code").combine_chunks()
    failed, unset = pc.equal(codes, ERROR), pc.equal(codes, _UNSET).fill_null(True)
    retried = pc.if_else(attributes.texts(RETRIES).is_valid(), StepOutcome.RETRY.value, pa.scalar(None, pa.string()))
    last, ends = _find_last_exceptions(events), spans.column("end_ns")
    thrown = _place_by_row(((one.row, one.outcome) for one in last), len(attributes))
    escaped = ((one.row, one.outcome or StepOutcome.FAILED) for one in last if one.is_end(ends[one.row].as_py()))
    # An exception that was overcome is no end; but who leaves by one to ask a person says that all is well.
    ended_so = pc.if_else(pc.or_kleene(pc.equal(thrown, WAITING), failed), thrown, pa.scalar(None, pa.string()))
    told = (
        _read_failure_signs(attributes),
        _place_by_row(escaped, len(attributes)),
        _map_texts(attributes.texts(*_SETTLED), SETTLED),
    )
    ours = _map_texts(attributes.texts(OUTCOME), CALLS)
    found = pc.coalesce(ours, _map_texts(attributes.texts(_STATE), CELERY), retried, ended_so, told[2])
    return pc.coalesce(found, pc.if_else(unset, pc.coalesce(*told[:2]), pa.scalar(None, pa.string())))


@dataclass(frozen=True, slots=True)
class _Exception:
    """One that was recorded within a span."""

    row: int
    at_ns: int
    type: str
    escaped: str | None

    @property
    def outcome(self) -> str | None:
        """What a span that ends by it ended with, where it is no failure."""
        return EXCEPTIONS.get(self.type)

    def is_end(self, end_ns: int) -> bool:
        """Whether a span was left by it: it says so, or the span ended right then."""
        if self.escaped is None:
            return abs(end_ns - self.at_ns) <= _AT_THE_END_NS
        return self.escaped.lower() == "true"


def _find_last_exceptions(events: pa.Table | None) -> list[_Exception]:
    """Returns the last exception of each span that has one: an earlier one was overcome."""
    if events is None or not events.num_rows:
        return []
    said = Attributes(events.column("attributes").combine_chunks())
    types = said.texts(_EXCEPTION)
    told = types.is_valid()
    if not told.true_count:
        return []
    columns = (events.column("row"), events.column("time_ns"), types, said.texts("exception.escaped"))
    thrown = [_Exception(*row) for row in zip(*(one.filter(told).to_pylist() for one in columns), strict=True)]
    return list({one.row: one for one in sorted(thrown, key=lambda one: one.at_ns)}.values())


def _place_by_row(thrown: Iterable[tuple[int, str | None]], count: int) -> pa.StringArray:
    found: list[str | None] = [None] * count
    for row, means in thrown:
        found[row] = means
    return pa.array(found, pa.string())


def _read_failure_signs(attributes: Attributes) -> pa.StringArray:
    """Returns what attributes say that tell of a failure, or of what an exception means."""
    found = pa.nulls(len(attributes), pa.string())
    for sign in SIGNS:
        texts = attributes.texts(sign.attribute)
        if texts.null_count < len(texts):
            means = {text: EXCEPTIONS.get(text, StepOutcome.FAILED) for text in texts.unique().to_pylist() if text}
            found = pc.coalesce(
                found, _map_texts(texts, {text: end for text, end in means.items() if sign.is_failure(text)})
            )
    return found


def _map_texts(texts: pa.StringArray, means: Mapping[str, str]) -> pa.StringArray:
    coded = texts.dictionary_encode()
    read = pa.array([means.get(text) for text in coded.dictionary.to_pylist()], pa.string())
    return read.take(coded.indices) if len(read) else pa.nulls(len(texts), pa.string())
