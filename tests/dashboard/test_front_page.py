"""The page of HTML that every view begins with."""

from collections.abc import Coroutine
from typing import Any, NamedTuple

import pytest
from starlette.types import Message, Receive, Scope, Send

from dashboard.front_page import FrontPage

BEGIN = b"<html><head>"
PAGE = "text/html; charset=utf-8"


class Answer(NamedTuple):
    """What a browser got, and what the server was asked with."""

    headers: dict[bytes, bytes]
    body: bytes
    asked: dict[bytes, bytes]


def run(coroutine: Coroutine[Any, Any, None]) -> None:
    """Runs what waits for nothing."""
    with pytest.raises(StopIteration):
        coroutine.send(None)


def ask(*parts: bytes, kind: str = PAGE, status: int = 200, accept: bytes = b"text/html") -> Answer:
    """Asks a server that answers with these parts of a body."""
    asked: dict[bytes, bytes] = {}
    got: list[Message] = []

    async def server(scope: Scope, _: Receive, send: Send) -> None:
        asked.update(scope["headers"])
        headers = [(b"content-type", kind.encode()), (b"content-length", b"1"), (b"etag", b"1")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        for number, part in enumerate(parts, 1):
            await send({"type": "http.response.body", "body": part, "more_body": number < len(parts)})

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        got.append(message)

    headers = [(b"accept", accept), (b"accept-encoding", b"gzip")]
    run(FrontPage(server, ("steps", "home"))({"type": "http", "method": "GET", "headers": headers}, receive, send))
    start, *bodies = got
    return Answer(dict(start["headers"]), b"".join(each["body"] for each in bodies), asked)


def test_a_page_says_where_the_dashboard_lies_and_is_whole() -> None:
    """In front of all scripts, in however many parts it comes; a browser keeps none of an older version."""
    answer = ask(BEGIN[:8], BEGIN[8:] + b"<title>x</title>", b"</head>")
    assert answer.body.startswith(BEGIN + b"<script>window.__streamlit = { BACKEND_BASE_URL: ")
    assert answer.body.endswith(b"</script><title>x</title></head>")
    assert answer.headers[b"content-length"] == str(len(answer.body)).encode()
    assert b"etag" not in answer.headers
    assert b"accept-encoding" not in answer.asked


@pytest.mark.parametrize(
    ("kind", "status", "accept"),
    [("text/css", 200, b"text/html"), (PAGE, 404, b"text/html"), (PAGE, 200, b"*/*")],
    ids=["a style", "an error", "for somebody who wants no page"],
)
def test_all_else_is_left_as_it_is(kind: str, status: int, accept: bytes) -> None:
    """Files, errors, and what a script asks for."""
    answer = ask(BEGIN, b"</head>", kind=kind, status=status, accept=accept)
    assert answer.body == BEGIN + b"</head>"
    assert answer.headers[b"etag"] == b"1"
