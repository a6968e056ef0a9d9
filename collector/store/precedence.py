"""Who stores spans comes first: where that does not fit into memory beside what is asked, all questions give way.

DuckDB has one memory for all that goes on in a database, and no share of it can be set aside for one connection. A
question that can't put what it holds on the disk may take all of it; then a transaction fails, and so may the way back
from it, after which the database has to be opened again.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from collector.errors import RoomError
from collector.store.question import Question

#: Seconds between two tries to interrupt what is asked, and those after which who does not notice is not waited for.
_AGAIN: Final = 0.02
_LONGEST: Final = 5.0

#: Seconds for which somebody who asked is taken to ask again: a page asks one question after the other.
_LATELY: Final = 1.0


class Precedence:
    """Lets one thread have the database alone; whoever asks meanwhile waits until it is done.

    Args:
        is_unused: whether nobody uses the database now.
        clock: seconds, from any beginning.
    """

    def __init__(self, is_unused: Callable[[], bool], clock: Callable[[], float] = time.monotonic) -> None:
        self._is_unused = is_unused
        self._clock = clock
        self._lock = threading.Lock()
        self._asked: list[Question] = []
        self._answered = float("-inf")
        self._holder: int | None = None
        self._is_free = threading.Event()
        self._is_free.set()

    @contextmanager
    def admit(self, question: Question) -> Iterator[None]:
        """Marks the time in which a question is answered; waits until nobody has precedence.

        Args:
            question: which.

        Raises:
            CollectorError: the reason, when it was ended, or had to give way.
        """
        while self._holder != threading.get_ident() and not self._is_free.wait(_AGAIN):
            question.check()
        with self._lock:
            self._asked.append(question)
        try:
            yield
        finally:
            with self._lock:
                self._asked.remove(question)
                if question.is_awaited:
                    self._answered = self._clock()

    @property
    def has_recent_questions(self) -> bool:
        """Whether somebody waits for an answer, or did a moment ago."""
        with self._lock:
            return self._clock() - self._answered < _LATELY or any(one.is_awaited for one in self._asked)

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Interrupts all questions, and keeps others from beginning while the block runs. By one thread at a time."""
        self._is_free.clear()
        self._holder = threading.get_ident()
        try:
            deadline = time.monotonic() + _LONGEST
            while not self._is_unused() and time.monotonic() < deadline:
                with self._lock:
                    for question in self._asked:
                        question.give_way(RoomError("spans that came in needed the memory that it had; ask again"))
                time.sleep(_AGAIN)
            yield
        finally:
            self._holder = None
            self._is_free.set()
