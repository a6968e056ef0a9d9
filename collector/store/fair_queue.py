"""What waits to be stored: a queue a sender, taken in turns, and a share of the room for each."""

from collections import deque
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from collector.errors import OverloadedError

Item = TypeVar("Item")


@dataclass(slots=True)
class _Service(Generic[Item]):
    items: deque[tuple[Item, int]] = field(default_factory=deque)
    size: int = 0


@dataclass(slots=True)
class _Host(Generic[Item]):
    services: dict[str, _Service[Item]] = field(default_factory=dict)
    size: int = 0


class FairQueue(Generic[Item]):
    """Holds what waits. Hosts take turns, and so do the services of a host.

    Room is shared without counting heads (as switches share their buffers, with dynamic thresholds): nobody may hold
    more than is left free, so that one who floods leaves half of it to the others, two leave a third, and so on.

    Args:
        limit: most that may wait.
    """

    def __init__(self, limit: int) -> None:
        self.size = 0
        self._count = 0
        self._limit = limit
        self._hosts: dict[str, _Host[Item]] = {}  # whose turn is next is first

    def __len__(self) -> int:
        return self._count

    def put(self, host: str, service: str, item: Item, size: int) -> None:
        """Adds something behind all else of its service.

        Raises:
            OverloadedError: when there is no room for it. While nothing waits, there always is.
        """
        if self.size:
            self._require_room(host, service, size)
        there = self._hosts.setdefault(host, _Host())
        mine = there.services.setdefault(service, _Service())
        mine.items.append((item, size))
        mine.size += size
        there.size += size
        self.size += size
        self._count += 1

    def take(self) -> Item:
        """Removes and returns what comes next; there must be something."""
        host, there = next(iter(self._hosts.items()))
        service, mine = next(iter(there.services.items()))
        item, size = mine.items.popleft()
        mine.size -= size
        there.size -= size
        self.size -= size
        self._count -= 1
        del there.services[service]
        if mine.items:
            there.services[service] = mine  # behind the others
        del self._hosts[host]
        if there.services:
            self._hosts[host] = there
        return item

    def _require_room(self, host: str, service: str, size: int) -> None:
        free = self._limit - self.size
        if size > free:
            raise OverloadedError(f"{self.size} spans wait to be stored (CAUSELINE_QUEUE_LIMIT)")
        there = self._hosts.get(host)
        if there is None:
            return
        mine = there.services.get(service)
        if there.size + size > free or (mine is not None and mine.size + size > free - there.size):
            raise OverloadedError(
                f"{there.size} spans of this sender wait to be stored; the rest of the room is for others "
                "(CAUSELINE_QUEUE_LIMIT)"
            )
