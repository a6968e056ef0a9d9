"""Ids of runs as somebody types them: whole, or as much of the end as lists show."""

import re
from typing import Annotated, Final
from uuid import UUID

import typer

from runtime.cli.admin_connection import call_admin
from runtime.errors import CauselineError, QueryError, RunNotFoundError

#: The end of an id, with the mark of lists: fewer digits are no id, but a slip.
_END: Final = re.compile(r"…?([0-9a-f]{6,12})", re.IGNORECASE)


def parse_run_id(text: str) -> UUID:
    """The run that an id means.

    Raises:
        QueryError: it is no id, or several runs end so.
        RunNotFoundError: no run does.
    """
    try:
        return UUID(text)
    except ValueError:
        end = _END.fullmatch(text)
    if end is None:
        raise QueryError(f"{text!r} is not the id of a run: give it whole, or its last 6 to 12 digits")
    digits = end.group(1).lower()
    found = call_admin(lambda admin: admin.ending_with(digits))
    if not found:
        raise RunNotFoundError(f"no run ends with {text}: `causeline runs list` shows those there were")
    if len(found) > 1:
        raise QueryError(
            f"{len(found)} runs end with {text}: {', '.join(str(id_) for id_ in found[:5])}; give one whole"
        )
    return found[0]


def complete_id(text: str) -> str:
    """An id of anything, whole where it is the end of a run's; as it is where it is not, or nobody can tell."""
    if _END.fullmatch(text) is None:
        return text
    try:
        return str(parse_run_id(text))
    except CauselineError:
        return text


RunId = Annotated[
    UUID,
    typer.Argument(metavar="ID", parser=parse_run_id, help="Of a run: whole, or its end where no other run has that."),
]
