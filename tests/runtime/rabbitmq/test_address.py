"""The address of a RabbitMQ server, and that nobody sees its password."""

import pytest

from runtime.errors import SettingsError
from runtime.rabbitmq.address import Address


@pytest.mark.parametrize(
    ("url", "shown", "host", "user"),
    [
        ("amqp://shop:hidden@broker:5673/orders", "amqp://broker:5673/orders", "orders", "shop"),
        ("amqps://shop:hidden@broker/%2F", "amqps://broker:5671/", "/", "shop"),
        ("amqp://broker", "amqp://broker:5672/", "/", "guest"),
        ("amqp://a%40b:hidden@[::1]:5672/a%2Fb", "amqp://[::1]:5672/a/b", "a/b", "a@b"),
    ],
)
def test_an_address_is_read_and_shown_without_its_password(url: str, shown: str, host: str, user: str) -> None:
    """As the driver reads it: a path of `%2F`, or none, is the virtual host `/`."""
    read = Address.parse(url)
    assert (str(read), read.virtual_host, read.user) == (shown, host, user)
    assert "hidden" not in f"{read} {read!r}"


@pytest.mark.parametrize("url", ["amqp://shop:hidden@/", "amqp://shop:hidden@broker:no/", "amqp://shop:hidden@b:99999"])
def test_one_that_can_not_be_used_is_refused_in_a_line_without_its_password(url: str) -> None:
    """The line names the setting, and says what an address looks like."""
    with pytest.raises(SettingsError) as refused:
        Address.parse(url)
    words = str(refused.value)
    assert words.startswith("CAUSELINE_RABBITMQ_URL='amqp://***' can't be used: it must be like amqp://user:")
    assert "hidden" not in words
