"""The client of an OpenAI-compatible endpoint, against a server that speaks the protocol, well or not."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from sample_agents.accuracy.endpoint import Endpoint
from sample_agents.accuracy.model import ModelError, ModelRefusedError, Reply
from sample_agents.accuracy.simulation import one
from tests.sample_agents.accuracy.completions import CUT, Completions, Said, chunk, streamed

KEY = "sk-of-nobody"
USAGE = {"prompt_tokens": 12, "completion_tokens": 3, "cost": 0.002}
Serve = Callable[..., Completions]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts servers that give these responses."""
    running: list[Completions] = []

    def start(*answers: Said) -> Completions:
        running.append(Completions(answers))
        return running[-1]

    yield start
    for each in running:
        each.close()


def ask(server: Completions, key: str = KEY) -> Reply:
    return Endpoint(server.url, "tiny", key, timeout=10).reply(one("What is it?"))


def refused(server: Completions) -> ModelError:
    with pytest.raises(ModelError) as found:
        ask(server)
    return found.value


def test_a_stream_becomes_one_reply(serve: Serve) -> None:
    """With who answered, what it took, and when the first word came."""
    server = serve(streamed("Zür", "ich", "", usage=USAGE))
    reply = ask(server)
    assert reply.first_chunk_seconds is not None
    assert reply.first_chunk_seconds > 0
    expected = Reply("Zürich", 12, 3, "tiny-0425", "c-1", "stop", reply.first_chunk_seconds, 0.002)
    assert reply == expected
    ((path, headers, body),) = server.requests
    assert (path, headers["Authorization"]) == ("/v1/chat/completions", f"Bearer {KEY}")
    assert (body["model"], body["stream"], body["stream_options"]) == ("tiny", True, {"include_usage": True})
    assert body["messages"] == [{"role": "user", "content": "What is it?"}]


def test_without_a_key_nothing_is_presented(serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even what the user's `.netrc` holds for that host."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login ada password hush\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    server = serve(streamed("a"))
    ask(server, key="")
    assert "Authorization" not in server.requests[0][1]


def test_a_server_that_does_not_stream_is_understood(serve: Serve) -> None:
    """Its answer comes in one piece; there is no first chunk."""
    choice = {"message": {"role": "assistant", "content": "a"}, "finish_reason": "length"}
    whole = json.dumps({"id": "c", "model": "m", "choices": [choice], "usage": {"prompt_tokens": 5}})
    reply = ask(serve(Said(whole, kind="application/json")))
    assert reply == Reply("a", 5, None, "m", "c", "length", None, None)


def test_a_stream_without_the_last_mark_is_whole_where_it_says_why_it_ended(serve: Serve) -> None:
    """Some servers leave `[DONE]` out."""
    assert ask(serve(Said([chunk("a"), chunk(finish_reason="stop")]))).text == "a"


@pytest.mark.parametrize(
    ("said", "kind", "words"),
    [
        (Said([chunk("a"), chunk("b")]), "broken_stream", "broke off after 2 chunks"),
        (Said([chunk("a"), CUT]), "broken_stream", "the connection ended"),
        (Said(["data: {nonsense\n\n"]), "invalid_json", "sent no JSON: {nonsense"),
        (Said(["data: [1]\n\n"]), "invalid_json", "no JSON object"),
        (Said(['data: {"error": {"message": "overloaded"}}\n\n']), "endpoint_error", "overloaded"),
        (Said("<html>", kind="text/html"), "invalid_json", "sent no JSON: <html>"),
        (Said('{"choices": []}', kind="application/json"), "no_answer", "holds no answer"),
        (Said("oh no", 500), "500", "refuses with 500: oh no"),
    ],
)
def test_what_goes_wrong_is_told_and_may_be_tried_again(serve: Serve, said: Said, kind: str, words: str) -> None:
    """Each by a short word of its own."""
    error = refused(serve(said))
    assert (error.kind, isinstance(error, ModelRefusedError)) == (kind, False)
    assert words in str(error)


def test_a_refusal_that_would_come_again_says_so_without_the_key(serve: Serve) -> None:
    """Though the endpoint repeats it."""
    error = refused(serve(Said(f'{{"error": "bad key {KEY}"}}', 401)))
    assert isinstance(error, ModelRefusedError)
    assert "bad key ***" in str(error)


@pytest.mark.parametrize(
    ("named", "least", "most"),
    [("7", 7, 7), (timedelta(hours=1), 3_000, 3_601), (-timedelta(hours=1), 0, 0)],
    ids=["a number", "a date", "a date that has passed"],
)
def test_when_to_come_again_is_read_as_a_number_or_a_date(
    serve: Serve, named: str | timedelta, least: int, most: int
) -> None:
    """RFC 9110 has both."""
    if isinstance(named, timedelta):
        named = format_datetime(datetime.now(UTC) + named, usegmt=True)
    error = refused(serve(Said("slow down", 429, headers={"Retry-After": named})))
    assert error.retry_after is not None
    assert least <= error.retry_after <= most


def test_nonsense_as_a_time_is_none(serve: Serve) -> None:
    """The runtime's own retry goes by its own delays."""
    assert refused(serve(Said("", 429, headers={"Retry-After": "soon"}))).retry_after is None


def test_where_nobody_listens_the_address_is_not_told(serve: Serve) -> None:
    """It may hold a password."""
    server = serve()
    server.close()
    url = server.url.replace("http://", "http://ada:hush@")
    with pytest.raises(ModelError) as found:
        Endpoint(url, "tiny", KEY).reply(one("a"))
    assert str(found.value) == "127.0.0.1 gave no answer: ConnectionError"
    assert KEY not in repr(Endpoint(url, "tiny", KEY))
