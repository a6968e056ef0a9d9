"""What a tool, a retriever or a guardrail was given, and what it answered, as its own span tells."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from collector.agents.messages import flat_attributes
from collector.agents.messages.json_values import decode_json_value
from collector.agents.messages.parts import build_text_fields, make_answer_part
from collector.agents.messages.sources import DETAILS, CallEvent
from collector.models.conversations import Message, Part

#: Attributes that hold the id of the call that a model asked for.
CALL_IDS: Final = ("gen_ai.tool.call.id", "ai.toolCall.id", "tool_call.id")

#: Attributes that hold what it was given, the most telling first; and what it answered.
_GIVEN: Final = (
    "gen_ai.tool.call.arguments",
    "tool_arguments",
    "ai.toolCall.args",
    "tool.parameters",
    "langfuse.observation.input",
    "traceloop.entity.input",
    "input.value",
    "gcp.vertex.agent.tool_call_args",
    "gen_ai.prompt",
    "reranker.query",
)
_ANSWERED: Final = (
    "gen_ai.tool.call.result",
    "tool_response",
    "ai.toolCall.result",
    "langfuse.observation.output",
    "traceloop.entity.output",
    "output.value",
    "gcp.vertex.agent.tool_response",
    "gen_ai.completion",
)

#: Lists of documents that are told a value each, in OpenInference's words.
_DOCUMENTS: Final = ("retrieval.documents.", "reranker.output_documents.")
_RANKED: Final = "reranker.input_documents."

#: What OpenTelemetry's instrumentation of LangChain, and OpenLLMetry, wrap around what a tool is given and answers.
_AROUND_GIVEN: Final = ("input_str", "inputs", "kwargs")
_AROUND_ANSWER: Final = ("output", "kwargs")


#: Events by what they tell of a tool's call: their names, the attribute that holds it, and the one that it stands for.
_BY_EVENT: Final = (
    ("gen_ai.tool.message", "content", "gen_ai.tool.call.arguments"),
    ("gen_ai.tool.message", "id", "gen_ai.tool.call.id"),
    ("gen_ai.choice", "message", "gen_ai.tool.call.result"),
    ("gen_ai.choice", "id", "gen_ai.tool.call.id"),
)
#: The same of an event that holds messages: the attribute, the kind of part, where that has it, and what it stands for.
_BY_DETAILS: Final = (
    ("gen_ai.input.messages", "tool_call", ("arguments",), "gen_ai.tool.call.arguments"),
    ("gen_ai.output.messages", "tool_call_response", ("response", "result"), "gen_ai.tool.call.result"),
)


def find_call_id(attributes: Mapping[str, Any]) -> str | None:
    """Returns the id of the call that a tool's span is of, where it tells: some tell it in the answer alone."""
    for name in CALL_IDS:
        if isinstance(attributes.get(name), str):
            return str(attributes[name])
    for name in _ANSWERED:
        if (found := _find_id_within(decode_json_value(attributes.get(name)).value)) is not None:
            return found
    return None


def read_arguments(attributes: Mapping[str, Any], name: str) -> Part | None:
    """Returns with what a tool was called; None where its span does not tell.

    Args:
        attributes: of its span.
        name: the tool's.
    """
    value = _first_value(attributes, _GIVEN, _AROUND_GIVEN)
    if documents := flat_attributes.build_list(attributes, _RANKED):
        value = {"query": attributes.get("reranker.query", value), "documents": documents}
    return (
        None
        if value is None
        else Part(kind="tool_call", id=find_call_id(attributes), name=name, **build_text_fields(value))
    )


def read_answer(attributes: Mapping[str, Any], name: str) -> Part | None:
    """Returns what a tool answered; None where its span does not tell."""
    value = _first_value(attributes, _ANSWERED, _AROUND_ANSWER)
    if value is None:
        documents = [each for prefix in _DOCUMENTS for each in flat_attributes.build_list(attributes, prefix)]
        return Part(kind="tool_answer", name=name, **build_text_fields(documents)) if documents else None
    if isinstance(value, Mapping) and "content" in value and ("tool_call_id" in value or "lc" in value):
        value = value["content"]
    return make_answer_part(value, find_call_id(attributes), name)


def add_events(attributes: Mapping[str, Any], events: Iterable[CallEvent]) -> Mapping[str, Any]:
    """Returns the attributes of a tool's span with what its events tell beside them, as Strands Agents send it.

    Args:
        attributes: of its span.
        events: of its span.
    """
    told: dict[str, Any] = {}
    for event in events:
        for name, key, says in _BY_EVENT:
            if event.name == name and event.fields.get(key) not in (None, ""):
                told.setdefault(says, decode_json_value(event.fields[key]).value)
        if event.name == DETAILS:
            told = {**_read_details(event.fields), **told}
    return {**told, **attributes} if told else attributes


def _read_details(said: Mapping[str, Any]) -> dict[str, Any]:
    """Returns what the messages of an event say that are a tool's call and its answer."""
    found: dict[str, Any] = {}
    for name, kind, keys, says in _BY_DETAILS:
        for message in _list_or_empty(decode_json_value(said.get(name)).value):
            for part in _list_or_empty(message.get("parts")) if isinstance(message, Mapping) else []:
                if not isinstance(part, Mapping) or part.get("type") != kind:
                    continue
                told = next((part[key] for key in keys if part.get(key) is not None), None)
                found |= {} if told is None else {says: told}
                found |= {"gen_ai.tool.call.id": part["id"]} if isinstance(part.get("id"), str) else {}
    return found


def _list_or_empty(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def read_tool_messages(attributes: Mapping[str, Any], name: str) -> tuple[list[Message], list[Message]]:
    """Returns both as messages."""
    asked, answer = read_arguments(attributes, name), read_answer(attributes, name)
    return (
        [] if asked is None else [Message(role="assistant", parts=[asked])],
        [] if answer is None else [Message(role="tool", parts=[answer])],
    )


def _first_value(attributes: Mapping[str, Any], names: tuple[str, ...], wrappers: tuple[str, ...]) -> Any:
    for name in names:
        if attributes.get(name) not in (None, ""):
            return _unwrap_value(attributes[name], wrappers)
    return None


def _unwrap_value(value: Any, wrappers: tuple[str, ...]) -> Any:
    told = decode_json_value(value).value
    if isinstance(told, Mapping) and "input_str" in wrappers and "input_str" in told:
        return told.get("inputs") or told["input_str"]
    for name in wrappers if isinstance(told, Mapping) and (len(told) <= 2 or "lc" in told) else ():
        if told.get(name) not in (None, "", {}):
            return _unwrap_value(told[name], wrappers)
    return value


def _find_id_within(value: Any) -> str | None:
    for _ in range(4):
        if not isinstance(value, Mapping):
            return None
        if isinstance(value.get("tool_call_id"), str):
            return str(value["tool_call_id"])
        value = decode_json_value(value.get("kwargs") or value.get("output")).value
    return None
