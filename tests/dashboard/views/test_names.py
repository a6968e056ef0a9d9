"""Views of a real collector show things whose names may be anything, and lead to them."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

from dashboard.keys import key
from runtime import semconv
from runtime.semconv import NodeKind
from tests.collector.api.test_names import NASTY
from tests.collector.live import LiveCollector
from tests.collector.operations.memory import MemoryBus
from tests.collector.story import Story, place, uid
from tests.dashboard.views.drawing import draw, rows_of, text_of


@pytest.fixture
def _named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A step, a service and a group of each name; the group owes something that nobody takes."""
    bus = MemoryBus()
    with LiveCollector(tmp_path / "causeline.duckdb", bus) as collector:
        body = b""
        for number, name in enumerate(NASTY):
            story = Story(name)
            step = {semconv.WORKFLOW: name, semconv.STEP: name, semconv.OUTCOME: "ok"}
            story.node(NodeKind.STEP, uid(f"s{number}"), name, place(f"{number}", "step"), more=step)
            story.add(name, place(f"{number}", "span"), failed=name)
            body += story.request()
            bus.owe(name, name, pending=1, consumers=0)
        collector.post(body).raise_for_status()
        monkeypatch.setenv("CAUSELINE_COLLECTOR_URL", collector.url)
        yield


@pytest.mark.usefixtures("_named")
def test_every_view_is_drawn_and_has_a_key_for_each() -> None:
    """Two names that look alike are two rows."""
    for view in ("overview", "event", "dead-letters", "steps", "runs", "traces", "groups"):
        assert not draw(view).error, view
    rows = {row["href"] for row in rows_of(draw("steps"))}
    named = [{"workflow": name, "step": name} if name else {} for name in NASTY]
    assert {f"?{urlencode(each | {'kind': 'step'})}" for each in named} <= rows
    groups = draw("groups")
    assert {key("retire", name, name) for name in NASTY} <= {button.key for button in groups.button}


@pytest.mark.usefixtures("_named")
@pytest.mark.parametrize("name", ["team/printer", "..", " a ", "a\nb", "", "a&b=c;d", "100%", NASTY[16]])
def test_what_has_the_name_is_opened(name: str) -> None:
    """From the address, where it stands as it is."""
    app = draw("steps", workflow=name, step=name, kind="step")
    assert "How long attempts take" in text_of(app)
    assert not app.warning


def test_keys_keep_names_apart() -> None:
    """Wherever one ends and the next begins."""
    names = [("a-b", "c"), ("a", "b-c"), ("a", "b", "c"), ("a-b-c",), ("",), ("", ""), ()]
    assert len({key("x", *each) for each in names}) == len(names)
    assert key("x", "y" * 10_000).startswith("x-")
