"""How the API is asked: one request, one typed answer, and what it raises where there is none."""

import ssl
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Final, cast
from urllib.parse import quote

import httpx

from collector.answer_cache import AnswerCache
from collector.models import Model
from collector.models.access import OPERATOR_HEADER
from collector.replies import (
    Answer,
    CollectorSlow,
    CollectorUnavailable,
    CollectorUnfinished,
    hide_credentials,
    make_undecodable_error,
    parse_answer,
    read_answer,
    require_kind,
    require_success,
)

_AWAY: Final = "start it with `causeline collector`, or set CAUSELINE_COLLECTOR_URL"
_UNTRUSTED: Final = "its certificate is not trusted: name the file of its authority in CAUSELINE_TLS_CA"

#: Seconds until a connection stands, at most.
_CONNECT: Final = 5.0
#: Of files: the collector may work for minutes before it answers.
_PATIENT: Final = httpx.Timeout(10.0, read=None, write=60.0)
#: Of what goes on and on: it says every few seconds that it is there.
_HEARD: Final = httpx.Timeout(10.0, read=60.0)

#: The content type of events, and how their lines begin that hold one.
_EVENTS: Final = "text/event-stream"
_DATA: Final = b"data: "

_NOT_MODIFIED: Final = 304

#: How often a question is asked that works out some more each time.
_TIMES: Final = 10


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
        self._answers = AnswerCache()

    def close(self) -> None:
        """Gives connections back."""
        self._http.close()

    def get(self, answer: type[Answer], path: str, **params: object) -> Answer:
        """Reads; parameters that are None are left to the collector's defaults. An answer that was given before is
        sent once more only where it has changed."""
        query = _query(params)
        key = (answer.__name__, path, *sorted(query.items()))
        known = self._answers.get(key)
        response = self._get_until_finished(path, query, {"if-none-match": known[0]} if known else {})
        if known is not None and response.status_code == _NOT_MODIFIED:
            return cast("Answer", known[1])
        fresh = read_answer(answer, response)
        if token := response.headers.get("etag"):
            self._answers.keep(key, token, fresh, len(response.content))
        return fresh

    def post(self, answer: type[Answer], path: str, body: Model) -> Answer:
        """Acts."""
        headers = {"content-type": "application/json"}
        return read_answer(answer, self._send("POST", path, content=body.model_dump_json(), headers=headers))

    def download(self, path: str, kind: str, target: IO[bytes], **params: object) -> None:
        """Writes an answer of such a content type, no JSON, into a file as it comes; however long it takes to begin."""
        headers = self._credentials.headers("GET")
        with (
            self._translate_errors(),
            self._http.stream("GET", path, params=_query(params), headers=headers, timeout=_PATIENT) as response,
        ):
            require_kind(response, kind)
            for chunk in response.iter_raw():
                target.write(chunk)

    def events(self, answer: type[Answer], path: str, **params: object) -> Iterator[Answer]:
        """Yields the events of an answer that goes on for as long as what it tells of; until its end, or until the
        connection breaks. Whoever wants all of it asks again, from the last event on."""
        headers = self._credentials.headers("GET")
        with (
            self._translate_errors(),
            self._http.stream("GET", path, params=_query(params), headers=headers, timeout=_HEARD) as response,
        ):
            require_kind(response, _EVENTS)
            for line in _lines(response):
                if line.startswith(_DATA):
                    yield parse_answer(answer, line.removeprefix(_DATA), response)

    def upload(self, answer: type[Answer], path: str, source: Iterable[bytes], kind: str) -> Answer:
        """Sends a file, piece by piece; however long the answer takes.

        Args:
            answer: what comes back.
            path: where to.
            source: its pieces.
            kind: its content type.
        """
        headers = self._credentials.headers("POST") | {"content-type": kind}
        with self._translate_errors():
            response = self._http.post(path, content=source, headers=headers, timeout=_PATIENT)
        return read_answer(answer, response)

    @contextmanager
    def _translate_errors(self) -> Iterator[None]:
        try:
            yield
        except httpx.ReadTimeout:
            raise CollectorSlow(
                "collector_slow",
                f"the collector at {hide_credentials(self._base_url)} did not answer in time",
                "ask again in a moment, or for less: a shorter window, a lower limit",
            ) from None
        except httpx.DecodingError:
            raise make_undecodable_error(self._base_url) from None
        except httpx.RequestError as error:
            raise CollectorUnavailable(
                "collector_unavailable",
                f"the collector at {hide_credentials(self._base_url)} does not answer ({type(error).__name__})",
                _UNTRUSTED if "CERTIFICATE_VERIFY" in str(error) else _AWAY,
            ) from None

    def _get_until_finished(self, path: str, params: Mapping[str, str], headers: Mapping[str, str]) -> httpx.Response:
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
        with self._translate_errors():
            response = self._http.request(method, path, params=params, content=content, headers=headers)
        if response.status_code != _NOT_MODIFIED:
            require_success(response)
        return response


def _lines(response: httpx.Response) -> Iterator[bytes]:
    """Yields lines as they come, until the connection ends or breaks. Those of httpx end at signs, too, that JSON has
    within texts, such as U+2028."""
    begun = b""
    with suppress(httpx.NetworkError, httpx.RemoteProtocolError, httpx.ReadTimeout):
        for chunk in response.iter_bytes():
            *lines, begun = (begun + chunk).split(b"\n")
            yield from lines


def _query(params: Mapping[str, object]) -> dict[str, str]:
    """Returns parameters as text; those that are None are left to the collector's defaults."""
    return {
        name: value.isoformat() if isinstance(value, datetime) else str(value)
        for name, value in params.items()
        if value is not None
    }
