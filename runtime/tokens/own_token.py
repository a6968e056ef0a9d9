"""Which token a program presents to the collector, and to nobody else."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self
from urllib.parse import unquote, urlsplit

from runtime.tokens.register import OWN_FILE

_HEADERS: Final = "OTEL_EXPORTER_OTLP_HEADERS"
_ENDPOINT: Final = "OTEL_EXPORTER_OTLP_ENDPOINT"
_PORTS: Final = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True, repr=False)
class OwnToken:
    """The token of this process, looked up whenever it is needed: the file may appear, or change, at any time.

    Attributes:
        given: the token itself, from a variable; empty where there is none.
        file: where it is else; None where nothing is kept.
    """

    given: str
    file: Path | None

    @classmethod
    def find(
        cls,
        home: Path | None,
        collector_url: str,
        given: str = "",
        file: Path | None = None,
        environ: Mapping[str, str] = os.environ,
    ) -> Self:
        """Returns the token of a process: the one that was set, the `authorization` of `OTEL_EXPORTER_OTLP_HEADERS`
        where telemetry goes to our collector, what the file holds that was set, or the home's own.

        Args:
            home: the folder of the home, or None where there is none.
            collector_url: where our collector is.
            given: `CAUSELINE_TOKEN`.
            file: `CAUSELINE_TOKEN_FILE`.
            environ: for OpenTelemetry's variables.
        """
        given = given.strip()
        endpoint = environ.get(_ENDPOINT, "").strip()
        if not given and (not endpoint or is_same_server(endpoint, collector_url)):
            given = _parse_bearer(environ.get(_HEADERS, ""))
        return cls(given, file.expanduser() if file else home / OWN_FILE if home else None)

    def text(self) -> str:
        """Returns the token as it is now; empty where there is none."""
        if self.given or self.file is None:
            return self.given
        try:
            return self.file.read_text(encoding="utf-8").strip()
        except (OSError, ValueError):
            return ""

    def headers(self) -> dict[str, str]:
        """Returns the headers that present it."""
        token = self.text()
        return {"authorization": f"Bearer {token}"} if token.isascii() and token.isprintable() and token else {}


def is_same_server(one: str, other: str) -> bool:
    """Returns whether two addresses are of one server: a token that is meant for it is shown to no other."""
    return _server_of(one) == _server_of(other)


def _server_of(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        port = None
    return parts.scheme, parts.hostname, port or _PORTS.get(parts.scheme)


def _parse_bearer(text: str) -> str:
    for pair in text.split(","):
        name, _, value = pair.partition("=")
        scheme, _, token = unquote(value).strip().partition(" ")
        if unquote(name).strip().lower() == "authorization" and scheme.lower() == "bearer":
            return token.strip()
    return ""
