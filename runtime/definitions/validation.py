"""What to say of a value that does not fit a type, without saying the value: it may be a secret."""

from typing import Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

#: The one reason of pydantic's own that quotes what it was given.
_QUOTING: Final = "union_tag_invalid"


def misfit(error: ValidationError) -> str:
    """Where and why a value does not fit.

    Args:
        error: pydantic's; its own text quotes the value.

    Returns:
        A line `place: reason` for each part that does not fit; the reason alone where it is the whole. A validator of
        the user's own is quoted as it is.
    """
    return "\n".join(map(_line, error.errors(include_input=False, include_url=False, include_context=False)))


def _line(detail: ErrorDetails) -> str:
    place = ".".join(str(part) for part in detail["loc"])
    reason = "Input is of none of the expected kinds" if detail["type"] == _QUOTING else detail["msg"]
    return f"{place}: {reason}" if place else reason
