"""Commands as they travel."""

from collections.abc import Sequence
from typing import Any

import hiredis
import redis.exceptions as driver


def pack_command(command: Sequence[Any], *, replaces: bool = False) -> bytes:
    """A command as it travels.

    Args:
        command: its words.
        replaces: half a character, as a model may print it, travels as `?`.

    Raises:
        redis.DataError: a part of it is of a type that has no form there, or half a character.
    """
    name, *rest = command
    words = name.split(" ") if isinstance(name, str) else [name]
    try:
        return bytes(hiredis.pack_command((*words, *rest)))
    except UnicodeEncodeError as error:
        if not replaces:
            raise driver.DataError(f"{words[0]} can't be sent: {error}") from None
        return bytes(hiredis.pack_command((*words, *map(_replace_surrogates, rest))))
    except (TypeError, ValueError) as error:  # what has no form in the protocol
        raise driver.DataError(f"{words[0]} can't be sent: {error}") from None


def _replace_surrogates(word: Any) -> Any:
    return word.encode(errors="replace") if isinstance(word, str) else word
