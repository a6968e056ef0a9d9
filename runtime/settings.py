"""The runtime's settings: `CAUSELINE_*` variables, their defaults and their limits."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from runtime.errors import SettingsError
from runtime.redaction.configured_redactor import ALLOWED as ALLOWED_PATTERN
from runtime.redaction.configured_redactor import get_redactor, parse_own_pattern
from runtime.redaction.redactor import Redactor

PREFIX = "CAUSELINE_"

#: The port of OTLP over HTTP.
COLLECTOR_PORT: Final = 4318

#: Heartbeats in the time of one lease: two may be lost.
BEATS_PER_LEASE: Final = 3

_PRIVATE = re.compile(r"^(\w+://)?.*[@?].*$", re.DOTALL)
"""A URL that may hold a password, in front of its host or in its query."""


#: OpenTelemetry's samplers, and the share that each keeps; `traceidratio` has it in a variable of its own.
_SAMPLERS: Final = {"always_on": "1", "always_off": "0", "traceidratio": ""}
_RATIO: Final = re.compile(r"0|1|[01]\.0*|0?\.\d+")

#: Read from variables that begin with the prefix; an empty one is an unset one, as `docker compose` passes it.
FROM_OUTSIDE: Final = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, frozen=True, extra="ignore")

_ALLOWED: Final = {
    "home": "a path of a folder",
    "redis_url": "a URL that begins with redis://, rediss:// or unix://",
    "state_url": "a URL that begins with postgresql://",
    "wake_url": "a URL that begins with amqp:// or amqps://",
    "rabbitmq_url": "a URL that begins with amqp:// or amqps://",
    "collector_host": "a host name or address, such as 127.0.0.1",
    "collector_port": "a whole number from 0 to 65535",
    "collector_url": "a URL that begins with http:// or https://",
    "token": "a token that `causeline token create` has made",
    "token_file": "a path of a file",
    "tls_ca": "a path of a file",
    "tls_cert": "a path of a file",
    "telemetry": "true or false",
    "payloads": "true or false",
    "values": "true or false",
    "redaction": "true or false",
    "redact": "names of secrets, separated by commas",
    "redact_pattern": ALLOWED_PATTERN,
    "sample_ratio": "a number from 0 to 1",
    "spool_limit_mib": "a whole number from 1 to 100000",
    "concurrency": "a whole number from 1 to 10000",
    "lease": "a number of seconds from 0.2 to 86400",
    "shutdown": "a number of seconds from 1 to 3600",
    "stream_cap": "a whole number of at least 1",
    "keep_runs": "a number of days from 0.01 to 36500",
    "keep_letters": "a number of days from 0.01 to 36500",
    "keep_audit": "a number of days from 0.01 to 36500",
    "keep_marks": "a number of hours from 1 to 876000",
    "unclaimed_cap": "a whole number of at least 0",
    "outbox_cap": "a whole number of at least 1",
    "run_stream_kib": "a whole number from 64 to 1048576",
    "key_kib": "a whole number from 1 to 1048576",
}


class Listener(BaseSettings):
    """Where the collector of this environment listens, and so where it is to be found unless a URL is set."""

    model_config = FROM_OUTSIDE

    collector_host: str = Field(default="127.0.0.1", min_length=1)
    collector_port: Annotated[int, Field(ge=0, le=65_535)] = COLLECTOR_PORT
    tls_cert: Path | None = None

    @property
    def scheme(self) -> str:
        """`https` where collector and dashboard have a certificate to serve TLS with."""
        return "https" if self.tls_cert else "http"

    @property
    def collector_url(self) -> str:
        """Its address; of one that takes any free port (0), the default, for nobody else knows which it took."""
        return listener_url(self.collector_host, self.collector_port or COLLECTOR_PORT, self.scheme)


class Settings(BaseSettings):
    """What can be set from outside; an empty variable is an unset one. Times are seconds unless the name says
    otherwise."""

    model_config = FROM_OUTSIDE

    home: Path | None = None
    """Folder of the embedded server's data, the span spool and the collector's database; default: the nearest
    `.causeline` in this folder or above it, else a new one here."""

    redis_url: str | None = Field(default=None, pattern=r"^(rediss?|unix)://")
    """The Redis or Valkey server; default: an embedded one."""

    state_url: str | None = Field(default=None, pattern=r"^postgres(ql)?://")
    """The PostgreSQL database that keeps runs and schedules; default: the server of `CAUSELINE_REDIS_URL` does, as it
    keeps all else."""

    wake_url: str | None = Field(default=None, pattern=r"^amqps?://")
    """The RabbitMQ server over which workers are woken whose runs are in PostgreSQL; default: the server of
    `CAUSELINE_REDIS_URL` does it."""

    rabbitmq_url: str | None = Field(default=None, pattern=r"^amqps?://")
    """The RabbitMQ server whose queues and exchanges the app names; there is no default."""

    collector_url: str = Field(default_factory=lambda: Listener().collector_url, pattern=r"^https?://")
    """Where spans go (OTLP over HTTP) and where the API is; default: where `CAUSELINE_COLLECTOR_HOST` and `_PORT` have
    the collector listen. `OTEL_EXPORTER_OTLP_*` wins for spans."""

    token: SecretStr = SecretStr("")
    """What is presented to the collector; default: what the file of the next setting holds."""

    token_file: Path | None = None
    """File that holds the token; default: `token` in the home."""

    tls_ca: Path | None = None
    """File of the certificate authorities by which the collector is trusted, PEM; default: the machine's own."""

    telemetry: bool = True
    """Whether spans are made and sent."""

    payloads: bool = True
    """Whether publish spans carry a redacted copy of the payload."""

    values: bool = True
    """Whether spans of steps and handlers carry redacted copies of what they were given and returned."""

    redaction: bool = True
    """Whether secrets are taken out of spans, of recorded errors and of what `causeline worker` logs."""

    redact: str = ""
    """Further names of secrets, separated by commas, beside those in `runtime/redaction/words.py`."""

    redact_pattern: str = ""
    """A further regular expression; what it matches is secret."""

    sample_ratio: Annotated[float, Field(ge=0, le=1)] = 1.0
    """Share of correlations whose spans are kept; dead letters, replays and discards are always kept. By default what
    `OTEL_TRACES_SAMPLER` and `OTEL_TRACES_SAMPLER_ARG` say."""

    spool_limit_mib: Annotated[int, Field(ge=1, le=100_000)] = 64
    """Most that spans waiting for the collector may take on disk, in MiB."""

    concurrency: Annotated[int, Field(ge=1, le=10_000)] = 16
    """Step attempts, and delivery attempts of each group, that one worker runs at once."""

    lease: Annotated[float, Field(ge=0.2, le=86_400)] = 30.0
    """Seconds without a heartbeat after which the work of a worker is given to another."""

    stream_cap: Annotated[int, Field(ge=1)] = 1_000_000
    """Entries that a channel may hold before it refuses events from outside."""

    unclaimed_cap: Annotated[int, Field(ge=0)] = 10_000
    """Newest events that a channel keeps for the first group that will read it."""

    outbox_cap: Annotated[int, Field(ge=1)] = 100_000
    """Published events that may wait to be carried into their channels before commits wait for room."""

    run_stream_kib: Annotated[int, Field(ge=64, le=1_048_576)] = 1024
    """What a run's stream keeps of what its steps stream, in KiB; the oldest of it is dropped first."""

    key_kib: Annotated[int, Field(ge=1, le=1_048_576)] = 16_384
    """Most that the value of one key takes: an input of a run, a step's result, or a key of durable state; in KiB."""

    keep_runs: Annotated[float, Field(ge=0.01, le=36_500)] = 30.0
    """Days that runs are kept on the server after their end, with their results and keys."""

    keep_letters: Annotated[float, Field(ge=0.01, le=36_500)] = 90.0
    """Days that dead letters are kept after they were replayed or discarded; those that wait stay."""

    keep_audit: Annotated[float, Field(ge=0.01, le=36_500)] = 365.0
    """Days that is kept what operators did."""

    keep_marks: Annotated[float, Field(ge=1, le=876_000)] = 24.0
    """Hours that is remembered which events a group has done; a copy that comes later runs again."""

    shutdown: Annotated[float, Field(ge=1, le=3600)] = 25.0
    """Seconds from the signal that tells a worker to end until it has ended, whatever its code does; work under way has
    all but the last five of them."""

    @field_validator("redact_pattern")
    @classmethod
    def _check_pattern(cls, given: str) -> str:
        if given:
            parse_own_pattern(given)
        return given

    def redactor(self) -> Redactor:
        """What takes secrets out."""
        return get_redactor(active=self.redaction, words=self.redact, pattern=self.redact_pattern)


def load(**given: Any) -> Settings:
    """The settings from the environment.

    Args:
        given: settings by name that win over it.

    Raises:
        SettingsError: when one does not parse.
    """
    try:
        return Settings(**(_read_otel_variables(os.environ) | given))
    except ValidationError as error:
        raise SettingsError(format_setting_error(error, _ALLOWED)) from None


def _read_otel_variables(environ: Mapping[str, str]) -> dict[str, Any]:
    """What OpenTelemetry's own variables say where ours say nothing. What they can't mean is passed over, as its
    specification asks."""
    sampler = environ.get("OTEL_TRACES_SAMPLER", "").strip().lower().removeprefix("parentbased_")
    if environ.get(f"{PREFIX}SAMPLE_RATIO") or sampler not in _SAMPLERS:
        return {}
    ratio = environ.get("OTEL_TRACES_SAMPLER_ARG", "").strip() if sampler == "traceidratio" else _SAMPLERS[sampler]
    return {"sample_ratio": ratio} if _RATIO.fullmatch(ratio) else {}


def listener_url(host: str, port: int, scheme: str = "http") -> str:
    """The address at which a listener is reached: one that listens everywhere is reached on loopback."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - read, not listened on
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


def format_setting_error(error: ValidationError, allowed: Mapping[str, str]) -> str:
    """What is wrong with the first variable that does not parse.

    Args:
        error: of settings.
        allowed: what each of them must be, by field; pydantic's words are for those who know Python.
    """
    first = error.errors()[0]
    field = str(first["loc"][0]) if first["loc"] else ""
    shown = _mask_value(field, first["input"])
    return f"{PREFIX}{field.upper()}={shown} can't be used: it must be {allowed.get(field, first['msg'])}"


def _mask_value(field: str, value: object) -> str:
    """The value; of a URL that may hold a password, the scheme alone."""
    return repr(_PRIVATE.sub(r"\1***", str(value)) if field.endswith("_url") else value)
