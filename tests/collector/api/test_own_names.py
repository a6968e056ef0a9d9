"""A page from elsewhere can't reach a collector that listens on this machine alone."""

import socket
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit

import httpx
import pytest
from google.protobuf import json_format
from google.rpc.code_pb2 import Code
from google.rpc.status_pb2 import Status

from collector.access import Access
from collector.api.guard import Guard
from collector.hosts import AllowedHosts, parse_hosts
from runtime.tokens import Register
from tests.collector.live import LiveCollector
from tests.collector.operations.memory import MemoryBus
from tests.collector.story import uid


@pytest.fixture(scope="module")
def beyond(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveCollector]:
    """Guarded as one that listens on an address."""
    folder = tmp_path_factory.mktemp("beyond")
    guard = Guard.of(request.param, Access(Register(folder)))
    with LiveCollector(folder / "causeline.duckdb", MemoryBus(), guard=guard) as live:
        yield live


@pytest.fixture(scope="module")
def listed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveCollector]:
    """Guarded as one that listens on an address, and answers to names of a list."""
    folder = tmp_path_factory.mktemp("listed")
    hosts = AllowedHosts.of(request.param, parse_hosts("collector, *.example.com"))
    guard = replace(Guard.of(request.param, Access(Register(folder))), hosts=hosts)
    with LiveCollector(folder / "causeline.duckdb", MemoryBus(), guard=guard) as live:
        yield live


def send(collector: LiveCollector, method: str, path: str, host: str) -> httpx.Response:
    """A request that is sent to this collector under another name."""
    body = {"ids": [str(uid("letter"))], "operator": "mallory"} if method == "POST" else None
    headers = {"host": host, "origin": f"http://{host}"}
    return httpx.request(method, f"{collector.url}{path}", json=body, headers=headers, trust_env=False, timeout=60)


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:4318",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "evil.example@localhost",
        "192.168.0.7:4318",
        "[2001:db8::1]:4318",
        "[::1].evil.example",
        ":4318",
        "",
    ],
)
@pytest.mark.parametrize(
    ("method", "target"),
    [("POST", "/api/dead-letters/replay"), ("GET", "/api/runs"), ("GET", "/docs")],
)
def test_a_foreign_name_is_refused_on_loopback(standing: LiveCollector, method: str, target: str, host: str) -> None:
    """Its name may have been pointed at this machine by whoever owns it."""
    response = send(standing, method, target, host)
    assert (response.status_code, response.json()["error"]["code"]) == (403, "foreign_host")
    assert repr(host) in response.json()["error"]["message"]
    assert response.json()["error"]["hint"]


def test_a_sender_of_spans_is_refused_in_its_own_words(standing: LiveCollector) -> None:
    """It reads a `Status` in the encoding that it sent, and nothing else."""
    answers = [
        httpx.post(
            f"{standing.url}/v1/traces",
            headers={"host": "evil.example", "content-type": sent},
            trust_env=False,
            timeout=60,
        )
        for sent in ("application/x-protobuf; charset=utf-8", "application/json")
    ]
    assert [answer.status_code for answer in answers] == [403, 403]
    assert [answer.headers["content-type"] for answer in answers] == ["application/x-protobuf", "application/json"]
    protobuf, json = Status.FromString(answers[0].content), json_format.Parse(answers[1].content, Status())
    assert protobuf == json
    assert protobuf.code == Code.PERMISSION_DENIED
    assert "'evil.example'" in protobuf.message
    assert "CAUSELINE_ALLOWED_HOSTS" in protobuf.message


@pytest.mark.parametrize(
    "host", ["localhost", "LocalHost:4318", "127.0.0.1", "127.0.0.1:1", "127.0.0.2:4318", "[::1]", "[::1]:4318"]
)
def test_names_of_this_machine_are_answered(standing: LiveCollector, host: str) -> None:
    """With any port: it may have been forwarded."""
    assert send(standing, "GET", "/healthz", host).status_code == 200
    assert send(standing, "POST", "/api/dead-letters/replay", host).status_code == 200


@pytest.mark.parametrize(
    ("beyond", "host", "is_ours"),
    [
        ("::", "collector:4318", False),
        ("::", "192.168.0.7:4318", True),
        ("::", "[2001:db8::1]:4318", True),
        ("::", "localhost", True),
        ("collector", "Collector:4318", True),
        ("192.168.0.7", "evil.example", False),
        ("::", "evil.example/192.168.0.7", False),
    ],
    indirect=["beyond"],
)
def test_beyond_this_machine_it_answers_to_addresses_and_to_its_own_name(
    beyond: LiveCollector, host: str, is_ours: bool
) -> None:
    """Only a name can be pointed elsewhere by a stranger."""
    assert send(beyond, "GET", "/healthz", host).status_code == (200 if is_ours else 403)


@pytest.mark.parametrize("listed", ["127.0.0.1", "::"], indirect=True)
@pytest.mark.parametrize(
    ("host", "is_ours"),
    [
        ("collector:4318", True),
        ("COLLECTOR.", True),
        ("a.example.com", True),
        ("example.com", False),
        ("evilexample.com", False),
        ("localhost", True),
    ],
)
def test_names_that_are_listed_are_answered(listed: LiveCollector, host: str, is_ours: bool) -> None:
    """Whatever address it listens on; a star stands for what is below a name."""
    assert send(listed, "GET", "/healthz", host).status_code == (200 if is_ours else 403)


def test_a_second_host_is_refused(standing: LiveCollector) -> None:
    """A proxy in front could have looked at the other one."""
    place = urlsplit(standing.url)
    with socket.create_connection((str(place.hostname), place.port or 0)) as connection:
        connection.sendall(b"GET /api/runs HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n")
        assert connection.recv(4096).split()[1] in (b"400", b"403")
