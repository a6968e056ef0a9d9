"""One cleaning: what is old goes, then what is too much, the oldest first."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from collector.store.database import Database
from collector.store.queries.upkeep import Upkeep
from collector.store.retention import removal
from collector.store.retention.policy import ROOM, YOUNG_NS, Policy

#: The smallest time that the store can hold.
_BEGINNING: Final = -(2**63)

#: How often a checkpoint is tried that must not fail: who reads or writes is in its way for a moment.
_CHECKPOINTS: Final = 20


@dataclass(slots=True)
class RemovedCounts:
    """What a cleaning has removed so far."""

    spans: int = 0
    logs: int = 0
    points: int = 0

    @property
    def records(self) -> int:
        """All of it."""
        return self.spans + self.logs + self.points


@dataclass
class Cleaning:
    """Cleans a store once.

    Args:
        database: the store.
        policy: what is kept.
        pause: called between steps, for rest; it raises `BackgroundStopped` to end the cleaning.
        now_ns: nanoseconds since 1970.
    """

    database: Database
    policy: Policy
    pause: Callable[[], None]
    now_ns: int
    removed: RemovedCounts = field(default_factory=RemovedCounts)

    def run(self) -> RemovedCounts:
        """Removes what the policy does not keep.

        Raises:
            StoreError: when the store can't be used now.
            Stopped: when the pause says so; what is removed until then is gone, in whole chains.
        """
        self._remove_old()
        if self.removed.records:
            self._fold_log()
        self._remove_excess()
        return self.removed

    def _remove_old(self) -> None:
        points_ns = self.policy.old_points_ns(self.now_ns)
        if points_ns is not None:
            self._remove_points(points_ns)
        old_ns, too_old_ns = self.policy.old_ns(self.now_ns), self.policy.too_old_ns(self.now_ns)
        if old_ns is None or too_old_ns is None:
            return
        self._remove_chains(old_ns, keep_unfinished=True)
        self._cut_spans(too_old_ns)
        self._remove_logs(old_ns)
        removal.remove_rejections(self.database, old_ns)
        self._remove_sources()

    def _remove_excess(self) -> None:
        most = self.policy.most_bytes
        if most is None:
            return
        used = self.database.used_bytes
        if used <= most or not self._fold_log():
            return
        used = self.database.used_bytes  # what was in the log is in the file now, and smaller
        if used <= most:
            return
        with self.database.reading() as session:
            held = session.one(Upkeep.RETENTION_RECORDS)
        before = self.removed.records
        enough = before + int((held["spans"] + held["logs"] + held["points"]) * (1 - ROOM * most / used))
        until_ns = self.now_ns - YOUNG_NS
        # Whole chains first, those that hold unfinished work after all others; in the end whatever is oldest.
        for keep_unfinished in (True, False):
            if self.removed.records < enough:
                self._remove_chains(until_ns, keep_unfinished=keep_unfinished, enough=enough)
        if self.removed.records < enough:
            self._cut_spans(until_ns, enough)
        if self.removed.records > before:
            self._remove_sources()
            self._fold_log()

    def _remove_chains(self, until_ns: int, *, keep_unfinished: bool, enough: int | None = None) -> None:
        """Removes whole chains, slice by slice; with `enough`, what else is as old as well, until so much is gone."""
        end_ns = _BEGINNING
        while end_ns < until_ns and (enough is None or self.removed.records < enough):
            most = None if enough is None else enough - self.removed.records
            end_ns = removal.find_slice_end(self.database, end_ns, until_ns, most)
            portions = removal.find_old_chains(self.database, end_ns, most, keep_unfinished=keep_unfinished)
            self.pause()
            for portion in portions:
                removal.remove_chains(self.database, portion)
                self.removed.spans += portion.records
                self.pause()
            if enough is not None:
                self._remove_points(end_ns)
                self._remove_logs(end_ns)

    def _cut_spans(self, until_ns: int, enough: int | None = None) -> None:
        for spans in removal.cut_spans(
            self.database, until_ns, None if enough is None else enough - self.removed.records
        ):
            self.removed.spans += spans
            self.pause()

    def _remove_points(self, until_ns: int) -> None:
        self.removed.points += removal.remove_points(self.database, until_ns)
        self.pause()

    def _remove_logs(self, until_ns: int) -> None:
        self.removed.logs += removal.remove_logs(self.database, until_ns)
        self.pause()

    def _remove_sources(self) -> None:
        removal.remove_sources(self.database)
        self.pause()

    def _fold_log(self) -> bool:
        """Folds the log into the file, which frees what was removed; returns whether it could be done."""
        for _ in range(_CHECKPOINTS):
            if self.database.checkpoint():
                return True
            self.pause()
        return False
