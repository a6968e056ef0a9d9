"""Waiting until a child answers, and ports that are taken."""

import socket
from collections.abc import Iterator
from threading import Thread

import pytest

from runtime.errors import ChildError, SettingsError
from runtime.supervisor.ports import require_free
from runtime.supervisor.readiness import await_answer, is_answering
from runtime.supervisor.supervisor import Supervisor
from tests.runtime.cli.test_collector_api import collector
from tests.runtime.supervisor.conftest import MakePlan
from tests.servers import free_port

#: Answers every GET with a status.
SERVER = """
from http.server import BaseHTTPRequestHandler, HTTPServer
class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response({status})
        self.end_headers()
HTTPServer(("127.0.0.1", {port}), Handler).serve_forever()
"""


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_child_that_answers_is_ready(plan: MakePlan) -> None:
    """Whatever it took to start."""
    port = free_port()
    with Supervisor() as supervisor:
        (child,) = supervisor.start(plan("collector", SERVER.format(status=200, port=port)))
        await_answer(child, f"http://127.0.0.1:{port}/healthz", 20)

        assert is_answering(f"http://127.0.0.1:{port}/healthz")


def test_an_answer_that_is_no_success_is_not_ready(plan: MakePlan) -> None:
    """Says where it asked, for how long, and where the log is."""
    port = free_port()
    with Supervisor() as supervisor:
        (child,) = supervisor.start(plan("collector", SERVER.format(status=503, port=port)))
        with pytest.raises(ChildError, match=rf"collector does not answer at http://127.0.0.1:{port}/ after 1 s; see "):
            await_answer(child, f"http://127.0.0.1:{port}/", 0.6)


def test_what_speaks_no_http_is_no_answer() -> None:
    """Another program has the port; the child that could not have it says so."""
    with socket.create_server(("127.0.0.1", 0)) as other:

        def greet() -> None:
            connection, _ = other.accept()
            with connection:
                connection.recv(1_000)
                connection.sendall(b"SSH-2.0-other\r\n")

        thread = Thread(target=greet, daemon=True)
        thread.start()
        assert not is_answering(f"http://127.0.0.1:{other.getsockname()[1]}/healthz")
        thread.join()


def test_a_child_that_ends_first_is_not_waited_for(plan: MakePlan) -> None:
    """Its last line says why."""
    with Supervisor() as supervisor:
        (child,) = supervisor.start(plan("collector", "raise SystemExit('no')"))
        with pytest.raises(ChildError, match=r"collector ended by itself with status 1\n    no"):
            await_answer(child, f"http://127.0.0.1:{free_port()}/", 600)


@pytest.mark.parametrize("prefix", ["causeline collector: ", "causeline: ", ""])
def test_of_a_child_that_refuses_to_start_the_reason_alone_is_told(plan: MakePlan, prefix: str) -> None:
    """Its last line, which is meant for people; whose words they are and where the log is helps nobody."""
    code = f"import sys; print('a warning'); print({prefix + 'no disk'!r}, file=sys.stderr); sys.exit(2)"
    with Supervisor() as supervisor:
        (child,) = supervisor.start(plan("collector", code))
        with pytest.raises(ChildError, match=r"^no disk$"):
            await_answer(child, f"http://127.0.0.1:{free_port()}/", 600)


def test_a_child_that_refuses_without_a_reason_is_told_by_its_status(plan: MakePlan) -> None:
    """There is nothing else to say."""
    with Supervisor() as supervisor:
        (child,) = supervisor.start(plan("collector", "raise SystemExit(2)"))
        with pytest.raises(ChildError, match=r"^collector ended by itself with status 2\n"):
            await_answer(child, f"http://127.0.0.1:{free_port()}/", 600)


def test_a_port_that_is_taken_is_told_with_its_setting(taken_port: int) -> None:
    """Before anything starts."""
    with pytest.raises(
        SettingsError, match=rf"^port {taken_port} on 127.0.0.1 can't be used .*: set CAUSELINE_COLLECTOR_PORT"
    ):
        require_free("127.0.0.1", taken_port, "CAUSELINE_COLLECTOR")


@pytest.mark.parametrize("host", ["192.0.2.1", "a..b"])
def test_an_address_that_is_not_this_machines_is_not_blamed_on_the_port(host: str) -> None:
    """Another machine's, and one that can't be a name."""
    with pytest.raises(SettingsError) as told:
        require_free(host, free_port(), "CAUSELINE_COLLECTOR")

    assert str(told.value).startswith(f"the address {host} can't be listened on (")
    assert str(told.value).endswith("): set CAUSELINE_COLLECTOR_HOST to one of this machine's")


def test_a_free_port_passes() -> None:
    """And is free afterwards, too."""
    port = free_port()
    require_free("127.0.0.1", port, "X")
    require_free("127.0.0.1", port, "X")


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"version": "1.2", "schema_version": 3, "home": "/srv/one"}, "; the collector 1.2 of /srv/one listens there)"),
        ({"version": "1.2", "schema_version": 3}, "; the collector 1.2 of another home listens there)"),
        ({"hello": "world"}, "in use)"),
    ],
)
def test_whose_collector_has_a_port_is_told(said: dict[str, object], words: str) -> None:
    """Where it is one of ours, and says so."""
    with collector(200, said) as url:
        port = int(url.rpartition(":")[2])
        with pytest.raises(SettingsError) as refused:
            require_free("127.0.0.1", port, "CAUSELINE_COLLECTOR")
    assert words in str(refused.value)
