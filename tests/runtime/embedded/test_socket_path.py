"""Where the embedded server listens."""

import os
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import redis

from runtime.embedded import join
from runtime.embedded.files import ServerFiles
from runtime.embedded.socket_path import LONGEST, find_socket_path
from tests.runtime.embedded.conftest import is_quiet
from tests.waiting import until_sync


@pytest.fixture
def near() -> Iterator[Path]:
    """A folder with a short path."""
    with TemporaryDirectory(dir="/tmp") as folder:
        yield Path(folder)


@pytest.fixture
def far(tmp_path: Path, near: Path, monkeypatch: pytest.MonkeyPatch) -> ServerFiles:
    """A home whose path is too long for a socket, on a machine with a folder for sockets."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(near))
    home = tmp_path / ("far" * 30) / "away"
    home.mkdir(parents=True)
    return ServerFiles(home)


def test_a_home_with_a_long_path_has_its_socket_elsewhere(far: ServerFiles, near: Path) -> None:
    """In a folder for this user alone."""
    place = find_socket_path(far)
    assert place is not None
    assert place.parent == near / "causeline"
    assert stat.S_IMODE(place.parent.stat().st_mode) == 0o700
    assert len(os.fsencode(place)) <= LONGEST


def test_a_folder_that_others_may_write_to_is_passed_over(far: ServerFiles, near: Path) -> None:
    """They could put a socket of theirs in its place."""
    assert find_socket_path(ServerFiles(near)) == near / "server.socket"
    (near / "causeline").mkdir()
    for folder in (near, near / "causeline"):
        folder.chmod(0o777)
    for files in (far, ServerFiles(near)):
        place = find_socket_path(files)
        assert place is not None
        assert near not in place.parents


def test_a_link_is_no_folder_of_ours(far: ServerFiles, near: Path) -> None:
    """Whoever made it may point it elsewhere later."""
    (near / "real").mkdir(mode=0o700)
    (near / "causeline").symlink_to(near / "real")
    place = find_socket_path(far)
    assert place is not None
    assert near not in place.parents


@pytest.mark.parametrize("name", ["a b", "50%25", "a?b#c", "é", "x" * 90])
def test_any_home_is_served(tmp_path: Path, name: str) -> None:
    """Whatever its name holds."""
    home = tmp_path / name
    with closing(join(home)) as server, redis.Redis.from_url(server.url) as client:
        assert client.ping()
    until_sync(lambda: is_quiet(home), "keeper and server are gone")


def test_what_was_open_before_is_closed(home: Path) -> None:
    """Files and folders of a version that was less careful, and what the server writes from now on."""
    files = ServerFiles(home)
    files.make_folders()
    (files.data / "appendonlydir").mkdir()
    files.log.write_text("")
    for path in (files.data, files.data / "appendonlydir", files.log.parent, files.log):
        path.chmod(0o777)
    with closing(join(home)) as server, redis.Redis.from_url(server.url) as client:
        client.set("shipment", "arrived")
        modes = {path: path.stat().st_mode for path in home.rglob("*")}
    assert len(modes) > 8
    assert [path for path, mode in modes.items() if mode & 0o077] == []
