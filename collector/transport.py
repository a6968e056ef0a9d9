"""How the API is asked: one request, one typed answer, and what it raises where there is none."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import TypeVar

import httpx
from pydantic import ValidationError

from collector.models import ErrorAnswer, Model

Answer = TypeVar("Answer", bound=Model)


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


class CollectorBusy(ApiError):  # noqa: N818 a state that passes, as below
    """Raised when the collector is there, but has too much to do, or gave a question up that took too long.

    Attributes:
        retry_after: seconds after which to ask again.
    """

    retry_after: float = 1.0


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

    def close(self) -> None:
        """Gives connections back."""
        self._http.close()

    def get(self, answer: type[Answer], path: str, **params: object) -> Answer:
        """Reads; parameters that are None are left to the collector's defaults."""
        return self._ask(answer, "GET", path, params=_query(params))

    def post(self, answer: type[Answer], path: str, body: Model) -> Answer:
        """Acts."""
        return self._ask(answer, "POST", path, content=body.model_dump_json())

    def _ask(
        self,
        answer: type[Answer],
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        content: str | None = None,
    ) -> Answer:
        headers = {"content-type": "application/json"} if content else {}
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
        return answer.model_validate_json(response.content)


def _refusal(response: httpx.Response) -> ApiError:
    try:
        body = ErrorAnswer.model_validate_json(response.content).error
    except ValidationError:  # not the collector, but something in front of it
        status = response.status_code
        return ApiError("unexpected_answer", f"HTTP {status}", "is this the collector's address?", status)
    if body.code == "busy":
        busy = CollectorBusy(body.code, body.message, body.hint, response.status_code)
        with suppress(ValueError):  # a date, which only something in front of the collector would write
            busy.retry_after = float(response.headers.get("retry-after", busy.retry_after))
        return busy
    return ApiError(body.code, body.message, body.hint, response.status_code)


def _query(params: Mapping[str, object]) -> dict[str, str]:
    """Returns parameters as text; those that are None are left to the collector's defaults."""
    return {
        name: value.isoformat() if isinstance(value, datetime) else str(value)
        for name, value in params.items()
        if value is not None
    }
