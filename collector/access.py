"""Who is let in: the tokens of the home, over HTTP and gRPC alike."""

import re
from collections.abc import Sequence
from typing import Final

from collector.errors import ForbiddenError, UnauthenticatedError
from runtime.tokens import Caller, Register, Scope

_BEARER: Final = re.compile(r"bearer +(\S+) *", re.IGNORECASE)

_MAKE: Final = (
    "send `Authorization: Bearer ...` with a token that `causeline token create --scope {scope}` has made; "
    "our own programs find theirs in CAUSELINE_TOKEN"
)


class Access:
    """Asks for tokens, once there are any.

    Args:
        register: the tokens.
        always: whether to ask for them although none was ever made, and so to let nobody in.
    """

    def __init__(self, register: Register, *, always: bool = False) -> None:
        self._register = register
        self._always = always

    def is_needed(self) -> bool:
        """Returns whether whoever asks has to present a token."""
        return self._always or self._register.exists()

    def admit(self, presented: Sequence[str], scope: Scope) -> Caller | None:
        """Returns who asks; None where anybody may.

        Args:
            presented: every `authorization` header of the request.
            scope: what they want to do.

        Raises:
            UnauthenticatedError: when there is no token, several, or one that is good for nothing.
            ForbiddenError: when theirs is not good for this.
        """
        if not self.is_needed():
            return None
        hint = _MAKE.format(scope=scope)
        if not presented:
            raise UnauthenticatedError("this needs a token", hint)
        # Two headers could be read in two ways, by a proxy in front and by us.
        bearer = _BEARER.fullmatch(presented[0]) if len(presented) == 1 else None
        caller = self._register.find_caller(bearer[1]) if bearer else None
        if caller is None:
            raise UnauthenticatedError("this token is not known, was revoked, or is over", hint, is_invalid=True)
        if scope not in caller.scopes:
            raise ForbiddenError(f"the token of {caller.name!r} is not good for this: it lacks the scope {scope}", hint)
        return caller
