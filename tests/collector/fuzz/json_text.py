"""JSON that nobody would write, and that means something all the same, or nearly."""

import json
from typing import Any, Final

from tests.collector.fuzz.chance import Chance

#: What stands between the parts of a text.
_SPACES: Final = ("", "", "", " ", "\n", "\t", "\r")

#: Texts that are numbers, bytes, ids or names to somebody.
_WORDS: Final = (
    *("1", " 7 ", "1_000", "1e3", "1.0", "٣", "-Infinity", "1e999", "9" * 30, "9" * 5_000),
    *("AA==", "-_8", "+/8=", "****", "abcd", "AB cd", "SPAN_KIND_SERVER", "STATUS_CODE_ERROR"),
    *("\ud83d", "a\ude00", "\ud83d\ude00", "\ufeffx"),
)
_NUMBERS: Final = (0.0, -0.0, 1.0, 1.5, 1e3, 1e19, 1e300, 5e-324, 10**25, 10**310, float("nan"), float("-inf"))

#: Values as the protocol has them, and nearly as it has them.
_VALUES: Final = (
    {},
    {"stringValue": "a", "intValue": None},
    {"stringValue": "a", "intValue": "1"},
    {"intValue": 1, "stringValue": "a", "stringValueStrindex": 3},
    {"doubleValue": None},
    {"stringValue": "a", "doubleValue": None},
    {"arrayValue": {"values": [None, {}, {"boolValue": False}]}},
    {"arrayValue": {"values": None}},
    {"kvlistValue": {"values": [{"key": ""}, None, {"value": {"bytesValue": "AA"}}]}},
    {"stringValue": "a", "noSuch": 1},
)

#: Keys that something may have twice, or that are another's.
_KEYS: Final = ("name", "key", "value", "trace_id", "traceId", "noSuch", "stringValue", "asInt", "asDouble", "flags")


def something(chance: Chance) -> Any:
    """A value that hardly fits."""
    match chance.below(7):
        case 0:
            return chance.one((None, True, [], {}, [None], [[[]]], {"": {}}))
        case 1:
            return chance.one(_WORDS)
        case 2:
            return chance.one(_NUMBERS)
        case 3:
            return chance.one(_VALUES)
        case 4:
            return _deep(chance)
        case 5:
            return chance.text()
        case _:
            return chance.number()


def written(chance: Chance, data: Any) -> bytes:
    """Data as JSON: with space anywhere, characters escaped or not, members in any order, some of them twice."""
    return _Writer(chance, ascii_only=chance.below(3) > 0).text(data).encode("utf-8", "surrogatepass")


class _Writer:
    def __init__(self, chance: Chance, *, ascii_only: bool) -> None:
        self._chance = chance
        self._ascii_only = ascii_only
        self._tidy = chance.below(2) == 0

    def text(self, data: Any) -> str:
        if isinstance(data, dict):
            members = [f"{self._string(key)}{self._space()}:{self.text(value)}" for key, value in self._members(data)]
            return f"{{{','.join(members)}{self._space()}}}{self._space()}"
        if isinstance(data, list):
            return f"{self._space()}[{','.join(map(self.text, data))}{self._space()}]"
        return self._string(data) if isinstance(data, str) else json.dumps(data)

    def _members(self, data: dict[str, Any]) -> list[tuple[str, Any]]:
        members = list(data.items())
        if not self._tidy and self._chance.below(4) == 0:
            members.reverse()
        if not self._tidy and self._chance.below(40) == 0:
            key = self._chance.one([*data, *_KEYS])
            members.insert(self._chance.below(len(members) + 1), (key, something(self._chance)))
        return members

    def _string(self, text: str) -> str:
        if not self._tidy and self._chance.below(20) == 0:
            return '"' + "".join(f"\\u{ord(one):04x}" if ord(one) < 2**16 else one for one in text) + '"'
        return json.dumps(text, ensure_ascii=self._ascii_only)

    def _space(self) -> str:
        return "" if self._tidy else self._chance.one(_SPACES)


def _deep(chance: Chance) -> Any:
    value: Any = {"intValue": "1"}
    for _ in range(chance.below(25)):
        is_list = chance.below(2) == 0
        value = {"arrayValue": {"values": [value]}} if is_list else {"kvlistValue": {"values": [{"value": value}]}}
    return value
