"""The address of a RabbitMQ server: whether it can be used, and how it is shown."""

import re
from dataclasses import dataclass, field
from typing import Final, Self
from urllib.parse import unquote, urlsplit

from runtime.errors import SettingsError

#: The server of the bridge.
SETTING: Final = "CAUSELINE_RABBITMQ_URL"
#: The server that wakes workers.
WAKE_SETTING: Final = "CAUSELINE_WAKE_URL"

_PRIVATE: Final = re.compile(r"^(\w+://).*$", re.DOTALL)
#: Ports by scheme, where the address names none.
_PORTS: Final = {"amqp": 5672, "amqps": 5671}


@dataclass(frozen=True, slots=True)
class Address:
    """Where a RabbitMQ server is.

    Attributes:
        url: what the driver connects with.
        scheme, host, port: `amqp` or `amqps`, and who listens.
        virtual_host: the part of the server that is used.
        user: who asks.
        setting: the variable that names it.
    """

    url: str = field(repr=False)
    scheme: str
    host: str
    port: int
    virtual_host: str
    user: str
    setting: str

    @classmethod
    def parse(cls, url: str, setting: str = SETTING) -> Self:
        """Reads an address, which a variable named `setting` has.

        Raises:
            SettingsError: when it can't be used; one line that names the setting, and no password.
        """
        try:
            parts = urlsplit(url)
            port, host = parts.port or _PORTS[parts.scheme], parts.hostname
        except (ValueError, KeyError):
            host = port = None
        if not host or port is None:
            shown = _PRIVATE.sub(r"\1***", url)
            raise SettingsError(
                f"{setting}={shown!r} can't be used: it must be like amqp://user:password@host:5672/%2F"
            )
        path = parts.path.removeprefix("/")
        virtual_host, user = unquote(path) if path else "/", unquote(parts.username or "guest")
        return cls(url, parts.scheme, host, port, virtual_host, user, setting)

    def __str__(self) -> str:
        """It as it may be shown to anybody."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}/{'' if self.virtual_host == '/' else self.virtual_host}"
