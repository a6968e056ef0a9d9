"""Statements with parts that are left out where nobody asks for them: a part that is planned costs as much as one that
is needed, and a condition that might be none keeps the database from using any.

A part stands between the lines `--[$name` and `--]`. It is left out where the value of that name is None or false.
"""

import re
from collections.abc import Mapping
from functools import cache
from typing import Final

_PART: Final = re.compile(r"^[ \t]*--\[\$(\w+)[ \t]*\n(.*?)^[ \t]*--\][ \t]*\n?", re.MULTILINE | re.DOTALL)
_VALUE: Final = re.compile(r"\$([a-z]\w*)")


def strip_unused_parts(statement: str, values: Mapping[str, object]) -> tuple[str, dict[str, object]]:
    """Returns a statement without the parts that nobody asks for, and the values that are left in it.

    Args:
        statement: whole.
        values: by name, those that are bound.
    """
    optional = _find_part_names(statement)
    if not optional:
        return statement, dict(values)
    asked = frozenset(name for name in optional if values[name] is not None and values[name] is not False)
    text, names = _remove_parts(statement, asked)
    return text, {name: value for name, value in values.items() if name in names}


@cache
def _find_part_names(statement: str) -> frozenset[str]:
    return frozenset(part[1] for part in _PART.finditer(statement))


@cache
def _remove_parts(statement: str, asked: frozenset[str]) -> tuple[str, frozenset[str]]:
    text = _PART.sub(lambda part: part[2] if part[1] in asked else "", statement)
    return text, frozenset(_VALUE.findall(text))
