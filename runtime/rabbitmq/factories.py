"""Connects to the RabbitMQ servers that the settings name."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from runtime.errors import SettingsError
from runtime.rabbitmq.address import WAKE_SETTING, Address
from runtime.rabbitmq.contract import Broker
from runtime.settings import Settings

if TYPE_CHECKING:
    from runtime.rabbitmq.driver import PikaBroker
    from runtime.rabbitmq.wakes import RabbitWakes


def build_broker(settings: Settings, app: str) -> Broker:
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
    return _build_pika_broker(Address.parse(settings.rabbitmq_url), f"causeline {app}")


def build_wakes_factory(settings: Settings, url: str) -> Callable[[str], RabbitWakes]:
    """What wakes an app's workers over the server at a URL, by the app's name; nothing is connected yet.

    Raises:
        SettingsError: runs are not in PostgreSQL, the address can't be used, or the driver is not installed.
    """
    if settings.state_url is None:
        raise SettingsError(
            f"{WAKE_SETTING} is for runs that are in PostgreSQL, and CAUSELINE_STATE_URL is not set: set that, too, or "
            "leave this out"
        )
    address = Address.parse(url, WAKE_SETTING)
    _build_pika_broker(address, "")
    from runtime.rabbitmq.wakes import RabbitWakes

    return lambda app: RabbitWakes(_build_pika_broker(address, f"causeline {app} wake-ups"), app)


def _build_pika_broker(address: Address, name: str) -> PikaBroker:
    try:
        # Only who names a server has its driver.
        from runtime.rabbitmq.driver import PikaBroker
    except ImportError as error:
        raise SettingsError(
            f"{address.setting} names a RabbitMQ server, and its driver is not here ({error}): pip install "
            "'causeline[rabbitmq]'"
        ) from None
    return PikaBroker(address, name)
