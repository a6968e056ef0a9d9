"""Plain JSON cut to a size, so that it stays JSON: fewer items, shorter texts, with marks of what is missing. Pure."""

import re
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from runtime.codec.json_text import dump

#: How each mark begins. A cut text ends with it, a list has it as its last item, an object under the key `…`.
MARK: Final = "… [cut: "
_MARKED: Final = re.compile(r"… \[cut: (?:[\d,]+ of (?P<whole>[\d,]+) characters|[^\]]*)\]\Z")
_MORE: Final = "…"

#: Values for which there is room in each of several lists or objects.
_SEVERAL: Final = 8

#: Characters of a text that costs little.
_LINE: Final = 64


@dataclass(frozen=True, slots=True)
class _SizeLimits:
    """What is kept at most: characters of a text, items of a list or object, levels of them."""

    text: int
    items: int
    levels: int


#: From generous to narrow; the first by which it fits is taken.
_ROOMS: Final = (
    _SizeLimits(4_096, 200, 12),
    _SizeLimits(1_024, 60, 8),
    _SizeLimits(256, 20, 6),
    _SizeLimits(64, 8, 4),
    _SizeLimits(24, 4, 2),
)


def shorten_json(value: Any, most: int) -> str:
    """JSON text of a value.

    Args:
        value: plain JSON.
        most: bytes of UTF-8 that the text may take.

    Returns:
        All of it where it fits; else what fits, with marks.
    """
    text = dump(value)
    for room in _ROOMS:
        if len(text.encode("utf-8", "replace")) <= most:
            return text
        text = dump(_cut(value, room, 0))
    return text if len(text.encode("utf-8", "replace")) <= most else dump(f"{MARK}too many names]")


def keep_first_values(value: Any, nodes: int) -> Any:
    """The beginning of plain JSON: at most so many values of it in all, with marks of how many items there were.

    Args:
        value: plain JSON; not changed.
        nodes: how many.
    """
    return _take_beginning(value, nodes)[0]


def add_cut_mark(value: Any, size: int) -> Any:
    """The beginning of plain JSON that was read to a point, with a mark at that point.

    Args:
        value: what was read.
        size: bytes of the whole.
    """
    mark = f"{MARK}{size:,} bytes in all]"
    if isinstance(value, str):
        return value + mark
    if isinstance(value, list) and value:
        return [*value[:-1], add_cut_mark(value[-1], size)] if _is_open(value[-1]) else [*value, mark]
    if isinstance(value, dict) and value:
        last = next(reversed(value))
        return {**value, last: add_cut_mark(value[last], size)} if _is_open(value[last]) else {**value, _MORE: mark}
    return mark


def cut_text(text: str, most: int) -> str:
    """A text of so many characters, and a mark that says how many there are; one that it has already stays."""
    if len(text) <= most + len(MARK):
        return text
    before = _MARKED.search(text)
    if before and before.start() <= most:
        return text
    if before and not before["whole"]:
        return text[:most] + before[0]
    return f"{text[:most]}{MARK}{most:,} of {before['whole'] if before else f'{len(text):,}'} characters]"


def shorten_texts(value: Any, each: int, all_: int) -> Any:
    """Plain JSON whose long texts are cut, or left out where there are many; those of a line stay.

    Args:
        value: plain JSON; not changed.
        each: characters of one text at most.
        all_: characters of all of them, from which on one is left out.
    """
    return _TextShortener(each, all_).shorten(value)


class _TextShortener:
    def __init__(self, each: int, all_: int) -> None:
        self._each = each
        self._left = all_

    def shorten(self, value: Any) -> Any:
        if isinstance(value, str):
            if len(value) > _LINE and self._left <= 0:
                return f"{MARK}0 of {len(value):,} characters]"
            self._left -= min(len(value), self._each)
            return cut_text(value, self._each)
        if isinstance(value, list):
            return [self.shorten(item) for item in value]
        return {key: self.shorten(item) for key, item in value.items()} if isinstance(value, dict) else value


def _is_open(value: Any) -> bool:
    return isinstance(value, str | list | dict)


def _cut(value: Any, room: _SizeLimits, level: int) -> Any:
    if isinstance(value, str):
        return cut_text(value, room.text)
    if isinstance(value, list | dict) and value and level >= room.levels:
        return f"{MARK}{len(value):,} items]"
    if isinstance(value, list):
        kept = [_cut(item, room, level + 1) for item in value[: room.items]]
        return kept + _list_cut_mark(value, room.items)
    if isinstance(value, dict):
        pairs = islice(value.items(), room.items)
        kept_pairs = {cut_text(key, 2 * room.text): _cut(item, room, level + 1) for key, item in pairs}
        return kept_pairs | dict.fromkeys((_MORE,) if len(value) > room.items else (), _count_mark(value, room.items))
    return value


def _list_cut_mark(items: list[Any], most: int) -> list[Any]:
    return [_count_mark(items, most)] if len(items) > most else []


def _count_mark(items: list[Any] | dict[str, Any], most: int) -> str:
    """The mark of a list or object; one that it has itself, as its last item, says more."""
    last = items[-1] if isinstance(items, list) else items.get(_MORE)
    return last if isinstance(last, str) and last.startswith(MARK) else f"{MARK}{most:,} of {len(items):,} items]"


def _take_beginning(value: Any, room: int) -> tuple[Any, int]:
    """As much of a value as there is room for, and how much that is. What comes first leaves room for what follows."""
    if not isinstance(value, list | dict) or not value:
        return value, 1
    items = value if isinstance(value, list) else list(islice(value.values(), room))
    # Few items that can be read say more than many of which nothing is told.
    count = min(len(items), max(1, room // (_SEVERAL if isinstance(items[0], list | dict) else 1)))
    kept, left = [], room - 1
    for at in range(count):
        part, used = _take_beginning(items[at], max(1, left // (count - at)))
        kept.append(part)
        left -= used
    missing = [_count_mark(value, count)] if count < len(value) else []
    if isinstance(value, list):
        return kept + missing, room - left
    return dict(zip(value, kept, strict=False)) | dict.fromkeys((_MORE,) if missing else (), *missing), room - left
