"""What the keeper does where the kernel does not help."""

import os
import subprocess
from pathlib import Path

from runtime.embedded import keeper, locks, record
from runtime.embedded.binary import find_binary
from runtime.embedded.files import ServerFiles
from tests.waiting import until_sync


def test_a_server_whose_keeper_was_killed_is_ended_before_another_starts(home: Path) -> None:
    """Two servers would otherwise write one set of files; Linux ends such a server by itself, other systems do not."""
    files = ServerFiles(home)
    files.make_folders()
    lock, url = locks.open_lock(files.data_lock), record.socket_url(files.socket)
    assert locks.try_exclusive(lock)
    with subprocess.Popen([find_binary(files), *keeper._options(files, files.socket)], pass_fds=(lock,)) as orphan:
        os.close(lock)
        until_sync(lambda: "run_id" in record.probe(url), "the server answers")
        record.write(files.record, record.ServerRecord(url, orphan.pid, record.probe(url)["run_id"], ""))
        mine = locks.open_lock(files.data_lock)
        assert not locks.try_exclusive(mine)

        assert keeper._end_orphan(files, mine)

        assert orphan.wait(5) == 0
    os.close(mine)
