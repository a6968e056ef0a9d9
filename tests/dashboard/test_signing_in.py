"""Streamlit's own sign-in, with a provider, in a browser: who may come in comes in, and nobody else sees a thing."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.dashboard.conftest import Dashboard
from tests.dashboard.provider import Provider
from tests.dashboard.server import FakeCollector
from tests.dashboard.world import World
from tests.servers import free_port

SECRETS = """
[auth]
redirect_uri = "{url}/oauth2callback"
cookie_secret = "known to nobody else"
client_id = "causeline"
client_secret = "known to both"
server_metadata_url = "{provider}/.well-known/openid-configuration"
"""
PATIENCE = 60_000


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    """Who says who somebody is."""
    started = Provider()
    yield started
    started.close()


@pytest.fixture(scope="module")
def asking(tmp_path_factory: pytest.TempPathFactory, provider: Provider) -> Iterator[Dashboard]:
    """A dashboard for one person, beyond this machine; it shows a world."""
    folder = tmp_path_factory.mktemp("asking")
    dashboard, fake = Dashboard(folder), FakeCollector(World(), free_port())
    (folder / ".streamlit").mkdir()
    secrets = SECRETS.format(url=dashboard.url, provider=provider.url)
    (folder / ".streamlit" / "secrets.toml").write_text(secrets)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NO_PROXY", "127.0.0.1")
        patch.setenv("CAUSELINE_DASHBOARD_HOST", "0.0.0.0")  # noqa: S104 where it has to be asked who somebody is
        patch.setenv("CAUSELINE_DASHBOARD_USERS", "ada@example.com")
        dashboard.start(fake.url)
    yield dashboard
    dashboard.stop()
    fake.close()


@pytest.fixture
def tab(asking: Dashboard, browser: Browser) -> Iterator[Page]:
    """Of somebody who was never there."""
    profile = browser.new_context(base_url=asking.url)
    yield profile.new_page()
    profile.close()


def test_who_signs_in_and_is_welcome_comes_in(provider: Provider, tab: Page) -> None:
    """On any page they are asked first; then they see it, and may sign out."""
    provider.claims = {"sub": "1", "email": "Ada@example.com", "email_verified": True}
    tab.goto("/dead-letters")
    expect(tab.get_by_role("button", name="Sign in")).to_be_visible(timeout=PATIENCE)
    assert "Overview" not in tab.locator("body").inner_text()
    tab.get_by_role("button", name="Sign in").click()
    expect(tab.get_by_role("button", name=re.compile("Sign out Ada"))).to_be_visible(timeout=PATIENCE)
    expect(tab.get_by_text("Overview").first).to_be_visible(timeout=PATIENCE)


@pytest.mark.parametrize(
    "claims",
    [{"email": "eve@example.com"}, {"email": "ada@example.com", "email_verified": False, "name": "ada@example.com"}],
    ids=["another", "an address that nobody has verified"],
)
def test_who_is_not_welcome_sees_nothing(provider: Provider, tab: Page, claims: dict[str, Any]) -> None:
    """Whatever they call themselves."""
    provider.claims = {"sub": "2", **claims}
    tab.goto("/")
    tab.get_by_role("button", name="Sign in").click(timeout=PATIENCE)
    expect(tab.get_by_text("may not use this dashboard")).to_be_visible(timeout=PATIENCE)
    assert "Overview" not in tab.locator("body").inner_text()
