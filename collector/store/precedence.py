"""Who stores spans comes first: where that does not fit into memory beside what is asked, all questions give way.

DuckDB has one memory for all that goes on in a database, and no share of it can be set aside for one connection. A
question that can't put what it holds on the disk may take all of it; then a transaction fails, and so may the way back
from it, after which the database has to be opened again.

What moves rows while they are read waits for a moment in which nobody reads, and lets nobody begin until it is done.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Final

from collector.errors import RoomError
from collector.store.question import Question

#: Seconds between two tries to interrupt what is asked, and those after which who does not notice is not waited for.
_AGAIN: Final = 0.02
_LONGEST: Final = 5.0

#: Seconds between two looks whether what was asked is answered: who asks next waits for it.
_SOON: Final = 0.002

#: Seconds that a checkpoint waits, by default, for who reads. Whoever asks meanwhile waits as well.
PATIENCE: Final = 0.25

#: Seconds for which somebody who asked is taken to ask again: a page asks one question after the other.
_LATELY: Final = 1.0


class Precedence:
    """Lets a thread have the database alone; whoever asks meanwhile waits until it is done.

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
        self._holders: set[int] = set()
        self._is_free = threading.Event()
        self._is_free.set()

    @contextmanager
    def admit(self, question: Question) -> Iterator[None]:
        """Marks the time in which a question is answered; waits until nobody has precedence.

        Args:
            question: which. What else it asks while it is answered waits for nobody.

        Raises:
            CollectorError: the reason, when it was ended, or had to give way.
        """
        while not self._try_to_begin(question):
            self._is_free.wait(_AGAIN)
            question.check()
        try:
            yield
        finally:
            with self._lock:
                self._asked.remove(question)
                if question.is_awaited:
                    self._answered = self._clock()

    def _try_to_begin(self, question: Question) -> bool:
        with self._lock:
            if self._holders - {threading.get_ident()} and question not in self._asked:
                return False
            self._asked.append(question)
            return True

    @property
    def has_recent_questions(self) -> bool:
        """Whether somebody waits for an answer, or did a moment ago."""
        with self._lock:
            return self._clock() - self._answered < _LATELY or any(one.is_awaited for one in self._asked)

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Interrupts all questions, and keeps others from beginning while the block runs."""
        with self._keep_others_waiting():
            deadline = time.monotonic() + _LONGEST
            while not self._is_unused() and time.monotonic() < deadline:
                with self._lock:
                    for question in self._asked:
                        question.give_way(RoomError("spans that came in needed the memory that it had; ask again"))
                time.sleep(_AGAIN)
            yield

    @contextmanager
    def wait_for_rest(self, patience: float | None) -> Iterator[bool]:
        """Lets what is asked be answered, and keeps others from beginning while the block runs, if that suffices.

        Args:
            patience: seconds that it may take at most; new questions wait meanwhile. None not to wait at all.

        Yields:
            Whether no question is answered while the block runs. Else the block is beside questions.
        """
        with ExitStack() as stack:
            is_alone = False
            if patience is not None:
                stack.enter_context(self._keep_others_waiting())
                if not (is_alone := self._comes_to_rest(patience)):
                    stack.close()
            yield is_alone

    def _comes_to_rest(self, patience: float) -> bool:
        deadline = time.monotonic() + patience
        while self._asked:
            if time.monotonic() >= deadline:
                return False
            time.sleep(_SOON)
        return True

    @contextmanager
    def _keep_others_waiting(self) -> Iterator[None]:
        thread = threading.get_ident()
        with self._lock:
            self._holders.add(thread)
            self._is_free.clear()
        try:
            yield
        finally:
            with self._lock:
                self._holders.discard(thread)
                if not self._holders:
                    self._is_free.set()
