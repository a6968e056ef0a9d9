"""One request to the collector and what its answer means.

Sent with `requests`: the official exporter brings it along, and it keeps connections, proxies, certificate authorities
and client certificates in order. That exporter's own client sleeps between retries inside the call, hides the status,
and never reads `partial_success`.
"""

import gzip
import logging
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

import requests
from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from runtime.telemetry.endpoint import Endpoint
from runtime.tokens import OwnToken

_log: Final = logging.getLogger(__name__)

#: The answers that OTLP calls retryable; every other failure is final.
RETRYABLE: Final = frozenset({429, 502, 503, 504})

#: The answers to those whose token is not good for this.
SHUT_OUT: Final = frozenset({401, 403})

#: Seconds for the connection itself; a machine that is gone must not hold a batch for the whole timeout.
CONNECT_TIMEOUT: Final = 2.0

#: Fastest level: spans are repetitive, and the processor belongs to the agents.
GZIP_LEVEL: Final = 1


class ExportVerdict(StrEnum):
    """What the collector made of a batch."""

    STORED = "stored"
    LATER = "later"
    """Away, or overloaded: worth sending again."""
    REFUSED = "refused"
    """Will never be accepted."""


@dataclass(frozen=True, slots=True)
class ExportResult:
    """The collector's answer to one batch."""

    verdict: ExportVerdict
    why: str = ""
    rejected: int = 0
    """Spans that it left out of a batch that it stored."""
    retry_after: float = 0.0
    """Seconds that it asked to be left alone."""


class Transport(Protocol):
    """Something that takes a serialised `ExportTraceServiceRequest` to a collector. Never raises."""

    def send(self, body: bytes) -> ExportResult:
        """Sends it and waits for the answer."""
        ...

    def close(self) -> None:
        """Lets connections go."""
        ...


class HttpTransport:
    """OTLP over HTTP, protobuf."""

    def __init__(self, endpoint: Endpoint, token: OwnToken | None = None) -> None:
        """Connects to nothing yet.

        Args:
            endpoint: the collector.
            token: presented to it, unless the endpoint's own headers do so already.
        """
        self._endpoint = endpoint
        self._token = token
        self._is_let_in = True
        self._session = requests.Session()
        # Said as authorization, or a `.netrc` of the user would put another in its place.
        self._session.auth = self._add_token
        self._session.headers.update({**endpoint.headers, "content-type": "application/x-protobuf"})
        self._session.trust_env = not endpoint.is_loopback
        if endpoint.certificate:
            self._session.verify = endpoint.certificate
        if endpoint.client_certificate and endpoint.client_key:
            self._session.cert = (endpoint.client_certificate, endpoint.client_key)
        elif endpoint.client_certificate:
            self._session.cert = endpoint.client_certificate

    def send(self, body: bytes) -> ExportResult:
        """Sends a batch; see `Transport`."""
        try:
            with self._post(body) as response:
                return self._read_response(response)
        except (requests.RequestException, OSError) as error:
            return ExportResult(
                ExportVerdict.LATER, f"{self._endpoint.place} can't be reached ({type(error).__name__})"
            )

    def close(self) -> None:
        """Lets connections go."""
        self._session.close()

    def _add_token(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._token is not None and "authorization" not in self._endpoint.headers:
            request.headers.update(self._token.headers())
        return request

    def _post(self, body: bytes) -> requests.Response:
        zipped = self._endpoint.compression == "gzip"
        limit = self._endpoint.timeout
        return self._session.post(
            self._endpoint.url,
            data=gzip.compress(body, GZIP_LEVEL, mtime=0) if zipped else body,
            headers={"content-encoding": "gzip"} if zipped else {},
            timeout=(min(limit, CONNECT_TIMEOUT), limit),
            allow_redirects=False,
        )

    def _read_response(self, response: requests.Response) -> ExportResult:
        status = response.status_code
        if status in RETRYABLE:
            why = f"{self._endpoint.place} answered {status}"
            return ExportResult(
                ExportVerdict.LATER, why, retry_after=_parse_retry_after(response.headers.get("retry-after", ""))
            )
        if status in SHUT_OUT:
            return self._handle_denial(status)
        self._is_let_in = True
        if 200 <= status < 300:
            return _read_partial_success(response.content)
        return ExportResult(ExportVerdict.REFUSED, f"{self._endpoint.place} refused them with status {status}")

    def _handle_denial(self, status: int) -> ExportResult:
        """Spans must not be lost over a token that can be put right; it is said once, for nobody would look."""
        why = f"{self._endpoint.place} does not let us in (status {status})"
        if self._is_let_in:
            _log.warning("Spans wait: %s; set CAUSELINE_TOKEN to a token of its with the scope ingest.", why)
        self._is_let_in = False
        return ExportResult(ExportVerdict.LATER, why)


def _read_partial_success(content: bytes) -> ExportResult:
    try:
        partial = ExportTraceServiceResponse.FromString(content).partial_success
    except DecodeError:
        return ExportResult(ExportVerdict.STORED)
    words = "".join(letter if letter.isprintable() else " " for letter in partial.error_message[:200])
    if partial.rejected_spans > 0:
        return ExportResult(ExportVerdict.STORED, f"the collector rejected them: {words}", partial.rejected_spans)
    if words:
        _log.warning("The collector stored all spans, with a warning: %s", words)
    return ExportResult(ExportVerdict.STORED)


def _parse_retry_after(retry_after: str) -> float:
    """The seconds of a `Retry-After`; its form as a date is rare enough to be left to our own pause."""
    return float(retry_after) if retry_after.isdecimal() else 0.0
