"""Who is said to have done something: whom the token names, or whoever signed in where its holder vouches for them."""

from typing import Annotated, Final
from urllib.parse import unquote

from fastapi import Depends, Request

from collector.api.admission import CALLER
from collector.errors import BadQueryError, ForbiddenError
from collector.models.access import OPERATOR_HEADER
from runtime.tokens import Caller, Scope

_LONGEST: Final = 200


class Operator:
    """Whoever asks for a change.

    Args:
        caller: whom the token names; None where no tokens are asked for.
        person: for whom they ask; empty where they do not say.
    """

    def __init__(self, caller: Caller | None, person: str) -> None:
        self._caller = caller
        self._person = person

    def resolve_name(self, said: str) -> str:
        """Returns the name for the audit.

        Args:
            said: what the request says; believed only where there are no tokens.

        Raises:
            BadQueryError: when nobody says who asks.
            ForbiddenError: when they speak for somebody, and may not.
        """
        if self._caller is None:
            return _require_name(self._person or said)
        if not self._person:
            return self._caller.name
        if Scope.DELEGATE not in self._caller.scopes:
            raise ForbiddenError(
                f"the token of {self._caller.name!r} does not let it speak for others",
                f"leave the header {OPERATOR_HEADER} out, or make a token with the scope {Scope.DELEGATE}",
            )
        return _require_name(self._person)


def _get_operator(request: Request) -> Operator:
    return Operator(request.scope.get(CALLER), unquote(request.headers.get(OPERATOR_HEADER, "")))


Who = Annotated[Operator, Depends(_get_operator)]


def _require_name(name: str) -> str:
    name = name.strip()
    if not name or len(name) > _LONGEST:
        raise BadQueryError(f"operator: say who you are, in at most {_LONGEST} characters")
    return name
