"""What commands print on, and how text of others gets there."""

from contextlib import suppress
from datetime import UTC, datetime

from rich.console import Console
from rich.text import Text

screen = Console(highlight=False)


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
