"""A disk that is full for a while, as senders over all encodings have it: they are told to come again, and do."""

from collections import Counter

import pytest

from tests.collector.disk import full
from tests.collector.persistent import Senders
from tests.collector.test_process_killed import LONG, Killed, OldSender, check, killed
from tests.waiting import until_sync

__all__ = ["killed"]  # a fixture

#: Bytes of any file that are free: some requests find room.
ROOM = 400_000


@pytest.mark.battery  # the suite has one like it for spans alone
@pytest.mark.timeout(600)
def test_a_full_disk_loses_nothing_and_doubles_nothing(killed: Killed) -> None:
    """Of any signal, over any encoding, while what is old is removed; and no restart is needed."""
    killed.listens()
    old = OldSender(killed.ports[0])
    senders = Senders(killed.ports)
    old.start()
    until_sync(lambda: all(senders.acknowledged_by_sender().values()), "each was acknowledged something", LONG)
    pid = killed.process.pid
    assert pid is not None
    with full(ROOM, pid):
        until_sync(lambda: all(sender.books.failures for sender in senders.all), "each was refused something", LONG)
        killed.listens()
    before = senders.acknowledged_by_sender()
    until_sync(lambda: _all_more(senders, before), "each is acknowledged something again", LONG)
    senders.end()
    old.ending.set()
    old.join(LONG)
    killed.end()
    check(killed.folder / "causeline.duckdb", senders)


def _all_more(senders: Senders, before: Counter[str]) -> bool:
    return all(count > before[name] for name, count in senders.acknowledged_by_sender().items())
