"""Lists in a real browser: dense, each subject a link, all of it in the address, and without a mouse."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from tests.collector.agents.sent import SentTrace
from tests.collector.live import LiveCollector
from tests.collector.operations.memory import MemoryBus
from tests.collector.shipment import Shipment
from tests.dashboard.conftest import Dashboard
from tests.dashboard.letters_of import letter

pytestmark = pytest.mark.browser

ROWS = 25
#: Milliseconds for a page of a machine that has much else to do.
PATIENCE = 60_000
#: Lists, their rows, and what their first row leads to.
LISTS = {
    "runs": ("run", "run="),
    "event": ("event", "id="),
    "traces": ("trace", "trace="),
    "sessions": ("session", "session="),
    "dead-letters": ("dead-letter", "letter="),
}


@pytest.fixture(scope="module")
def served(shared: tuple[Dashboard, int], tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Dashboard, int]]:
    """The dashboard asks a collector with more of everything than a page holds."""
    bus = MemoryBus()
    for number in range(ROWS + 5):
        bus.put(letter(number, "sms"))
    with LiveCollector(tmp_path_factory.mktemp("store") / "causeline.duckdb", bus, port=shared[1]) as collector:
        for number in range(ROWS + 5):
            collector.tell(Shipment(number=number, start=number).story)
            trace = SentTrace(number + 1)
            trace.span("ask", gen_ai__operation__name="invoke_agent", gen_ai__conversation__id=f"talk {number}")
            collector.post(trace.request.SerializeToString()).raise_for_status()
        yield shared


@pytest.fixture
def page(context: object) -> Iterator[Page]:
    """A tab."""
    tab = context.new_page()  # type: ignore[attr-defined] # Playwright's
    yield tab
    tab.close()


@pytest.mark.parametrize("view", LISTS)
def test_twenty_five_rows_are_on_a_screen_and_the_first_is_opened_by_the_keyboard(page: Page, view: str) -> None:
    """Of 900 pixels, without a scroll."""
    name, parameter = LISTS[view]
    page.set_viewport_size({"width": 1300, "height": 900})
    page.goto(f"/{view}?last=all")
    links = page.locator(f".st-key-{name}-rows a.link")
    expect(links).to_have_count(ROWS, timeout=PATIENCE)
    box = links.last.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= 900
    links.first.focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(re.escape(parameter)))


def test_the_address_says_how_many_rows_a_page_has_and_where_it_begins(page: Page) -> None:
    """Somebody who gets the address sees the same."""
    page.goto("/runs?last=all&source=others&rows=50")
    rows = page.locator(".st-key-run-rows .row")
    expect(rows).to_have_count(ROWS + 5, timeout=PATIENCE)
    page.get_by_role("radio", name="25", exact=True).click()
    expect(rows).to_have_count(ROWS)
    expect(page).not_to_have_url(re.compile("rows="))
    page.get_by_role("button", name="Next page").click()
    expect(rows).to_have_count(5)
    expect(page).to_have_url(re.compile("cursor="))


def test_rows_of_one_second_are_told_apart(page: Page) -> None:
    """To the millisecond, newest first."""
    page.goto("/runs?last=all&source=own")
    times = page.locator(".st-key-run-rows .time")
    expect(times).to_have_count(ROWS, timeout=PATIENCE)
    said = [text.split()[-1] for text in times.all_inner_texts()]
    assert said == sorted(said, reverse=True)
    assert len({text.split(".")[0] for text in said}) == 1
    assert all(datetime.strptime(text, "%H:%M:%S.%f").replace(tzinfo=UTC) for text in said)


def test_a_letter_has_two_lines_and_a_figure_one_where_the_page_is_narrow(page: Page) -> None:
    """Beside a letter that is read; the time stands beside the name, and no number is parted from its unit."""
    page.set_viewport_size({"width": 800, "height": 900})
    page.goto("/dead-letters")
    row = page.locator(".st-key-dead-letter-rows .row").first
    expect(row).to_be_visible(timeout=PATIENCE)
    assert row.bounding_box()["height"] < 30  # type: ignore[index]  # it is visible
    row.locator("a").click()
    expect(page.locator(".st-key-letter-panel h3")).to_be_visible(timeout=PATIENCE)
    name, error, time = (cell.bounding_box() for cell in row.locator(".cell").all())
    assert name
    assert error
    assert time
    assert time["y"] < error["y"]
    assert time["x"] > name["x"]
    page.goto("/steps?last=all")
    figures = page.locator(".st-key-step-rows .cell.short")
    expect(figures.first).to_be_visible(timeout=PATIENCE)
    assert all(cell.evaluate("cell => cell.clientHeight < 30") for cell in figures.all())
