"""What the driver says of RabbitMQ becomes one line that says what to do."""

from aiormq import exceptions as driver

from runtime.rabbitmq import driver_errors
from runtime.rabbitmq.address import Address

ADDRESS = Address.parse("amqp://shop:secret@localhost:5672/%2F")


def test_a_connection_that_the_server_has_closed_is_no_server_that_is_away() -> None:
    """Whoever speaks on a channel in the moment in which that is closed loses the connection; it is made anew."""
    closed = driver.ConnectionChannelError(504, "CHANNEL_ERROR - expected 'channel.open'")
    told = str(driver_errors.request_error(closed, ADDRESS))
    assert "has closed the connection" in told
    assert "is it running" not in told
    assert "is it running" in str(driver_errors.request_error(OSError("no route"), ADDRESS))
