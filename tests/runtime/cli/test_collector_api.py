"""Asking the collector, as any HTTP server may answer."""

import json
from contextlib import AbstractContextManager

import pytest

from runtime.cli.collector_answers import CausalGraph, RunPage
from runtime.cli.collector_api import ask_collector
from runtime.errors import ServerError
from tests.impostor import impostor

ABSENT = {"error": {"code": "not_found", "message": "there is no node abc", "hint": "see /api/events"}}


def collector(status: int, body: object) -> AbstractContextManager[str]:
    """A server that gives one answer to everything, as JSON where it is not bytes; its address."""
    return impostor(status, body if isinstance(body, bytes) else json.dumps(body).encode())


@pytest.mark.parametrize(
    ("status", "hint", "words"),
    [
        (404, "search in the dashboard", "there is no node abc: search in the dashboard"),
        (404, "", "there is no node abc: see /api/events"),
        (422, "search in the dashboard", "there is no node abc"),
        (503, "search in the dashboard", "there is no node abc: see /api/events"),
    ],
)
def test_a_refusal_is_told_with_what_to_do(status: int, hint: str, words: str) -> None:
    """The command knows better than the API what to do about something that is not there."""
    with collector(status, ABSENT) as url, pytest.raises(ServerError) as caught:
        ask_collector(url, "/api/nodes/abc/causality", CausalGraph, missing=hint)

    assert str(caught.value) == words


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (404, "nothing here", "status 404"),
        (200, b"<html>", "what it says is not JSON"),
        (200, b"", "what it says is not JSON"),
        (200, [], "what it says is not a JSON object"),
        (302, b"", "status 302"),
        (500, [], "status 500"),
    ],
)
def test_another_server_on_that_port_is_told_from_a_collector(status: int, body: object, reason: str) -> None:
    """And where to say which is the collector."""
    with collector(status, body) as url, pytest.raises(ServerError) as caught:
        ask_collector(url, "/api/runs", RunPage)

    assert str(caught.value) == (
        f"what answers at {url} is not a collector ({reason}): name the collector in CAUSELINE_COLLECTOR_URL"
    )


#: One run as the collector tells of it.
RUN = {
    "run_id": "a",
    "workflow": "order",
    "status": "ok",
    "start": "2026-01-02T03:04:05Z",
    "duration_ms": 1,
    "subject": None,
    "retries": 0,
}
#: A page of runs that holds more than a command reads.
PAGE: dict[str, object] = {"items": [{**RUN, "later": [1]}], "next": None, "window": None, "of": "a later release"}


def test_an_answer_keeps_what_no_command_reads() -> None:
    """So that it can be printed as it came."""
    with collector(200, PAGE) as url:
        assert ask_collector(url, "/api/runs", RunPage) == PAGE


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"items": []}, "its answer has no 'next'"),
        ({**PAGE, "items": [{}]}, "its answer has no 'items.0.run_id'"),
        ({**PAGE, "items": {}}, "its answer has a strange 'items'"),
        ({**PAGE, "items": ["a"]}, "its answer has a strange 'items.0'"),
        ({**PAGE, "items": None}, "its answer has a strange 'items'"),
        ({**PAGE, "items": [{**RUN, "run_id": 7}]}, "its answer has a strange 'items.0.run_id'"),
        ({**PAGE, "items": [{**RUN, "retries": True}]}, "its answer has a strange 'items.0.retries'"),
        ({**PAGE, "items": [{**RUN, "duration_ms": "1"}]}, "its answer has a strange 'items.0.duration_ms'"),
        ({**PAGE, "items": [{**RUN, "start": "yesterday"}]}, "its answer has a strange 'items.0.start'"),
        ({**PAGE, "items": [{**RUN, "start": "2026-01-02"}]}, "its answer has a strange 'items.0.start'"),
        (b"[" * 200_000, "what it says is not JSON"),
    ],
)
def test_an_answer_of_another_shape_is_no_collectors(body: object, reason: str) -> None:
    """Of another program that speaks JSON, or of another release: known before a command reads it."""
    with collector(200, body) as url, pytest.raises(ServerError) as caught:
        ask_collector(url, "/api/runs", RunPage)

    assert f"is not a collector ({reason}): name the collector" in str(caught.value)


def test_a_refusal_that_is_cut_off_is_told_by_its_status() -> None:
    """As of whatever stands before the collector."""
    with impostor(502, b"<html>", {"content-length": "1000"}) as url, pytest.raises(ServerError, match="status 502"):
        ask_collector(url, "/api/runs", RunPage)


def test_what_speaks_another_protocol_is_no_collector(redis_url: str) -> None:
    """One line says so, as of a Redis server."""
    with pytest.raises(ServerError, match=r"is not a collector \(it speaks no HTTP: \w+\)"):
        ask_collector(redis_url.replace("redis://", "http://"), "/api/runs", RunPage)


def test_an_address_that_can_not_be_is_refused_without_its_password() -> None:
    """Though a special character in that has it taken for a port."""
    with pytest.raises(ServerError, match=r"CAUSELINE_COLLECTOR_URL='http://host:4318' can't be used") as caught:
        ask_collector("http://ann:sec/ret@host:4318", "/api/runs", RunPage)
    assert "sec" not in str(caught.value).replace("percent", "")
