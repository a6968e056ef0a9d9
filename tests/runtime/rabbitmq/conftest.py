"""A broker's connection of ours, and one of a stranger's who looks at it."""

from collections.abc import AsyncIterator

import pytest

from runtime.rabbitmq.address import Address
from runtime.rabbitmq.driver import PikaBroker
from tests.rabbit_servers import RabbitServer
from tests.stranger import Stranger


@pytest.fixture
async def broker(rabbit_server: RabbitServer) -> AsyncIterator[PikaBroker]:
    """Ours."""
    made = PikaBroker(Address.parse(rabbit_server.url), "test")
    yield made
    await made.close()


@pytest.fixture
async def stranger(rabbit_server: RabbitServer) -> AsyncIterator[Stranger]:
    """A program of others."""
    async with Stranger(rabbit_server.url) as made:
        yield made
