"""Loading the user's own app, and showing the user's own part of what goes wrong there."""

import sys
from pathlib import Path
from traceback import StackSummary, TracebackException
from typing import TYPE_CHECKING

import typer

from runtime.cli.sources import is_own
from runtime.errors import CauselineError, DefinitionError

if TYPE_CHECKING:  # heavy; the other commands do without
    from runtime.app import App


def load(target: str) -> "App":
    """Imports an app; an error of its own code is printed, and ends the command with status 1.

    Args:
        target: `module:app`, `file.py` or `file.py:app`.

    Raises:
        DefinitionError: when there is no such app, or importing it would end the process.
    """
    from runtime.cli.app_loader import load_app  # heavy (Redis, OpenTelemetry), and only two commands need it

    try:
        return load_app(target)
    except CauselineError:
        raise
    except SystemExit as end:
        raise DefinitionError(
            f"{target} ends the process where it is imported (exit status {end.code}): "
            "put what is to be run below `if __name__ == '__main__':`"
        ) from None
    except Exception as error:  # noqa: BLE001 - code of others raises what it likes
        print(format_own_traceback(error), end="", file=sys.stderr)
        raise typer.Exit(1) from None


def format_own_traceback(error: BaseException) -> str:
    """A traceback without the frames of Python, libraries and ours, which tell the user nothing; of a syntax error the
    lines that matter remain.

    Args:
        error: from code of the user; one that never passed through that keeps all frames.
    """
    told = TracebackException.from_exception(error)
    link: TracebackException | None = told
    while link is not None:
        own = [frame for frame in link.stack if _is_file(frame.filename) and is_own(Path(frame.filename))]
        if own or isinstance(error, SyntaxError):
            link.stack = StackSummary.from_list(own)
        link = link.__cause__ or link.__context__
    return "".join(told.format()).removeprefix("" if told.stack else "Traceback (most recent call last):\n")


def _is_file(name: str) -> bool:
    """Parts of Python are frozen into it, and of their code the place is a description."""
    return not name.startswith("<")
