"""The dashboard's settings: `CAUSELINE_*` variables, their defaults and their limits."""

import re
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Final

from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from collector import hosts

PREFIX = "CAUSELINE_"

_COLLECTOR_PORT: Final = 4318

_PRIVATE = re.compile(r"^(\w+://)?.*[@?].*$", re.DOTALL)
"""A URL that may hold a password, in front of its host or in its query."""


_FROM_OUTSIDE: Final = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, frozen=True, extra="ignore")

_ALLOWED: Final = {
    "collector_host": "a host name or address, such as 127.0.0.1",
    "collector_port": "a whole number from 0 to 65535",
    "dashboard_host": "a host name or address, such as 127.0.0.1",
    "dashboard_port": "a whole number from 1 to 65535",
    "collector_url": "a URL that begins with http:// or https://",
    "home": "a path of a folder",
    "token": "a token that `causeline token create` has made",
    "token_file": "a path of a file",
    "tls_ca": "a path of a file",
    "tls_cert": "a path of a file",
    "tls_key": "a path of a file",
    "insecure": "true or false",
    "allowed_hosts": "names of hosts, separated by commas, such as causeline.example.com",
    "dashboard_user_header": "the name of a header",
    "dashboard_users": "names, separated by commas, such as ada@example.com,*@team.example.com",
    "dashboard_proxies": "addresses or networks, separated by commas, such as 10.0.0.7,10.1.0.0/16",
    "parent_fd": "the number of an inherited file descriptor",
}


def _validate_hosts(text: str) -> str:
    hosts.parse_hosts(text)
    return text


def _validate_networks(text: str) -> str:
    for one in split_list(text):
        ip_network(one, strict=False)
    return text


def split_list(text: str) -> list[str]:
    """Returns the parts of a list that is separated by commas."""
    return [one for one in (part.strip() for part in text.split(",")) if one]


class SettingsError(Exception):
    """Raised when a `CAUSELINE_*` variable does not parse; one line names variable, value and what is allowed."""


class _CollectorAddress(BaseSettings):
    """Where the collector of this environment listens; the runtime reads the same variables in the same way."""

    model_config = _FROM_OUTSIDE

    collector_host: str = Field(default="127.0.0.1", min_length=1)
    collector_port: Annotated[int, Field(ge=0, le=65_535)] = _COLLECTOR_PORT
    tls_cert: Path | None = None

    @property
    def collector_url(self) -> str:
        """Its address: one that listens everywhere is reached on loopback, one at any free port (0) is not known."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.collector_host, self.collector_host)  # noqa: S104 an address that is read, none to listen on
        scheme = "https" if self.tls_cert else "http"
        return f"{scheme}://{f'[{host}]' if ':' in host else host}:{self.collector_port or _COLLECTOR_PORT}"


class Settings(BaseSettings):
    """What can be set from outside; an empty variable is an unset one."""

    model_config = _FROM_OUTSIDE

    dashboard_host: str = Field(default="127.0.0.1", min_length=1)
    """Address that the dashboard listens on."""

    dashboard_port: Annotated[int, Field(ge=1, le=65_535)] = 8501
    """Port that the dashboard listens on."""

    collector_url: str = Field(default_factory=lambda: _CollectorAddress().collector_url, pattern=r"^https?://")
    """Where the collector's API is; default: where `CAUSELINE_COLLECTOR_HOST` and `_PORT` have it listen."""

    home: Path = Path(".causeline")
    """The folder of everything that is kept; here of the token alone."""

    token: SecretStr = SecretStr("")
    """What is presented to the collector; default: what the file of the next setting holds."""

    token_file: Path | None = None
    """File that holds the token; default: `token` in the home."""

    tls_ca: Path | None = None
    """File of the certificate authorities by which the collector is trusted, PEM; default: the machine's own."""

    tls_cert: Path | None = None
    """File of its certificate and those above it, PEM; with it, it serves TLS alone."""

    tls_key: Path | None = None
    """File of the certificate's key, PEM."""

    insecure: bool = False
    """Whether it may listen beyond loopback although nobody has to sign in."""

    allowed_hosts: Annotated[str, AfterValidator(_validate_hosts)] = ""
    """Names that it is asked by, beside this machine's own."""

    dashboard_user_header: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]*$")] = ""
    """Header in which a proxy says who has signed in."""

    dashboard_users: str = ""
    """Who may use the dashboard among those who sign in; default: all of them."""

    dashboard_proxies: Annotated[str, AfterValidator(_validate_networks)] = ""
    """Addresses of the proxies that may say so; default: loopback."""

    parent_fd: Annotated[int, Field(ge=3)] | None = None
    """An inherited pipe of the process that started this one; its end means that this one ends too."""


def load() -> Settings:
    """Returns the settings from the environment.

    Raises:
        SettingsError: when a variable does not parse.
    """
    try:
        return Settings()
    except ValidationError as error:
        raise SettingsError(_one_line(error)) from None


def _one_line(error: ValidationError) -> str:
    first = error.errors()[0]
    field = str(first["loc"][0]) if first["loc"] else ""
    shown = _repr_without_secret(field, first["input"])
    return f"{PREFIX}{field.upper()}={shown} can't be used: it must be {_ALLOWED.get(field, first['msg'])}"


def _repr_without_secret(field: str, value: object) -> str:
    """Returns the value; of a URL that may hold a password, the scheme alone."""
    return repr(_PRIVATE.sub(r"\1***", str(value)) if field.endswith("_url") else value)
