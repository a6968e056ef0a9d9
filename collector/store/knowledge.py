"""What is known of what is stored without a look at it, and by which version of it that may be believed."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from collector.store.present import Present
from collector.store.recollection import Recollection
from collector.store.sightings import Sightings
from collector.store.texts import Texts


class Knowledge:
    """Told of all that changes; asked by every snapshot.

    Attributes:
        sightings: when the spans were stored that name an id.
        texts: where spans say a text, and when these were stored.
        present: what there is that some edges may come of.
        recollection: what was worked out of parts of time.
        version: how often what is stored was changed or removed in place, or stored by others than the writer. What was
            found in a snapshot is remembered under the version that there was before it was opened.
    """

    def __init__(self) -> None:
        self.sightings, self.texts, self.present = Sightings(), Texts(), Present()
        self.recollection = Recollection(self.sightings)
        self.version = 0
        self._lock = threading.Lock()

    def forget(self) -> None:
        """Gives up what the writer has not told: something was stored, or got other ids."""
        self.sightings.forget()
        self.texts.forget()

    @contextmanager
    def committing(self, *, amends: bool) -> Iterator[None]:
        """Surrounds a commit: with another version, where it amends what is stored. With one before it, for who has
        opened a snapshot already, and with one after it, for who opens one meanwhile."""
        self._outdate(amends=amends)
        yield
        self._outdate(amends=amends)

    def _outdate(self, *, amends: bool) -> None:
        with self._lock:
            self.version += amends
