"""Exceptions as they are recorded: opened where they are groups, and safe where their own code fails. Pure."""

import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Self

#: Characters of a traceback that are kept; its end, where the error is.
TRACEBACK_LIMIT: Final = 16_000
#: Characters of a message that are kept: its beginning and its end. An error may quote the whole answer of a service.
MESSAGE_LIMIT: Final = 4_000
#: Exceptions of a group that are named in its message.
_NAMED: Final = 5
#: Stands for what is left out.
_LEFT_OUT: Final = " [...] "


def leaves(error: BaseException) -> Iterator[BaseException]:
    """The exceptions that a group holds, at any depth; one that is no group is its own leaf."""
    waiting = [error]
    while waiting:  # no recursion: a group may be nested more deeply than the interpreter's stack is
        one = waiting.pop()
        if isinstance(one, BaseExceptionGroup):
            waiting.extend(reversed(one.exceptions))
        else:
            yield one


def describe_error(error: BaseException, shown: Callable[[str], str] = str) -> str:
    """What an exception says of itself, and for a group what those in it say. See `error_text`.

    Args:
        error: the exception.
        shown: takes secrets out, before anything is cut.
    """
    own = error_text(error)
    if not isinstance(error, BaseExceptionGroup):
        return _shorten_message(shown(own))
    inside = list(leaves(error))
    named = [f"{type(one).__name__}: {error_text(one)}" for one in inside[:_NAMED]]
    more = f"; and {len(inside) - _NAMED} more" if len(inside) > _NAMED else ""
    return _shorten_message(shown(f"{own}: {'; '.join(named)}{more}"))


def _shorten_message(text: str) -> str:
    if len(text) <= MESSAGE_LIMIT:
        return text
    half = (MESSAGE_LIMIT - len(_LEFT_OUT)) // 2
    return f"{text[:half]}{_LEFT_OUT}{text[-half:]}"


def error_text(error: BaseException) -> str:
    """What an exception says of itself alone. One that fails to say anything must not fail whoever asks."""
    try:
        return str(error)
    except BaseException:  # noqa: BLE001 - it is the code of whoever wrote the exception
        return "<exception str() failed>"  # as tracebacks have it


@dataclass(frozen=True, slots=True)
class ErrorInfo:
    """An exception as it is recorded."""

    type: str
    message: str
    traceback: str

    @classmethod
    def of(cls, error: BaseException, shown: Callable[[str], str] = str) -> Self:
        """What is kept of an exception: its class, its words, and the end of its traceback.

        Args:
            error: the exception.
            shown: takes secrets out.
        """
        return cls(
            type(error).__name__, describe_error(error, shown), shown(_format_traceback(error))[-TRACEBACK_LIMIT:]
        )


def _format_traceback(error: BaseException) -> str:
    try:
        return "".join(traceback.format_exception(error))
    except BaseException:  # noqa: BLE001 - as above: notes and causes may be anything
        return f"{type(error).__name__}: {describe_error(error)}"
