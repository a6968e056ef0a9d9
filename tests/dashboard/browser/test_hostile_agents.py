"""Agents of others whose every name is somebody's markup: of agents, models, tools, sessions, users and services."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from collector.client import CollectorClient
from collector.models import RunDetail
from tests.collector.agents.sent import PYDANTIC_AI, SentTrace
from tests.collector.live import LiveCollector
from tests.collector.operations.memory import MemoryBus
from tests.dashboard.browser.test_conversations import is_sound
from tests.dashboard.conftest import Dashboard
from tests.dashboard.hostile import NAMES

pytestmark = pytest.mark.browser

PATIENCE = 60_000
#: How characters that turn text round are shown.
TOLD = "⟨U+202E⟩"
#: The name that has them.
TURNED = NAMES[2]
#: Lists, with their rows.
LISTS = {
    "runs?last=all": "run",
    "sessions?last=all": "session",
    "steps?last=all&by=model": "calls",
    "steps?last=all&by=agent": "calls",
    "steps?last=all&by=tool": "calls",
    "traces?last=all": "trace",
}
#: Of them, those that the suite looks at: of what ran, and of figures of it.
FEW = ("runs?last=all", "steps?last=all&by=model")


def sent(number: int, name: str) -> SentTrace:
    """An agent asks a model and calls a tool; two of its texts have two million characters."""
    trace = SentTrace(number, service=name)
    top = trace.span(
        name,
        scope=PYDANTIC_AI,
        failed=True,
        gen_ai__operation__name="invoke_agent",
        gen_ai__agent__name=name,
        gen_ai__conversation__id=name,
        user__id=name,
    )
    said = {
        "role": "user",
        "parts": [{"type": "text", "content": name * (2_000_000 // len(name) if number < 2 else 1)}],
    }
    call = {"role": "assistant", "parts": [{"type": "tool_call", "id": name, "name": name, "arguments": {name: name}}]}
    trace.span(
        name,
        top,
        scope=PYDANTIC_AI,
        gen_ai__operation__name="chat",
        gen_ai__request__model=name,
        gen_ai__response__model=name,
        gen_ai__usage__input_tokens=10**12,
        gen_ai__usage__output_tokens=1,
        gen_ai__input__messages=json.dumps([said]),
        gen_ai__output__messages=json.dumps([call]),
    )
    trace.span(
        name,
        top,
        scope=PYDANTIC_AI,
        failed=True,
        gen_ai__operation__name="execute_tool",
        gen_ai__tool__name=name,
        gen_ai__tool__call__arguments=json.dumps({name: name}),
        gen_ai__tool__call__result=name,
    )
    return trace


@pytest.fixture(scope="module")
def runs() -> dict[str, RunDetail]:
    """By the name of all that they have; filled once the collector has them."""
    return {}


@pytest.fixture(scope="module")
def served(
    shared: tuple[Dashboard, int], tmp_path_factory: pytest.TempPathFactory, runs: dict[str, RunDetail]
) -> Iterator[tuple[Dashboard, int]]:
    """The dashboard asks a collector of an agent of each name."""
    with LiveCollector(tmp_path_factory.mktemp("store") / "causeline.duckdb", MemoryBus(), port=shared[1]) as collector:
        for number, name in enumerate(NAMES):
            collector.post(sent(number + 1, name).request.SerializeToString()).raise_for_status()
        with CollectorClient(collector.url) as client:
            runs.update({run.workflow: client.run(run.run_id) for run in client.runs(last="all").items})
        yield shared


@pytest.fixture(scope="module")
def page(context: BrowserContext) -> Iterator[Page]:
    """A tab in which no script fails, no dialog opens, and nobody else is asked for anything."""
    tab, wrong = context.new_page(), list[str]()
    tab.set_default_timeout(PATIENCE)
    tab.on("pageerror", lambda error: wrong.append(str(error)))
    tab.on("dialog", lambda dialog: wrong.append(dialog.message))
    tab.on("request", lambda asked: wrong.extend([asked.url] if "127.0.0.1" not in asked.url[:20] else []))
    yield tab
    tab.close()
    assert [each for each in wrong if not each.startswith(("data:", "blob:"))] == []


@pytest.mark.timeout(200)  # page after page
@pytest.mark.parametrize("views", [FEW, pytest.param(tuple(LISTS), marks=pytest.mark.battery)], ids=["few", "all"])
def test_names_stay_names_in_every_list(page: Page, views: tuple[str, ...]) -> None:
    """And what turns text round is told by its code."""
    for view in views:
        rows = LISTS[view]
        page.goto(f"/{view}")
        expect(page.locator(f".st-key-{rows}-rows")).to_contain_text(TOLD, timeout=PATIENCE)
        expect(page.get_by_test_id("stMain")).to_contain_text("<script>document.title='owned'</script>")
        is_sound(page)
        assert page.title().endswith("Causeline")


@pytest.mark.timeout(200)  # page after page
@pytest.mark.parametrize(
    ("view", "rows"), [("sessions?last=all", ".row"), ("steps?last=all&by=model", "[data-testid=stHorizontalBlock]")]
)
def test_no_name_fills_a_narrow_page(page: Page, view: str, rows: str) -> None:
    """What goes on for longer than three lines is cut, and tells it."""
    page.set_viewport_size({"width": 800, "height": 900})
    page.goto(f"/{view}")
    listed = page.locator(f".st-key-{LISTS[view]}-rows")
    expect(listed).to_contain_text("WWW", timeout=PATIENCE)
    assert listed.locator(rows).evaluate_all("all => Math.max(...all.map((row) => row.clientHeight))") < 80
    page.set_viewport_size({"width": 1300, "height": 900})


@pytest.mark.timeout(200)  # page after page
@pytest.mark.parametrize("name", [TURNED, pytest.param(NAMES[0], marks=pytest.mark.battery)], ids=["turned", "long"])
def test_names_stay_names_in_a_run_a_call_and_a_session(page: Page, runs: dict[str, RunDetail], name: str) -> None:
    """Of markup, which is long as well, and of what turns text round."""
    told, detail = {NAMES[0]: "<script>document.title", TURNED: TOLD}[name], runs[name]
    calls = [*detail.calls, *(call for step in detail.steps for call in step.calls)]
    for call in ("", *(f"&call={each.node_id}" for each in calls)):
        page.goto(f"/runs?run={detail.run.run_id}{call}")
        expect(page.get_by_role("heading").filter(has_text=told).first).to_be_visible(timeout=PATIENCE)
        is_sound(page)
    page.goto("/sessions?last=all")
    page.locator(".st-key-session-rows").get_by_role("link").filter(has_text=told).first.click(timeout=PATIENCE)
    expect(page.get_by_role("heading").filter(has_text=told).first).to_be_visible(timeout=PATIENCE)
    is_sound(page)
