"""Choices: by a seed, or by the bytes that a fuzzer gives, so that it learns which of them lead where."""

import random
from collections.abc import Sequence
from typing import Final, TypeVar

Choice = TypeVar("Choice")

#: Numbers at which something changes.
EDGES: Final = (
    *(0, 1, -1, 7, 8, 16, 127, 128, 255, 256),
    *(2**31 - 1, 2**31, -(2**31), 2**32, 2**53, 2**63 - 1, -(2**63), 2**64 - 1),
)

#: Texts that are something else to somebody.
TEXTS: Final = (
    *("", "\0", "a\0b", "'", '"', "\\", "%", "_", "a/b", "..", "\n", "x" * 5000),
    *(
        "\N{ZERO WIDTH SPACE}",
        "\N{RIGHT-TO-LEFT OVERRIDE}",
        "Zürich",
        "Zu\u0308rich",
        "😀",
        "\N{REPLACEMENT CHARACTER}",
    ),
    *("NaN", "1e400", "-0", "null", "true", "[]", "{}", "0x10", "$1", "{0}", "; DROP TABLE spans"),
    *("2026-01-01", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "2026-01-01T00:00:00+23:59", "12:00"),
    *("00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"),
    *("service.name", "causeline.node.id", "messaging.message.id"),
)


class Chance:
    """Chooses.

    Args:
        given: bytes that decide, as long as they last; after them, and without them, a generator of that seed.
    """

    def __init__(self, given: bytes | int) -> None:
        self._given = given if isinstance(given, bytes) else b""
        self._place = 0
        self._random = random.Random(given)

    def below(self, limit: int) -> int:
        """A number from 0 to less than that."""
        if self._place + 2 <= len(self._given):
            self._place += 2
            return int.from_bytes(self._given[self._place - 2 : self._place]) % limit
        return self._random.randrange(limit)

    def one(self, choices: Sequence[Choice]) -> Choice:
        """One of several."""
        return choices[self.below(len(choices))]

    def text(self) -> str:
        """A text that is likely to be trouble."""
        return self.one(TEXTS) + (self.one(TEXTS) if self.below(4) == 0 else "")

    def number(self) -> int:
        """A number that is likely to be trouble."""
        return self.one(EDGES) + self.below(3) - 1

    def some_bytes(self) -> bytes:
        """A few bytes."""
        return bytes(self.below(256) for _ in range(self.one((0, 1, 7, 8, 9, 15, 16, 17, 40))))
