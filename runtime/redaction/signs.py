"""Finds which of many short texts stand in another. Pure."""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import Final, Generic, TypeVar

Kind = TypeVar("Kind")

#: Characters by how often JSON and prose in lower case hold them, the most frequent first; all others are rare.
_FREQUENT: Final = 'e"taoinsr,hldcumfpgwyb:-.v0123456789k/=jxqz_'
_RANK: Final = {letter: rank for rank, letter in enumerate(_FREQUENT)}


class Signs(Generic[Kind]):
    """Signs, and what each is one of.

    To look for two hundred signs one after the other takes as long as all else that is done to a short text; each is
    looked for only where its characters are all there, of which the rarest is looked for first.

    Args:
        signs: in lower case, none empty, to what they are signs of.
    """

    def __init__(self, signs: Mapping[str, Iterable[Kind]]) -> None:
        by_rarest: dict[str, list[tuple[frozenset[str], str, tuple[Kind, ...]]]] = {}
        for sign, kinds in signs.items():
            rarest = _rarest(sign)
            by_rarest.setdefault(rarest, []).append((frozenset(sign) - {rarest}, sign, tuple(kinds)))
        self._by_rarest = by_rarest
        self._rarest = frozenset(by_rarest)

    def are_in(self, lower: str, letters: AbstractSet[str]) -> bool:
        """Whether a text in lower case holds any of them; `letters` are all that it has."""
        by_rarest = self._by_rarest
        for letter in self._rarest & letters:
            for others, sign, _ in by_rarest[letter]:
                if others <= letters and sign in lower:
                    return True
        return False

    def of(self, lower: str, letters: AbstractSet[str]) -> set[Kind]:
        """What a text in lower case holds signs of; `letters` are all that it has."""
        found: set[Kind] = set()
        by_rarest = self._by_rarest
        for letter in self._rarest & letters:
            for others, sign, kinds in by_rarest[letter]:
                if others <= letters and sign in lower:
                    found.update(kinds)
        return found


def _rarest(sign: str) -> str:
    return max(sign, key=lambda letter: _RANK.get(letter, len(_RANK)))
