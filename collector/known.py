"""Answers that were given, each with its token, by which whoever asks again learns whether it has changed."""

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Final

from collector.models import Model

#: Answers that are kept, and bytes of the largest.
MOST: Final = 256
LARGEST: Final = 2**20


class Answers:
    """Keeps the answers that were asked for last. Safe to use from several threads; answers never change."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, tuple[str, Model]] = OrderedDict()

    def get(self, key: Hashable) -> tuple[str, Model] | None:
        """Returns the token and the answer to a question; None where it is not kept."""
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
            return found

    def keep(self, key: Hashable, token: str, answer: Model, size: int) -> None:
        """Keeps an answer of so many bytes, unless it is too large."""
        with self._lock:
            self._kept.pop(key, None)
            if size <= LARGEST:
                self._kept[key] = (token, answer)
            while len(self._kept) > MOST:
                self._kept.popitem(last=False)
