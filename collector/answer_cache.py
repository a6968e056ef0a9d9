"""Answers that were given, each with its token, by which whoever asks again learns whether it has changed."""

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Final

from collector.models import Model

#: Answers that are kept; bytes of the largest, and of all together, as they were sent: as models they take several
#: times as many.
MOST: Final = 256
LARGEST: Final = 2**20
ALL: Final = 2**24


class AnswerCache:
    """Keeps the answers that were asked for last. Safe to use from several threads; answers never change."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, tuple[str, Model, int]] = OrderedDict()
        self._size = 0

    def get(self, key: Hashable) -> tuple[str, Model] | None:
        """Returns the token and the answer to a question; None where it is not kept."""
        with self._lock:
            if key not in self._kept:
                return None
            self._kept.move_to_end(key)
            return self._kept[key][:2]

    def keep(self, key: Hashable, token: str, answer: Model, size: int) -> None:
        """Keeps an answer of so many bytes, unless it is too large."""
        with self._lock:
            if key in self._kept:
                self._size -= self._kept.pop(key)[2]
            if size <= LARGEST:
                self._kept[key] = (token, answer, size)
                self._size += size
            while len(self._kept) > MOST or self._size > ALL:
                self._size -= self._kept.popitem(last=False)[1][2]
