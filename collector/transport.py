"""How the API is asked: one request, one typed answer, and what it raises where there is none."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, TypeVar, cast

import httpx
from pydantic import ValidationError

from collector.known import Answers
from collector.models import ErrorAnswer, Model

Answer = TypeVar("Answer", bound=Model)

_NOT_MODIFIED: Final = 304


class ApiError(Exception):
    """Raised when the collector refuses a request or fails at it.

    Args:
        code: stable name of what went wrong, such as `not_found` or `bus_unavailable`.
        message: a sentence.
        hint: what to do about it; may be empty.
        status: the HTTP status; 0 where there was no answer.
    """

    def __init__(self, code: str, message: str, hint: str = "", status: int = 0) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint
        self.status = status


class CollectorUnavailable(ApiError):  # noqa: N818 a state that passes, and the name that views catch
    """Raised when the collector can't be reached or doesn't answer in time."""


class Transport:
    """Sends requests to a collector and reads its answers.

    Args:
        base_url: where the collector is.
        timeout: seconds to wait for an answer.
    """

    def __init__(self, base_url: str, timeout: float) -> None:
        self._base_url = base_url
        # Proxies and .netrc of the environment are for the internet, not for the collector next door.
        self._http = httpx.Client(base_url=base_url, timeout=timeout, trust_env=False)
        self._answers = Answers()

    def close(self) -> None:
        """Gives connections back."""
        self._http.close()

    def get(self, answer: type[Answer], path: str, **params: object) -> Answer:
        """Reads; parameters that are None are left to the collector's defaults. An answer that was given before is
        sent once more only where it has changed."""
        query = _query(params)
        key = (answer.__name__, path, *sorted(query.items()))
        known = self._answers.get(key)
        response = self._send("GET", path, params=query, headers={"if-none-match": known[0]} if known else {})
        if known is not None and response.status_code == _NOT_MODIFIED:
            return cast("Answer", known[1])
        fresh = answer.model_validate_json(response.content)
        if token := response.headers.get("etag"):
            self._answers.keep(key, token, fresh, len(response.content))
        return fresh

    def post(self, answer: type[Answer], path: str, body: Model) -> Answer:
        """Acts."""
        headers = {"content-type": "application/json"}
        response = self._send("POST", path, content=body.model_dump_json(), headers=headers)
        return answer.model_validate_json(response.content)

    def _send(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str],
        params: Mapping[str, str] | None = None,
        content: str | None = None,
    ) -> httpx.Response:
        try:
            response = self._http.request(method, path, params=params, content=content, headers=headers)
        except httpx.TransportError as error:
            raise CollectorUnavailable(
                "collector_unavailable",
                f"the collector at {self._base_url} does not answer ({type(error).__name__})",
                "start it with `causeline collector`, or set CAUSELINE_COLLECTOR_URL",
            ) from None
        if response.is_error:
            raise _refusal(response)
        return response


def _refusal(response: httpx.Response) -> ApiError:
    try:
        body = ErrorAnswer.model_validate_json(response.content).error
    except ValidationError:  # not the collector, but something in front of it
        status = response.status_code
        return ApiError("unexpected_answer", f"HTTP {status}", "is this the collector's address?", status)
    return ApiError(body.code, body.message, body.hint, response.status_code)


def _query(params: Mapping[str, object]) -> dict[str, str]:
    """Returns parameters as text; those that are None are left to the collector's defaults."""
    return {
        name: value.isoformat() if isinstance(value, datetime) else str(value)
        for name, value in params.items()
        if value is not None
    }
