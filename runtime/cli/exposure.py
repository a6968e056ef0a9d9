"""What is open to whom: addresses, tokens, files and the server, as they are set and as they answer."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, urlsplit

import redis
from pydantic import ValidationError

from runtime import home, private, settings
from runtime.cli import collector_api
from runtime.cli.collector_answers import Access
from runtime.cli.environment import ALLOWED, Ports
from runtime.errors import ServerError, SettingsError
from runtime.server.address import without_password
from runtime.tokens import Register, RegisterError, Token

#: Seconds that a server may take to say whether it knows us.
_PATIENCE: Final = 2.0
#: How PostgreSQL's addresses say that nothing travels in clear.
_ENCRYPTED: Final = ("require", "verify-ca", "verify-full")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that somebody can get at.

    Attributes:
        about: what it is.
        words: who gets at it, and where that is too many, what to do.
        is_open: whether it is open to more than it should be.
    """

    about: str
    words: str
    is_open: bool = False


class _AccessSettings(Ports):
    """What collector and dashboard are told of those whom they let in."""

    insecure: bool = False
    allowed_hosts: str = ""
    allowed_origins: str = ""
    dashboard_user_header: str = ""


def check_exposure() -> list[Finding]:
    """Everything that somebody can get at.

    Raises:
        SettingsError: when a variable does not parse.
    """
    loaded = settings.load()
    place = home.locate_home(loaded.home)
    try:
        exposed = _AccessSettings()
    except ValidationError as error:
        raise SettingsError(settings.format_setting_error(error, ALLOWED)) from None
    return [
        *_check_collector(exposed, place, loaded.collector_url),
        *_check_dashboard(exposed),
        _check_server(loaded.redis_url, place),
        *_check_state_store(loaded.state_url),
        *_check_broker("rabbitmq", loaded.rabbitmq_url),
        *_check_broker("wake-ups", loaded.wake_url),
        *_check_files(place),
    ]


def _check_collector(exposed: _AccessSettings, place: Path, url: str) -> Iterator[Finding]:
    register, beyond = Register(place), not _is_loopback(exposed.collector_host)
    where = (
        f"{exposed.collector_host}:{exposed.collector_port} and its port for gRPC, "
        f"{_describe_reach(exposed.collector_host)}"
    )
    if beyond and not exposed.tls_cert:
        where += "; in clear: set CAUSELINE_TLS_CERT, unless a proxy in front ends TLS"
    yield Finding("collector", where)
    yield _check_tokens(register, beyond=beyond, insecure=exposed.insecure)
    if exposed.allowed_hosts:
        anybody = "*" in (name.strip() for name in exposed.allowed_hosts.split(","))
        words = "any name, so that pages of others can pose as ours: list names" if anybody else exposed.allowed_hosts
        yield Finding("names", words, is_open=anybody)
    if exposed.allowed_origins:
        yield Finding("pages", f"telemetry is taken from {exposed.allowed_origins}")
    yield _check_running_collector(url, should_ask=beyond or register.exists())


def _check_tokens(register: Register, *, beyond: bool, insecure: bool) -> Finding:
    try:
        valid = [token for token in register.tokens() if token.is_valid(time.time())]
    except RegisterError as error:
        return Finding("tokens", str(error), is_open=True)
    if register.exists():
        return Finding("tokens", ", ".join(map(_describe_token, valid)) or "none in use: nobody is let in")
    if beyond and insecure:
        return Finding("tokens", "CAUSELINE_INSECURE=1, and none made: everybody is let in", is_open=True)
    who = "the collector will not start" if beyond else "everybody of this machine is let in"
    return Finding("tokens", f"none made: {who}")


def _check_running_collector(url: str, *, should_ask: bool) -> Finding:
    """Whether the collector that runs lets somebody without a token in."""
    shown = without_password(url)
    try:
        answer = collector_api.ask_collector(url, "/api/access", Access, as_stranger=True)
    except ServerError as error:
        said = str(error)
        if "needs a token" in said:
            return Finding("answering", f"{shown} asks for tokens")
        return Finding("answering", f"{shown}: none runs" if said.startswith("no collector answers") else said)
    if answer.get("tokens_needed") is False:
        return Finding("answering", f"{shown} lets in whoever reaches it", is_open=should_ask)
    return Finding("answering", f"{shown} is not a collector, or is an older one", is_open=should_ask)


def _check_dashboard(exposed: _AccessSettings) -> Iterator[Finding]:
    where = f"{exposed.dashboard_host}:{exposed.dashboard_port}, {_describe_reach(exposed.dashboard_host)}"
    if exposed.dashboard_user_header:
        yield Finding("dashboard", f"{where}; a proxy names its users in {exposed.dashboard_user_header}")
        return
    where += "; whoever reaches it may do what its token is good for, unless its users sign in"
    is_open = exposed.insecure and not _is_loopback(exposed.dashboard_host)
    yield Finding("dashboard", f"{where}; CAUSELINE_INSECURE=1: nobody has to sign in" if is_open else where, is_open)


def _check_server(url: str | None, place: Path) -> Finding:
    if url is None:
        return Finding("server", f"embedded, a socket in {place}: its user alone")
    parts, shown = urlsplit(url), without_password(url)
    if parts.scheme == "unix":
        return Finding("server", f"{shown}: whoever may open that socket")
    in_clear = (
        "" if parts.scheme == "rediss" or _is_loopback(parts.hostname or "localhost") else "; in clear: use rediss://"
    )
    if _can_connect_anonymously(url):
        return Finding("server", f"{shown} asks for no password{in_clear}: set `requirepass`", is_open=True)
    return Finding("server", f"{shown} asks for a password, or does not answer{in_clear}", is_open=bool(in_clear))


def _check_state_store(url: str | None) -> Iterator[Finding]:
    """Where runs are kept, if that is not the server."""
    if url is None:
        return
    parts, shown = urlsplit(url), without_password(url)
    mode = parse_qs(parts.query).get("sslmode", ["prefer"])[0]
    if _is_loopback(parts.hostname or "localhost") or mode in _ENCRYPTED:
        yield Finding("runs", f"{shown}: whoever has its password")
        return
    yield Finding("runs", f"{shown}, perhaps in clear (sslmode={mode}): add ?sslmode=verify-full", is_open=True)


def _check_broker(what: str, url: str | None) -> Iterator[Finding]:
    """A RabbitMQ server, if one is named."""
    if url is None:
        return
    parts, shown = urlsplit(url), without_password(url)
    if _is_loopback(parts.hostname or "localhost") or parts.scheme == "amqps":
        yield Finding(what, f"{shown}: whoever has its password")
        return
    yield Finding(what, f"{shown}: password and messages travel in clear: use amqps://", is_open=True)


def _can_connect_anonymously(url: str) -> bool:
    bare = urlsplit(url)._replace(netloc=urlsplit(url).netloc.rpartition("@")[2], query="").geturl()
    try:
        with redis.Redis.from_url(bare, socket_timeout=_PATIENCE, socket_connect_timeout=_PATIENCE) as stranger:
            return bool(stranger.ping())
    except (redis.RedisError, OSError, ValueError):
        return False


def _check_files(place: Path) -> Iterator[Finding]:
    if not place.is_dir():
        yield Finding("home", f"{place}: not made yet")
        return
    open_ones = [
        path for path in (place, *home.list_home_files(place)) if not path.is_symlink() and not private.is_private(path)
    ]
    if not open_ones:
        yield Finding("home", f"{place}: its user alone")
    for path in open_ones:
        yield Finding("home", f"others have rights to {path}: `chmod go= {path}`, or start the collector", is_open=True)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _describe_reach(host: str) -> str:
    return "this machine alone" if _is_loopback(host) else "whoever reaches that address"


def _describe_token(token: Token) -> str:
    return f"{token.name} ({', '.join(sorted(token.scopes))})"
