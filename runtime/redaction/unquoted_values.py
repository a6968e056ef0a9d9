"""Where a secret ends in a text that has no quotes of its own around it. Pure."""

import re
import string
from typing import Final

#: What follows in a value that no quotes end.
_TAIL: Final = re.compile(r"""[&,;(]+[^\s"'\\&,;()\[\]{}<>=:]+""")

#: What stands in a name beside the word that says that it is secret, and how far a quoted text is followed.
_OF_NAMES: Final = string.ascii_letters + string.digits + "_.-"
_LONGEST_NAME: Final = 64
_LONGEST_VALUE: Final = 512


def find_value_end(text: str, begin: int, end: int) -> int:
    """Returns where a value ends that has no quotes of its own.

    Args:
        text: the whole text.
        begin: where the word begins that names it.
        end: where the value ends at the latest if no other sign belongs to it.
    """
    while (tail := _TAIL.match(text, end)) and text[tail.end() : tail.end() + 1] not in ("=", ":"):
        end = tail.end()
    before = text[max(begin - _LONGEST_NAME, 0) : begin].rstrip(_OF_NAMES)[-1:]
    if before in ('"', "'") and text[end : end + 1] in (" ", *"&,;("):
        closing = text.find(before, end, end + _LONGEST_VALUE)
        inside = text[end:closing]
        if closing > 0 and not any(sign in inside for sign in "=:\r\n"):
            end = closing
    return end
