"""HEAD is answered as GET is, without the body."""

import httpx
import pytest

from tests.collector.live import LiveCollector


@pytest.mark.parametrize("where", ["/healthz", "/metrics", "/api/storage", "/docs", "/api/nothing"])
def test_a_monitor_that_asks_for_the_head_alone_is_told_what_is_there(collector: LiveCollector, where: str) -> None:
    """With the length and the type of what it would get; of what is not there too."""
    with httpx.Client(base_url=collector.url, trust_env=False) as client:
        whole, head = client.get(where), client.head(where)
        assert (head.status_code, head.content) == (whole.status_code, b"")
        assert head.headers["content-type"] == whole.headers["content-type"]
        assert "content-length" in head.headers
        assert client.get("/healthz").status_code == 200  # on the same connection


def test_a_head_is_let_in_as_its_get_is(collector: LiveCollector) -> None:
    """No page of others learns what is there by it."""
    assert httpx.head(f"{collector.url}/healthz", headers={"host": "evil.test"}, trust_env=False).status_code == 403
