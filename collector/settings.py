"""The collector's settings: `CAUSELINE_*` variables, their defaults and their limits."""

import re
from pathlib import Path
from typing import Annotated, Final

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import AfterValidator, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from collector import hosts
from collector.errors import SettingsError
from runtime.redaction.configured_redactor import ALLOWED as ALLOWED_PATTERN
from runtime.redaction.configured_redactor import get_redactor, parse_own_pattern
from runtime.redaction.redactor import Redactor

PREFIX: Final = "CAUSELINE_"

_PRIVATE: Final = re.compile(r"^(\w+://)?.*[@?].*$", re.DOTALL)
"""A URL that may hold a password, in front of its host or in its query."""

_ALLOWED: Final = {
    "collector_host": "a host name or address, such as 127.0.0.1",
    "collector_port": "a whole number from 0 to 65535",
    "collector_url": "a URL such as http://127.0.0.1:4318",
    "grpc_port": "a whole number from 0 to 65535",
    "home": "a path of a folder",
    "database": "a path of a file",
    "redis_url": "a URL that begins with redis://, rediss:// or unix://",
    "request_limit_mib": "a whole number from 1 to 2047",
    "redaction": "true or false",
    "redact": "names of secrets, separated by commas",
    "redact_pattern": ALLOWED_PATTERN,
    "retention_days": "a number of days, 0 for all of them",
    "retention_gib": "a number of GiB, 0 for any size",
    "retention_metrics_days": "a number of days, 0 for all of them",
    "retention_interval": "a number of seconds from 0.1 to 86400",
    "token": "a token that `causeline token create` has made",
    "token_file": "a path of a file",
    "tls_ca": "a path of a file",
    "insecure": "true or false",
    "require_tokens": "true or false",
    "allowed_hosts": "names of hosts, separated by commas, such as collector,*.example.com",
    "allowed_origins": "origins, separated by commas, such as https://app.example.com",
    "tls_cert": "a path of a file",
    "tls_key": "a path of a file",
    "alerts": "a path of a file",
    "prices": "a path of a file",
    "dashboard_host": "a host name or address, such as 127.0.0.1",
    "dashboard_port": "a whole number from 1 to 65535",
    "request_limit_items": "a whole number of at least 1",
    "connection_limit": "a whole number from 1 to 100000",
    "stall_limit": "a number above 0, at most 3600",
    "queue_limit": "a whole number of at least 1",
    "queue_limit_mib": "a whole number from 1 to 1000000",
    "question_limit": "a number above 0, at most 3600",
    "memory_mib": "a whole number from 64 to 10000000",
    "parent_fd": "the number of an inherited file descriptor",
}


def _validate_hosts(text: str) -> str:
    hosts.parse_hosts(text)
    return text


def _validate_origins(text: str) -> str:
    hosts.parse_origins(text)
    return text


class Settings(BaseSettings):
    """What can be set from outside; an empty variable is an unset one."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, frozen=True, extra="ignore")

    collector_host: str = Field(default="127.0.0.1", min_length=1)
    """Address to listen on; anything but loopback lets others read and replay."""

    collector_port: Annotated[int, Field(ge=0, le=65_535)] = 4318
    """Port for OTLP over HTTP and the API; 0 takes a free one."""

    collector_url: str = Field(
        default_factory=lambda data: _url(data.get("collector_host", ""), data.get("collector_port", 0)), min_length=1
    )
    """Where commands find the collector that runs."""

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

    redaction: bool = True
    """Whether secrets are taken out of what is received, before it is stored."""

    redact: str = ""
    """Further names of secrets, separated by commas, beside those in `runtime/redaction/words.py`."""

    redact_pattern: str = ""
    """A further regular expression; what it matches is secret."""

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

    memory_mib: Annotated[int, Field(ge=64, le=10_000_000)] = 2_048
    """What the database may take of the machine's memory, in MiB, for what it works on and for blocks of its file."""

    retention_days: Annotated[float, Field(ge=0, le=100_000)] = 30
    """Days that spans and log records are kept, in whole causal chains; 0 for ever."""

    retention_gib: Annotated[float, Field(ge=0, le=1_000_000)] = 10
    """GiB of the database that may be in use before the oldest chains go; 0 for any size."""

    retention_metrics_days: Annotated[float, Field(ge=0, le=100_000)] = 7
    """Days that data points of metrics are kept; 0 for ever."""

    retention_interval: Annotated[float, Field(ge=0.1, le=86_400)] = 600
    """Seconds from one look for what is old, or too much, to the next; a tenth too much is seen earlier."""

    token: SecretStr = SecretStr("")
    """What commands present to the collector that runs; default: what `token_file` holds."""

    token_file: Path | None = None
    """File that holds the token; default: `token` in the home."""

    tls_ca: Path | None = None
    """File of the authorities that commands trust, PEM; default: those of the machine."""

    insecure: bool = False
    """Whether it may listen beyond loopback although no token was ever made."""

    require_tokens: bool = False
    """Whether tokens are asked for on loopback, too, before the first was made."""

    allowed_hosts: Annotated[str, AfterValidator(_validate_hosts)] = ""
    """Names that it is asked by, beside this machine's own."""

    allowed_origins: Annotated[str, AfterValidator(_validate_origins)] = ""
    """Pages that may send telemetry to it from a browser."""

    tls_cert: Path | None = None
    """File of its certificate and those above it, PEM; with it, it serves TLS alone."""

    tls_key: Path | None = None
    """File of the certificate's key, PEM."""

    alerts: Path | None = None
    """The file of rules; default: `alerts.toml` in the home, if it is there."""

    prices: Path | None = None
    """The file of prices; default: `prices.toml` in the home, if it is there."""

    dashboard_host: str = Field(default="127.0.0.1", min_length=1)
    """Where the dashboard listens: links of alerts lead there, unless the file of rules says otherwise."""

    dashboard_port: Annotated[int, Field(ge=1, le=65_535)] = 8501
    """Its port."""

    question_limit: Annotated[float, Field(gt=0, le=3_600)] = 20.0
    """Seconds after which a question that is not answered yet is given up."""

    parent_fd: Annotated[int, Field(ge=0)] | None = None
    """An inherited pipe; when its other end closes, the collector shuts down."""

    @field_validator("redact_pattern")
    @classmethod
    def _is_harmless(cls, given: str) -> str:
        if given:
            pc.match_substring_regex(pa.array([""]), parse_own_pattern(given).expression)  # RE2 has the last word
        return given

    def redactor(self) -> Redactor:
        """Returns what takes secrets out."""
        return get_redactor(active=self.redaction, words=self.redact, pattern=self.redact_pattern)

    @property
    def alerts_file(self) -> Path:
        """The file of rules, which may not be there."""
        return (self.alerts or self.home / "alerts.toml").expanduser()

    @property
    def prices_file(self) -> Path:
        """The file of prices, which may not be there."""
        return (self.prices or self.home / "prices.toml").expanduser()

    @property
    def dashboard_url(self) -> str:
        """The dashboard's address: one that listens everywhere is reached on loopback."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.dashboard_host, self.dashboard_host)  # noqa: S104 an address that is read, none to listen on
        return f"http://{f'[{host}]' if ':' in host else host}:{self.dashboard_port}"


def _url(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


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
    return (
        f"{name}={_format_value(field, first['input'])} can't be used: it must be {_ALLOWED.get(field, first['msg'])}"
    )


def _format_value(field: str, value: object) -> str:
    """Returns the value; of a URL that may hold a password, the scheme alone."""
    return repr(_PRIVATE.sub(r"\1***", str(value)) if field.endswith("_url") else value)
