"""Secrets that are told in words: `the password is x`, `API key x`, where no sign gives them to a name. Pure."""

import re
from typing import Final

#: What stands behind a name: another word perhaps, signs, and what may be the secret.
_BEHIND: Final = re.compile(
    r"""["']?(?:[ \t]{1,4}[A-Za-z]{1,12})?[\s:|>="'-]{1,8}([A-Za-z0-9+/_]{8,200}={0,2})""", re.ASCII
)

#: Fewest digits and letters of what nobody wrote by hand, and from how many on that is enough: times have fewer
#: letters, and what is shorter is written in both cases.
_DIGITS: Final = 2
_LETTERS: Final = 4
_LONG: Final = 16


def find_prose_secret(text: str, at: int) -> tuple[int, int] | None:
    """Returns where a secret begins and ends that is told behind a name; None where none is.

    Args:
        text: the whole text.
        at: where the name ends.
    """
    found = _BEHIND.match(text, at)
    return found.span(1) if found and is_generated_key(found[1]) else None


def is_generated_key(text: str) -> bool:
    """Whether a text of letters and digits is a key rather than a word, a number, a time or a name."""
    digits = sum(letter.isdigit() for letter in text)
    letters = sum(letter.isalpha() for letter in text)
    if digits < _DIGITS or letters < _LETTERS:
        return False
    return len(text) >= _LONG or not (text.islower() or text.isupper())
