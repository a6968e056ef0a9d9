"""A broker's connection of ours."""

from collections.abc import AsyncIterator

import pytest

from runtime.rabbitmq.address import Address
from runtime.rabbitmq.driver import PikaBroker
from tests.rabbit_servers import RabbitServer


@pytest.fixture
async def broker(rabbit_server: RabbitServer) -> AsyncIterator[PikaBroker]:
    """Ours."""
    made = PikaBroker(Address.parse(rabbit_server.url), "test")
    yield made
    await made.close()
