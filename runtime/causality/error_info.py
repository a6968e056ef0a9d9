"""Exceptions as they are recorded: opened where they are groups, and safe where their own code fails. Pure."""

import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Self

#: Characters of a traceback that are kept; its end, where the error is.
TRACEBACK_LIMIT: Final = 16_000
#: Exceptions of a group that are named in its message.
_NAMED: Final = 5


def leaves(error: BaseException) -> Iterator[BaseException]:
    """The exceptions that a group holds, at any depth; one that is no group is its own leaf."""
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from leaves(inner)
    else:
        yield error


def words(error: BaseException) -> str:
    """What an exception says of itself, and for a group what those in it say. What fails to say anything must not fail
    whoever asks."""
    said = _said(error)
    if not isinstance(error, BaseExceptionGroup):
        return said
    inside = [f"{type(one).__name__}: {_said(one)}" for one in leaves(error)]
    more = f"; and {len(inside) - _NAMED} more" if len(inside) > _NAMED else ""
    return f"{said}: {'; '.join(inside[:_NAMED])}{more}"


def _said(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # noqa: BLE001 - it is the code of whoever wrote the exception
        return "<exception str() failed>"  # as tracebacks have it


@dataclass(frozen=True, slots=True)
class ErrorInfo:
    """An exception as it is recorded."""

    type: str
    message: str
    traceback: str

    @classmethod
    def of(cls, error: BaseException) -> Self:
        """What is kept of an exception: its class, its words, and the end of its traceback."""
        return cls(type(error).__name__, words(error), _traceback(error)[-TRACEBACK_LIMIT:])


def _traceback(error: BaseException) -> str:
    try:
        return "".join(traceback.format_exception(error))
    except Exception:  # noqa: BLE001 - as above: notes and causes may be anything
        return f"{type(error).__name__}: {words(error)}"
