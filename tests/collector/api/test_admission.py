"""Who is let in: nobody without a token of the right scope, once there are tokens."""

import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from google.protobuf import json_format
from google.rpc.code_pb2 import Code
from google.rpc.status_pb2 import Status

from collector.api.admission import OPEN
from collector.client import ApiError, CollectorClient
from runtime.tokens import Scope, create, revoke
from runtime.tokens.register import FILE
from tests.collector.live import LiveCollector
from tests.collector.operations.memory import MemoryBus
from tests.collector.story import uid

REPLAY = {"ids": [str(uid("letter"))], "operator": "mallory"}
OTLP = "/v1/traces"
RUN = uid("run")


@pytest.fixture
def tokens(path: Path) -> dict[str, str]:
    """One for each scope, by its name."""
    return {scope: create(path.parent, f"for {scope}", [scope]) for scope in Scope}


@pytest.fixture
def guarded(tokens: dict[str, str], collector: LiveCollector) -> Iterator[LiveCollector]:
    """A collector of a home with tokens."""
    assert tokens
    return collector


def ask(
    collector: LiveCollector, method: str, path: str, *authorization: str, body: Any = None, **headers: str
) -> httpx.Response:
    """One request with so many `authorization` headers."""
    given = [*headers.items(), *(("authorization", one) for one in authorization)]
    return httpx.request(
        method, f"{collector.url}{path}", json=body, headers=given, trust_env=False, follow_redirects=False, timeout=60
    )


def bearer(token: str) -> str:
    return f"Bearer {token}"


def status_of(act: Callable[[], object]) -> int:
    """What became of a request."""
    try:
        act()
    except ApiError as error:
        return error.status
    return 200


def operators(collector: LiveCollector, token: str) -> list[str]:
    """Who did something, as the audit has it."""
    with CollectorClient(collector.url, token=lambda: token) as client:
        return [entry.operator for entry in client.audit().items]


def routes(collector: LiveCollector) -> list[tuple[str, str]]:
    """Every method and path that the application answers."""
    found = [route for route in collector.application.routes if hasattr(route, "methods")]
    listed = [(method, route.path) for route in found for method in route.methods]
    described = collector.application.openapi()["paths"]
    return [*listed, *((method.upper(), path) for path, methods in described.items() for method in methods)]


def test_every_route_but_the_open_ones_asks_for_a_token(guarded: LiveCollector) -> None:
    """Also those that somebody adds: none can be forgotten."""
    asked = [(method, path) for method, path in routes(guarded) if path not in OPEN]
    assert len(asked) > 20
    answers = {(method, path): ask(guarded, method, path).status_code for method, path in asked}
    assert set(answers.values()) == {401}, answers


def test_what_is_open_is_open(guarded: LiveCollector) -> None:
    """That it is up, and how it is asked; no more than that, and no other method."""
    assert [ask(guarded, "GET", path).status_code for path in sorted(OPEN)] == [200] * len(OPEN)
    assert ask(guarded, "POST", "/healthz").status_code == 401


def test_whoever_is_not_let_in_learns_no_address(guarded: LiveCollector, bus: MemoryBus) -> None:
    """Of the server, which is away."""
    bus.away = "no server answers at redis://secret.internal"
    assert ask(guarded, "GET", "/healthz").json()["bus"] == {"connected": False, "error": ""}


DOORS = [
    ("GET", "/api/runs", Scope.READ),
    ("GET", "/api/nothing", Scope.READ),
    ("POST", "/api/dead-letters/replay", Scope.OPERATE),
    ("POST", f"/api/runs/{RUN}/cancel", Scope.OPERATE),
    ("PATCH", "/api/runs", Scope.OPERATE),
    ("POST", OTLP, Scope.INGEST),
    ("POST", "//v1/traces", Scope.INGEST),
    ("POST", "/v1/logs", Scope.INGEST),
]


def test_each_scope_opens_its_own_doors_alone(guarded: LiveCollector, tokens: dict[str, str]) -> None:
    """401 for nobody, 403 for the wrong one."""
    for method, target, scope in DOORS:
        body = REPLAY if "replay" in target else {}
        refused = {
            name: ask(guarded, method, target, bearer(token), body=body).status_code
            for name, token in tokens.items()
            if name != scope
        }
        assert set(refused.values()) == {403}, (target, refused)
        assert ask(guarded, method, target, body=body).status_code == 401
        assert ask(guarded, method, target, bearer(tokens[scope]), body=body).status_code not in (401, 403)


def test_no_spelling_of_a_path_gets_around_it(guarded: LiveCollector) -> None:
    """What is not open needs a token, found or not."""
    spellings = (
        "//api/runs",
        "/API/runs",
        "/healthz/../api/runs",
        "/healthz//",
        "/docs/x",
        "/%61pi/runs",
        "/",
        "/docs/",
    )
    place = urlsplit(guarded.url)
    for spelling in spellings:
        with socket.create_connection((str(place.hostname), place.port or 0)) as connection:
            connection.sendall(f"GET {spelling} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            assert connection.recv(4096).split()[1] == b"401", spelling


def test_a_method_that_is_named_in_a_header_is_not_obeyed(guarded: LiveCollector, tokens: dict[str, str]) -> None:
    """Who may read may not post."""
    told = ask(guarded, "GET", "/api/dead-letters/replay", bearer(tokens["read"]), **{"x-http-method-override": "POST"})
    assert told.status_code in (404, 405)


def test_a_refusal_says_what_to_do(guarded: LiveCollector, tokens: dict[str, str]) -> None:
    """In the shape of the API, with the challenge that the specification of bearer tokens (RFC 6750) wants."""
    nobody, wrong = ask(guarded, "GET", "/api/runs"), ask(guarded, "GET", "/api/runs", bearer(tokens["ingest"]))
    unknown = ask(guarded, "GET", "/api/runs", bearer("causeline_" + "0" * 12 + "_" + "x" * 43))
    codes = [answer.json()["error"]["code"] for answer in (nobody, wrong, unknown)]
    assert codes == ["unauthenticated", "forbidden", "unauthenticated"]
    assert all("causeline token create --scope read" in answer.json()["error"]["hint"] for answer in (nobody, wrong))
    assert nobody.headers["www-authenticate"] == 'Bearer realm="causeline"'
    assert 'error="insufficient_scope", scope="read"' in wrong.headers["www-authenticate"]
    assert 'error="invalid_token"' in unknown.headers["www-authenticate"]


def test_a_sender_reads_its_refusal_in_its_own_encoding(guarded: LiveCollector, tokens: dict[str, str]) -> None:
    """A `google.rpc.Status`."""
    protobuf = ask(guarded, "POST", OTLP, **{"content-type": "application/x-protobuf"})
    json = ask(guarded, "POST", OTLP, bearer(tokens["read"]), **{"content-type": "application/json"})
    assert (protobuf.status_code, Status.FromString(protobuf.content).code) == (401, Code.UNAUTHENTICATED)
    assert (json.status_code, json_format.Parse(json.content, Status()).code) == (403, Code.PERMISSION_DENIED)
    assert "www-authenticate" in protobuf.headers


def test_what_is_no_bearer_token_is_refused(guarded: LiveCollector, tokens: dict[str, str]) -> None:
    """Whatever else it holds."""
    for wrong in ("{}", "Basic {}", "Bearer{}", "Bearer {} x", "Bearer {}x", "Bearer", "Token {}", "Bearer {},{}"):
        presented = wrong.replace("{}", tokens["read"])
        assert ask(guarded, "GET", "/api/runs", presented).status_code == 401, wrong
    assert ask(guarded, "GET", "/api/runs", f"bearer  {tokens['read']}").status_code == 200


def test_two_tokens_are_refused(guarded: LiveCollector, tokens: dict[str, str]) -> None:
    """A proxy in front could have looked at the other one."""
    both = [bearer(tokens["read"]), bearer(tokens["operate"])]
    assert ask(guarded, "GET", "/api/runs", *both).status_code == 401
    assert ask(guarded, "GET", f"/api/runs?access_token={tokens['read']}").status_code == 401


def test_a_running_collector_takes_up_what_changes(path: Path, collector: LiveCollector) -> None:
    """Before the first token everybody of this machine is let in; from then on, revoked means refused."""
    assert ask(collector, "GET", "/api/runs").status_code == 200
    token = create(path.parent, "ada", [Scope.READ])
    assert ask(collector, "GET", "/api/runs").status_code == 401
    assert ask(collector, "GET", "/api/runs", bearer(token)).status_code == 200
    revoke(path.parent, "ada")
    assert ask(collector, "GET", "/api/runs", bearer(token)).status_code == 401


def test_the_last_tokens_end_opens_nothing(path: Path, collector: LiveCollector) -> None:
    """Nor does a file that nobody can read."""
    create(path.parent, "ada", [Scope.READ])
    for name in ("ada", "home"):
        revoke(path.parent, name)
    assert ask(collector, "GET", "/api/runs").status_code == 401
    (path.parent / FILE).write_text("{")
    assert ask(collector, "GET", "/api/runs").status_code == 401


def test_the_audit_names_whom_the_token_names(guarded: LiveCollector, tokens: dict[str, str], bus: MemoryBus) -> None:
    """Whatever the request says."""
    bus.accept(RUN)
    with CollectorClient(guarded.url, token=lambda: tokens["operate"]) as client:
        client.cancel_run(str(RUN), "mallory")
    assert operators(guarded, tokens["read"]) == ["for operate"]


def test_only_a_delegate_speaks_for_a_person(guarded: LiveCollector, path: Path, bus: MemoryBus) -> None:
    """As a dashboard does, whose users have signed in."""
    bus.accept(RUN)
    delegate = create(path.parent, "dashboard", [Scope.OPERATE, Scope.READ, Scope.DELEGATE])
    plain = create(path.parent, "script", [Scope.OPERATE])
    for token, status in ((plain, 403), (delegate, 200)):
        with CollectorClient(guarded.url, token=lambda token=token: token, person=lambda: "Zoë, 50 % \r\n") as client:
            assert status_of(lambda client=client: client.cancel_run(str(RUN), "mallory")) == status
    assert operators(guarded, delegate) == ["Zoë, 50 %"]


def test_without_tokens_somebody_has_to_say_who_they_are(collector: LiveCollector) -> None:
    """The audit keeps who did it."""
    told = ask(collector, "POST", "/api/dead-letters/replay", body={**REPLAY, "operator": "  "})
    assert (told.status_code, told.json()["error"]["code"]) == (422, "bad_request")


def test_a_client_is_told_who_it_is(guarded: LiveCollector, tokens: dict[str, str]) -> None:
    """And why it is refused."""
    with CollectorClient(guarded.url, token=lambda: tokens["read"]) as client:
        access = client.access()
        assert (access.tokens_needed, access.name, access.scopes) == (True, "for read", ["read"])
        with pytest.raises(ApiError) as refused:
            client.replay([str(uid("letter"))], "ada")
    assert (refused.value.status, refused.value.code) == (403, "forbidden")
