"""What to say of a value that does not fit a type, without saying the value: it may be a secret."""

from typing import Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

#: The one reason of pydantic's own that quotes what it was given.
_QUOTING: Final = "union_tag_invalid"


class MismatchError(Exception):
    """Raised when a part of a value does not fit the class that made it, as that class is now.

    Each container that it passes adds where the part stands.
    """

    def __init__(self, error: ValidationError) -> None:
        super().__init__()
        self._details = _details(error)
        self._trail: list[str] = []

    def add_place(self, place: str) -> "MismatchError":
        """Adds that the part stands at a key or a position of a container, and returns itself."""
        self._trail.append(place)
        return self

    def message(self) -> str:
        """As `describe_mismatch` has it."""
        outer = self._trail[::-1]
        return "\n".join(_line([*outer, *_place(detail)], detail) for detail in self._details)


def describe_mismatch(error: ValidationError) -> str:
    """Where and why a value does not fit.

    Args:
        error: pydantic's; its own text quotes the value.

    Returns:
        A line `place: reason` for each part that does not fit; the reason alone where it is the whole. A validator of
        the user's own is quoted as it is.
    """
    return "\n".join(_line(_place(detail), detail) for detail in _details(error))


def _details(error: ValidationError) -> list[ErrorDetails]:
    return error.errors(include_input=False, include_url=False, include_context=False)


def _place(detail: ErrorDetails) -> list[str]:
    return [str(part) for part in detail["loc"]]


def _line(place: list[str], detail: ErrorDetails) -> str:
    reason = "Input is of none of the expected kinds" if detail["type"] == _QUOTING else detail["msg"]
    return f"{'.'.join(place)}: {reason}" if place else reason
