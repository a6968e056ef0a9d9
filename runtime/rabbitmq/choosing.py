"""Connects to the RabbitMQ server that the settings name."""

from runtime.errors import SettingsError
from runtime.rabbitmq.address import Address
from runtime.rabbitmq.contract import Broker
from runtime.settings import Settings


def broker_of(settings: Settings, app: str) -> Broker:
    """The server of the settings; nothing is connected yet.

    Args:
        settings: what they name.
        app: the app's name, by which the server shows who is connected.

    Raises:
        SettingsError: none is named, its address can't be used, or the driver is not installed.
    """
    if settings.rabbitmq_url is None:
        raise SettingsError(
            f"app {app} names queues or exchanges of RabbitMQ, and CAUSELINE_RABBITMQ_URL is not set: set it to "
            "amqp://user:password@host:5672/%2F"
        )
    address = Address.parse(settings.rabbitmq_url)
    try:
        # Only who names a server has its driver.
        from runtime.rabbitmq.driver import PikaBroker
    except ImportError as error:
        raise SettingsError(
            f"CAUSELINE_RABBITMQ_URL names a RabbitMQ server, and its driver is not here ({error}): pip install "
            "'causeline[rabbitmq]'"
        ) from None
    return PikaBroker(address, f"causeline {app}")
