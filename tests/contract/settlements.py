"""Every way to begin and settle a delivery, each as one call whose answer is true when it holds."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from runtime.bus.deliveries import Delivery
from runtime.semconv import DeadLetterReason
from tests.contract.backends import BusBackend
from tests.contract.made import CHANNEL, attempt, event, outgoing

Call = Callable[[BusBackend, Delivery, str], Awaitable[Any]]

#: So long is put off what is put off.
LATER_MS: Final = 60_000


async def begin(backend: BusBackend, delivery: Delivery, consumer: str) -> Any:
    return (await backend.begin(delivery, consumer)).status == "ok"


async def ack(backend: BusBackend, delivery: Delivery, consumer: str) -> Any:
    return await backend.bus.ack(delivery, consumer, [outgoing(50)], {"seen": "1"}) is not None


async def done(backend: BusBackend, delivery: Delivery, consumer: str) -> Any:
    return await backend.bus.ack(delivery, consumer, [], {}) is not None


async def retry(backend: BusBackend, delivery: Delivery, consumer: str) -> Any:
    record = attempt(delivery, 2 if delivery.is_retry else 1, worker=consumer)
    return await backend.bus.retry(delivery, consumer, record, LATER_MS)


async def postpone(backend: BusBackend, delivery: Delivery, consumer: str) -> Any:
    return await backend.bus.postpone(delivery, consumer, LATER_MS)


async def bury(backend: BusBackend, delivery: Delivery, consumer: str) -> Any:
    return await backend.bus.bury(delivery, consumer, attempt(delivery), DeadLetterReason.MAX_ATTEMPTS, 1)


SETTLING: Final[tuple[Call, ...]] = (ack, done, retry, postpone, bury)
CALLS: Final[tuple[Call, ...]] = (begin, *SETTLING)


async def held(backend: BusBackend, *, is_retry: bool = False) -> Delivery:
    """A delivery that `w1` holds, of an event or of its retry."""
    await backend.subscribe("sms")
    await backend.bus.publish(event(1))
    delivery = await backend.one("sms")
    if is_retry:
        await begin(backend, delivery, "w1")
        await backend.bus.retry(delivery, "w1", attempt(delivery), 0)
        delivery = await backend.again("sms")
    return delivery


async def come_due(backend: BusBackend) -> None:
    """What group `sms` has put off is due now."""
    waiting = backend.keys.waiting("sms")
    for member in await backend.client.zrange(waiting, 0, -1):
        await backend.client.zadd(waiting, {member: 1})
    await backend.bus.promote(CHANNEL, "sms")
