"""The dashboard over TLS, and what becomes of those who only knock."""

import ssl
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, expect

from tests.certificates import make_certificate
from tests.collector.raw import Peer
from tests.dashboard.conftest import Dashboard
from tests.dashboard.server import FakeCollector
from tests.dashboard.test_serving import refusal
from tests.dashboard.world import World
from tests.servers import free_port
from tests.waiting import until_sync


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate and its key."""
    return make_certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
def secured(
    tmp_path_factory: pytest.TempPathFactory, certificate: tuple[Path, Path]
) -> Iterator[tuple[Dashboard, int]]:
    """A dashboard that serves it, and the port of its collector."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CAUSELINE_TLS_CERT", str(certificate[0]))
        patch.setenv("CAUSELINE_TLS_KEY", str(certificate[1]))
        dashboard, port = Dashboard(tmp_path_factory.mktemp("secured")), free_port()
        dashboard.launch(f"http://127.0.0.1:{port}")
    dashboard.url = dashboard.url.replace("http:", "https:")
    until_sync(lambda: is_up(dashboard, certificate), "the dashboard answers", patience=60)
    yield dashboard, port
    dashboard.stop()


def is_up(dashboard: Dashboard, certificate: tuple[Path, Path]) -> bool:
    """Whether it answers those who trust its certificate."""
    trusted = ssl.create_default_context(cafile=certificate[0])
    try:
        return (
            httpx.get(f"{dashboard.url}/_stcore/health", verify=trusted, trust_env=False, timeout=60).status_code == 200
        )
    except httpx.TransportError:
        return False


def test_pages_and_their_web_socket_are_served(secured: tuple[Dashboard, int], world: World, browser: Browser) -> None:
    """A browser that trusts the certificate shows what the collector says."""
    fake = FakeCollector(world, secured[1])
    profile = browser.new_context(base_url=secured[0].url, ignore_https_errors=True)
    try:
        page = profile.new_page()
        page.goto("/")
        expect(page.get_by_text("Dead letters").first).to_be_visible(timeout=60_000)
    finally:
        profile.close()
        fake.close()


def test_nothing_is_said_in_clear(secured: tuple[Dashboard, int]) -> None:
    """There is no door beside it."""
    with pytest.raises(httpx.TransportError):
        httpx.get(secured[0].url.replace("https:", "http:"), trust_env=False, timeout=60)


def test_those_who_only_knock_hold_up_nobody(secured: tuple[Dashboard, int], certificate: tuple[Path, Path]) -> None:
    """Six hundred are more than there may be: the first of them are gone at once."""
    with ExitStack() as stack:
        silent = [stack.enter_context(Peer(secured[0].url)) for _ in range(600)]
        assert is_up(secured[0], certificate)
        assert [peer.hear() for peer in silent[:50]] == [b""] * 50


def test_a_certificate_that_can_not_be_used_is_one_line(tmp_path: Path, certificate: tuple[Path, Path]) -> None:
    """Whichever of the two it is that is wrong."""
    for wrong in (
        {"CERT": tmp_path / "none"},
        {"KEY": certificate[1]},
        {"CERT": certificate[0], "KEY": certificate[0]},
    ):
        ended, said = refusal(tmp_path, **{f"CAUSELINE_TLS_{name}": str(path) for name, path in wrong.items()})
        assert (ended, said.count("\n")) == (2, 1), said
        assert "CAUSELINE_TLS_CERT" in said
