"""How many values a JSON text is made of, counted before it is read, and what reading it takes."""

import re
from typing import Final

from collector.otlp.decode.items import VALUE_BYTES, refuse_more

#: A text; one that does not end goes on to the end, or each quote in it would be tried as the begin of another.
TEXTS: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)', re.DOTALL)


def count(body: bytes, limit: int) -> int:
    """Counts the values of a JSON text, without reading it.

    Args:
        body: the text, decompressed.
        limit: most to accept.

    Returns:
        At least as many as there are: what looks like the begin of a value inside of texts counts, unless it would
        matter.

    Raises:
        TooLargeError: when there are more.
    """
    found = _begins(body)
    if found > limit:
        found = _begins(TEXTS.sub(b"", body))
        refuse_more(found, limit)
    return found


def weight(body: bytes, values: int) -> int:
    """Returns how many bytes of memory reading a text with so many values takes, beside its own."""
    # It becomes a Python text, and so does each text in it; one character beyond Latin 1 makes all take more room.
    return len(body) * (2 if body.isascii() else 6) + values * VALUE_BYTES


def _begins(body: bytes) -> int:
    return 1 + body.count(b"{") + body.count(b"[") + body.count(b",")
