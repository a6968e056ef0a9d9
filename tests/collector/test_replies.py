"""What answers in a collector's place, or is changed on its way, is told as one plain error, whatever was asked."""

import gzip
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler
from io import BytesIO
from typing import Final
from urllib.parse import parse_qs, urlsplit

import pytest

from collector.client import ApiError, CollectorClient, CollectorUnavailable
from collector.models import RunStreamEvent, RunStreamKind
from tests.impostor import answering, impostor

_JSON: Final = {"content-type": "application/json"}
_HTML: Final = {"content-type": "text/html"}
_ZIPPED: Final = {**_JSON, "content-encoding": "gzip"}
_HEALTH: Final = b'{"status": "ok", "version": "1", "schema_version": 1, "bus": {"connected": true}}'
_PAGE: Final = b"<html><form>Sign in</form></html>"

#: Every way in which the client asks.
ASKED: Final[dict[str, Callable[[CollectorClient], object]]] = {
    "get": lambda client: client.health(),
    "post": lambda client: client.cancel_run("r", "ada"),
    "upload": lambda client: client.import_([b"x"]),
    "download": lambda client: client.export(BytesIO()),
    "events": lambda client: next(client.stream_run("r")),
}

ANSWERS: Final[dict[str, tuple[int, bytes, Mapping[str, str]]]] = {
    "a page to sign in": (200, _PAGE, _HTML),
    "a redirect": (302, b"", {"location": "http://127.0.0.1:1/login"}),
    "a redirect that holds an answer": (302, _HEALTH, {**_JSON, "location": "/login"}),
    "not modified, though nothing is known": (304, b"", {}),
    "gzip that is cut off": (200, gzip.compress(_HEALTH)[:-20], _ZIPPED),
    "no gzip at all": (200, _HEALTH, _ZIPPED),
    "another shape": (200, b'{"items": "all of them"}', _JSON),
    "another kind of JSON": (200, b"[1, 2]", _JSON),
    "bytes that are no text": (200, b"\xff\xfe\x00", _JSON),
    "nothing": (200, b"", _JSON),
    "no content": (204, b"", {}),
    "a proxy's own error": (500, _PAGE, _HTML),
    "an error of another program": (404, b'{"detail": "Not Found"}', _JSON),
}


@pytest.mark.parametrize("ask", ASKED.values(), ids=ASKED)
@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_what_is_no_collectors_answer_is_an_error_that_says_who_gave_it(
    answer: tuple[int, bytes, Mapping[str, str]], ask: Callable[[CollectorClient], object]
) -> None:
    """And what to do; nothing is raised that a caller would not expect."""
    with impostor(*answer) as url, CollectorClient(url) as client, pytest.raises(ApiError) as raised:
        ask(client)
    assert raised.value.code == "unexpected_answer"
    assert raised.value.message.startswith(f"{url}")
    assert "answered, but" in raised.value.message
    assert "CAUSELINE_COLLECTOR_URL" in raised.value.hint


@pytest.mark.parametrize("ask", ASKED.values(), ids=ASKED)
@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_proxy_that_reaches_no_collector_is_told_as_one_that_is_away(
    status: int, ask: Callable[[CollectorClient], object]
) -> None:
    """It passes, as while a collector starts anew: a page waits for it."""
    with (
        impostor(status, _PAGE, _HTML) as url,
        CollectorClient(url) as client,
        pytest.raises(
            CollectorUnavailable, match=f"answered HTTP {status}: no collector can be reached there"
        ) as raised,
    ):
        ask(client)
    assert "CAUSELINE_COLLECTOR_URL" in raised.value.hint


def test_a_redirect_is_told_and_not_followed() -> None:
    """The token is not shown to whoever it names."""
    with (
        impostor(302, b"", {"location": "http://127.0.0.1:1/login?secret=1"}) as url,
        CollectorClient(f"{url}/base") as client,
        pytest.raises(ApiError) as raised,
    ):
        client.overview()
    assert raised.value.status == 302
    assert raised.value.message == (
        f"{url}/base/api/overview answered, but not as a Causeline collector does (HTTP 302, a redirect)"
    )


def test_an_answer_that_ends_too_early_is_one_of_nobody() -> None:
    """As where the connection is lost."""
    with (
        impostor(200, _HEALTH[:20], {**_JSON, "content-length": str(len(_HEALTH))}) as url,
        CollectorClient(url) as client,
        pytest.raises(CollectorUnavailable),
    ):
        client.health()


def test_an_event_that_is_no_event_is_an_error() -> None:
    """Of a stream that is one otherwise."""
    said = {"content-type": "text/event-stream; charset=utf-8"}
    with (
        impostor(200, b'data: {"kind": "?"}\n\n', said) as url,
        CollectorClient(url) as client,
        pytest.raises(ApiError, match="not as a Causeline collector"),
    ):
        next(client.stream_run("r"))


@pytest.mark.parametrize("sign", ["\N{LINE SEPARATOR}", "\N{NEXT LINE}", "\N{INFORMATION SEPARATOR FOUR}x", "\v"])
def test_a_sign_that_some_take_for_the_end_of_a_line_stays_within_an_event(sign: str) -> None:
    """JSON has such signs as they are; the lines of a stream end otherwise."""
    event = RunStreamEvent(kind=RunStreamKind.CHUNK, offset=1, step="write", attempt=1, value=f"one{sign}two")
    body = f"id: 1\nevent: chunk\ndata: {event.model_dump_json()}\n\n".encode()
    with impostor(200, body, {"content-type": "text/event-stream"}) as url, CollectorClient(url) as client:
        assert next(client.stream_run("r")).value == f"one{sign}two"


@pytest.mark.parametrize("at", [0, 20, 0.5, -3], ids=["after headers", "in a line", "in an event", "before its end"])
def test_a_stream_goes_on_where_its_connection_broke(at: float) -> None:
    """A proxy that drops connections is nothing for whoever reads to care about."""
    events = [RunStreamEvent(kind=RunStreamKind.CHUNK, offset=n, step="write", attempt=1, value=n) for n in (1, 2, 3)]
    events.append(RunStreamEvent(kind=RunStreamKind.END, offset=3))
    asked: list[int] = []

    def answer(request: BaseHTTPRequestHandler) -> tuple[int, bytes]:
        asked.append(int(parse_qs(urlsplit(request.path).query)["after"][0]))
        rest = [event for event in events if event.kind is RunStreamKind.END or event.offset > asked[-1]]
        body = b"".join(b"data: " + event.model_dump_json().encode() + b"\n\n" for event in rest)
        return 200, body[: int(len(body) * at) if isinstance(at, float) else int(at)] if len(asked) % 2 else body

    said = {"content-type": "text/event-stream", "content-length": "100000"}
    with answering(answer, said) as url, CollectorClient(url) as client:
        told = list(client.stream_run("r"))
    assert told == events
    assert len(asked) == 2


def test_a_file_is_not_begun_with_what_is_no_export() -> None:
    """A page to sign in is not saved as one."""
    file = BytesIO()
    with impostor(200, _PAGE, _HTML) as url, CollectorClient(url) as client, pytest.raises(ApiError):
        client.export(file)
    assert file.getvalue() == b""
