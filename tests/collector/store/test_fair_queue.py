"""Who waits takes turns, and leaves room for others."""

import pytest

from collector.errors import OverloadedError
from collector.store.fair_queue import FairQueue


def everything(shares: FairQueue[str]) -> str:
    """What there is, in turn."""
    taken = []
    while shares:
        taken.append(shares.take())
    return " ".join(taken)


def test_hosts_take_turns_and_so_do_the_services_of_a_host() -> None:
    """Whoever comes first, and however much of one there is."""
    shares: FairQueue[str] = FairQueue(100)
    for index in range(3):
        shares.put("one", "a", f"1a{index}", 1)
    shares.put("one", "b", "1b0", 1)
    for index in range(2):
        shares.put("two", "a", f"2a{index}", 1)
    assert everything(shares) == "1a0 2a0 1b0 2a1 1a1 1a2"
    assert (shares.size, shares._hosts) == (0, {})


def fill(shares: FairQueue[str], host: str, service: str) -> int:
    """How many of size one are taken."""
    taken = 0
    while True:
        try:
            shares.put(host, service, "x", 1)
        except OverloadedError:
            return taken
        taken += 1


def test_nobody_takes_more_room_than_is_left() -> None:
    """One service of one host a third, another one of it a share of the rest, other hosts theirs."""
    shares: FairQueue[str] = FairQueue(1200)
    assert fill(shares, "flood", "a") == 400
    assert fill(shares, "flood", "b") == 134
    assert fill(shares, "modest", "a") == 222
    shares.put("third", "a", "x", 100)
    with pytest.raises(OverloadedError, match=r"534 spans of this sender wait.*CAUSELINE_QUEUE_LIMIT"):
        shares.put("flood", "c", "x", 1)


def test_what_is_larger_than_all_room_is_taken_while_nothing_waits() -> None:
    """Refused, it would come again for ever."""
    shares: FairQueue[str] = FairQueue(10)
    shares.put("one", "a", "large", 50)
    with pytest.raises(OverloadedError, match="50 spans wait"):
        shares.put("two", "a", "x", 1)
    assert shares.take() == "large"
    shares.put("two", "a", "x", 1)
