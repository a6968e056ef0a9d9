"""Messages that were read before. Each call of a model is sent all that was said so far: of five hundred turns that is
a quarter of a million messages, of which five hundred are new."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from collector.agents.messages import flat_attributes
from collector.agents.messages.json_values import parse_json
from collector.agents.messages.message import is_message, read_message, read_messages
from collector.models.conversations import Message

#: Histories that are remembered: agents take turns.
_KEPT: Final = 8

#: Characters, and attributes, below which reading again costs less than remembering.
_SHORT: Final = 2_000
_FEW: Final = 8

#: What closes a text of JSON.
_CLOSERS: Final = "]} \n\r\t"


class MessageMemory:
    """What was read of the calls of one run, in order of their beginning."""

    def __init__(self) -> None:
        self._texts: deque[tuple[str, str, list[Message]]] = deque(maxlen=_KEPT)
        self._grown: deque[_FlattenedHistory] = deque(maxlen=_KEPT)

    def read_messages(self, value: Any, role: str) -> list[Message]:
        """Returns what `message.read_messages` does; of a text that goes on from one read before, the rest."""
        if not isinstance(value, str) or len(value) < _SHORT:
            return read_messages(value, role)
        for before in reversed(self._texts):
            if before[0] == role and (found := _continue_history(value, before[1], before[2], role)) is not None:
                self._texts.remove(before)
                break
        else:
            found = read_messages(value, role)
        if not any(each.cut for each in found[-1:]):
            self._texts.append((role, value, found))
        return found

    def read_flattened(self, attributes: Mapping[str, Any], prefix: str, role: str) -> list[Message]:
        """Returns the messages that attributes tell of, a value each."""
        pairs = flat_attributes.find_by_prefix(attributes, prefix)
        if len(pairs) < _FEW:
            return _read_flattened(dict(pairs), prefix, role)
        for before in reversed(self._grown):
            rest = _find_rest(pairs, before) if before.prefix == prefix else None
            if rest is not None:
                self._grown.remove(before)
                new = _message_numbers(rest, prefix)
                told = [*before.told, *_read_flattened(dict(rest), prefix, role)]
                self._grown.append(_FlattenedHistory(prefix, pairs, told, before.numbers | new))
                return told
        told = _read_flattened(dict(pairs), prefix, role)
        self._grown.append(_FlattenedHistory(prefix, pairs, told, _message_numbers(pairs, prefix)))
        return told


@dataclass(frozen=True, slots=True, eq=False)
class _FlattenedHistory:
    """What attributes of a call before told, with the numbers of its messages."""

    prefix: str
    pairs: list[tuple[str, Any]]
    told: list[Message]
    numbers: frozenset[str]


def _continue_history(text: str, before: str, known: list[Message], role: str) -> list[Message] | None:
    """Returns the messages of a text that goes on from another; None where it does not."""
    if text == before:
        return known
    if len(text) <= len(before):
        return None
    for end in range(len(before.rstrip(_CLOSERS)), len(before)):
        if before[end] == "]" and text[end] == "," and text.endswith(before[end:]) and text.startswith(before[:end]):
            rest = text[end + 1 : len(text) - len(before) + end + 1]
            return _append_messages(f"[{rest}", known, role)
    return None


def _append_messages(text: str, known: list[Message], role: str) -> list[Message] | None:
    try:
        shapes = parse_json(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(shapes, list) or not all(is_message(shape) for shape in shapes):
        return None
    return [*known, *read_messages(shapes, role)]


def _find_rest(pairs: list[tuple[str, Any]], before: _FlattenedHistory) -> list[tuple[str, Any]] | None:
    """Returns what attributes tell more than those of a call before; None where they don't go on from there, or say
    more of a message that was told."""
    count = len(before.pairs)
    if count > len(pairs) or pairs[:count] != before.pairs:
        return None
    rest = pairs[count:]
    return rest if before.numbers.isdisjoint(_message_numbers(rest, before.prefix)) else None


def _message_numbers(pairs: list[tuple[str, Any]], prefix: str) -> frozenset[str]:
    return frozenset(name[len(prefix) :].partition(".")[0] for name, _ in pairs)


def _read_flattened(attributes: Mapping[str, Any], prefix: str, role: str) -> list[Message]:
    shapes = flat_attributes.build_list(attributes, prefix)
    if prefix.startswith("llm."):
        shapes = [flat_attributes.from_open_inference(each) for each in shapes]
    found: list[Message] = []
    for each in shapes:
        found += [read_message(each, role)] if isinstance(each, Mapping) else read_messages(each, role)
    return found
