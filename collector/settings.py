"""The collector's settings: `CAUSELINE_*` variables, their defaults and their limits."""

import re
from pathlib import Path
from typing import Annotated, Final

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from collector.errors import SettingsError

PREFIX: Final = "CAUSELINE_"

_PRIVATE: Final = re.compile(r"^(\w+://)?.*[@?].*$", re.DOTALL)
"""A URL that may hold a password, in front of its host or in its query."""

_ALLOWED: Final = {
    "collector_host": "a host name or address, such as 127.0.0.1",
    "collector_port": "a whole number from 0 to 65535",
    "grpc_port": "a whole number from 0 to 65535",
    "home": "a path of a folder",
    "database": "a path of a file",
    "redis_url": "a URL that begins with redis://, rediss:// or unix://",
    "request_limit_mib": "a whole number from 1 to 2047",
    "request_limit_items": "a whole number of at least 1",
    "connection_limit": "a whole number from 1 to 100000",
    "stall_limit": "a number above 0, at most 3600",
    "queue_limit": "a whole number of at least 1",
    "queue_limit_mib": "a whole number from 1 to 1000000",
    "question_limit": "a number above 0, at most 3600",
    "parent_fd": "the number of an inherited file descriptor",
}


class Settings(BaseSettings):
    """What can be set from outside; an empty variable is an unset one."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, frozen=True, extra="ignore")

    collector_host: str = Field(default="127.0.0.1", min_length=1)
    """Address to listen on; anything but loopback lets others read and replay."""

    collector_port: Annotated[int, Field(ge=0, le=65_535)] = 4318
    """Port for OTLP over HTTP and the API; 0 takes a free one."""

    grpc_port: Annotated[int, Field(ge=0, le=65_535)] | None = None
    """Port for OTLP over gRPC; 0 takes a free one. By default the one below the collector's (4317 below 4318), or a
    free one where that is taken."""

    home: Path = Path(".causeline")
    """The folder of everything that is kept; here of the database alone."""

    database: Path = Field(default_factory=lambda data: data["home"].expanduser() / "causeline.duckdb")
    """The DuckDB file; its folder is made."""

    redis_url: str | None = Field(default=None, pattern=r"^(rediss?|unix)://")
    """The bus; default: the embedded server of `CAUSELINE_HOME`."""

    request_limit_mib: Annotated[int, Field(ge=1, le=2_047)] = 64
    """Most that one request may hold once decompressed, in MiB."""

    request_limit_items: Annotated[int, Field(ge=1)] = 500_000
    """Spans, attributes, values and other items that one request may be made of."""

    connection_limit: Annotated[int, Field(ge=1, le=100_000)] = 500
    """Connections that are open at once, over HTTP and over gRPC."""

    stall_limit: Annotated[float, Field(gt=0, le=3_600)] = 10.0
    """Seconds that a peer may take for the head of a request, for 64 KiB of its body, or to read as much of an
    answer."""

    queue_limit: Annotated[int, Field(ge=1)] = 200_000
    """Spans that may wait to be committed before senders are told to try again."""

    queue_limit_mib: Annotated[int, Field(ge=1, le=1_000_000)] = 256
    """Most that requests under way may hold together, as sent and once decompressed, in MiB; memory use is several
    times that."""

    question_limit: Annotated[float, Field(gt=0, le=3_600)] = 20.0
    """Seconds after which a question that is not answered yet is given up."""

    parent_fd: Annotated[int, Field(ge=0)] | None = None
    """An inherited pipe; when its other end closes, the collector shuts down."""


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
    name = PREFIX + field.upper()
    return f"{name}={_shown(field, first['input'])} can't be used: it must be {_ALLOWED.get(field, first['msg'])}"


def _shown(field: str, value: object) -> str:
    """Returns the value; of a URL that may hold a password, the scheme alone."""
    return repr(_PRIVATE.sub(r"\1***", str(value)) if field.endswith("_url") else value)
