"""What commands print on, how text of others gets there, who types, and how the program is called there."""

import getpass
import os
import shutil
import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.text import Text

#: Columns where there is no terminal: tables are then read by programs, which do not mend folded words.
_PIPE_WIDTH: Final = 240


def _console() -> Console:
    on_terminal = sys.stdout.isatty() or bool(os.environ.get("COLUMNS"))
    return Console(highlight=False, width=None if on_terminal else _PIPE_WIDTH)


screen = _console()


def plain(text: object, style: str = "") -> Text:
    """Text of others as it is: no markup of rich, and no control characters that would command the terminal."""
    return Text("".join(char if char.isprintable() or char == "\n" else "�" for char in str(text)), style)


def say(words: str) -> None:
    """Says what goes on; a terminal that is gone must not keep anything from ending in order."""
    with suppress(OSError):
        screen.print(plain(words, "dim"))


def format_moment(ms: int | None) -> str:
    """A time of the bus (milliseconds since 1970) in the reader's own zone; empty for None."""
    if ms is None:
        return ""
    return datetime.fromtimestamp(ms / 1000, UTC).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def format_command(words: str) -> str:
    """A command line to copy: the program's path where its name alone would not be found.

    Args:
        words: what follows the program's name.
    """
    script = Path(sys.executable).with_name("causeline")  # an environment that was not activated
    if shutil.which("causeline"):
        program = "causeline"
    elif script.is_file():
        here = Path.cwd()
        program = str(script.relative_to(here) if script.is_relative_to(here) else script)
    else:
        program = f"{sys.executable} -m causeline"
    return f"{program} {words}"


def operator_name() -> str:
    """The name of the operating system's user, for the audit."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container's number without a name
        return "unknown"
