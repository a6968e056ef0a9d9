"""What a handler is declared with that writes to a database of its own."""

from collections.abc import Callable
from typing import Any, Final

from runtime.definitions.callables import is_async
from runtime.errors import DefinitionError

_SCHEMES: Final = ("postgresql://", "postgres://")


def checked_inbox(what: str, inbox: object, function: Callable[..., Any], *, ephemeral: bool) -> str:
    """The address of a handler's database; empty where it has none. It is not shown: it may hold a password.

    Raises:
        DefinitionError: it is no address of PostgreSQL's, or the handler can't have one.
    """
    if inbox is None:
        return ""
    if not isinstance(inbox, str) or not inbox.startswith(_SCHEMES):
        raise DefinitionError(f"inbox= of {what} is not an address of a PostgreSQL database: write postgresql://...")
    if ephemeral:
        raise DefinitionError(
            f"{what} is ephemeral, and has an inbox: each worker would write for itself; leave one of both out"
        )
    if not is_async(function):
        raise DefinitionError(
            f"{what} has an inbox, and its handler is sync: make it async, its transaction is awaited"
        )
    return inbox
