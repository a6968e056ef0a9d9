"""A RabbitMQ server of the benchmark's own."""

import asyncio
import json
from uuid import uuid4

import aio_pika

from benchmarks.programs.talk import PAYLOAD
from tests.rabbit_servers import RabbitServer, find_programs

_AT_ONCE = 500


class BusyRabbit(RabbitServer):
    """As Debian starts it, with all of the machine's cores."""

    erlang = "-kernel inet_dist_use_interface {127,0,0,1}"

    def queue(self, messages: int = 0) -> str:
        """A new durable queue with so many persistent messages in it; its name."""
        return asyncio.run(self._make_queue(messages))

    async def _make_queue(self, messages: int) -> str:
        async with await aio_pika.connect(self.url) as connection:
            channel = await connection.channel()
            made = await channel.declare_queue(f"bench.{uuid4().hex[:8]}", durable=True)
            body = json.dumps(PAYLOAD).encode()
            for first in range(0, messages, _AT_ONCE):
                numbers = range(first, min(first + _AT_ONCE, messages))
                sent = (
                    aio_pika.Message(body, content_type="application/json", message_id=str(number), delivery_mode=2)
                    for number in numbers
                )
                await asyncio.gather(*(channel.default_exchange.publish(one, made.name) for one in sent))
            return str(made.name)


def rabbit() -> BusyRabbit:
    """The server.

    Raises:
        RuntimeError: this machine has none.
    """
    programs = find_programs()
    if programs is None:
        raise RuntimeError("no rabbitmq-server on this machine: apt-get install rabbitmq-server")
    return BusyRabbit(programs)
