"""Tables and functions of the state store, as they lie in files beside this one, and what they are called on a server.

The functions of each version of them have names of their own: workers of two versions, as there are while one is put in
the place of the other, do not change each other's.
"""

from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Final

SCHEMA: Final = "causeline"
#: The file with the types that others take and return.
_FIRST: Final = "shared.sql"
#: What the files call a function of theirs.
_API: Final = "api."


def _read_texts(folder: str) -> list[str]:
    found = (one for one in files(__package__).joinpath(folder).iterdir() if one.name.endswith(".sql"))
    return [one.read_text(encoding="utf-8") for one in sorted(found, key=lambda one: (one.name != _FIRST, one.name))]


@cache
def read_migrations() -> tuple[str, ...]:
    """What makes the tables, and each change of them since, in order."""
    return tuple(_read_texts("tables"))


@cache
def functions_digest() -> str:
    """Tells this version of the functions from others."""
    return sha256("\n".join(_read_texts("sql")).encode()).hexdigest()[:8]


@cache
def read_definitions() -> str:
    """What makes all functions."""
    return "\n".join(_read_texts("sql")).replace(_API, qualify_function(""))


def qualify_function(function: str) -> str:
    """A function's name on a server."""
    return f"{SCHEMA}.f{functions_digest()}_{function}"


@cache
def build_statement(function: str, arguments: int, calls: int = 1) -> bytes:
    """The statement that calls a function so often, each time with so many arguments; a row for each call, in order."""
    places = [[f"${call * arguments + at}" for at in range(1, arguments + 1)] for call in range(calls)]
    name = qualify_function(function)
    return " UNION ALL ".join(f"SELECT * FROM {name}({', '.join(one)})" for one in places).encode()  # noqa: S608 - names of ours alone
