"""One message in the shape of any provider or framework, and lists of them in whatever wraps them."""

from collections.abc import Mapping
from typing import Any, Final

from collector.agents.messages.json_values import decode_json_value
from collector.agents.messages.parts import (
    build_text_fields,
    make_answer_part,
    raw_part,
    read_parts,
    tool_answer_part,
    tool_call_part,
)
from collector.models.conversations import Message, Part

Shape = Mapping[str, Any]

#: What roles are called elsewhere.
_ROLES: Final = {
    "human": "user",
    "humanmessage": "user",
    "humanmessagechunk": "user",
    "input": "user",
    "ai": "assistant",
    "aimessage": "assistant",
    "aimessagechunk": "assistant",
    "model": "assistant",
    "bot": "assistant",
    "choice": "assistant",
    "chatbot": "assistant",
    "systemmessage": "system",
    "developer": "system",
    "instructions": "system",
    "toolmessage": "tool",
    "function": "tool",
    "functionmessage": "tool",
    "tool_response": "tool",
    "ipython": "tool",
    "humanmessageprompttemplate": "user",
}
#: Types of LangChain's messages, which stand where others have a piece's type.
_TYPED: Final = frozenset({"human", "ai", "system", "tool", "function", "chat", "AIMessageChunk", "developer"})

#: Items of OpenAI's responses that are no messages, by the role whose message they are.
_ITEMS: Final = {
    "function_call": "assistant",
    "reasoning": "assistant",
    "function_call_output": "tool",
    "tool_call": "assistant",
    "tool-call": "assistant",
    "tool-result": "tool",
    "tool_call_response": "tool",
    "custom_tool_call": "assistant",
    "custom_tool_call_output": "tool",
}

#: Where messages lie in what wraps them.
_LISTS: Final = ("messages", "input_messages", "output_messages", "contents", "choices", "candidates", "generations")
#: Where one value lies that is to be read in turn.
_WRAPPERS: Final = (
    "message",
    "prompt",
    "input",
    "output",
    "inputs",
    "outputs",
    "response",
    "answer",
    "question",
    "query",
)

#: The system's text beside messages.
_INSTRUCTIONS: Final = ("system", "instructions", "systemInstruction", "system_instruction")

_FINISHES: Final = ("finish_reason", "finishReason", "stop_reason", "stopReason")

#: Wrappers within wrappers.
_DEPTH: Final = 6


def read_messages(value: Any, role: str) -> list[Message]:
    """Returns the messages of a value, whatever wraps them; text is one message.

    Args:
        value: a structure, text of one, or any text.
        role: whose it is where nothing tells.
    """
    told = decode_json_value(value)
    found = _read_value(told.value, role, 0)
    if told.cut and found:
        found[-1] = found[-1].model_copy(update={"cut": True})
    return found


def read_message(shape: Shape, role: str) -> Message:
    """Returns one message."""
    told = _unwrap_message(shape)
    name = _read_role(told, role)
    parts = _read_message_parts(told, name)
    finish = next((told[key] for key in _FINISHES if isinstance(told.get(key), str)), None)
    if finish is None:
        finish = _map_or_empty(told.get("response_metadata")).get("finish_reason")
    named = told.get("name")
    return Message(
        role=name,
        parts=parts or _read_leftovers(told),
        name=named if isinstance(named, str) and named and name != "tool" else None,
        finish=finish if isinstance(finish, str) and finish else None,
        choice=told["index"] if isinstance(told.get("index"), int) and told["index"] >= 0 else 0,
    )


def is_message(value: Any) -> bool:
    """Returns whether a structure is one message."""
    if not isinstance(value, Mapping):
        return False
    if "role" in value or "parts" in value or "tool_calls" in value or "event.name" in value:
        return True
    if value.get("lc") is not None and isinstance(value.get("kwargs"), Mapping):
        return True
    return value.get("type") in _TYPED and ("content" in value or "data" in value)


def _read_value(value: Any, role: str, depth: int) -> list[Message]:
    if value is None or value in ("", [], {}):
        return []
    if depth > _DEPTH:
        return [Message(role=role, parts=[raw_part(value)])]
    if isinstance(value, str):
        inner = decode_json_value(value).value
        return (
            [Message(role=role, parts=read_parts(value))]
            if isinstance(inner, str)
            else _read_value(inner, role, depth + 1)
        )
    if isinstance(value, list):
        return _read_list(value, role, depth)
    if isinstance(value, Mapping):
        return _read_map(value, role, depth)
    return [Message(role=role, parts=[raw_part(value)])]


def _read_list(values: list[Any], role: str, depth: int) -> list[Message]:
    if all(isinstance(each, str) or (isinstance(each, Mapping) and not _is_standalone(each)) for each in values):
        return [Message(role=role, parts=read_parts(values))]
    found: list[Message] = []
    for each in values:
        found += _read_value(each, role, depth + 1)
    return found


def _is_standalone(value: Shape) -> bool:
    return (
        is_message(value)
        or value.get("type") in (*_ITEMS, "message")
        or any(key in value for key in (*_LISTS, "message", "delta"))
        or _is_candidate(value)
    )


def _read_map(value: Shape, role: str, depth: int) -> list[Message]:
    if value.get("type") in _ITEMS and "role" not in value:
        whose = _ITEMS[str(value["type"])]
        return [Message(role=whose, parts=_read_item(value))]
    if is_message(value):
        return [read_message(value, role)]
    before = _read_instructions(value, depth)
    for key in _LISTS:
        if isinstance(value.get(key), list):
            return [*before, *_read_value(value[key], role, depth + 1)]
    if isinstance(value.get("message"), Mapping) or isinstance(value.get("delta"), Mapping):
        return [*before, _read_choice(value, role)]
    if _is_candidate(value):
        inner = read_message(value["content"], "assistant")
        finish = next((value[key] for key in _FINISHES if isinstance(value.get(key), str)), None)
        return [inner.model_copy(update={"finish": finish, "choice": _read_index(value)})]
    for key in _WRAPPERS:
        if (inner_value := value.get(key)) not in (None, "", [], {}) and (len(value) <= 3 or before):
            return [*before, *_read_value(inner_value, role, depth + 1)]
    return [*before, Message(role=role, parts=read_parts(value))]


def _is_candidate(value: Shape) -> bool:
    """Returns whether it is one of Gemini's answers."""
    return isinstance(value.get("content"), Mapping) and "parts" in value["content"]


def _read_item(value: Shape) -> list[Part]:
    if _ITEMS[str(value["type"])] == "tool":
        return [tool_answer_part({**value, "id": value.get("call_id") or value.get("id")})]
    if value["type"] == "reasoning":
        return read_parts(value)
    return [tool_call_part({**value, "id": value.get("call_id") or value.get("id")})]


def _read_instructions(value: Shape, depth: int) -> list[Message]:
    """Returns the system's text that stands beside messages."""
    shapes = (value, _map_or_empty(value.get("config")))  # Google's clients keep it with the settings
    told = next((shape[key] for shape in shapes for key in _INSTRUCTIONS if shape.get(key)), None)
    return [] if told is None else _read_value(told, "system", depth + 1)


def _read_choice(value: Shape, role: str) -> Message:
    """Returns one candidate of an answer, whose message lies within it."""
    inner = value.get("message") or value.get("delta")
    found = read_message(_map_or_empty(inner), role)
    finish = next((value[key] for key in _FINISHES if isinstance(value.get(key), str)), found.finish)
    return found.model_copy(update={"finish": finish, "choice": _read_index(value)})


def _read_index(value: Shape) -> int:
    index = value.get("index")
    return index if isinstance(index, int) and index >= 0 else 0


def _unwrap_message(shape: Shape) -> Shape:
    """Returns a message of LangChain's as others write it."""
    if isinstance(shape.get("kwargs"), Mapping):
        kinds = shape.get("id")
        kind = kinds[-1] if isinstance(kinds, list) and kinds else ""
        return {"type": kind, **shape["kwargs"]}
    if shape.get("type") in _TYPED and isinstance(shape.get("data"), Mapping):
        return {"type": shape["type"], **shape["data"]}
    if isinstance(shape.get("message"), Mapping) and "role" not in shape and "content" not in shape:
        return {**shape, **shape["message"]}
    return shape


def _read_role(shape: Shape, otherwise: str) -> str:
    event = shape.get("event.name")
    told = shape.get("role") or (shape.get("type") if "role" not in shape else None) or ""
    if isinstance(event, str) and not shape.get("role"):
        told = event.removeprefix("gen_ai.").removesuffix(".message")
    name = str(told).lower()
    if name in ("", "message", "chat", "constructor", "text"):
        return otherwise
    return _ROLES.get(name, name if len(name) <= 40 else otherwise)


def _read_message_parts(shape: Shape, role: str) -> list[Part]:
    content = shape.get("parts") if shape.get("parts") is not None else shape.get("content")
    if role == "tool" and not _has_answers(content):
        id_ = next(
            (shape[key] for key in ("tool_call_id", "toolCallId", "id") if isinstance(shape.get(key), str)), None
        )
        named = shape.get("name")
        failed = shape.get("status") == "error" or bool(shape.get("is_error"))
        return [make_answer_part(content, id_, named if isinstance(named, str) else None, failed=failed)]
    calls = [*_decode_list(shape.get("tool_calls")), *_decode_list(shape.get("toolCalls"))]
    parts = _read_thoughts(shape) + [part for part in read_parts(content) if not _is_repeated_call(part, calls)]
    parts += [tool_call_part(each) if isinstance(each, Mapping) else raw_part(each) for each in calls]
    parts += [tool_call_part(shape["function_call"])] if isinstance(shape.get("function_call"), Mapping) else []
    if isinstance(refusal := shape.get("refusal"), str) and refusal:
        parts.append(Part(kind="refusal", text=refusal))
    if isinstance(audio := shape.get("audio"), Mapping):
        parts.append(
            Part(kind="audio", text=audio.get("transcript") if isinstance(audio.get("transcript"), str) else None)
        )
    return parts


def _read_thoughts(shape: Shape) -> list[Part]:
    told = next((shape[key] for key in ("reasoning_content", "reasoning", "thinking") if shape.get(key)), None)
    return [Part(kind="reasoning", text=told)] if isinstance(told, str) else []


def _is_repeated_call(part: Part, calls: list[Any]) -> bool:
    """Returns whether a piece is a call that the message lists beside its content, too, as LangChain does."""
    ids = [_map_or_empty(each).get("id") for each in calls]
    return part.kind == "tool_call" and part.id is not None and part.id in ids


def _has_answers(content: Any) -> bool:
    """Returns whether the pieces of a tool's message say themselves which calls they answer."""
    told = decode_json_value(content).value
    pieces = told if isinstance(told, list) else []
    return any(
        isinstance(each, Mapping) and any(part.kind == "tool_answer" for part in read_parts(each)) for each in pieces
    )


def _read_leftovers(shape: Shape) -> list[Part]:
    """Returns what is told of a message that seems to say nothing: what else is in it, as it came."""
    known = {"role", "type", "content", "parts", "name", "id", "index", "event.name", *_FINISHES}
    rest = {key: value for key, value in shape.items() if key not in known and value not in (None, "", [], {}, False)}
    return [Part(kind="raw", **build_text_fields(rest))] if rest else []


def _decode_list(value: Any) -> list[Any]:
    told = decode_json_value(value).value
    return told if isinstance(told, list) else [told] if isinstance(told, Mapping) else []


def _map_or_empty(value: Any) -> Shape:
    return value if isinstance(value, Mapping) else {}
