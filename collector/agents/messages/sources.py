"""Where messages are: one table of attributes and events, by convention; and which of them counts where several tell.

Both generations of a convention arrive together, so that what is there decides, and no version.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from operator import attrgetter
from typing import Any, Final

from collector.agents.messages.json_values import decode_json_value
from collector.agents.messages.message import read_message, read_messages
from collector.agents.messages.message_memory import MessageMemory
from collector.models.conversations import Message

Attributes = Mapping[str, Any]

#: The event that has what attributes would have, where contents are sent apart (OpenTelemetry gen_ai from 1.37 on).
DETAILS: Final = "gen_ai.client.inference.operation.details"

_GIVEN: Final = ("gen_ai.input.messages", "gen_ai.system_instructions")
_ANSWER: Final = ("gen_ai.output.messages",)

#: Events of one message each (OpenTelemetry gen_ai 1.28 to 1.36), and whose it is.
SAYING: Final = {
    "gen_ai.system.message": "system",
    "gen_ai.user.message": "user",
    "gen_ai.assistant.message": "assistant",
    "gen_ai.tool.message": "tool",
    "gen_ai.choice": "assistant",
    # Up to 1.27, with a list of messages in the attribute of almost that name.
    "gen_ai.content.prompt": "user",
    "gen_ai.content.completion": "assistant",
}
#: Names of all events that hold messages.
EVENTS: Final = (DETAILS, *SAYING)

#: Attributes of which `collector.agents.messages` reads, as one regular expression of whole names or of how they begin.
CONTENT: Final = re.compile(
    r"^(gen_ai\.(input\.messages|output\.messages|system_instructions|system\.instructions|prompt|completion"
    r"|tool\.call\.(id|arguments|result)|task\.(input|output)|response\.finish_reasons)$"
    r"|gen_ai\.(prompt|completion)\.\d"
    r"|llm\.(input_messages|output_messages|prompts|completions|choices)\."
    r"|llm\.prompt_template\.template$"
    r"|(input|output)\.(value|mime_type)$"
    r"|ai\.(prompt|response|toolCall)[.A-Za-z]*$"
    r"|langfuse\.observation\.(input|output)$"
    r"|traceloop\.entity\.(input|output)$"
    r"|(pydantic_ai\.)?all_messages(_events)?$|events$|final_result$|request_data$|response_data$"
    r"|tool_arguments$|tool_response$|tool\.parameters$|retrieval\.documents\.|reranker\."
    r"|gcp\.vertex\.agent\.(llm_request|llm_response|tool_call_args|tool_response)$)"
)


@dataclass(frozen=True, slots=True)
class CallEvent:
    """An event of a span, or a log record that names the span.

    Attributes:
        name: what it is called.
        attributes: what it says.
        body: of a log record what is in its body; None for a span's event.
    """

    name: str
    attributes: Attributes
    body: Any = None

    @property
    def fields(self) -> Attributes:
        """Attributes and body together."""
        return {**self.attributes, **self.body} if isinstance(self.body, Mapping) else self.attributes


@dataclass(slots=True)
class CallMessages:
    """What one call was told, and what it answered.

    Attributes:
        told, answered: the messages.
        source: the names that they were read from.
        notes: what a reader should know of how they were read.
    """

    told: list[Message] = field(default_factory=list)
    answered: list[Message] = field(default_factory=list)
    source: str = ""
    notes: list[str] = field(default_factory=list)


def read_model_call(
    attributes: Attributes, events: Sequence[CallEvent] = (), *, plain: bool = True, memory: MessageMemory | None = None
) -> CallMessages:
    """Returns the messages of a call of a model.

    Args:
        attributes: of its span.
        events: of its span, and log records that name it, in order of their time.
        plain: whether values of no convention's, such as `input.value`, are believed; no sender means messages by them
            where the span is a chain.
        memory: of the calls before, which makes that much of a history is not read again.
    """
    told, source = _read_first(_input_sources(attributes, events, plain=plain, memory=memory or MessageMemory()))
    answered, other = _read_first(_answer_sources(attributes, events, plain=plain))
    said = CallMessages(told, answered, " and ".join(dict.fromkeys(name for name in (source, other) if name)))
    if any(map(_IS_CUT, told)) or any(map(_IS_CUT, answered)):  # of many, most were read before
        said.notes.append(CUT)
    return said


_IS_CUT: Final = attrgetter("cut")

#: What is said where a sender's limit cut messages.
CUT: Final = (
    "cut by the sender: what comes after is lost. Its limit is OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT or "
    "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT"
)

_Tried = tuple[str, Callable[[], list[Message]]]


def _read_first(tries: Iterator[_Tried]) -> tuple[list[Message], str]:
    for name, tried in tries:
        if found := tried():
            return found, name
    return [], ""


def _input_sources(
    attributes: Attributes, events: Sequence[CallEvent], *, plain: bool, memory: MessageMemory
) -> Iterator[_Tried]:
    yield "gen_ai.input.messages", lambda: _read_with_instructions(attributes, "gen_ai.input.messages", "user", memory)
    yield (
        DETAILS,
        lambda: [
            m
            for e in _last_event_with(events, _GIVEN)
            for m in _read_with_instructions(e.fields, "gen_ai.input.messages", "user", memory)
        ],
    )
    yield "llm.input_messages", lambda: memory.read_flattened(attributes, "llm.input_messages.", "user")
    yield "gen_ai.*.message", lambda: [m for each in events if not _is_answer(each) for m in _read_event(each)]
    yield "gen_ai.prompt.*", lambda: memory.read_flattened(attributes, "gen_ai.prompt.", "user")
    yield "ai.prompt.messages", lambda: memory.read_messages(attributes.get("ai.prompt.messages"), "user")
    yield "events", lambda: [each for each, answer in _read_logfire(attributes) if not answer]
    for name in (
        "gcp.vertex.agent.llm_request",
        "langfuse.observation.input",
        "request_data",
        "ai.prompt",
        "gen_ai.prompt",
    ):
        yield name, partial(memory.read_messages, attributes.get(name), "user")
    yield "llm.prompts", lambda: memory.read_flattened(attributes, "llm.prompts.", "user")
    if plain:
        for name in ("input.value", "traceloop.entity.input", "gen_ai.task.input"):
            yield name, partial(memory.read_messages, attributes.get(name), "user")


def _answer_sources(attributes: Attributes, events: Sequence[CallEvent], *, plain: bool) -> Iterator[_Tried]:
    yield (
        "gen_ai.output.messages",
        lambda: _number_candidates(read_messages(attributes.get("gen_ai.output.messages"), "assistant")),
    )
    yield (
        DETAILS,
        lambda: _number_candidates(
            [m for e in _last_event_with(events, _ANSWER) for m in read_messages(e.fields.get(_ANSWER[0]), "assistant")]
        ),
    )
    yield "llm.output_messages", lambda: MessageMemory().read_flattened(attributes, "llm.output_messages.", "assistant")
    yield "gen_ai.choice", lambda: [m for each in events if _is_answer(each) for m in _read_event(each)]
    yield (
        "gen_ai.completion.*",
        lambda: _number_candidates(MessageMemory().read_flattened(attributes, "gen_ai.completion.", "assistant")),
    )
    yield "ai.response", lambda: _read_vercel_answer(attributes)
    yield "events", lambda: [each for each, answer in _read_logfire(attributes) if answer]
    for name in ("gcp.vertex.agent.llm_response", "langfuse.observation.output", "response_data", "gen_ai.completion"):
        yield name, partial(read_messages, attributes.get(name), "assistant")
    for prefix in ("llm.completions.", "llm.choices."):
        yield prefix[:-1], partial(MessageMemory().read_flattened, attributes, prefix, "assistant")
    if plain:
        for name in ("output.value", "traceloop.entity.output", "gen_ai.task.output", "final_result"):
            yield name, partial(read_messages, attributes.get(name), "assistant")


def _read_with_instructions(said: Attributes, name: str, role: str, memory: MessageMemory) -> list[Message]:
    """Returns messages with the system's text before them, which is sent apart from the history by some."""
    given = said.get("gen_ai.system_instructions") or said.get("gen_ai.system.instructions")
    parts = read_messages(given, "system")
    return [
        *(each.model_copy(update={"role": "system"}) for each in parts),
        *memory.read_messages(said.get(name), role),
    ]


def _number_candidates(found: list[Message]) -> list[Message]:
    """Returns answers, each a candidate of its own: one message is one choice."""
    return [each if each.choice else each.model_copy(update={"choice": at}) for at, each in enumerate(found)]


def _last_event_with(events: Sequence[CallEvent], names: Sequence[str]) -> list[CallEvent]:
    """Returns the last event of details that says one of some names; sent on the span and as a log as well, it is told
    once. Strands Agents send what was asked and what was answered in an event each."""
    found = [each for each in events if each.name == DETAILS and any(each.fields.get(name) for name in names)]
    return found[-1:]


def _is_answer(event: CallEvent) -> bool:
    return event.name in ("gen_ai.choice", "gen_ai.content.completion")


def _read_event(event: CallEvent) -> list[Message]:
    role = SAYING.get(event.name)
    if role is None:
        return []
    said = event.fields
    if (held := said.get("gen_ai.event.content")) is not None:  # Azure AI agents: all of it as JSON
        inner = decode_json_value(held).value
        if not isinstance(inner, Mapping):
            return read_messages(inner, role)
        said = inner
    if event.name.startswith("gen_ai.content."):
        return read_messages(said.get(f"gen_ai.{event.name.rpartition('.')[2]}"), role)
    told = {key: value for key, value in said.items() if key not in _ABOUT}
    if isinstance(inner := read_choice(told), list):
        return inner
    if event.body is not None and not isinstance(event.body, Mapping):
        return read_messages(event.body, role)
    return [read_message({"role": role, **told}, role)]


#: Attributes of events that are about the call.
_ABOUT: Final = frozenset({"gen_ai.system", "gen_ai.provider.name", "event.name", "gen_ai.operation.name"})


def read_choice(told: Attributes) -> list[Message] | None:
    """Returns the message of a choice, in which it lies within; None where it does not."""
    inner = told.get("message")
    if inner is None:
        return None
    found = [read_message(inner, "assistant")] if isinstance(inner, Mapping) else read_messages(inner, "assistant")
    finish, index = told.get("finish_reason"), told.get("index")
    update = {"finish": finish if isinstance(finish, str) else None, "choice": index if isinstance(index, int) else 0}
    return [each.model_copy(update=update) for each in found]


def _read_logfire(attributes: Attributes) -> list[tuple[Message, bool]]:
    """Returns messages of Logfire's list of events, each with whether it is the answer: the last ones are."""
    found = read_messages(attributes.get("events") or attributes.get("all_messages_events"), "user")
    cut = len(found)
    while cut and found[cut - 1].role == "assistant":
        cut -= 1
    return [(each, at >= cut) for at, each in enumerate(found)]


def _read_vercel_answer(attributes: Attributes) -> list[Message]:
    content: list[Any] = []
    if thought := attributes.get("ai.response.reasoning"):
        content.append({"type": "reasoning", "text": thought})
    texts = (attributes.get(name) for name in ("ai.response.text", "ai.response.object"))
    content += [{"type": "text", "text": text} for text in texts if text]
    shape = {"content": content, "tool_calls": attributes.get("ai.response.toolCalls")}
    if not content and not shape["tool_calls"]:
        return []
    return [read_message({**shape, "finish_reason": attributes.get("ai.response.finishReason")}, "assistant")]


def read_agent(attributes: Attributes, events: Sequence[CallEvent] = ()) -> CallMessages:
    """Returns the conversation that an agent's span tells of as a whole, or what it was given and answered.

    Args:
        attributes: of its span.
        events: of its span, and log records that name it.
    """
    for name in ("pydantic_ai.all_messages", "all_messages_events", "gen_ai.input.messages"):
        found = read_messages(attributes.get(name), "user")
        if found and not (name.startswith("gen_ai") and attributes.get("gen_ai.output.messages")):
            last = len(found) - 1 if found[-1].role == "assistant" else len(found)
            return CallMessages(found[:last], found[last:], name, [CUT] if found[-1].cut else [])
    return read_model_call(attributes, events)
