"""What finds one kind of secret. Pure."""

import re
from dataclasses import dataclass
from typing import Final

REDACTED: Final = "[redacted]"

#: Where something begins that is no part of a longer word.
ALONE: Final = "(^|[^A-Za-z0-9_-])"


@dataclass(frozen=True, slots=True)
class Pattern:
    """How one kind of secret looks.

    Attributes:
        expression: finds it; its first group, where it has one, is what stays in front of it.
        signs: in lower case; a text without any of them holds no such secret. None where it has to be looked for.
        kept: what stays behind it, in the words of `re.sub`.
        mark: for signs that many texts hold, an expression that finds something in each text, in lower case, that holds
            such a secret, and in few others. Empty where the signs say enough.
    """

    expression: str
    signs: tuple[str, ...] = ()
    kept: str = ""
    mark: str = ""

    def replacement(self) -> str:
        """What it is replaced with, in the words of `re.sub`."""
        return (r"\1" if re.compile(self.expression).groups else "") + REDACTED + self.kept

    def anywhere(self) -> str:
        """An expression that also finds it behind any letter: in protobuf a text's length stands before it, as a byte
        that may be one."""
        return self.expression.replace(ALONE, "").replace(r"\b", "")
