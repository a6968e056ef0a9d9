"""Conversations in a real browser against the real collector: what people and models said, and hostile words."""

import base64
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.collector.agents.talk import WEATHER, Agent, text
from tests.collector.live import LiveCollector
from tests.collector.operations.memory import MemoryBus
from tests.dashboard.conftest import Dashboard
from tests.dashboard.hostile import NAMES

pytestmark = pytest.mark.browser

#: What a browser would have made of somebody's words.
MADE = "[data-testid=stMain] img, [data-testid=stMain] script, a[href^='javascript:'], .katex"
ANSWER = {"role": "tool", "parts": [{"type": "tool_call_response", "id": "c1", "response": {"sky": "sunny"}}]}
IMAGE = {
    "type": "blob",
    "mime_type": "image/png",
    "modality": "image",
    "content": base64.b64encode(bytes(9_000)).decode(),
}


def talk(trace: Agent) -> int:
    """Somebody asks for the weather, with a picture; the model fails once."""
    top = trace.begin()
    asked = {"role": "user", "parts": [{"type": "text", "content": "Rain in Bern?"}, IMAGE]}
    history: list[Any] = [text("system", "You are brief. " * 200), asked]
    trace.chat(top, history, {"role": "assistant", "parts": [{"type": "reasoning", "content": "Look it up."}, WEATHER]})
    trace.tool(top, gen_ai__tool__call__arguments='{"city": "Bern"}', gen_ai__tool__call__result='{"sky": "sunny"}')
    history += [{"role": "assistant", "parts": [WEATHER]}, ANSWER]
    trace.chat(top, history, None, failed=True)
    trace.chat(
        top,
        history,
        {**text("assistant", "No, it is"), "finish_reason": "length"},
        gen_ai__request__temperature=0.5,
        gen_ai__request__stream=True,
        gen_ai__response__time_to_first_chunk=0.004,
        gen_ai__tool__definitions='[{"type": "function", "name": "weather", "description": "Looks out"}]',
    )
    return top


def hostile(trace: Agent) -> None:
    """Every part of a message is somebody's markup."""
    top = trace.begin()
    history: list[Any] = []
    for name in NAMES:
        call = {"type": "tool_call", "id": name, "name": name, "arguments": {name: name}}
        answer = {"role": name, "name": name, "finish_reason": name, "parts": [{"type": "text", "content": name}, call]}
        history += [answer, {"role": "tool", "parts": [{"type": "tool_call_response", "id": name, "result": name}]}]
        history.append({"role": "user", "parts": [{"type": name, "content": name}]})
        trace.chat(top, history, answer)
        history.append(answer)


@pytest.fixture(scope="module")
def served(shared: tuple[Dashboard, int], tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Dashboard, int]]:
    """The dashboard asks a collector of two agents' traces."""
    with LiveCollector(tmp_path_factory.mktemp("store") / "causeline.duckdb", MemoryBus(), port=shared[1]) as collector:
        for trace, fill in ((Agent(1), talk), (Agent(2), hostile)):
            fill(trace)
            collector.post(trace.request.SerializeToString()).raise_for_status()
        yield shared


@pytest.fixture
def page(context: Any) -> Iterator[Page]:
    """A tab in which no script fails and nothing of anybody's words runs."""
    tab, wrong = context.new_page(), list[str]()
    tab.on("pageerror", lambda error: wrong.append(str(error)))
    tab.on("dialog", lambda dialog: wrong.append(dialog.message))
    yield tab
    tab.close()
    assert wrong == []


def open_run(page: Page, number: int) -> None:
    """Open the run of a trace from the list."""
    page.goto("/runs?last=all")
    page.locator(".st-key-run-rows").get_by_role("link").nth(2 - number).click()
    expect(page.get_by_role("heading", name="Conversation")).to_be_visible(timeout=60_000)


def is_sound(page: Page) -> None:
    """Words stayed words."""
    expect(page.get_by_test_id("stException")).to_have_count(0)
    expect(page.locator(MADE)).to_have_count(0)
    beyond = page.get_by_test_id("stMain").evaluate("(main) => main.scrollWidth - main.clientWidth")
    assert beyond <= 1


def test_a_run_is_read_as_its_conversation(page: Page) -> None:
    """System and user once, the tool with its answer, the failure and the next try, and why the answer ended."""
    open_run(page, 1)
    main = page.get_by_test_id("stMain")

    for words in (
        "Rain in Bern?",
        "image/png",
        "8.8 KiB",
        "calls weather",
        "answer of weather",
        "try 2",
        "No, it is",
        "limit of tokens",
    ):
        expect(main).to_contain_text(words)
    expect(main.get_by_text("3,000 characters")).to_have_count(1)
    is_sound(page)


def test_a_call_is_opened_from_its_turn_with_the_keyboard_and_left_again(page: Page) -> None:
    """Parameters, tools, tokens, time to the first part."""
    open_run(page, 1)
    opening = page.get_by_role("button", name="Open chat m").last
    opening.focus()
    page.keyboard.press("Enter")

    main = page.get_by_test_id("stMain")
    expect(page.get_by_role("heading", name="What was said in this call?")).to_be_visible()
    for words in (
        "What it was told",
        "What it answered",
        "Tokens in",
        "First part after",
        "4 ms",
        "temperature",
        "1 tool offered",
        "length",
        "no price of 'm'",
    ):
        expect(main).to_contain_text(words)
    is_sound(page)
    page.get_by_role("button", name="Show all that was sent").click()
    expect(main).to_contain_text("All attributes, as they were sent")
    page.get_by_role("button", name="Back to the run").click()
    expect(page.get_by_role("heading", name="Conversation")).to_be_visible()


def test_hostile_words_stay_words(page: Page) -> None:
    """In roles, names, tools, arguments and kinds of parts."""
    open_run(page, 2)

    expect(page.get_by_test_id("stMain")).to_contain_text("<script>document.title='owned'</script>")
    is_sound(page)
    page.get_by_role("button", name="Open chat m").first.click()
    expect(page.get_by_text("What it was told")).to_be_visible()
    is_sound(page)


def test_a_session_is_found_and_read_turn_by_turn(page: Page) -> None:
    """Its runs with what they were asked and answered; each leads to its run."""
    page.goto("/sessions?last=all")
    page.get_by_role("link", name="s/1").click()

    main = page.get_by_test_id("stMain")
    expect(page.get_by_role("heading", name="What was said in this session?")).to_be_visible(timeout=60_000)
    for words in ("2 runs", "user ada", "Rain in Bern?", "No, it is"):
        expect(main).to_contain_text(words)
    is_sound(page)
    main.get_by_role("link", name="a", exact=True).first.click()
    expect(page.get_by_role("heading", name="Conversation")).to_be_visible()
