"""What pages in a browser may do here: nothing, but for telemetry of those that are listed."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from collector.access import Access
from collector.api.guard import Guard
from runtime.tokens import Register, Scope, create
from tests.collector.live import PROTOBUF, LiveCollector
from tests.collector.operations.memory import MemoryBus
from tests.collector.story import uid

SHOP = "https://shop.example"
OTLP = "/v1/traces"
REPLAY = {"ids": [str(uid("letter"))], "operator": "mallory"}
PREFLIGHT = {
    "access-control-request-method": "POST",
    "access-control-request-headers": "authorization,content-type,traceparent",
}


@pytest.fixture
def shop(path: Path, bus: MemoryBus) -> Iterator[LiveCollector]:
    """A collector that takes telemetry of one page."""
    guard = replace(Guard.of("127.0.0.1", Access(Register(path.parent))), origins=frozenset({SHOP}))
    with LiveCollector(path, bus, guard=guard) as collector:
        yield collector


def ask(collector: LiveCollector, method: str, target: str, **headers: str) -> httpx.Response:
    """One request of a page; a header's name has a hyphen where Python wants a line."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    if method == "POST" and target != OTLP:
        return httpx.post(f"{collector.url}{target}", json=REPLAY, headers=given, trust_env=False, timeout=60)
    return httpx.request(
        method,
        f"{collector.url}{target}",
        headers={**(PROTOBUF if method == "POST" else {}), **given},
        trust_env=False,
        timeout=60,
    )


def test_a_page_from_elsewhere_changes_nothing(shop: LiveCollector) -> None:
    """Not even one that may send telemetry; a request without a preflight is refused, too."""
    for origin in ("https://evil.example", SHOP, "null", "http://localhost:1", "http://127.0.0.1.evil.example", "x"):
        told = ask(shop, "POST", "/api/dead-letters/replay", origin=origin)
        assert (told.status_code, told.json()["error"]["code"]) == (403, "foreign_origin"), origin
        assert "access-control-allow-origin" not in told.headers


def test_our_own_pages_and_programs_are_answered(shop: LiveCollector) -> None:
    """A page of the name that we are asked by; a program sends no origin. TLS may end in front of us."""
    place = shop.url.removeprefix("http://")
    for headers in ({}, {"origin": f"http://{place}"}, {"origin": f"https://{place}"}):
        assert ask(shop, "POST", "/api/dead-letters/replay", **headers).status_code == 200


def test_a_listed_page_sends_telemetry(shop: LiveCollector) -> None:
    """The browser asks first, then sends, and may read the answer."""
    asked = ask(shop, "OPTIONS", OTLP, origin=SHOP, **PREFLIGHT)
    assert asked.status_code == 204
    assert asked.headers["access-control-allow-origin"] == SHOP
    assert asked.headers["access-control-allow-methods"] == "POST"
    allowed = {name.strip() for name in asked.headers["access-control-allow-headers"].split(",")}
    assert allowed >= {"content-type", "content-encoding", "authorization", "traceparent"}
    assert asked.headers["vary"] == "Origin"

    sent = ask(shop, "POST", OTLP, origin=SHOP)
    assert (sent.status_code, sent.headers["access-control-allow-origin"], sent.headers["vary"]) == (
        200,
        SHOP,
        "Origin",
    )
    assert "access-control-allow-credentials" not in sent.headers


def test_another_page_sends_nothing(shop: LiveCollector) -> None:
    """It is told in the words of OTLP; every answer says that it depends on the origin."""
    for origin in ("https://evil.example", "https://shop.example.evil", "http://shop.example", "null"):
        asked, sent = ask(shop, "OPTIONS", OTLP, origin=origin, **PREFLIGHT), ask(shop, "POST", OTLP, origin=origin)
        assert (asked.status_code, sent.status_code) == (403, 403), origin
        assert "access-control-allow-origin" not in {*asked.headers, *sent.headers}
        assert "CAUSELINE_ALLOWED_ORIGINS" in sent.text
    assert ask(shop, "POST", OTLP).headers["vary"] == "Origin"


def test_a_listed_page_reads_nothing(shop: LiveCollector) -> None:
    """The browser keeps from it what no header gives away."""
    told = ask(shop, "GET", "/api/runs", origin=SHOP)
    assert "access-control-allow-origin" not in told.headers
    assert "access-control-allow-origin" not in ask(shop, "OPTIONS", "/api/runs", origin=SHOP, **PREFLIGHT).headers


def test_a_page_is_asked_for_its_token_in_words_that_it_may_read(shop: LiveCollector, path: Path) -> None:
    """A preflight carries none; what follows has to."""
    token = create(path.parent, "shop", [Scope.INGEST])
    assert ask(shop, "OPTIONS", OTLP, origin=SHOP, **PREFLIGHT).status_code == 204
    refused = ask(shop, "POST", OTLP, origin=SHOP)
    assert (refused.status_code, refused.headers["access-control-allow-origin"]) == (401, SHOP)
    assert ask(shop, "POST", OTLP, origin=SHOP, authorization=f"Bearer {token}").status_code == 200
