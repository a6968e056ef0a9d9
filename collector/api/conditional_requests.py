"""Tokens of answers, so that a poll costs little: whoever sends the `ETag` of their last answer as `If-None-Match` is
told 304 where nothing has changed, and the database is not asked.

A token says what the store had committed, which prices hold, and what the live bus said where an answer holds that. The
time range of a question that ends now moves on by itself: such an answer counts as changed after `SLIDE_SECONDS` at the
latest.
"""

import hashlib
import inspect
import json
import secrets
import time
from collections.abc import Callable
from typing import Annotated, Final

from fastapi import Depends, Request, Response
from pydantic import BaseModel

from collector.store.database import Database

#: Seconds after which an answer whose time range ends now counts as changed, though nothing was stored.
SLIDE_SECONDS: Final = 30

#: Seconds that an age, such as how long an event has waited, may differ from what was answered before.
AGE_SECONDS: Final = 5.0

#: The parameter by which a route takes a time range.
_RANGE: Final = "within"


class NotModified(Exception):  # noqa: N818 no error: an answer
    """Raised when whoever asks has the answer already.

    Args:
        token: of that answer.
    """

    def __init__(self, token: str) -> None:
        super().__init__(token)
        self.token = token


class ConditionalRequest:
    """What one request knows already, and the token of what it is answered.

    Args:
        request: the request; its answer's headers get the token.
        response: the answer.
        store: token of the store as it was when the request came in.
    """

    def __init__(self, request: Request, response: Response, store: str) -> None:
        self._known = {each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(",")}
        self._headers = response.headers
        self._accept = request.headers.get("accept", "")
        self._store = store

    def require_changed(self, *said: object) -> None:
        """Gives the answer a token that says what the store had, and what else the answer is made of.

        Args:
            said: what the live bus said: models, and lists of them.

        Raises:
            NotModified: when whoever asks knows that already.
        """
        self._set_tag(f"{self._store}.{_digest(said)}" if said else self._store)

    def require_changed_answer(self, answer: object) -> None:
        """Does the same for an answer that the store has no part in."""
        self._set_tag(_digest(answer))

    def _set_tag(self, content: str) -> None:
        token = f'"{content}.{hashlib.sha256(self._accept.encode()).hexdigest()[:6]}"'
        self._headers["etag"] = f"W/{token}"
        self._headers["cache-control"] = "no-cache"
        self._headers["vary"] = "accept"
        if token in self._known:
            raise NotModified(f"W/{token}")


class ChangeCheck:
    """Looks at the token of every request; a dependency of all routes, before any that makes them wait. Routes that ask
    the store alone are plain functions: for these, that is all there is to do.

    Args:
        database: the store.
        beside: says what else answers are made of, such as which prices hold.
    """

    def __init__(self, database: Database, beside: Callable[[], str]) -> None:
        self._database = database
        self._beside = beside
        self._process = secrets.token_hex(4)  # another process may have another code, or another store

    def __call__(self, request: Request, response: Response) -> None:
        """Notes what the request knows.

        Raises:
            NotModified: when the route asks the store alone, and that has not changed.
        """
        endpoint = request.scope["endpoint"]
        store = f"{self._process}-{self._database.committed_us:x}-{self._beside()}"
        if _has_sliding_range(request, endpoint):
            store += f"-{int(time.time()) // SLIDE_SECONDS:x}"
        asked = request.state.asked = ConditionalRequest(request, response, store)
        if not inspect.iscoroutinefunction(endpoint):
            asked.require_changed()


def get_conditional_request(request: Request) -> ConditionalRequest:
    """Returns what a request knows, for routes that ask the live bus too."""
    found: ConditionalRequest = request.state.asked
    return found


Known = Annotated[ConditionalRequest, Depends(get_conditional_request)]


def _has_sliding_range(request: Request, endpoint: object) -> bool:
    """Returns whether the answer's time range ends now."""
    fixed = "end" in request.query_params or "cursor" in request.query_params
    return not fixed and callable(endpoint) and _RANGE in inspect.signature(endpoint).parameters


def _digest(said: object) -> str:
    return hashlib.sha256(json.dumps(_without_moments(said), sort_keys=True).encode()).hexdigest()[:20]


def _without_moments(said: object) -> object:
    """Returns what was said without the moment at which it was, and ages to within `AGE_SECONDS`."""
    if isinstance(said, BaseModel):
        return _without_moments(said.model_dump(mode="json", exclude={"at"}))
    if isinstance(said, dict):
        return {str(name): _without_moments(value) for name, value in said.items()}
    if isinstance(said, list | tuple):
        return [_without_moments(value) for value in said]
    return said // AGE_SECONDS if isinstance(said, float) else said
