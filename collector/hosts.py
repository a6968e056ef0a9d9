"""Which names a server answers to, and which pages it listens to.

A page from elsewhere can let its host name point to this machine; the browser then takes us for that page's own server,
and lets it read and act. The `Host` header still carries the foreign name. An address can't be pointed elsewhere.
"""

import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final, Self
from urllib.parse import urlsplit

_HOST: Final = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([^:\[\]/@?#\s]+))(?::\d*)?")
_NAME: Final = re.compile(r"\*|(\*\.)?[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?|[0-9A-Fa-f:.]+")

#: What keeps a browser from framing an answer, guessing its type, telling others where it was found, and lending it, or
#: its window, to their pages.
SAFE_HEADERS: Final[Mapping[str, str]] = {
    "x-frame-options": "DENY",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}


def is_loopback(host: str) -> bool:
    """Returns whether a host name or address, without port or brackets, always means this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower().rstrip(".") == "localhost"


def parse_hosts(text: str) -> tuple[str, ...]:
    """Returns the names of a list that is separated by commas.

    Raises:
        ValueError: when one can't be the name of a host.
    """
    found = _split_list(text)
    if not all(_NAME.fullmatch(name) for name in found):
        raise ValueError("not a list of host names")
    return tuple(name.lower().rstrip(".") for name in found)


def parse_origins(text: str) -> tuple[str, ...]:
    """Returns the origins of a list that is separated by commas.

    Raises:
        ValueError: when one is no origin: scheme and host, and no path.
    """
    return tuple(_parse_origin(one) for one in _split_list(text))


def is_same_origin(origin: str, host: str) -> bool:
    """Returns whether a page came from the server that it now asks.

    Args:
        origin: the `Origin` header.
        host: the `Host` header, whose name is ours. The scheme is not compared: a proxy in front may end TLS.
    """
    scheme, _, place = origin.partition("://")
    return scheme in ("http", "https") and place.lower() == host.lower()


@dataclass(frozen=True, slots=True)
class AllowedHosts:
    """The names that a server answers to.

    Attributes:
        listed: those that somebody named; `*.example.com` stands for all below it, `*` for any.
        beyond: whether it listens beyond this machine, where any address, and the machine's own name, is its own.
        trusted: names whose pages are ours, too.
    """

    listed: tuple[str, ...] = ()
    beyond: bool = False
    trusted: tuple[str, ...] = ()

    @classmethod
    def of(cls, listens: str, listed: tuple[str, ...]) -> Self:
        """Returns those of a server.

        Args:
            listens: the address that it listens on.
            listed: the names that were set.
        """
        if is_loopback(listens):
            return cls(listed, trusted=listed)
        return cls((*listed, listens.lower(), socket.gethostname().lower()), beyond=True, trusted=listed)

    def trusts(self, origin: str, header: str) -> bool:
        """Returns whether a page is one of ours: of the server that it asks, or of a name that is listed, which a proxy
        may have changed in `Host`. Patterns are for hosts alone: who has a name below ours is not always us.

        Args:
            origin: the `Origin` header.
            header: the `Host` header, whose name is ours.
        """
        if is_same_origin(origin, header):
            return True
        scheme, _, place = origin.lower().partition("://")
        match = _HOST.fullmatch(place)
        return scheme in ("http", "https") and match is not None and (match[1] or match[2]) in self.trusted

    def allows(self, header: str) -> bool:
        """Returns whether a `Host` header names this server, at any port: it may have been forwarded."""
        match = _HOST.fullmatch(header)
        if match is None:
            return False
        name = (match[1] or match[2]).lower().rstrip(".")
        if is_loopback(name) or any(_is_match(name, pattern) for pattern in self.listed):
            return True
        return self.beyond and _is_address(name)


def _is_match(name: str, pattern: str) -> bool:
    if pattern.startswith("*."):
        return name.endswith(pattern[1:]) and len(name) >= len(pattern)
    return pattern in ("*", name)


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _split_list(text: str) -> list[str]:
    return [one for one in (part.strip() for part in text.split(",")) if one]


def _parse_origin(text: str) -> str:
    parts = urlsplit(text)
    if (
        parts.scheme not in ("http", "https")
        or not parts.hostname
        or text.rstrip("/") != f"{parts.scheme}://{parts.netloc}"
    ):
        raise ValueError("not an origin")
    if "@" in parts.netloc or "*" in parts.netloc:
        raise ValueError("not an origin")
    return text.rstrip("/").lower()
