"""What browsers are told about every answer, and a page of documentation that loads nothing."""

import re

import httpx
import pytest

from collector.api.errors import make_error_answer
from tests.collector.live import LiveCollector


@pytest.mark.parametrize("target", ["/healthz", "/api/runs", "/api/nothing", "/docs", "/openapi.json", "/v1/traces"])
def test_no_answer_is_framed_or_guessed_at(collector: LiveCollector, target: str) -> None:
    """Refusals included."""
    headers = httpx.get(f"{collector.url}{target}", trust_env=False, timeout=60).headers
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["x-frame-options"] == "DENY"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-resource-policy"] == "same-origin"


def test_the_documentation_names_every_route_and_loads_nothing(collector: LiveCollector) -> None:
    """No script, nothing from elsewhere, and no handler in an attribute; a style whose hash the policy names."""
    page = httpx.get(f"{collector.url}/docs", trust_env=False, timeout=60)
    described = httpx.get(f"{collector.url}/openapi.json", trust_env=False, timeout=60).json()
    assert all(f"<code>{path}</code>" in page.text for path in described["paths"])
    assert "dead_letter_id" in page.text
    assert not re.search(r"<script|<link|<img|src=|https?://| on\w+=", page.text)
    assert page.headers["content-security-policy"].count("'sha256-") == 1


def test_what_the_page_says_of_others_is_escaped() -> None:
    """A message of the API is JSON, whatever it quotes."""
    assert make_error_answer(400, "x", "<script>").media_type == "application/json"
