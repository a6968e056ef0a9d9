"""The pieces of a message, in the shapes of all providers and conventions: OpenTelemetry, OpenAI (chat and responses),
Anthropic, Gemini, Bedrock, Vercel's AI SDK and LangChain. What no shape explains is told as it came, never left out."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from collector.agents.messages import media
from collector.agents.messages.json_values import decode_json_value, text_of
from collector.models.conversations import Part, PartKind

Shape = Mapping[str, Any]

#: Types of pieces that are files, and what they are.
_FILES: Final[Mapping[str, PartKind]] = {
    "image": "image",
    "image_url": "image",
    "input_image": "image",
    "image-url": "image",
    "image_generation_call": "image",
    "audio": "audio",
    "input_audio": "audio",
    "audio-url": "audio",
    "video": "video",
    "video-url": "video",
    "file": "file",
    "input_file": "file",
    "document": "file",
    "document-url": "file",
    "blob": "file",
    "uri": "file",
    "binary": "file",
}
_TEXTS: Final = frozenset({"text", "input_text", "output_text", "summary_text", "guard_content", "markdown"})
_CALLS: Final = frozenset(
    {"tool_call", "tool-call", "tool_use", "function_call", "function", "server_tool_call", "server_tool_use"}
)
_ANSWERS: Final = frozenset(
    {
        "tool_call_response",
        "tool-result",
        "tool_result",
        "function_call_output",
        "server_tool_call_response",
        "tool_response",
        "tool-call-response",
        "web_search_tool_result",
    }
)
_THOUGHTS: Final = frozenset({"reasoning", "thinking", "redacted_thinking", "redacted-reasoning", "reasoning_content"})

#: Where text lies.
_TEXT_KEYS: Final = ("text", "content", "input_text", "output_text")
_ID_KEYS: Final = ("id", "call_id", "tool_call_id", "toolCallId", "tool_use_id", "toolUseId")
_NAME_KEYS: Final = ("name", "tool_name", "toolName", "function_name")
_ARGUMENT_KEYS: Final = ("arguments", "args", "input", "parameters")
_ANSWER_KEYS: Final = ("response", "result", "output", "content", "return_value", "json")


#: Bedrock's pieces, each with one key that says what it is.
_BEDROCK: Final = frozenset(
    {"text", "toolUse", "toolResult", "image", "document", "video", "reasoningContent", "guardContent", "cachePoint"}
)
#: What a text begins with that holds pieces, and the characters in which it is looked for.
_PIECE: Final = re.compile(rf'"(?:type|{"|".join(sorted(_BEDROCK))})"\s*:')
_HEAD: Final = 2_000


def read_parts(content: Any) -> list[Part]:
    """Returns the parts of a message's content: text, a list of texts or pieces, one piece, or text of such a list."""
    if content is None or content == "" or content == []:
        return []
    if isinstance(content, str):
        return _read_text_content(content)
    if isinstance(content, list):
        return [part for item in content for part in read_parts(item)]
    if isinstance(content, Mapping):
        return _read_shape(content)
    return [raw_part(content)]


def raw_part(value: Any) -> Part:
    """Returns what no convention explains, as it came."""
    shown = media.hide_encoded(value)
    return Part(kind="raw", text=text_of(shown), json_text=not isinstance(shown, str), digest=_digest(value, shown))


def tool_call_part(shape: Shape) -> Part:
    """Returns the call of a tool that a model asks for."""
    inner: Shape = next(
        (shape[key] for key in ("function", "tool_call", "custom") if isinstance(shape.get(key), Mapping)), {}
    )
    told = {**shape, **inner}
    arguments = next((told[key] for key in _ARGUMENT_KEYS if told.get(key) is not None), None)
    if arguments is None and isinstance(told.get("arguments_json"), str):
        arguments = told["arguments_json"]
    return Part(
        kind="tool_call",
        id=_first_text(told, _ID_KEYS),
        name=_first_text(told, _NAME_KEYS),
        **build_text_fields(arguments),
    )


def tool_answer_part(shape: Shape) -> Part:
    """Returns what a tool answered; `response` and `result` are both in use."""
    answer = next((shape[key] for key in _ANSWER_KEYS if shape.get(key) is not None), None)
    if isinstance(answer, Mapping) and answer.get("type") in ("text", "json", "error-text") and "value" in answer:
        answer = answer["value"]
    return make_answer_part(
        answer,
        id_=_first_text(shape, ("tool_call_id", "tool_use_id", "toolUseId", *_ID_KEYS)),
        name=_first_text(shape, _NAME_KEYS),
        failed=bool(shape.get("is_error")) or shape.get("status") == "error",
    )


def make_answer_part(answer: Any, id_: str | None = None, name: str | None = None, *, failed: bool = False) -> Part:
    """Returns a tool's answer, of which pieces of text are one text."""
    pieces = read_parts(answer) if isinstance(answer, list) else []
    notes = ["the tool says that it failed"] if failed else []
    if pieces and all(piece.kind == "text" for piece in pieces):
        text = "\n".join(piece.text or "" for piece in pieces)
        return Part(kind="tool_answer", id=id_, name=name, text=text, notes=notes)
    told = build_text_fields(answer)
    return Part(kind="tool_answer", id=id_, name=name, **{**told, "notes": [*notes, *told["notes"]]})


def build_text_fields(value: Any) -> dict[str, Any]:
    """Returns the fields of a part for what may be a structure, text of one, or any text."""
    if value is None or value == "":
        return {"text": None, "json_text": False, "notes": []}
    told = decode_json_value(value)
    notes = ["cut by the sender"] if told.cut else []
    if isinstance(value, str) and value.lstrip().startswith("{") and isinstance(told.value, str):
        notes.append("no valid JSON")
    shown = media.hide_encoded(told.value)
    fields = {"text": text_of(shown), "json_text": not isinstance(shown, str), "notes": notes}
    return {**fields, "digest": _digest(told.value, shown)}


def _digest(value: Any, shown: Any) -> str | None:
    """Returns by what a value is known again of which only the size is shown; None where all of it is."""
    return None if shown == value else media.compute_digest(text_of(value))


def _read_text_content(text: str) -> list[Part]:
    if (file := media.find_file(text)) is not None:
        return [file]
    if text.lstrip().startswith(("[{", "[ {")) and _PIECE.search(text, 0, _HEAD):
        pieces = decode_json_value(text).value
        if (
            isinstance(pieces, list)
            and pieces
            and all(isinstance(each, Mapping) and _is_piece(each) for each in pieces)
        ):
            return read_parts(pieces)
    return media.split_files(text)


def _is_piece(shape: Shape) -> bool:
    return "type" in shape or (len(shape) == 1 and next(iter(shape)) in _BEDROCK)


def _read_shape(shape: Shape) -> list[Part]:
    kind = str(shape.get("type") or shape.get("kind") or "").lower()
    for known, make in _READERS:
        if kind in known:
            return make(shape, kind)
    return _read_by_keys(shape)


def _read_text(shape: Shape, kind: str) -> list[Part]:
    text = next((shape[key] for key in _TEXT_KEYS if shape.get(key) is not None), None)
    if shape.get("thought") is True:
        return _read_thought(shape, kind)
    if isinstance(text, Mapping):  # OpenAI's assistants: {"value": ...}
        text = text.get("value", text)
    return media.split_files(text) if isinstance(text, str) else [raw_part(shape)]


def _read_file(shape: Shape, kind: str) -> list[Part]:
    modality = str(shape.get("modality") or "")
    named = _FILES.get(modality, _FILES.get(kind, "file"))
    held = {key: value for key, value in shape.items() if key not in ("type", "kind", "modality")}
    return [media.make_placeholder(named, held)]


def _read_call(shape: Shape, kind: str) -> list[Part]:
    return [tool_call_part(shape if kind not in shape or kind == "function" else {**shape, **_decode_map(shape[kind])})]


def _read_answer(shape: Shape, kind: str) -> list[Part]:
    return [tool_answer_part({**shape, **_decode_map(shape.get(kind))})]


def _read_thought(shape: Shape, kind: str) -> list[Part]:
    told = next((shape[key] for key in ("thinking", "text", "content", "reasoning", "summary") if shape.get(key)), None)
    parts = read_parts(told) if isinstance(told, list) else []
    text = "\n".join(part.text or "" for part in parts) if parts else told if isinstance(told, str) else None
    return [Part(kind="reasoning", text=text, redacted=text is None or "redacted" in kind)]


def _read_refusal(shape: Shape, kind: str) -> list[Part]:
    del kind
    return [Part(kind="refusal", text=text_of(shape.get("refusal") or shape.get("text") or shape.get("content") or ""))]


#: Readers by the types that they know.
_READERS: Final[tuple[tuple[frozenset[str] | Mapping[str, PartKind], Callable[[Shape, str], list[Part]]], ...]] = (
    (_TEXTS, _read_text),
    (_CALLS, _read_call),
    (_ANSWERS, _read_answer),
    (_THOUGHTS, _read_thought),
    (frozenset({"refusal"}), _read_refusal),
    (_FILES, _read_file),
)

#: Keys that tell what a piece without a type is: Gemini's, Bedrock's.
_BY_KEY: Final[tuple[tuple[str, Callable[[Any], Part]], ...]] = (
    ("functionCall", lambda value: tool_call_part(_decode_map(value))),
    ("function_call", lambda value: tool_call_part(_decode_map(value))),
    ("toolUse", lambda value: tool_call_part(_decode_map(value))),
    ("functionResponse", lambda value: tool_answer_part(_decode_map(value))),
    ("function_response", lambda value: tool_answer_part(_decode_map(value))),
    ("toolResult", lambda value: tool_answer_part(_decode_map(value))),
    ("inlineData", lambda value: media.make_placeholder("file", value)),
    ("inline_data", lambda value: media.make_placeholder("file", value)),
    ("fileData", lambda value: media.make_placeholder("file", value)),
    ("file_data", lambda value: media.make_placeholder("file", value)),
    ("image", lambda value: media.make_placeholder("image", value)),
    ("image_url", lambda value: media.make_placeholder("image", value)),
    ("document", lambda value: media.make_placeholder("file", value)),
    ("video", lambda value: media.make_placeholder("video", value)),
    ("redactedContent", lambda value: Part(kind="reasoning", redacted=True)),
    ("reasoningContent", lambda value: _read_bedrock_thought(_decode_map(value))),
)


def _read_by_keys(shape: Shape) -> list[Part]:
    for key, make in _BY_KEY:
        if key in shape:
            return [make(shape[key])]
    if shape.get("thought") is True and isinstance(shape.get("text"), str):
        return [Part(kind="reasoning", text=shape["text"])]
    text = shape.get("text")
    if isinstance(text, Mapping) and isinstance(text.get("value"), str):  # OpenAI's and Azure's assistants
        text = text["value"]
    if isinstance(text, str) and not shape.get("type"):
        return [Part(kind="text", text=text)]
    if set(shape) == {"json"}:
        return [raw_part(shape["json"])]
    return [raw_part(shape)]


def _read_bedrock_thought(shape: Shape) -> Part:
    text = _decode_map(shape.get("reasoningText")).get("text")
    return Part(kind="reasoning", text=text if isinstance(text, str) else None, redacted=not isinstance(text, str))


def _decode_map(value: Any) -> Shape:
    told = decode_json_value(value).value
    return told if isinstance(told, Mapping) else {}


def _first_text(shape: Shape, keys: tuple[str, ...]) -> str | None:
    return next((str(shape[key]) for key in keys if isinstance(shape.get(key), str | int) and shape[key] != ""), None)
