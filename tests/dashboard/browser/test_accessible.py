"""Every view can be read and used by everybody: axe-core finds nothing serious, in light and in dark."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from collector.client import CollectorClient
from tests import npm
from tests.collector.agents.talk import Agent
from tests.collector.live import LiveCollector
from tests.collector.operations.memory import MemoryBus
from tests.collector.shipment import Shipment
from tests.dashboard.browser.test_conversations import talk
from tests.dashboard.conftest import Dashboard
from tests.dashboard.letters_of import letter

pytestmark = pytest.mark.browser

PACKAGE = Path(__file__).with_name("axe")
#: Of the views, by what is there, those that the suite looks at: figures, a conversation, a list. A battery has all.
FEW = ("Worst agents", "Conversation", "sms")
SHIPMENT = Shipment()
LETTER = letter(1, "sms")
#: Milliseconds for a page of a machine that has much else to do.
PATIENCE = 60_000
SERIOUS = """async () => (await axe.run(document, { resultTypes: ["violations"] })).violations
    .filter((each) => ["serious", "critical"].includes(each.impact))
    .map((each) => `${each.id}: ${each.nodes[0].html}`)"""


def views(run: str, call: str) -> dict[str, str]:
    """Addresses, each with what is there once it is drawn; of a foreign run and one of its calls."""
    return {
        "": "Worst agents",
        "runs?last=all": "shipment",
        f"runs?run={SHIPMENT.run}": "sorting",
        f"runs?run={SHIPMENT.run}&picture=waterfall": "sorting",
        f"runs?run={run}": "Conversation",
        f"runs?run={run}&call={call}": "What it was told",
        "sessions?last=all": "s/1",
        "sessions?session=s%2F1": "Rain in Bern?",
        "steps?last=all": "sorting",
        "steps?last=all&by=model": "tokens in",
        "steps?last=all&by=agent": "tokens in",
        "steps?last=all&by=tool": "weather",
        "steps?last=all&workflow=shipment&step=sorting&kind=step": "Worst lately",
        "event?last=all": "Recent events",
        f"event?id={SHIPMENT.event}": "From cause to effect",
        "dead-letters": "sms",
        f"dead-letters?letter={LETTER.id}": "Payload",
        "traces?last=all": "span",
        "logs?last=all": "No log record matches",
        "groups": "Groups",
        "workers": "Who is there",
        "topology?last=all": "What flows",
        "topology?last=all&see=advice&advised=logistics%0Ashipment%0Apickup": "How many agents take part?",
        "alerts": "unprocessed",
    }


@pytest.fixture(scope="module")
def axe(pytestconfig: pytest.Config) -> str:
    """The script, installed once for each version."""
    script = npm.installed(pytestconfig, "axe", PACKAGE) / "node_modules" / "axe-core" / "axe.min.js"
    return script.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def addresses() -> dict[str, str]:
    """Filled once the collector has something."""
    return {}


@pytest.fixture(scope="module")
def served(
    shared: tuple[Dashboard, int], tmp_path_factory: pytest.TempPathFactory, addresses: dict[str, str]
) -> Iterator[tuple[Dashboard, int]]:
    """The dashboard asks a collector of a shipment, of an agent of others, and of a dead letter."""
    bus = MemoryBus()
    bus.owe("sms", "sms", dead=1)
    bus.put(LETTER)
    with LiveCollector(tmp_path_factory.mktemp("store") / "causeline.duckdb", bus, port=shared[1]) as collector:
        collector.tell(SHIPMENT.story)
        talk(trace := Agent(1))
        collector.post(trace.request.SerializeToString()).raise_for_status()
        with CollectorClient(collector.url) as client:
            (run,) = client.runs(source="others", last="all").items
            detail = client.run(run.run_id)
            call = [*detail.calls, *(each for step in detail.steps for each in step.calls)][0]
        addresses.update(views(run.run_id, call.node_id))
        yield shared


#: Whether a page's script has ended and nothing fades in or changes its colour any more: halfway there, no contrast is
#: that of the page.
AT_REST = """() => document.querySelector("[data-testid=stApp][data-test-script-state=notRunning]")
    && !document.getAnimations().some((each) => each.playState === "running"
        && each.effect.getComputedTiming().iterations !== Infinity)"""


@pytest.fixture(scope="module")
def page(context: BrowserContext) -> Iterator[Page]:
    """One tab for all views: the scripts are read once."""
    tab = context.new_page()
    yield tab
    tab.close()


@pytest.mark.timeout(300)  # a page after the other; beside much else a page takes seconds
@pytest.mark.parametrize("wanted", [FEW, pytest.param(None, marks=pytest.mark.battery)], ids=["few", "all"])
def test_nothing_serious_is_found_on_any_view(
    page: Page, axe: str, addresses: dict[str, str], wanted: tuple[str, ...] | None
) -> None:
    """Contrast, names, order and keyboard, by the rules of WCAG 2.2 and of good practice."""
    found: dict[str, list[str]] = {}
    chosen = [address for address, words in addresses.items() if wanted is None or words in wanted]
    for number, address in enumerate(chosen):
        scheme = "dark" if number % 2 else "light"
        page.emulate_media(color_scheme=scheme)
        page.goto(f"/{address}")
        expect(page.get_by_test_id("stMain")).to_contain_text(addresses[address], timeout=PATIENCE)
        page.wait_for_function(AT_REST, timeout=PATIENCE)
        page.evaluate(axe)
        if serious := page.evaluate(SERIOUS):
            found[f"{address} ({scheme})"] = serious
    assert found == {}
