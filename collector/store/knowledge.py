"""What is known of what is stored without a look at it, and by which version of it that may be believed."""

import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from uuid import UUID

from collector.store.edge_sources import EdgeSources
from collector.store.recollection import Recollection
from collector.store.shortlist import Shortlist
from collector.store.sightings import Sightings
from collector.store.texts import TextIndex


class Knowledge:
    """Told of all that changes; asked by every snapshot.

    Attributes:
        sightings: when the spans were stored that name an id.
        texts: where spans say a text, and when these were stored.
        present: what there is that some edges may come of.
        recollection: what was worked out of parts of time.
        unreceived: events that nobody received.
        version: how often what is stored was changed or removed in place, or stored by others than the writer. What was
            found in a snapshot is remembered under the version that there was before it was opened.
        withdrawals: the same of records of ours that are shown no more, or have other ids, as others came in.
    """

    def __init__(self) -> None:
        self.sightings, self.texts, self.present = Sightings(), TextIndex(), EdgeSources()
        self.recollection = Recollection(self.sightings)
        self.unreceived = Shortlist()
        self.version, self.withdrawals = 0, 0
        self._lock = threading.Lock()

    def forget(self) -> None:
        """Gives up what the writer has not told: something was stored, or got other ids."""
        self.sightings.forget()
        self.texts.forget()

    @contextmanager
    def committing(
        self, *, amends: bool, withdraws: bool = False, removed: Collection[UUID] | None = None
    ) -> Iterator[None]:
        """Surrounds a commit: with another version, where it amends, withdraws or removes what is stored. With one
        before it, for who has opened a snapshot already, and with one after it, for who opens one meanwhile.

        Args:
            amends: whether anything may be other than it was.
            withdraws: whether records of ours are shown no more, or have other ids.
            removed: traces that are removed with all that hangs on them, and with all that belongs to them; what was
                found of others is believed on. None where there are none.
        """
        self._outdate(amends=amends, withdraws=withdraws, removed=removed)
        yield
        self._outdate(amends=amends, withdraws=withdraws, removed=removed)

    def _outdate(self, *, amends: bool, withdraws: bool, removed: Collection[UUID] | None) -> None:
        with self._lock:
            before = self.version, self.withdrawals
            self.version += amends or removed is not None
            self.withdrawals += withdraws
            if removed is not None and not amends:
                self.recollection.carry_over(removed, before[0], self.version)
                self.present.carry_over(before[0], self.version)
                if not withdraws:
                    self.unreceived.carry_over(before, (self.version, self.withdrawals))
