"""Where the dashboard can't listen, the setting that is to blame is named."""

import socket

import pytest

from dashboard.__main__ import _bind
from dashboard.settings import Settings, SettingsError


@pytest.mark.parametrize("host", ["192.0.2.1", "a..b"])
def test_an_address_that_is_not_this_machines_is_not_blamed_on_the_port(host: str) -> None:
    """Another machine's, and one that can't be a name."""
    with pytest.raises(SettingsError) as told:
        _bind(Settings(dashboard_host=host))
    assert str(told.value).startswith(f"the address {host} can't be listened on (")
    assert "CAUSELINE_DASHBOARD_HOST" in str(told.value)


def test_a_port_that_is_taken_is_not_blamed_on_the_address() -> None:
    """It is ours."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SettingsError) as told:
            _bind(Settings(dashboard_port=port))
    assert str(told.value).startswith(f"port {port} on 127.0.0.1 can't be used (")
    assert "CAUSELINE_DASHBOARD_PORT" in str(told.value)
