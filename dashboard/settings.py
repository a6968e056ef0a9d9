"""The dashboard's settings: `CAUSELINE_*` variables, their defaults and their limits."""

from typing import Annotated

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "CAUSELINE_"


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
    """The settings from the environment.

    Raises:
        SettingsError: when a variable does not parse.
    """
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = PREFIX + "_".join(str(part) for part in first["loc"]).upper()
        raise SettingsError(f"{name}={first['input']!r} can't be used: {first['msg']}") from None
