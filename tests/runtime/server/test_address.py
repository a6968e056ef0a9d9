"""Addresses of servers that can't be used are told in one line, and without their password."""

import pytest

from runtime.errors import SettingsError
from runtime.server import address

GOOD = (
    "redis://localhost",
    "redis:///0",
    "redis://localhost:6379",
    "redis://ann:hunter2@[::1]:6379/3",
    "redis://localhost/0?db=1&health_check_interval=5",
    "rediss://localhost/0?ssl_cert_reqs=none",
    "unix:///run/redis.sock?db=2",
)

NO_OPTION = "must be one of redis-py, with a value that it takes"

BAD = {
    "redis://localhost:abc": "its port must be a number from 1 to 65535",
    "redis://localhost:99999": "its port must be a number from 1 to 65535",
    "redis://[localhost": "its host must be a name or an address",
    "redis://localhost/x": "its database must be a number",
    "redis://localhost/-1": "its database must be a number",
    "redis://localhost/1/2": "its database must be a number",
    "redis://localhost/0?foo=bar": f"its option foo {NO_OPTION}",
    "redis://localhost/0?socket_timeout=x": f"its option socket_timeout {NO_OPTION}",
    "redis://localhost/0?retry=5": f"its option retry {NO_OPTION}",
    "redis://localhost/0?db=x": f"its option db {NO_OPTION}",
    "redis://localhost/0?decode_responses=true": "its option decode_responses is decided by Causeline",
    "redis://localhost/0?protocol=3": "its option protocol is decided by Causeline",
    "unix://": "it must name a socket, such as unix:///run/redis.sock",
}


@pytest.mark.parametrize("url", GOOD)
def test_what_the_client_takes_is_taken(url: str) -> None:
    """As it is."""
    assert address.check_address(url) == url


@pytest.mark.parametrize(("url", "why"), BAD.items())
def test_what_can_not_be_used_says_why(url: str, why: str) -> None:
    """In one line, with the setting."""
    with pytest.raises(SettingsError) as told:
        address.check_address(url)
    shown = url if "?" not in url else "redis://***"
    assert str(told.value) == f"CAUSELINE_REDIS_URL={shown!r} can't be used: {why}"


@pytest.mark.parametrize(
    "url",
    [
        "redis://:hunter2@localhost:abc",
        "redis://:hunter2/3@localhost",
        "redis://localhost:x?password=hunter2",
        "redis://[hunter2@localhost",
    ],
)
def test_no_password_is_told(url: str) -> None:
    """Nor a part of one, where a character that it should have escaped ends it early."""
    with pytest.raises(SettingsError) as told:
        address.check_address(url)
    assert "hunter2" not in str(told.value)


def test_a_url_is_shown_without_its_password() -> None:
    """Wherever it holds one."""
    assert address.without_password("redis://ann:hunter2@h:1/0?password=hunter2") == "redis://h:1/0"
    assert address.without_password("unix:///run/redis.sock?password=hunter2@") == "unix:///run/redis.sock"
    assert address.without_password("http://[::1]:4318") == "http://[::1]:4318"


@pytest.mark.parametrize("special", "/?#@:%[]")
def test_a_password_that_was_not_written_as_an_address_has_it_is_not_shown(special: str):
    """Though it can't be used so: whoever tells of it tells of no part of it."""
    url = f"amqp://ann:hun{special}ter2@h:1/0"
    assert address.without_password(url) == "amqp://h:1/0"
