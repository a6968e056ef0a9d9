"""Finds secrets by how they look. Pure."""

import re
from collections.abc import Iterable
from collections.abc import Set as AbstractSet

from runtime.redaction.pattern import Pattern
from runtime.redaction.signs import Signs


class PatternSet:
    """Many patterns, of which most are looked for in few texts."""

    def __init__(self, patterns: Iterable[Pattern]) -> None:
        patterns = tuple(patterns)
        self._patterns = [(re.compile(one.expression, re.ASCII), one.replacement()) for one in patterns]
        self._unsigned = {place for place, one in enumerate(patterns) if not one.signs}
        places: dict[str, list[int]] = {}
        for place, one in enumerate(patterns):
            for sign in one.signs or ():
                places.setdefault(sign, []).append(place)
        self._signs = Signs(places)

    def clean(self, text: str, lower: str, letters: AbstractSet[str]) -> str:
        """The text without them; `lower` is the text in lower case, and `letters` what that consists of."""
        for place in sorted(self._signs.find_kinds(lower, letters) | self._unsigned):
            expression, replacement = self._patterns[place]
            text = expression.sub(replacement, text)
        return text
