"""The dashboard's settings: `CAUSELINE_*` variables, their defaults and their limits."""

import re
from typing import Annotated, Final

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "CAUSELINE_"

_PRIVATE = re.compile(r"^(\w+://)?.*[@?].*$", re.DOTALL)
"""A URL that may hold a password, in front of its host or in its query."""


_ALLOWED: Final = {
    "dashboard_host": "a host name or address, such as 127.0.0.1",
    "dashboard_port": "a whole number from 1 to 65535",
    "collector_url": "a URL that begins with http:// or https://",
    "parent_fd": "the number of an inherited file descriptor",
}


class SettingsError(Exception):
    """Raised when a `CAUSELINE_*` variable does not parse; one line names variable, value and what is allowed."""


class Settings(BaseSettings):
    """What can be set from outside."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore")

    dashboard_host: str = Field(default="127.0.0.1", min_length=1)
    """Address that the dashboard listens on."""

    dashboard_port: Annotated[int, Field(ge=1, le=65_535)] = 8501
    """Port that the dashboard listens on."""

    collector_url: str = Field(default="http://127.0.0.1:4318", pattern=r"^https?://")
    """Where the collector's API is."""

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
