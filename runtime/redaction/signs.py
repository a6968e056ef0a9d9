"""Finds which of many short texts stand in another. Pure."""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from functools import lru_cache
from typing import Final, Generic, TypeVar

Kind = TypeVar("Kind")

#: Nearly every text that is not prose has several of these; which of them is not worth a look.
_DIGITS: Final = frozenset("0123456789")
#: For so many alphabets of texts it is remembered which signs can be in them: texts of one kind have few.
_REMEMBERED: Final = 512


class Signs(Generic[Kind]):
    """Signs, and what each is one of.

    To look for two hundred signs one after the other takes as long as all else that is done to a short text; each is
    looked for only where its characters are all there.

    Args:
        signs: in lower case, none empty, to what they are signs of.
    """

    def __init__(self, signs: Mapping[str, Iterable[Kind]]) -> None:
        self._kinds = {sign: tuple(kinds) for sign, kinds in signs.items()}
        self._letters = {sign: frozenset(sign) - _DIGITS for sign in signs}
        self._alphabet = frozenset().union(*self._letters.values())
        self._possible = lru_cache(_REMEMBERED)(self._list_possible)

    def are_in(self, lower: str, letters: AbstractSet[str]) -> bool:
        """Whether a text in lower case holds any of them; `letters` are all that it has."""
        for sign in self._possible(self._alphabet & letters):  # noqa: SIM110 a generator costs more
            if sign in lower:
                return True
        return False

    def find_kinds(self, lower: str, letters: AbstractSet[str]) -> set[Kind]:
        """What a text in lower case holds signs of; `letters` are all that it has."""
        found: set[Kind] = set()
        for sign in self._possible(self._alphabet & letters):
            if sign in lower:
                found.update(self._kinds[sign])
        return found

    def _list_possible(self, letters: frozenset[str]) -> tuple[str, ...]:
        """The signs that consist of these, and of digits."""
        return tuple([sign for sign, needed in self._letters.items() if needed <= letters])
