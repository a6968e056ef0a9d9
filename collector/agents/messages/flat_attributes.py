"""Structures that senders write as many attributes, a value each, whose names are the way to them: OpenInference's
`llm.input_messages.0.message.tool_calls.1.tool_call.function.name`, OpenLLMetry's `gen_ai.prompt.0.content`."""

from collections.abc import Mapping
from typing import Any, Final

from collector.agents.messages.json_values import decode_json_value

#: Steps of a way; a longer one is no message's.
_DEEPEST: Final = 16

#: What wraps each item of a list: OpenInference names the kind of the item once more.
_WRAPPERS: Final = frozenset({"message", "message_content", "tool_call", "tool"})

#: What stands between two names, and between two texts, that come as one.
BETWEEN: Final = "\0"


class AttributeTexts:
    """Names, and what they hold, of attributes that came as two texts, split where `BETWEEN` stands.

    Of a long conversation each call of a model has a thousand, most of which the call before has as well: what both
    begin with alike is split once.

    Args:
        names: of the attributes; empty for none.
        texts: what they hold.
        before: those of the call before.
    """

    def __init__(self, names: str, texts: str, before: "AttributeTexts | None" = None) -> None:
        self.written, self.held = names, texts
        self.names: list[str] = names.split(BETWEEN) if names and before is None else []
        self.texts: list[str] = texts.split(BETWEEN) if names and before is None else []
        if before is not None and names:
            alike = _count_alike(names, before.written), _count_alike(texts, before.held)
            same = min(count for count, _ in alike)
            self.names = [*before.names[:same], *_split_from(names, same, alike[0])]
            self.texts = [*before.texts[:same], *_split_from(texts, same, alike[1])]


def _count_alike(text: str, before: str) -> tuple[int, int]:
    """Returns how many parts two texts begin with alike, and where the next one begins."""
    low, high = 0, min(len(text), len(before))
    while low < high:
        middle = (low + high + 1) // 2
        if text.startswith(before[low:middle], low):
            low = middle
        else:
            high = middle - 1
    return text.count(BETWEEN, 0, low), text.rfind(BETWEEN, 0, low) + 1


def _split_from(text: str, place: int, known: tuple[int, int]) -> list[str]:
    """Returns the parts of a text from one on, given where one begins that is no earlier."""
    count, begin = known
    for _ in range(count - place):
        begin = text.rfind(BETWEEN, 0, begin - 1) + 1
    return text[begin:].split(BETWEEN)


class FlatAttributes(dict[str, Any]):
    """Attributes of which those whose names begin alike are found at once.

    Args:
        told: attributes that hold texts. Of a name that comes twice the first one counts.
        others: attributes that hold no texts.
    """

    def __init__(self, told: AttributeTexts, others: Mapping[str, Any]) -> None:
        super().__init__(zip(told.names, told.texts, strict=True))
        self._told = told
        self._is_plain = len(self) == len(told.names)
        if not self._is_plain:
            self.update(zip(reversed(told.names), reversed(told.texts), strict=True))
        self._written = BETWEEN + told.written
        self._others = [(name, value) for name, value in others.items() if name not in self]
        self.update(self._others)

    def find_by_prefix(self, prefix: str) -> list[tuple[str, Any]]:
        """Returns the attributes whose names begin so."""
        sought, names = BETWEEN + prefix, self._told.names
        begin = self._written.find(sought) if names else -1
        count = 0 if begin < 0 else self._written.count(sought, begin)
        first = 0 if begin < 0 else self._written.count(BETWEEN, 0, begin)
        behind = self._written.count(BETWEEN, self._written.rfind(sought) + 1) if count else 0
        if count and (first + count + behind != len(names) or not self._is_plain):  # others lie between them
            return [pair for pair in self.items() if pair[0].startswith(prefix)]
        texts = self._told.texts[first : first + count]
        more = (pair for pair in self._others if pair[0].startswith(prefix))
        return [*zip(names[first : first + count], texts, strict=True), *more]


def find_by_prefix(attributes: Mapping[str, Any], prefix: str) -> list[tuple[str, Any]]:
    """Returns the attributes whose names begin so, in their order."""
    if isinstance(attributes, FlatAttributes):
        return attributes.find_by_prefix(prefix)
    return [pair for pair in attributes.items() if pair[0].startswith(prefix)]


def build_list(attributes: Mapping[str, Any], prefix: str) -> list[Any]:
    """Returns the list that attributes tell of, in the order of their numbers.

    Args:
        attributes: all of a span.
        prefix: the name of the list, with its dot.
    """
    root: dict[str, Any] = {}
    for name, value in find_by_prefix(attributes, prefix):
        way = name[len(prefix) :].split(".")
        if len(way) > _DEEPEST or not way[0].isdecimal():
            continue
        _put_value(root, way, value)
    listed = _fold_lists(root)
    return listed if isinstance(listed, list) else []


def _put_value(root: dict[str, Any], way: list[str], value: Any) -> None:
    at = root
    for step in way[:-1]:
        below = at.setdefault(step, {})
        if not isinstance(below, dict):  # one attribute says a value where another says what is within it
            return
        at = below
    at.setdefault(way[-1], value)


def _fold_lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if value and all(key.isdecimal() and len(key) < 10 for key in value):
        return [_fold_lists(value[key]) for key in sorted(value, key=int)]
    if len(value) == 1 and (key := next(iter(value))) in _WRAPPERS:
        return _fold_lists(value[key])
    return {key: _fold_lists(item) for key, item in value.items()}


def from_open_inference(shape: Any) -> Any:
    """Returns a message of OpenInference's in the words of others."""
    if not isinstance(shape, Mapping):
        return shape
    told = dict(shape)
    if "contents" in told:
        told["content"] = _convert_contents(told.pop("contents"))
    if "function_call_name" in told:
        called = {"name": told.pop("function_call_name"), "arguments": told.pop("function_call_arguments_json", None)}
        told["tool_calls"] = [*_decode_list(told.get("tool_calls")), called]
    return told


def _convert_contents(value: Any) -> Any:
    return [_convert_content(each) for each in value] if isinstance(value, list) else value


def _convert_content(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return value
    told = dict(value)
    for kind in ("image", "audio", "file"):
        held = told.get(kind)
        if isinstance(held, Mapping):
            inner = held.get(kind)
            return {"type": kind, **(inner if isinstance(inner, Mapping) else held)}
    if told.get("type") == "reasoning" and not told.get("text"):
        return {"type": "redacted_thinking"}
    return told


def _decode_list(value: Any) -> list[Any]:
    told = decode_json_value(value).value
    return told if isinstance(told, list) else []
