"""What may be part of a key on the server."""

import re
from typing import Final

from runtime.errors import DefinitionError

#: Version of the key layout and of what the values mean.
FORMAT: Final = 1
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,127}")


def checked_name(kind: str, name: object) -> str:
    """The name, if it can be part of a key.

    Raises:
        DefinitionError: when it is empty, too long, or has other characters than letters, digits and `._/-`.
    """
    if isinstance(name, str) and _NAME.fullmatch(name):
        return name
    raise DefinitionError(
        f"{kind} name {name!r} can't be used: take 1 to 128 letters, digits, '.', '_', '-' or '/', "
        "beginning with a letter or digit"
    )
