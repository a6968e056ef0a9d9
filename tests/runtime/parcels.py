"""An app whose groups fail until they are mended."""

from uuid import UUID

from runtime import App, Context, Event, NonRetryableError
from runtime.admin import Admin
from runtime.settings import Settings
from runtime.testing import Recorder
from tests.waiting import until

GROUPS = ("billing", "sms")


class Parcels:
    """An app whose groups fail until they are mended."""

    def __init__(self, settings: Settings, facts: Recorder) -> None:
        self.mended: set[str] = set()
        self.seen: list[tuple[str, UUID, int]] = []
        self.app = App("logistics", settings=settings, observer=facts)
        for group in GROUPS:
            self._subscribe(group)

    def _subscribe(self, group: str) -> None:
        @self.app.subscribe("parcels", group=group)
        async def handle(event: Event[int], ctx: Context) -> None:
            self.seen.append((group, event.id, ctx.round))
            if group not in self.mended:
                raise NonRetryableError(f"no {group} for {event.data}")

    async def die(self, admin: Admin, count: int) -> list[UUID]:
        """Publishes events that both groups fail at."""
        ids = [await self.app.publish("parcels", number, subject=f"parcel-{number}") for number in range(count)]
        await self.waiting(admin, len(GROUPS) * count)
        return ids

    async def waiting(self, admin: Admin, count: int) -> None:
        """Until so many letters wait."""

        async def reached() -> bool:
            return sum(one.count for one in await admin.dead_letter_counts()) == count

        await until(reached)
