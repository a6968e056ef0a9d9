"""Where spans go and how: the `OTEL_EXPORTER_OTLP_*` variables, else what the caller says. Pure.

The official exporter reads the same variables, but keeps its readers private, and its warning about a header that
doesn't parse quotes the header.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal
from urllib.parse import unquote, urlsplit

_log: Final = logging.getLogger(__name__)

_PREFIX: Final = "OTEL_EXPORTER_OTLP_"
_PATH: Final = "/v1/traces"

#: Seconds that one request may take, as OpenTelemetry has it.
DEFAULT_TIMEOUT: Final = 10.0

Compression = Literal["gzip", "none"]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A receiver of traces."""

    url: str
    """Whole, path included."""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    timeout: float = DEFAULT_TIMEOUT
    """Seconds for one request."""
    compression: Compression = "gzip"
    certificate: str | None = None
    """File of the certificate authorities to trust; None for the machine's own."""
    client_certificate: str | None = None
    client_key: str | None = None

    @property
    def place(self) -> str:
        """Host and port, fit for a log: an address may hold a password."""
        parts = urlsplit(self.url)
        return f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname)

    @property
    def is_loopback(self) -> bool:
        """Whether it is on this machine, where no proxy can reach it for us."""
        host = urlsplit(self.url).hostname or ""
        return host in {"localhost", "::1"} or host.startswith("127.")


def resolve_endpoint(environ: Mapping[str, str], otherwise: str) -> Endpoint:
    """The receiver that the environment names.

    Args:
        environ: the environment's variables; those for traces win over those for all signals.
        otherwise: the base address, or the whole address ending in `/v1/traces`, where none is named.
    """
    return Endpoint(
        url=_resolve_url(environ, otherwise),
        headers=_parse_headers(_read_variable(environ, "HEADERS")),
        timeout=_parse_timeout(_read_variable(environ, "TIMEOUT")),
        compression=_parse_compression(_read_variable(environ, "COMPRESSION")),
        certificate=_read_variable(environ, "CERTIFICATE") or None,
        client_certificate=_read_variable(environ, "CLIENT_CERTIFICATE") or None,
        client_key=_read_variable(environ, "CLIENT_KEY") or None,
    )


def _read_variable(environ: Mapping[str, str], name: str) -> str:
    """A variable for traces, else the one for all signals; an empty one is an unset one."""
    return environ.get(f"{_PREFIX}TRACES_{name}", "").strip() or environ.get(f"{_PREFIX}{name}", "").strip()


def _resolve_url(environ: Mapping[str, str], otherwise: str) -> str:
    if whole := environ.get(f"{_PREFIX}TRACES_ENDPOINT", "").strip():
        return whole
    if base := environ.get(f"{_PREFIX}ENDPOINT", "").strip():
        return base.rstrip("/") + _PATH
    base = otherwise.rstrip("/")
    return base if base.endswith(_PATH) else base + _PATH


def _parse_headers(text: str) -> dict[str, str]:
    headers: dict[str, str] = {}
    for pair in filter(None, (part.strip() for part in text.split(","))):
        name, equals, value = pair.partition("=")
        if not equals or not name.strip():
            _log.warning("A header in %sHEADERS is not name=value and is left out.", _PREFIX)
            continue
        headers[unquote(name).strip().lower()] = unquote(value).strip()
    return headers


def _parse_timeout(text: str) -> float:
    try:
        seconds = float(text) if text else DEFAULT_TIMEOUT
    except ValueError:
        seconds = 0.0
    if seconds > 0:
        return seconds
    _log.warning("%sTIMEOUT=%r is not a number of seconds; %s are used.", _PREFIX, text, DEFAULT_TIMEOUT)
    return DEFAULT_TIMEOUT


def _parse_compression(text: str) -> Compression:
    if text.lower() in {"", "gzip"}:
        return "gzip"
    if text.lower() != "none":
        _log.warning("%sCOMPRESSION=%r is not supported; spans go uncompressed.", _PREFIX, text)
    return "none"
