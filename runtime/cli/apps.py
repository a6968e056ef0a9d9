"""Loading the user's own app, and showing the user's own part of what goes wrong there."""

import sys
from pathlib import Path
from traceback import StackSummary, TracebackException
from typing import TYPE_CHECKING

import typer

from runtime.cli.reload import source_folder
from runtime.errors import CauselineError

if TYPE_CHECKING:  # heavy; the other commands do without
    from runtime.app import App


def load(target: str) -> "App":
    """Import an app; an error of its own code is printed, and ends the command with status 1.

    Args:
        target: `module:app`, `file.py` or `file.py:app`.

    Raises:
        DefinitionError: when there is no such app.
    """
    from runtime.cli.loading import load_app  # heavy (Redis, OpenTelemetry), and only two commands need it

    try:
        return load_app(target)
    except CauselineError:
        raise
    except Exception as error:  # noqa: BLE001 - code of others raises what it likes
        print(own_part(error, source_folder(target)), end="", file=sys.stderr)
        raise typer.Exit(1) from None


def own_part(error: BaseException, folder: Path) -> str:
    """A traceback without the frames of Python, libraries and ours, which tell the user nothing; of a syntax error the
    lines that matter remain.

    Args:
        error: from code of the user.
        folder: where that lies. An error that never passed through it keeps all frames.
    """
    told = TracebackException.from_exception(error)
    link: TracebackException | None = told
    while link is not None:
        own = [frame for frame in link.stack if _is_own(Path(frame.filename), folder)]
        if own or isinstance(error, SyntaxError):
            link.stack = StackSummary.from_list(own)
        link = link.__cause__ or link.__context__
    return "".join(told.format()).removeprefix("" if told.stack else "Traceback (most recent call last):\n")


def _is_own(file: Path, folder: Path) -> bool:
    return file.is_relative_to(folder) and "site-packages" not in file.parts
