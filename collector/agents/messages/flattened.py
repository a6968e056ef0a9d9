"""Structures that senders write as many attributes, a value each, whose names are the way to them: OpenInference's
`llm.input_messages.0.message.tool_calls.1.tool_call.function.name`, OpenLLMetry's `gen_ai.prompt.0.content`."""

from collections.abc import Mapping
from typing import Any, Final

from collector.agents.messages.told import read

#: Steps of a way; a longer one is no message's.
_DEEPEST: Final = 16

#: What wraps each item of a list: OpenInference names the kind of the item once more.
_WRAPPERS: Final = frozenset({"message", "message_content", "tool_call", "tool"})


def grown(attributes: Mapping[str, Any], prefix: str) -> list[Any]:
    """Returns the list that attributes tell of, in the order of their numbers.

    Args:
        attributes: all of a span.
        prefix: the name of the list, with its dot.
    """
    root: dict[str, Any] = {}
    for name, value in [pair for pair in attributes.items() if pair[0].startswith(prefix)]:
        way = name[len(prefix) :].split(".")
        if len(way) > _DEEPEST or not way[0].isdecimal():
            continue
        _put(root, way, value)
    listed = _folded(root)
    return listed if isinstance(listed, list) else []


def _put(root: dict[str, Any], way: list[str], value: Any) -> None:
    at = root
    for step in way[:-1]:
        below = at.setdefault(step, {})
        if not isinstance(below, dict):  # one attribute says a value where another says what is within it
            return
        at = below
    at.setdefault(way[-1], value)


def _folded(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if value and all(key.isdecimal() and len(key) < 10 for key in value):
        return [_folded(value[key]) for key in sorted(value, key=int)]
    if len(value) == 1 and (key := next(iter(value))) in _WRAPPERS:
        return _folded(value[key])
    return {key: _folded(item) for key, item in value.items()}


def open_inference(shape: Any) -> Any:
    """Returns a message of OpenInference's in the words of others."""
    if not isinstance(shape, Mapping):
        return shape
    told = dict(shape)
    if "contents" in told:
        told["content"] = _contents(told.pop("contents"))
    if "function_call_name" in told:
        called = {"name": told.pop("function_call_name"), "arguments": told.pop("function_call_arguments_json", None)}
        told["tool_calls"] = [*_list(told.get("tool_calls")), called]
    return told


def _contents(value: Any) -> Any:
    return [_content(each) for each in value] if isinstance(value, list) else value


def _content(value: Any) -> Any:
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


def _list(value: Any) -> list[Any]:
    told = read(value).value
    return told if isinstance(told, list) else []
