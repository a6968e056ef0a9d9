"""What waits for the collector: order, bounds, and several processes at one folder."""

import os
import resource
import signal
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from runtime.telemetry.losses import Losses
from runtime.telemetry.spool import DiskSpool, MemorySpool, SpanBatch, Spool, _try_lock
from tests.runtime.telemetry.clocks import TurnedClock

BIG = 64 * 1024 * 1024

CLAIM_AND_HANG = """
import signal, sys
from pathlib import Path
from runtime.clock import SystemClock
from runtime.telemetry.losses import Losses
from runtime.telemetry.spool import DiskSpool
for claim in DiskSpool(Path(sys.argv[1]), 1 << 20, Losses(SystemClock())).claim_batches():
    print(claim.batch.body.decode(), flush=True)
    signal.pause()
"""


@pytest.fixture
def losses() -> Losses:
    """A count of what is dropped."""
    return Losses(TurnedClock())


@pytest.fixture(params=["disk", "memory"])
def spool(request: pytest.FixtureRequest, tmp_path: Path, losses: Losses) -> Spool:
    """Each kind of spool, without a tight bound."""
    return DiskSpool(tmp_path / "spool", BIG, losses) if request.param == "disk" else MemorySpool(BIG, losses)


def take(spool: Spool, count: int = 100) -> list[bytes]:
    """Settles up to `count` batches; their bodies."""
    bodies: list[bytes] = []
    with closing(spool.claim_batches()) as claims:
        for claim in claims:
            if len(bodies) == count:
                break
            bodies.append(claim.batch.body)
            claim.settle()
    return bodies


def batch(text: str, spans: int = 1) -> SpanBatch:
    return SpanBatch(text.encode(), spans)


def noise(seed: int, spans: int = 1) -> SpanBatch:
    """A batch of a kilobyte that does not compress."""
    return SpanBatch(bytes([seed]) + os.urandom(1023), spans)


def test_batches_leave_in_the_order_in_which_they_came(spool: Spool):
    """Oldest first, until all are settled."""
    for text in "abc":
        spool.put(batch(text))
    assert not spool.is_empty()
    assert take(spool, 2) == [b"a", b"b"]
    assert take(spool) == [b"c"]
    assert spool.is_empty()


def test_a_batch_that_is_not_settled_stays(spool: Spool):
    """And nothing behind it overtakes it."""
    spool.put(batch("a"))
    spool.put(batch("b"))
    with closing(spool.claim_batches()) as claims:
        assert [claim.batch.body for claim in claims] == [b"a"]
    assert take(spool) == [b"a", b"b"]


def test_the_oldest_is_dropped_when_there_is_no_room(tmp_path: Path, losses: Losses):
    """Its spans are counted, the newest stay; on disk and in memory."""
    for spool in (DiskSpool(tmp_path, 3500, losses), MemorySpool(3500, losses)):
        before = losses.total
        for seed in range(5):
            spool.put(noise(seed, spans=10))
        assert [body[0] for body in take(spool)] == [2, 3, 4]
        assert losses.total - before == 20


def test_the_bound_counts_what_was_there_before(tmp_path: Path, losses: Losses):
    """Of another process, or of an earlier life."""
    for seed in range(3):
        DiskSpool(tmp_path, BIG, losses).put(noise(seed))
    DiskSpool(tmp_path, 2500, losses).put(noise(3))
    assert [body[0] for body in take(DiskSpool(tmp_path, BIG, losses))] == [2, 3]


def test_a_batch_in_work_is_not_given_to_another(tmp_path: Path, losses: Losses):
    """The other takes the next one; each leaves once."""
    one, other = DiskSpool(tmp_path, BIG, losses), DiskSpool(tmp_path, BIG, losses)
    one.put(batch("a"))
    one.put(batch("b"))
    with closing(one.claim_batches()) as claims:
        claim = next(claims)
        assert claim.batch.body == b"a"
        assert take(other) == [b"b"]
        claim.settle()
        assert list(claims) == []
    assert one.is_empty()


def test_a_batch_in_work_by_a_process_that_is_killed_is_free_again(tmp_path: Path, losses: Losses):
    """At once, whoever gets its process id next."""
    spool = DiskSpool(tmp_path, BIG, losses)
    spool.put(batch("a"))
    command = [sys.executable, "-c", CLAIM_AND_HANG, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"a\n"
        assert take(spool) == []
        holder.send_signal(signal.SIGKILL)
        holder.wait()
        assert take(spool) == [b"a"]


def test_what_waits_in_memory_is_lost_with_the_process_and_counted(tmp_path: Path, losses: Losses):
    """On disk it is not."""
    for spool, lost in ((DiskSpool(tmp_path, BIG, losses), 0), (MemorySpool(BIG, losses), 5)):
        spool.put(batch("a", spans=5))
        spool.close()
        assert losses.total == lost


def test_only_the_owner_may_read_what_waits(tmp_path: Path, losses: Losses):
    """Spans may carry payloads."""
    folder = tmp_path / "spool"
    DiskSpool(folder, BIG, losses).put(batch("a"))
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (folder, *folder.iterdir())]
    assert modes == [0o700, 0o600]


def test_a_damaged_file_is_dropped_and_counted(tmp_path: Path, losses: Losses):
    """It must not block those behind it."""
    spool = DiskSpool(tmp_path, BIG, losses)
    spool.put(batch("a", spans=7))
    (damaged,) = tmp_path.iterdir()
    damaged.write_bytes(damaged.read_bytes()[:12])
    spool.put(batch("b"))
    assert take(spool) == [b"b"]
    assert losses.total == 7


def test_a_half_written_file_is_never_read_and_in_the_end_removed(tmp_path: Path, losses: Losses):
    """Its writer died; an hour later nobody can be writing it any more."""
    part = tmp_path / "1-x-1-3.otlp.gz.part"
    part.write_bytes(b"")
    assert DiskSpool(tmp_path, BIG, losses).is_empty()
    os.utime(part, (0, 0))
    DiskSpool(tmp_path, BIG, losses).put(batch("a"))
    assert not part.exists()


def test_a_folder_that_can_not_be_written_costs_spans_but_no_error(tmp_path: Path, losses: Losses):
    """A file stands where the folder should be."""
    (tmp_path / "file").write_text("")
    spool = DiskSpool(tmp_path / "file" / "spool", BIG, losses)
    spool.put(batch("a", spans=3))
    assert losses.total == 3
    assert spool.is_empty()


def test_a_batch_that_can_not_be_written_leaves_nothing_behind(tmp_path: Path, losses: Losses):
    """The disk is full: halves of files would only make it fuller, beyond the limit."""
    spool = DiskSpool(tmp_path, BIG, losses)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        spool.put(SpanBatch(os.urandom(200_000), 3))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert list(tmp_path.iterdir()) == []
    assert losses.total == 3


def test_a_file_that_was_sent_between_opening_and_locking_is_left_alone(tmp_path: Path):
    """The lock of a file that is gone can be had, but what it held has been sent."""
    path = tmp_path / "1-x-1-1.otlp.gz"
    path.write_bytes(b"")
    descriptor = os.open(path, os.O_RDWR)
    path.unlink()
    assert not _try_lock(descriptor)
    os.close(descriptor)
