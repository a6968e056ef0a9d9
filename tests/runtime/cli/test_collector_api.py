"""Asking the collector, as any HTTP server may answer."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from runtime.cli.collector_api import ask
from runtime.errors import ServerError

ABSENT = {"error": {"code": "not_found", "message": "there is no node abc", "hint": "see /api/events"}}


@contextmanager
def collector(status: int, body: object) -> Iterator[str]:
    """A server that gives one answer to everything."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def test_an_answer_is_read() -> None:
    """As plain JSON."""
    with collector(200, {"items": []}) as url:
        assert ask(url, "/api/runs") == {"items": []}


@pytest.mark.parametrize(
    ("status", "hint", "words"),
    [
        (404, "search in the dashboard", "there is no node abc: search in the dashboard"),
        (404, "", "there is no node abc: see /api/events"),
        (422, "search in the dashboard", "there is no node abc: see /api/events"),
    ],
)
def test_a_refusal_is_told_with_what_to_do(status: int, hint: str, words: str) -> None:
    """The command knows better than the API what to do about something that is not there."""
    with collector(status, ABSENT) as url, pytest.raises(ServerError) as caught:
        ask(url, "/api/nodes/abc/causality", missing=hint)

    assert str(caught.value) == words
