"""What stands before every page: the names that it is asked by, the pages that may connect, and who has signed in.

Streamlit checks the host and origin of its web socket alone, takes any page of `localhost` for one of its own, and
believes a header about its user whoever sent it.
"""

from collections.abc import Iterable
from ipaddress import ip_address, ip_network
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from collector.hosts import SAFE_HEADERS, AllowedHosts

#: Answers whether it is up, to anybody.
HEALTH: Final = "/_stcore/health"

#: Why a web socket is closed (RFC 6455).
_POLICY_VIOLATION: Final = 1008

_SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})

#: Scripts and styles of Streamlit are its own; what it must not do is be framed, or load plug-ins.
_POLICY: Final = "frame-ancestors 'none'; object-src 'none'; base-uri 'self'; form-action 'self'"


class Proxies:
    """Those who may say who has signed in.

    Args:
        header: in which they say it; empty where nobody does.
        trusted: their addresses or networks; loopback where there are none.
    """

    def __init__(self, header: str = "", trusted: Iterable[str] = ()) -> None:
        self._header = header.lower().encode("latin-1")
        networks = [ip_network(one, strict=False) for one in trusted]
        self._trusted = networks or [ip_network("127.0.0.0/8"), ip_network("::1/128")]

    @property
    def are_set(self) -> bool:
        """Whether anybody says who has signed in."""
        return bool(self._header)

    def person(self, scope: Scope) -> str:
        """Returns who is said to have signed in; empty where nobody says so who may."""
        client = scope.get("client")
        if client is None or not self._is_trusted(client[0]):
            return ""
        found = [value for name, value in scope["headers"] if name == self._header]
        return found[0].decode("latin-1").strip() if len(found) == 1 else ""

    def _is_trusted(self, host: str) -> bool:
        try:
            address = ip_address(host)
        except ValueError:
            return False
        plain = getattr(address, "ipv4_mapped", None) or address
        return any(plain in network for network in self._trusted)


class OwnPagesOnly:
    """Answers our own pages, of those who may see them.

    Args:
        app: what answers them.
        hosts: our names.
        proxies: say who has signed in.
    """

    def __init__(self, app: ASGIApp, hosts: AllowedHosts, proxies: Proxies) -> None:
        self._app = app
        self._hosts = hosts
        self._proxies = proxies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        why = self._refusal(scope)
        if not why:
            await self._app(_replace_host_header(scope), receive, _add_safe_headers(send))
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": _POLICY_VIOLATION})
        else:
            await PlainTextResponse(why, 403)(scope, receive, _add_safe_headers(send))

    def _refusal(self, scope: Scope) -> str:
        """Returns why a request is refused; empty where it is not."""
        headers = Headers(scope=scope)
        host, origin = ", ".join(headers.getlist("host")), ", ".join(headers.getlist("origin"))
        if not self._hosts.allows(host):
            return f"This dashboard does not answer to {host!r}: list the name in CAUSELINE_ALLOWED_HOSTS."
        acts = scope["type"] == "websocket" or scope["method"] not in _SAFE_METHODS
        if acts and origin and not self._hosts.trusts(origin, host):
            return f"Pages of {origin} may not use this dashboard."
        if scope["type"] == "http" and scope["path"] == HEALTH:
            return ""
        if self._proxies.are_set and not self._proxies.person(scope):
            return "Sign in: this dashboard is reached through its proxy alone."
        return ""


def _replace_host_header(scope: Scope) -> Scope:
    """Puts the name of the page, which is ours, in the place of one that a proxy has put there. Streamlit would find
    out by itself, but asks a server on the internet for the address of this machine before."""
    if scope["type"] != "websocket":
        return scope
    _, _, place = Headers(scope=scope).get("origin", "").partition("://")
    if not place:
        return scope
    headers = [(name, place.encode("latin-1") if name == b"host" else value) for name, value in scope["headers"]]
    return {**scope, "headers": headers}


def _add_safe_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] in ("http.response.start", "websocket.http.response.start"):
            headers = MutableHeaders(scope=message)
            for name, value in SAFE_HEADERS.items():
                headers[name] = value
            headers.setdefault("content-security-policy", _POLICY)
        await send(message)

    return sending
