"""Every answer is bounded in bytes: long texts are cut, with a mark that says how long the whole is. Pure.

One value is had whole by its place in the answer, as a JSON pointer (RFC 6901).
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

#: Bytes of an answer at most; a whole value that was asked for comes on top.
ANSWER_MOST: Final = 4_000_000

#: Answers smaller than this hold nothing that has to be cut.
SMALL: Final = 16_384

#: The sign of whatever was cut: at the end of a text, as the last key of a map, and as the last item of a list in one.
MARK: Final = "[cut: "
_CUT: Final = re.compile(r"… \[cut: [\d,]+ of ([\d,]+) characters\]\Z")


@dataclass(frozen=True, slots=True)
class _Room:
    """What is kept at most: characters of a text, keys of a map of attributes."""

    text: int
    keys: int


#: From generous to narrow; the first by which an answer fits is taken.
_ROOMS: Final = tuple(_Room(text, keys) for text, keys in ((SMALL, 2_000), (4_096, 500), (1_024, 200), (256, 50)))


def bound_answer(body: bytes, most: int = ANSWER_MOST, full: str = "") -> bytes:
    """Returns an answer of a size that a page can take.

    Args:
        body: the answer as JSON.
        most: bytes that it may have.
        full: the place of the one value that is not cut.
    """
    if len(body) <= SMALL or (len(body) <= most and _is_within_room(body)):
        return body
    content = json.loads(body)
    allowed = most + (len(_encode_json(_find_value(content, full))) if full else 0)
    for room in _ROOMS:
        answer = _encode_json(_cut_value(content, room, "", full))
        if len(answer) <= allowed:
            return answer
    return _encode_json(_shorten_list(_cut_value(content, _ROOMS[-1], "", full), allowed))


def _is_within_room(body: bytes) -> bool:
    """Returns whether nothing in an answer is cut even where there is much room; found in a quarter of the time that
    walking through it takes. Where it can't be sure it says no."""
    if max(map(len, body.replace(rb"\"", b"--").split(b'"'))) > _ROOMS[0].text:
        return False
    most = 0

    def measure(content: dict[str, Any]) -> None:
        nonlocal most
        most = max(most, len(content))

    json.loads(body, object_hook=measure)
    return most <= _ROOMS[0].keys


def _cut_value(value: Any, room: _Room, place: str, full: str) -> Any:
    if full and place == full:
        return value
    if isinstance(value, str):
        return value if len(value) <= room.text + len(MARK) else _cut_text(value, room.text)
    if isinstance(value, list):
        return [_cut_value(item, room, f"{place}/{index}", full) for index, item in enumerate(value)]
    if isinstance(value, dict):
        kept = list(value.items())[: room.keys]
        answer = {key: _cut_value(item, room, f"{place}/{_escape_key(key)}", full) for key, item in kept}
        if len(value) > room.keys:
            answer["…"] = f"{MARK}{len(value) - room.keys:,} of {len(value):,} keys are not shown]"
        return answer
    return value


def _cut_text(text: str, room: int) -> str:
    cut = _CUT.search(text)  # in the store, which knew how long the whole is
    length = int(cut[1].replace(",", "")) if cut else len(text)
    if cut and cut.start() <= room:
        return text
    return f"{text[:room]}… {MARK}{room:,} of {length:,} characters]"


def _shorten_list(content: Any, most: int) -> Any:
    """Returns an answer whose longest list has fewer items, if it can say `truncated`; the first are kept."""
    if not (isinstance(content, dict) and "truncated" in content):
        return content
    while len(_encode_json(content)) > most:
        name = max((key for key, item in content.items() if isinstance(item, list)), key=lambda key: len(content[key]))
        if len(content[name]) == 1:
            break
        share = most / len(_encode_json(content))
        content = {**content, name: content[name][: max(1, int(len(content[name]) * share * 0.95))], "truncated": True}
    return content


def _find_value(content: Any, place: str) -> Any:
    for key in place.split("/")[1:]:
        if isinstance(content, list) and key.isdecimal() and int(key) < len(content):
            content = content[int(key)]
        elif isinstance(content, Mapping):
            content = content.get(key.replace("~1", "/").replace("~0", "~"))
        else:
            return None
    return content


def _escape_key(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def _encode_json(content: Any) -> bytes:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
