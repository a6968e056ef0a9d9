"""JSON as senders write it into attributes: as a structure or as text, encoded twice, cut short, or broken."""

import json
import re
from dataclasses import dataclass
from typing import Any, Final

#: How often text within text is decoded at most.
_DEPTH: Final = 2

#: What opens a structure.
_OPENING: Final = ("[", "{", '"[', '"{')

_TOKEN: Final = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[\[\]{},]|"', re.DOTALL)
_CLOSING: Final = {"[": "]", "{": "}"}

#: An escape that was cut in two.
_HALF_ESCAPE: Final = re.compile(r"\\(?:u[0-9a-fA-F]{0,3})?\Z")

#: Places to cut back to, the last ones of the text, that are tried.
_TRIES: Final = 6

#: Structures within structures; what lies deeper is no message.
_DEEPEST: Final = 200

#: How the store marks a text of which it has read a part.
_MARK_MOST: Final = 80
_OURS: Final = re.compile(r"… \[cut: [\d,]+ of [\d,]+ characters\]\Z")


@dataclass(frozen=True, slots=True)
class DecodedValue:
    """A value as it was meant.

    Attributes:
        value: the structure, or the text as it came where that is none.
        cut: whether the sender cut the text, so that the end of the structure is missing.
        bounded: whether we read a part of it, because the whole would be too long here.
    """

    value: Any
    cut: bool = False
    bounded: bool = False


def decode_json_value(value: Any) -> DecodedValue:
    """Returns what a value means: text that holds a structure is decoded, twice at most; of text that was cut as much
    as there is."""
    bounded = False
    for _ in range(_DEPTH):
        if not isinstance(value, str) or not value.lstrip().startswith(_OPENING):
            break
        mark = _OURS.search(value, max(0, len(value) - _MARK_MOST))
        bounded = bounded or mark is not None
        text = value[: mark.start()] if mark else value
        try:
            value = parse_json(text)
        except (ValueError, RecursionError):
            whole = _parse_prefix(text)
            return (
                DecodedValue(value, bounded=bounded)
                if whole is None
                else DecodedValue(whole, cut=not bounded, bounded=bounded)
            )
    return DecodedValue(value, bounded=bounded)


def parse_json(text: str) -> Any:
    """Returns what JSON says; halves of characters, which its escapes can name and nothing can write, are replaced.

    Raises:
        ValueError: when it is none.
        RecursionError: when it is nested too deep.
    """
    value = json.loads(text, strict=False)
    return _replace_surrogates(value) if "\\ud" in text or "\\uD" in text else value


def _replace_surrogates(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {_replace_surrogates(key): _replace_surrogates(item) for key, item in value.items()}
    return [_replace_surrogates(item) for item in value] if isinstance(value, list) else value


def _parse_prefix(text: str) -> Any:
    """Returns the structure that a text begins with, closed where it was cut; None where it is no beginning of one."""
    stack: list[str] = []
    places: list[tuple[int, str]] = []
    for token in _TOKEN.finditer(text):
        mark = token[0]
        if mark in _CLOSING:
            stack.append(_CLOSING[mark])
            if len(stack) > _DEEPEST:
                return None
            places.append((token.end(), _join_closers(stack)))
        elif mark in ("]", "}"):
            if not stack or stack.pop() != mark or not stack:
                return None  # no text of ours was cut like this: it is broken
        elif mark == ",":
            places.append((token.start(), _join_closers(stack)))
        elif mark == '"':
            end = _find_end_of_escapes(text)
            places.append((len(text), f'"{_join_closers(stack)}'))
            return _parse_closed(text[:end], places[-_TRIES:])
        if len(places) > 10_000:
            del places[:-_TRIES]
    places.append((len(text), _join_closers(stack)))
    return _parse_closed(text, places[-_TRIES:]) if stack else None


def _join_closers(stack: list[str]) -> str:
    return "".join(reversed(stack))


def _find_end_of_escapes(text: str) -> int:
    """Returns where a text ends without an escape that was cut in two."""
    half = _HALF_ESCAPE.search(text, max(0, len(text) - 6))
    if half is None:
        return len(text)
    before = text[: half.start()]
    return half.start() if (len(before) - len(before.rstrip("\\"))) % 2 == 0 else len(text)


def _parse_closed(text: str, places: list[tuple[int, str]]) -> Any:
    for end, closers in reversed(places):
        try:
            return parse_json(text[:end] + closers)
        except (ValueError, RecursionError):
            continue
    return None


def text_of(value: Any) -> str:
    """Returns a value as text: text as it is, anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
