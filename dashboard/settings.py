"""The dashboard's settings: `CAUSELINE_*` variables, their defaults and their limits."""

import re
from typing import Annotated, Final

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

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
    "parent_fd": "the number of an inherited file descriptor",
}


class SettingsError(Exception):
    """Raised when a `CAUSELINE_*` variable does not parse; one line names variable, value and what is allowed."""


class _Listener(BaseSettings):
    """Where the collector of this environment listens; the runtime reads the same variables in the same way."""

    model_config = _FROM_OUTSIDE

    collector_host: str = Field(default="127.0.0.1", min_length=1)
    collector_port: Annotated[int, Field(ge=0, le=65_535)] = _COLLECTOR_PORT

    @property
    def collector_url(self) -> str:
        """Its address: one that listens everywhere is reached on loopback, one at any free port (0) is not known."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.collector_host, self.collector_host)  # noqa: S104
        return f"http://{f'[{host}]' if ':' in host else host}:{self.collector_port or _COLLECTOR_PORT}"


class Settings(BaseSettings):
    """What can be set from outside; an empty variable is an unset one."""

    model_config = _FROM_OUTSIDE

    dashboard_host: str = Field(default="127.0.0.1", min_length=1)
    """Address that the dashboard listens on."""

    dashboard_port: Annotated[int, Field(ge=1, le=65_535)] = 8501
    """Port that the dashboard listens on."""

    collector_url: str = Field(default_factory=lambda: _Listener().collector_url, pattern=r"^https?://")
    """Where the collector's API is; default: where `CAUSELINE_COLLECTOR_HOST` and `_PORT` have it listen."""

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
    shown = _shown(field, first["input"])
    return f"{PREFIX}{field.upper()}={shown} can't be used: it must be {_ALLOWED.get(field, first['msg'])}"


def _shown(field: str, value: object) -> str:
    """Returns the value; of a URL that may hold a password, the scheme alone."""
    return repr(_PRIVATE.sub(r"\1***", str(value)) if field.endswith("_url") else value)
