"""Removes from the server what has been kept for long enough."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from runtime.settings import Settings
from runtime.worker.work import Equipment

_DAY_MS: Final = 24 * 3600 * 1000
#: Runs, and letters of a group, that go in one round at most.
BATCH: Final = 500


@dataclass(frozen=True, slots=True)
class Ages:
    """How long things are kept after their end, in ms."""

    runs: int
    letters: int
    audit: int

    @classmethod
    def of(cls, settings: Settings) -> "Ages":
        """What the settings say."""
        return cls(
            int(settings.keep_runs * _DAY_MS), int(settings.keep_letters * _DAY_MS), int(settings.keep_audit * _DAY_MS)
        )


class Retention:
    """Forgets for one app and its groups."""

    def __init__(self, equipment: Equipment, groups: Sequence[tuple[str, str]], ages: Ages) -> None:
        self._kit = equipment
        self._groups = groups
        self._ages = ages

    async def forget(self) -> None:
        """One round; what is left over waits for the next."""
        ages = self._ages
        await self._kit.store.forget_runs(ages.runs, BATCH)
        await self._kit.store.forget_audit(ages.audit)
        for channel, group in self._groups:
            await self._kit.bus.forget_letters(channel, group, ages.letters, BATCH)
            await self._kit.bus.forget_audit(channel, group, ages.audit)
