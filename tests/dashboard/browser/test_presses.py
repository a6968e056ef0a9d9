"""How many presses lead from the Overview to an answer: as the documentation says, and no more than elsewhere."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.collector.agents.talk import Agent
from tests.collector.live import LiveCollector
from tests.collector.operations.memory import MemoryBus
from tests.dashboard.browser.test_conversations import talk
from tests.dashboard.conftest import Dashboard

pytestmark = pytest.mark.browser

TABLE = Path(__file__).parents[3] / "docs" / "presses.md"
#: Milliseconds for a page of a machine that has much else to do.
PATIENCE = 60_000
#: The first run of the list but one is the agent's that talks.
RUN = ("Runs", ".st-key-run-rows a >> nth=1")
#: What is pressed, one after the other, and what is there then: links of the bar by name, all else by selector.
QUESTIONS: dict[str, tuple[tuple[str, ...], str]] = {
    "prompt": (RUN, "Rain in Bern?"),
    "answer": (RUN, "No, it is"),
    "tool": (RUN, "answer of weather"),
    "tokens": (("Runs",), "tokens in"),
    "cost": ((), "Cost of models"),
    "session": (("Sessions", ".st-key-session-rows a >> nth=0"), "Rain in Bern?"),
    "error": ((".tiles a >> text=Failed runs", ".st-key-run-rows a >> nth=0"), "failed"),
    "retry": (RUN, "try 2"),
    "order": (RUN, "turn 1"),
}


@pytest.fixture(scope="module")
def served(shared: tuple[Dashboard, int], tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Dashboard, int]]:
    """The dashboard asks a collector of an agent that talks, and of one that failed after a call with a price."""
    talk(talking := Agent(1))
    (failing := Agent(2)).span(
        "invoke_agent b", failed=True, gen_ai__operation__name="invoke_agent", gen_ai__agent__name="b"
    )
    failing.span(
        "chat",
        failing.id(1),
        gen_ai__operation__name="chat",
        gen_ai__request__model="gpt-4o-mini",
        gen_ai__usage__input_tokens=9_000,
        gen_ai__usage__output_tokens=100,
    )
    with LiveCollector(tmp_path_factory.mktemp("store") / "causeline.duckdb", MemoryBus(), port=shared[1]) as collector:
        for trace in (talking, failing):
            collector.post(trace.request.SerializeToString()).raise_for_status()
        yield shared


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A tab."""
    tab = context.new_page()
    yield tab
    tab.close()


def told() -> dict[str, list[str]]:
    """The table of the documentation, by question: ours, Phoenix's, Langfuse's."""
    rows = re.findall(r"^\| (\w+) \| (\S+) \| (\S+) \| (\S+) \|$", TABLE.read_text(), re.MULTILINE)
    return {question: numbers for question, *numbers in rows if question != "question"}


def pressed(page: Page, what: str) -> Locator:
    """What is pressed."""
    if what.isalpha():
        return page.get_by_test_id("stTopNavLink").filter(has_text=re.compile(f"{what}$"))
    return page.locator(what)


@pytest.mark.timeout(300)  # page after page; beside much else a page takes seconds
def test_each_answer_is_as_near_as_the_documentation_says(page: Page) -> None:
    """From the Overview, without a search."""
    main = page.get_by_test_id("stMain")
    for presses in {presses for presses, _ in QUESTIONS.values()}:
        page.goto("/")
        expect(main).to_contain_text("Runs that failed", timeout=PATIENCE)
        for what in presses:
            pressed(page, what).first.click(timeout=PATIENCE)
        for question, (way, answer) in QUESTIONS.items():
            if way == presses:
                expect(main, question).to_contain_text(answer, timeout=PATIENCE)
    assert {question: str(len(presses)) for question, (presses, _) in QUESTIONS.items()} == {
        question: ours for question, (ours, *_) in told().items()
    }


def test_no_answer_is_farther_than_elsewhere() -> None:
    """Where others have none, ours is enough."""
    for question, (ours, *theirs) in told().items():
        assert all(int(ours) <= int(each) for each in theirs if each.isdecimal()), question
