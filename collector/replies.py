"""What replies of a collector say: an answer as its model, a refusal as an error; and what is no collector's reply."""

import re
from contextlib import suppress
from typing import Final, TypeVar

import httpx
from pydantic import ValidationError

from collector.models import ErrorAnswer, ErrorBody, Model

Answer = TypeVar("Answer", bound=Model)

#: The code of a reply that is not the collector's own, or not one that this program understands.
UNEXPECTED: Final = "unexpected_answer"

#: Statuses by which a proxy says that it does not reach what it stands before (RFC 9110, 15.6.3 to 15.6.5).
_GATEWAYS: Final = frozenset((502, 503, 504))

#: What to do about it.
_NO_COLLECTOR: Final = (
    "name the collector's own address in CAUSELINE_COLLECTOR_URL; a proxy or a page to sign in may stand before it, "
    "another program may listen there, or the collector is of another release than this program"
)
_UNREACHED: Final = (
    "start the collector behind the proxy that says so, or name its own address in CAUSELINE_COLLECTOR_URL"
)


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


class CollectorUnfinished(CollectorBusy):
    """Raised when a question took too long, and what was worked out is remembered: it goes on from there."""


class CollectorUnavailable(ApiError):  # noqa: N818 a state that passes, and the name that views catch
    """Raised when the collector can't be reached or doesn't answer in time."""


class CollectorSlow(CollectorUnavailable):
    """Raised when the collector has taken a question and doesn't answer in time."""


def hide_credentials(url: str) -> str:
    """Returns an address as it may be shown to anybody: without user, password and query."""
    scheme, _, rest = url.partition("://")
    # A password that was not written as an address has it ends at the last of these, whatever it would be taken for.
    return f"{scheme}://{re.split('[?#]', rest.rpartition('@')[2], maxsplit=1)[0]}"


#: Refusals that pass, by their codes.
_PASSING: Final = {"busy": CollectorBusy, "unfinished": CollectorUnfinished}


def read_answer(answer: type[Answer], response: httpx.Response) -> Answer:
    """Returns the answer that a reply holds, whose body has been read.

    Raises:
        ApiError: when it is a refusal, or nothing that a collector says.
    """
    require_success(response)
    return parse_answer(answer, response.content, response)


def parse_answer(answer: type[Answer], text: str | bytes, response: httpx.Response) -> Answer:
    """Returns an answer of a reply that may hold several.

    Raises:
        ApiError: when it is nothing that a collector says.
    """
    try:
        return answer.model_validate_json(text)
    except ValidationError:  # its words may quote what was sent
        raise make_unexpected_error(response) from None


def require_success(response: httpx.Response) -> None:
    """Makes sure that a reply is no refusal. A redirect is not followed: no collector sends one, and the token is not
    for the address that it names.

    Raises:
        ApiError: when it is one, with what the collector says of it.
    """
    if response.is_success:
        return
    response.read()
    try:
        body = ErrorAnswer.model_validate_json(response.content).error
    except ValidationError:
        raise _make_unreached_error(response) or make_unexpected_error(response) from None
    raise _make_refusal_error(body, response)


def require_kind(response: httpx.Response, kind: str) -> None:
    """Makes sure that a reply which is no JSON is of the content type that the collector gives it.

    Raises:
        ApiError: when it is a refusal, or nothing that a collector says.
    """
    require_success(response)
    if response.headers.get("content-type", "").partition(";")[0].strip().lower() != kind:
        raise make_unexpected_error(response)


def make_unexpected_error(response: httpx.Response) -> ApiError:
    """Returns the error that says that a reply is not a collector's, and whose it is not."""
    status = response.status_code
    leads = ", a redirect" if response.has_redirect_location else ""
    message = (
        f"{hide_credentials(str(response.url))} answered, but not as a Causeline collector does (HTTP {status}{leads})"
    )
    return ApiError(UNEXPECTED, message, _NO_COLLECTOR, status)


def _make_unreached_error(response: httpx.Response) -> CollectorUnavailable | None:
    """Returns the error where a proxy says that it reaches no collector: that passes, as where nobody answers."""
    if response.status_code not in _GATEWAYS:
        return None
    message = (
        f"{hide_credentials(str(response.url))} answered HTTP {response.status_code}: no collector can be reached there"
    )
    return CollectorUnavailable("collector_unavailable", message, _UNREACHED, response.status_code)


def make_undecodable_error(url: str) -> ApiError:
    """Returns the error that says that the body of a reply from an address is not encoded as its head says."""
    return ApiError(UNEXPECTED, f"{hide_credentials(url)} answered, but what it sent can't be decoded", _NO_COLLECTOR)


def _make_refusal_error(body: ErrorBody, response: httpx.Response) -> ApiError:
    if body.code in _PASSING:
        busy = _PASSING[body.code](body.code, body.message, body.hint, response.status_code)
        with suppress(ValueError):  # a date, which only something in front of the collector would write
            busy.retry_after = float(response.headers.get("retry-after", busy.retry_after))
        return busy
    return ApiError(body.code, body.message, body.hint, response.status_code)
