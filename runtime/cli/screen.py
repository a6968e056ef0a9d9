"""What commands print on, and how text of others gets there."""

import os
import sys
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final

from rich.console import Console
from rich.text import Text

#: Columns where there is no terminal: tables are then read by programs, which do not mend folded words.
_PIPE_WIDTH: Final = 240


def _console() -> Console:
    on_terminal = sys.stdout.isatty() or "COLUMNS" in os.environ
    return Console(highlight=False, width=None if on_terminal else _PIPE_WIDTH)


screen = _console()


def plain(text: object, style: str = "") -> Text:
    """Text of others as it is: no markup of rich, and no control characters that would command the terminal."""
    return Text("".join(char if char.isprintable() or char == "\n" else "�" for char in str(text)), style)


def say(words: str) -> None:
    """Say what goes on; a terminal that is gone must not keep anything from ending in order."""
    with suppress(OSError):
        screen.print(plain(words, "dim"))


def moment(ms: int | None) -> str:
    """A time of the bus (milliseconds since 1970) in the reader's own zone; empty for None."""
    if ms is None:
        return ""
    return datetime.fromtimestamp(ms / 1000, UTC).astimezone().strftime("%Y-%m-%d %H:%M:%S")
