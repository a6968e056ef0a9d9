"""What stands before every route: names, pages, tokens, and what browsers are told about each answer."""

from dataclasses import dataclass
from typing import Self

from fastapi import FastAPI

from collector.access import Access
from collector.api.admission import TokenMiddleware
from collector.api.headers import SafeHeaders
from collector.api.origins import KnownOriginsOnly
from collector.api.own_names import OwnNamesOnly
from collector.hosts import AllowedHosts
from collector.tls import Tls


@dataclass(frozen=True, slots=True)
class Guard:
    """Who is answered.

    Attributes:
        access: asks for tokens.
        hosts: the names that it is asked by.
        origins: pages that may send telemetry.
        tls: what it serves TLS with; None for plain HTTP and gRPC.
    """

    access: Access
    hosts: AllowedHosts
    origins: frozenset[str] = frozenset()
    tls: Tls | None = None

    @classmethod
    def of(cls, listens: str, access: Access) -> Self:
        """Returns one that knows this machine's own names, and no pages.

        Args:
            listens: the address that it listens on.
            access: asks for tokens.
        """
        return cls(access, AllowedHosts.of(listens, ()))

    def install(self, app: FastAPI) -> None:
        """Puts it before an application; what is put last is asked first."""
        app.add_middleware(TokenMiddleware, access=self.access)
        app.add_middleware(KnownOriginsOnly, hosts=self.hosts, origins=self.origins)
        app.add_middleware(OwnNamesOnly, hosts=self.hosts)
        app.add_middleware(SafeHeaders)
