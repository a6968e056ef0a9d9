"""What tells a text that may hold a secret from the many that hold none, without reading it. Pure."""

import re
from collections.abc import Iterable
from typing import Final

from runtime.redaction.command_lines import COMMANDS
from runtime.redaction.pattern import Pattern
from runtime.redaction.signs import Signs
from runtime.redaction.words import LAST_WORDS, SecretWords

#: Commands whose names many words end with, and what one holds that is an item of a list, before another.
_COMMON: Final = ("set", "zip")
_ITEM: Final = re.compile(r"""["'/](?:set|(?:un)?zip)(?:\.exe)?["']\s*,""")


def _last_word_pattern(word: str) -> re.Pattern[str]:
    """Finds a word that ends a name: `author` and `passenger` are none."""
    return re.compile(rf"""{word}[^a-z":=]*["'\s]*[:=,%}}\]]""")


class SecretHints:
    """What a text has to hold to hold a secret.

    A sign that many texts hold, such as a dot, counts only where what goes with it is there as well: a payload with a
    number or a date in it was read for that alone, which took four fifths of what its span cost to send.

    Args:
        patterns: how secrets look. Where one of them has no sign, any text may hold a secret.
        words: that name them.
    """

    def __init__(self, patterns: Iterable[Pattern], words: SecretWords) -> None:
        patterns = tuple(patterns)
        self._is_blind = not all(one.signs for one in patterns)
        beside = words.companions()
        signs = {sign for one in patterns if not one.mark for sign in one.signs}
        signs |= {sign for sign, companions in beside.items() if not companions}
        self._marks = [(sign, re.compile(one.mark, re.ASCII)) for one in patterns if one.mark for sign in one.signs]
        self._marks += [
            (sign, re.compile("|".join(map(re.escape, companions))))
            for sign, companions in beside.items()
            if companions
        ]
        if words.expression():
            signs |= {one for one in COMMANDS if not one.endswith(_COMMON)} | {'"-u"'}
            self._marks += [(sign, _ITEM) for sign in _COMMON]
            self._marks += [(sign, _last_word_pattern(sign)) for sign in sorted(LAST_WORDS)]
        alone = sorted(one for one in signs if not any(other != one and other in one for other in signs))
        self._signs = Signs(dict.fromkeys(alone, (True,)))

    def are_in(self, lower: str) -> bool:
        """Whether a JSON text without escapes may hold a secret; it is given in lower case, letter for letter."""
        if self._is_blind or self._signs.are_in(lower, frozenset(lower)):
            return True
        return any(sign in lower and mark.search(lower) for sign, mark in self._marks)
