"""What an operator adds to what everybody knows to be secret. Pure."""

import re
from functools import lru_cache
from typing import Final

from runtime.redaction.patterns import KEYS, PATTERNS, Pattern
from runtime.redaction.redactor import IDLE, Redactor
from runtime.redaction.words import SECRET_WORDS

#: What an operator's expression must be; for the message of a setting that is none.
ALLOWED: Final = (
    "a regular expression that RE2 takes, with no repeated group and with one `*`, `+` or `{n,}` at most, for others "
    "can take for ever"
)

#: Redactors that are kept: a process has one set of settings, tests have some.
_KEPT: Final = 8

_ESCAPED: Final = re.compile(r"\\.", re.DOTALL)
_CLASS: Final = re.compile(r"\[\^?\]?[^\]]*\]")
_REPEATED_GROUP: Final = re.compile(r"\)[*+{]")
_ENDLESS: Final = re.compile(r"[*+]|\{\d*,\}")
#: Groups that RE2 lacks, or that can't be taken apart: looking around, conditions, atoms, names.
_SPECIAL: Final = re.compile(r"\(\?(?!:|i:)")
#: What refers to another part, and ends that Python and RE2 write differently.
_FOREIGN_ESCAPE: Final = re.compile(r"\\[1-9ZzGKX]")


@lru_cache(_KEPT)
def get_redactor(*, active: bool, words: str, pattern: str) -> Redactor:
    """The redactor that settings ask for; the same one each time they ask for the same. To compile two hundred
    expressions takes a process longer than all else that a cell does before its work, and what is forked has them.

    Args:
        active: whether anything is taken out.
        words: further names of secrets, separated by commas.
        pattern: a further expression whose matches are secrets; empty for none.

    Raises:
        ValueError: when the expression can't be used; see `ALLOWED`.
    """
    if not active:
        return IDLE
    own = (parse_own_pattern(pattern),) if pattern else ()
    return Redactor((*SECRET_WORDS, *words.split(",")), (*PATTERNS, *own), KEYS)


def parse_own_pattern(expression: str) -> Pattern:
    """An operator's expression as a pattern.

    Raises:
        ValueError: when it is no expression, matches nothing at all, or can take long in a hostile text.
    """
    bare = _CLASS.sub("x", _ESCAPED.sub("x", expression))
    if (
        _FOREIGN_ESCAPE.search(expression)
        or _SPECIAL.search(bare)
        or _REPEATED_GROUP.search(bare)
        or len(_ENDLESS.findall(bare)) > 1
        or re.search(r"[*+?}]\+", bare)
    ):
        raise ValueError(ALLOWED)
    try:
        compiled = re.compile(expression, re.ASCII)
    except re.error as error:
        raise ValueError(ALLOWED) from error
    if compiled.match(""):
        raise ValueError(ALLOWED)
    # A group of the operator's own would stay in front of what is replaced.
    return Pattern(f"(){expression}" if compiled.groups == 0 else f"()(?:{expression})")
