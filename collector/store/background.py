"""Work on the store that nobody waits for, in a thread of its own that rests more than it works."""

import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final

import duckdb

from collector.errors import StoreError
from collector.store.database import Database

_LOG: Final = logging.getLogger(__name__)

#: Seconds of rest for each second of work: whoever sends and asks comes first.
REST_FACTOR: Final = 3.0

#: Seconds of rest after a failure that nobody thought of.
AFTER_FAULT: Final = 60.0

#: Seconds that the end waits for the thread, and after which its statement is cut off once more.
_PATIENCE: Final = 5.0
_AGAIN: Final = 0.05

#: Seconds between two looks at how long something takes.
_LOOK: Final = 0.5


class BackgroundStopped(Exception):  # noqa: N818 no error: the work was ended between two of its parts
    """The background work was ended."""


class Background:
    """Does one thing again and again, until it is ended.

    Args:
        name: of the thread.
        database: what it works on; its statements are cut off at the end.
        work: does it once, and returns the seconds until the next time. May raise `BackgroundStopped`.
        first: seconds until the first time.
    """

    def __init__(self, name: str, database: Database, work: Callable[[], float], first: float) -> None:
        self._database = database
        self._do = work
        self._first = first
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    @property
    def is_ending(self) -> bool:
        """Whether it was told to end."""
        return self._end.is_set()

    def start(self) -> None:
        """Begins."""
        self._thread.start()

    def close(self) -> None:
        """Ends; a statement that is under way is cut off. Safe to call twice."""
        self._end.set()
        deadline = time.monotonic() + _PATIENCE
        while self._thread.ident is not None and self._thread.is_alive() and time.monotonic() < deadline:
            self._database.interrupt(self._thread.ident)  # again and again: between two statements nobody hears it
            self._thread.join(_AGAIN)

    def rest(self, seconds: float) -> None:
        """Waits within the work.

        Raises:
            Stopped: when it is to end.
        """
        if self._end.wait(seconds):
            raise BackgroundStopped

    def _run(self) -> None:
        try:
            wait = self._first
            while not self._end.wait(wait):
                wait = self._run_once()
        except BackgroundStopped:
            return

    def _run_once(self) -> float:
        try:
            return self._do()
        except BackgroundStopped:
            raise
        except Exception:  # noqa: BLE001 it would end the thread, and what is stored would grow or age unseen
            if not self.is_ending:  # else it was cut off
                _LOG.exception("%s failed in a way that nobody thought of, which is tried again", self._thread.name)
            return AFTER_FAULT


def create_sliced_background(
    name: str, database: Database, step: Callable[[], bool], interval: float, first: float, trouble: str
) -> Background:
    """Returns what does its work slice by slice, and looks for more from time to time.

    Args:
        name: of the thread.
        database: what it works on.
        step: does one slice, and returns whether there may be more.
        interval: seconds from the last slice to the next look.
        first: seconds to the first look.
        trouble: what is said when the store can't be used: the slice is tried again.
    """

    def work() -> float:
        began, rest = time.monotonic(), interval
        try:
            rest = 0.0 if step() else interval
        except (StoreError, duckdb.Error) as error:
            if not slices.is_ending:
                _LOG.warning("%s, which is tried again: %s", trouble, error)
        return max(rest, REST_FACTOR * (time.monotonic() - began))

    slices = Background(name, database, work, first)
    return slices


def create_room_keeper(database: Database) -> Background:
    """Returns what gives the database more memory where something takes long, and takes it back."""

    def work() -> float:
        with suppress(StoreError):
            database.adjust_memory_limit()
        return _LOOK

    return Background("room", database, work, _LOOK)
