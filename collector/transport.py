"""How the API is asked: one request, one typed answer, and what it raises where there is none."""

import re
import ssl
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Final, TypeVar, cast
from urllib.parse import quote

import httpx
from pydantic import ValidationError

from collector.known import Answers
from collector.models import ErrorAnswer, Model

#: Names the person for whom a holder of the scope `delegate` asks, percent-encoded.
OPERATOR_HEADER: Final = "causeline-operator"

_AWAY: Final = "start it with `causeline collector`, or set CAUSELINE_COLLECTOR_URL"
_UNTRUSTED: Final = "its certificate is not trusted: name the file of its authority in CAUSELINE_TLS_CA"

Answer = TypeVar("Answer", bound=Model)

#: Seconds until a connection stands, at most.
_CONNECT: Final = 5.0
#: Of files: the collector may work for minutes before it answers.
_PATIENT: Final = httpx.Timeout(10.0, read=None, write=60.0)
#: Of what goes on and on: it says every few seconds that it is there.
_HEARD: Final = httpx.Timeout(10.0, read=60.0)

_NOT_MODIFIED: Final = 304

#: How often a question is asked that works out some more each time.
_TIMES: Final = 10


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


def place(url: str) -> str:
    """Returns an address as it may be shown to anybody: without user, password and query."""
    scheme, _, rest = url.partition("://")
    # A password that was not written as an address has it ends at the last of these, whatever it would be taken for.
    return f"{scheme}://{re.split('[?#]', rest.rpartition('@')[2], maxsplit=1)[0]}"


@dataclass(frozen=True, slots=True)
class Credentials:
    """What is presented with each request; asked for each time, for it may change.

    Attributes:
        token: returns a token; empty for none.
        person: returns for whom a change is asked for, where the token's holder may say so; empty for none.
        ca: file of the certificate authorities to trust; None for the machine's own.
    """

    token: Callable[[], str] = str
    person: Callable[[], str] = str
    ca: Path | None = None

    def headers(self, method: str) -> dict[str, str]:
        """Returns the headers of one request."""
        token, person = self.token(), self.person() if method == "POST" else ""
        headers = {"authorization": f"Bearer {token}"} if token else {}
        return headers | ({OPERATOR_HEADER: quote(person, safe="")} if person else {})


class Transport:
    """Sends requests to a collector and reads its answers.

    Args:
        base_url: where the collector is.
        timeout: seconds to wait for an answer.
        credentials: what is presented.
    """

    def __init__(self, base_url: str, timeout: float, credentials: Credentials) -> None:
        self._base_url = base_url
        self._credentials = credentials
        trusted = ssl.create_default_context(cafile=credentials.ca) if credentials.ca else True
        # Proxies and .netrc of the environment are for the internet, not for the collector next door.
        patience = httpx.Timeout(timeout, connect=min(timeout, _CONNECT))
        self._http = httpx.Client(base_url=base_url, timeout=patience, trust_env=False, verify=trusted)
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
        response = self._finished(path, query, {"if-none-match": known[0]} if known else {})
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

    def download(self, path: str, target: IO[bytes], **params: object) -> None:
        """Writes an answer that is no JSON into a file, as it comes; however long it takes to begin."""
        headers = self._credentials.headers("GET")
        with (
            self._translated(),
            self._http.stream("GET", path, params=_query(params), headers=headers, timeout=_PATIENT) as response,
        ):
            if response.is_error:
                response.read()
                raise _refusal(response)
            for chunk in response.iter_raw():
                target.write(chunk)

    def lines(self, path: str, **params: object) -> Iterator[str]:
        """Yields the lines of an answer that goes on for as long as what it tells of."""
        headers = self._credentials.headers("GET")
        with (
            self._translated(),
            self._http.stream("GET", path, params=_query(params), headers=headers, timeout=_HEARD) as response,
        ):
            if response.is_error:
                response.read()
                raise _refusal(response)
            yield from response.iter_lines()

    def upload(self, answer: type[Answer], path: str, source: Iterable[bytes], kind: str) -> Answer:
        """Sends a file, piece by piece; however long the answer takes.

        Args:
            answer: what comes back.
            path: where to.
            source: its pieces.
            kind: its content type.
        """
        headers = self._credentials.headers("POST") | {"content-type": kind}
        with self._translated():
            response = self._http.post(path, content=source, headers=headers, timeout=_PATIENT)
        if response.is_error:
            raise _refusal(response)
        return answer.model_validate_json(response.content)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except httpx.ReadTimeout:
            raise CollectorSlow(
                "collector_slow",
                f"the collector at {place(self._base_url)} did not answer in time",
                "ask again in a moment, or for less: a shorter window, a lower limit",
            ) from None
        except httpx.TransportError as error:
            raise CollectorUnavailable(
                "collector_unavailable",
                f"the collector at {place(self._base_url)} does not answer ({type(error).__name__})",
                _UNTRUSTED if "CERTIFICATE_VERIFY" in str(error) else _AWAY,
            ) from None

    def _finished(self, path: str, params: Mapping[str, str], headers: Mapping[str, str]) -> httpx.Response:
        """Asks as often as it takes, where each time works out some more."""
        for _ in range(_TIMES - 1):
            with suppress(CollectorUnfinished):
                return self._send("GET", path, params=params, headers=headers)
        return self._send("GET", path, params=params, headers=headers)

    def _send(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str],
        params: Mapping[str, str] | None = None,
        content: str | None = None,
    ) -> httpx.Response:
        headers = self._credentials.headers(method) | dict(headers)
        with self._translated():
            response = self._http.request(method, path, params=params, content=content, headers=headers)
        if response.is_error:
            raise _refusal(response)
        return response


#: Refusals that pass, by their codes.
_PASSING: Final = {"busy": CollectorBusy, "unfinished": CollectorUnfinished}


def _refusal(response: httpx.Response) -> ApiError:
    try:
        body = ErrorAnswer.model_validate_json(response.content).error
    except ValidationError:  # not the collector, but something in front of it
        status = response.status_code
        return ApiError("unexpected_answer", f"HTTP {status}", "is this the collector's address?", status)
    if body.code in _PASSING:
        busy = _PASSING[body.code](body.code, body.message, body.hint, response.status_code)
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
