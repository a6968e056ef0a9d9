"""The address of a Redis or Valkey server: whether it can be used, and how it is shown."""

import re
from typing import Any, Final
from urllib.parse import SplitResult, parse_qs, urlencode, urlsplit

from redis.asyncio import ConnectionPool
from redis.exceptions import RedisError

from runtime.errors import SettingsError

#: Options of redis-py that may not be in an address: with them, answers would have other shapes than ours are read as.
_DECIDED: Final = ("decode_responses", "protocol")
_PRIVATE: Final = re.compile(r"^(\w+://).*[@?].*$", re.DOTALL)


def check_address(url: str) -> str:
    """The address.

    Raises:
        SettingsError: when it can't be used; one line that names the setting, and no password.
    """
    if why := _describe_fault(url):
        shown = _PRIVATE.sub(r"\1***", url)
        raise SettingsError(f"CAUSELINE_REDIS_URL={shown!r} can't be used: {why}")
    return url


def without_password(url: str) -> str:
    """An address, as it may be shown to anybody. A password that was not written as an address has it ends at the last
    `@`, whatever it would be taken for."""
    scheme, _, rest = url.partition("://")
    if scheme == "unix":
        return f"unix://{urlsplit(url).path}"
    place = rest.rpartition("@")[2]
    return f"{scheme}://{re.split('[?#]', place, maxsplit=1)[0]}"


def _describe_fault(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return "its host must be a name or an address"
    if parts.scheme == "unix":
        place = "" if parts.path else "it must name a socket, such as unix:///run/redis.sock"
    else:
        place = _describe_place_fault(parts)
    return place or _describe_option_fault(parts)


def _describe_place_fault(parts: SplitResult) -> str:
    try:
        is_port = parts.port is None or parts.port > 0
    except ValueError:
        is_port = False
    if not is_port:
        return "its port must be a number from 1 to 65535"
    # The client would use database 0 for one that is no number.
    return "" if re.fullmatch(r"/?|/[0-9]+/?", parts.path) else "its database must be a number"


def _describe_option_fault(parts: SplitResult) -> str:
    options = parse_qs(parts.query)
    if decided := next((name for name in options if name in _DECIDED), None):
        return f"its option {decided} is decided by Causeline"
    if _is_accepted(parts):
        return ""
    alone = {name: parts._replace(query=urlencode({name: values[0]})) for name, values in options.items()}
    culprits = [name for name, with_one in alone.items() if not _is_accepted(with_one)] or list(alone)
    return f"its option {culprits[0]} must be one of redis-py, with a value that it takes"


def _is_accepted(parts: SplitResult) -> bool:
    """Whether redis-py would connect to it; making a connection that is never opened is the only way to ask."""
    try:
        pool: Any = ConnectionPool.from_url(parts.geturl())
        pool.make_connection()
    except (ValueError, TypeError, AttributeError, RedisError):
        return False
    return True
