"""Who makes a home: starts runs and publishes events of the release, and waits until its workers have done theirs."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final
from uuid import uuid4

import parcels
import record
from conditions import until
from making import Release, batches

from runtime import Context
from runtime.admin import Admin
from runtime.bus.envelope import decode

SEEN: Final = "causeline:1:{parcel.delivered.0}:s"
"""The stream that programs of others write into."""


class Bystander:
    """A world that nothing may happen in: the maker leaves work to workers."""

    async def meet(self, work: str, context: Context, given: Mapping[str, Any]) -> None:
        raise AssertionError(f"the maker did {work} of {context.subject}")


class Maker:
    """Holds the app and does none of its work.

    Attributes:
        numbers: that subjects have.
        left: entries that dead workers left in outboxes.
    """

    def __init__(self, release: Release) -> None:
        self.release = release
        self.declared = parcels.declared(Bystander())
        self.app = self.declared.app
        self.numbers: dict[str, int] = {}
        self.admin: Any = None
        self.left = 0

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[None]:
        """The maker's own connection; its spans are on their way when it ends."""
        async with self.app.client():
            self.admin = await Admin.connect()
            try:
                yield
            finally:
                await self.admin.close()

    @property
    def client(self) -> Any:
        """The server's client."""
        return self.app.session.server.client

    async def ship(self, subject: str) -> None:
        """Starts a shipment."""
        number = self._number(subject)
        order, tags = parcels.order_of(number), parcels.tags_of(number)
        await self.app.start(self.declared.shipment, subject=subject, order=order, tags=tags)

    async def deliver(self, subject: str) -> None:
        """Publishes that a parcel is delivered."""
        await self.publish(subject, parcels.receipt_of(self._number(subject)))

    async def lose(self, subject: str) -> None:
        """Publishes that a parcel is lost."""
        await self.app.publish(parcels.LOST, parcels.receipt_of(self._number(subject)), subject=subject)

    async def publish(self, subject: str, data: Any) -> None:
        """Publishes any payload where parcels are delivered."""
        await self.app.publish(parcels.DELIVERED, data, subject=subject)

    async def write_as_a_stranger(self, subject: str) -> None:
        """Writes an event as programs do that know nothing of a runtime."""
        data = parcels.receipt_of(self._number(subject)).model_dump(mode="json") | {"readings": {"1": 2}}
        event = {"specversion": "1.0", "id": str(uuid4()), "source": "/elsewhere", "type": parcels.DELIVERED}
        await self.client.xadd(SEEN, {"e": json.dumps({**event, "subject": subject, "data": data})})

    async def published(self, subject: str) -> bytes:
        """An event that is in its channel still, as it is there."""
        raws = [fields[b"e"] for _, fields in await self.client.xrange(SEEN)]
        return next(raw for raw in raws if json.loads(raw).get("subject") == subject)

    async def publish_again(self, raw: bytes) -> None:
        """The mark of a publish is over, and whoever published the event does it again."""
        event = decode(raw, parcels.DELIVERED)
        await self.client.delete(SEEN.removesuffix("s") + f"pub:{event.id}")
        await self.app.session.bus.publish(event)

    def _number(self, subject: str) -> int:
        return self.numbers.setdefault(subject, len(self.numbers) + 1)

    async def quiet(self, **held: int) -> None:
        """Waits until no group owes anything now but so many; retries wait for later."""

        async def quiet() -> bool:
            groups = [group for channel in await self.admin.channels() for group in channel.groups]
            owing = {one.group.rpartition(".")[2]: one.pending for one in groups if one.pending}
            owing.pop(record.UNSERVED, None)
            retrying = sum(one.retrying for one in groups)
            _, far = await record.far(self.app)
            return owing == held and retrying == far and await self._outboxed() == self.left and await self._all_read()

        await until(quiet, f"groups owe {held}")

    async def _outboxed(self) -> int:
        keys = [key async for key in self.client.scan_iter(match="*:out", count=1000)]
        return sum([await self.client.xlen(key) for key in keys])

    async def _all_read(self) -> bool:
        """Whether every group has read what strangers wrote too, which no counter tells."""
        last = (await self.client.xinfo_stream(SEEN))["last-generated-id"]
        return all(group["last-delivered-id"] == last for group in await self.client.xinfo_groups(SEEN))

    async def wait_far(self, tasks: int, deliveries: int) -> None:
        """Waits until so many wait for long."""

        async def waiting() -> bool:
            return await record.far(self.app) == (tasks, deliveries)

        await until(waiting, f"{tasks} tasks and {deliveries} deliveries wait for long")

    async def nothing_runs(self) -> bool:
        """Whether the first two runs have ended."""
        return all(run.status != "running" for run in await self._runs()) and len(await self._runs()) > 1

    async def only_retries_run(self) -> bool:
        """Whether all runs have ended but those whose weighing waits."""
        going = {run.subject for run in await self._runs() if run.status == "running"}
        return going == {"cancelled", "crossing"} and await record.far(self.app) == (2, 0)

    async def _runs(self) -> Any:
        return await self.app.session.store.runs(1000)

    async def run(self, subject: str) -> Any:
        """The run of a subject."""
        return next(run for run in await self._runs() if run.subject == subject)

    async def letter(self, subject: str) -> Any:
        """The id of a subject's dead letter."""
        page = await self.admin.dead_letters(limit=1000)
        return next(letter.id for letter in page.items if letter.subject == subject)

    async def is_told(self) -> bool:
        """Whether all ends and letters are confirmed, and the collector has them."""
        untold = [key async for key in self.client.scan_iter(match="*:untold")]
        ended = await self.client.zcard(self.app.session.store.keys.ended)
        return not untold and not ended and not batches(self.release.home)

    async def bring_forward(self, subject: str) -> None:
        """Lets come at once the retry of a shipment's weighing."""
        run = await self.run(subject)
        await self.client.zadd(self.app.session.store.keys.tasks, {f"{run.id}|shipment|weighing": 0})
