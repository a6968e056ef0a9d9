"""A page from elsewhere can't reach a collector that listens on this machine alone."""

from pathlib import Path

import httpx
import pytest
from google.protobuf import json_format
from google.rpc.code_pb2 import Code  # type: ignore[import-untyped]  # ships no types
from google.rpc.status_pb2 import Status  # type: ignore[import-untyped]  # ships no types

from tests.collector.live import LiveCollector
from tests.collector.operations.memory import MemoryBus
from tests.collector.story import uid


def send(collector: LiveCollector, method: str, path: str, host: str) -> httpx.Response:
    """A request that is sent to this collector under another name."""
    body = {"ids": [str(uid("letter"))], "operator": "mallory"} if method == "POST" else None
    headers = {"host": host, "origin": f"http://{host}"}
    return httpx.request(method, f"{collector.url}{path}", json=body, headers=headers, trust_env=False)


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
def test_a_foreign_name_is_refused_on_loopback(collector: LiveCollector, method: str, target: str, host: str) -> None:
    """Its name may have been pointed at this machine by whoever owns it."""
    response = send(collector, method, target, host)
    assert (response.status_code, response.json()["error"]["code"]) == (403, "foreign_host")
    assert repr(host) in response.json()["error"]["message"]
    assert response.json()["error"]["hint"]


def test_a_sender_of_spans_is_refused_in_its_own_words(collector: LiveCollector) -> None:
    """It reads a `Status` in the encoding that it sent, and nothing else."""
    answers = [
        httpx.post(
            f"{collector.url}/v1/traces", headers={"host": "evil.example", "content-type": sent}, trust_env=False
        )
        for sent in ("application/x-protobuf; charset=utf-8", "application/json")
    ]
    assert [answer.status_code for answer in answers] == [403, 403]
    assert [answer.headers["content-type"] for answer in answers] == ["application/x-protobuf", "application/json"]
    protobuf, json = Status.FromString(answers[0].content), json_format.Parse(answers[1].content, Status())
    assert protobuf == json
    assert protobuf.code == Code.PERMISSION_DENIED
    assert "'evil.example'" in protobuf.message
    assert "CAUSELINE_COLLECTOR_HOST" in protobuf.message


@pytest.mark.parametrize(
    "host", ["localhost", "LocalHost:4318", "127.0.0.1", "127.0.0.1:1", "127.0.0.2:4318", "[::1]", "[::1]:4318"]
)
def test_names_of_this_machine_are_answered(collector: LiveCollector, host: str) -> None:
    """With any port: it may have been forwarded."""
    assert send(collector, "GET", "/healthz", host).status_code == 200
    assert send(collector, "POST", "/api/dead-letters/replay", host).status_code == 200


@pytest.mark.parametrize("listens", ["::", "192.168.0.7", "collector"])
def test_any_name_is_answered_elsewhere(path: Path, bus: MemoryBus, listens: str) -> None:
    """In a network it has names that it can't know."""
    with LiveCollector(path, bus, host=listens) as collector:
        assert send(collector, "GET", "/healthz", "collector:4318").status_code == 200
