"""Removes from the server what has been kept for long enough."""

from dataclasses import dataclass
from typing import Final

from runtime.settings import Settings
from runtime.worker.work import Equipment

_DAY_MS: Final = 24 * 3600 * 1000
#: Runs, and letters of a group, that go in one round at most.
BATCH: Final = 500


@dataclass(frozen=True, slots=True)
class RetentionAges:
    """How long things are kept after their end, in ms."""

    runs: int
    letters: int
    audit: int

    @classmethod
    def of(cls, settings: Settings) -> "RetentionAges":
        """What the settings say."""
        return cls(
            int(settings.keep_runs * _DAY_MS), int(settings.keep_letters * _DAY_MS), int(settings.keep_audit * _DAY_MS)
        )


class Retention:
    """Forgets for one app and all groups that it has ever served: those that its code does not serve any more, and
    those that were retired, are nobody else's."""

    def __init__(self, equipment: Equipment, ages: RetentionAges) -> None:
        self._kit = equipment
        self._ages = ages

    async def forget_old(self) -> None:
        """One round; what is left over waits for the next."""
        ages = self._ages
        await self._kit.store.forget_runs(ages.runs, BATCH)
        await self._kit.store.forget_audit(ages.audit)
        await self._kit.accounts.forget(ages.audit, BATCH)  # a run under it may wait for longer than runs are kept
        await self._kit.accounts.forget_audit(ages.audit)
        app, bus = self._kit.app, self._kit.bus
        for channel, group in [*await bus.groups_of(app), *await bus.groups_of(app, retired=True)]:
            await bus.forget_letters(channel, group, ages.letters, BATCH)
            await bus.forget_audit(channel, group, ages.audit)
