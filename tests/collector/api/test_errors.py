"""Every failure has the one shape."""

import secrets

import httpx
import pytest

from collector.client import ApiError, CollectorClient
from collector.errors import StoreError
from tests.collector.disk import full
from tests.collector.live import LiveCollector
from tests.collector.story import Story, place, uid
from tests.waiting import until_sync


@pytest.mark.parametrize(
    ("method", "target", "status", "code"),
    [
        ("GET", "/nowhere", 404, "not_found"),
        ("DELETE", "/api/runs", 405, "method_not_allowed"),
        ("GET", "/api/runs?limit=0", 422, "bad_request"),
        ("GET", "/api/runs?limit=many", 422, "bad_request"),
        ("GET", "/api/runs?cursor=%00", 422, "bad_request"),
        ("GET", "/api/dead-letters?cursor=%C2%B2_x", 422, "bad_request"),
        ("GET", "/api/audit?cursor=odd", 422, "bad_request"),
        ("GET", "/api/runs?status=odd", 422, "bad_request"),
        ("GET", "/api/runs?start=2026-01-02T00:00:00Z&end=2026-01-01T00:00:00Z", 422, "bad_request"),
        ("GET", "/api/events/not-an-id", 404, "not_found"),
        ("GET", "/api/traces/not-an-id", 404, "not_found"),
        ("GET", "/api/nodes/not-an-id", 404, "not_found"),
        ("GET", "/api/runs/not-an-id", 404, "not_found"),
        ("GET", "/api/steps/a/b", 404, "not_found"),
        ("GET", "/api/dead-letters/not-an-id", 404, "not_found"),
        ("POST", "/api/dead-letters/replay", 422, "bad_request"),
    ],
)
def test_errors_have_code_message_and_hint(
    standing: LiveCollector, method: str, target: str, status: int, code: str
) -> None:
    """Whoever raises them: routes, parameters, bodies, the framework."""
    response = httpx.request(method, f"{standing.url}{target}", trust_env=False, timeout=60)
    error = response.json()["error"]
    assert (response.status_code, error["code"]) == (status, code)
    assert error["message"]
    assert error["hint"]


def test_a_failure_inside_is_500_in_the_same_shape(collector: LiveCollector, client: CollectorClient) -> None:
    """And says nothing of the inside."""

    @collector.application.get("/boom")
    def boom() -> None:
        raise ZeroDivisionError("secret")

    response = httpx.get(f"{collector.url}/boom", trust_env=False, timeout=60)
    assert response.status_code == 500
    assert response.json() == {
        "error": {"code": "internal", "message": "the collector failed to answer", "hint": "its log says more"}
    }


@pytest.mark.parametrize("ask", ["run", "event", "node", "trace"])
def test_what_nobody_has_is_not_found_with_a_hint_to_search(standing: LiveCollector, ask: str) -> None:
    """A person pasted the wrong id."""
    with CollectorClient(standing.url) as client, pytest.raises(ApiError) as raised:
        getattr(client, ask)(str(uid("nobody")))
    assert (raised.value.status, raised.value.code) == (404, "not_found")
    assert "?q=" in raised.value.hint


@pytest.mark.parametrize("target", ["/healthz", "/api/runs", "/api/overview"])
def test_a_store_that_can_not_be_used_is_503(collector: LiveCollector, target: str) -> None:
    """Here its disk was full, and somebody still reads what was there before; then it is opened again."""
    story = Story()
    story.add("large", place("t", "s"), attributes={"noise": secrets.token_hex(1_000_000)})
    collector.tell(story)
    with collector.database.reading():
        with full(500_000), pytest.raises(StoreError):
            collector.database.checkpoint()
        refused = httpx.get(f"{collector.url}{target}", trust_env=False, timeout=60)
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
        assert refused.json()["error"]["code"] == "store_unavailable"
        assert collector.post(b"").status_code == 503

    def answers() -> bool:  # once nobody else reads what was there before, either
        return httpx.get(f"{collector.url}{target}", trust_env=False, timeout=60).status_code == 200

    until_sync(answers, "an answer")
    assert collector.post(b"").status_code == 200
