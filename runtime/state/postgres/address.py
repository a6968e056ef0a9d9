"""The address of a PostgreSQL server: whether it can be used, how it is shown, and how it is connected to."""

import re
from typing import Any, Final

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

from runtime.errors import SettingsError

#: Where the address of the state store is said.
SETTING: Final = "CAUSELINE_STATE_URL"
_PRIVATE: Final = re.compile(r"^(\w+://).*$", re.DOTALL)
#: What is told of the driver's words: the name of a parameter is no secret.
_OF_A_PARAMETER: Final = "invalid URI query parameter"
_MISREAD: Final = (
    "it is not a PostgreSQL address; write what is special in a user or a password with a percent sign: % as %25, "
    "@ as %40, / as %2F, a space as %20"
)
#: What a connection is given unless its address says otherwise: a server or a network that went silent is noticed
#: within half a minute. Nothing is set in a session: behind a pooler that would be another's session next.
_DEFAULTS: Final[dict[str, Any]] = {
    "application_name": "causeline",
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}


def connection_parameters(url: str, what: str = SETTING) -> dict[str, Any]:
    """What the driver connects with.

    Args:
        url: the address.
        what: where it was said, for messages.

    Raises:
        SettingsError: when the address can't be used; one line that names the setting, and no password.
    """
    try:
        given = conninfo_to_dict(url)
        told = _MISREAD if _is_misread(url) else ""
    except ProgrammingError as error:
        given, why = {}, str(error).strip().partition("\n")[0]
        # Its own words quote what they are about, which may be a password.
        told = why if why.startswith(_OF_A_PARAMETER) else _MISREAD
    if told:
        shown = _PRIVATE.sub(r"\1***", url)
        raise SettingsError(f"{what}={shown!r} can't be used: {told}")
    return _DEFAULTS | dict(given) | {"client_encoding": "utf8"}


def _is_misread(url: str) -> bool:
    """Whether a part of a password would be taken for a host, a port or a database, and be told as such."""
    place = url.partition("://")[2].partition("?")[0]
    before, at, _ = place.rpartition("@")
    return bool(at) and ("@" in before or "/" in before)


def redact_address(url: str) -> str:
    """A usable address, as it may be shown to anybody."""
    given = conninfo_to_dict(url)
    hosts, ports = (str(given.get(part) or "").split(",") for part in ("host", "port"))
    # One port may be said for several hosts.
    pairs = zip(hosts, ports * len(hosts) if len(ports) == 1 else ports, strict=False)
    places = ",".join(f"{host}{f':{port}' if port else ''}" for host, port in pairs)
    return f"postgresql://{places}/{given.get('dbname') or ''}"
