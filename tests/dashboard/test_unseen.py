"""Text from data that nobody would see is shown by its code, whichever way it goes to the page."""

import re
from pathlib import Path

from dashboard.parts import components
from tests.dashboard.server import FakeCollector
from tests.dashboard.views.drawing import draw, text_of
from tests.dashboard.world import World

DASHBOARD = Path(__file__).parents[2] / "dashboard"


def test_only_one_place_shows_text_as_it_was_written() -> None:
    """`code.block`; none of Streamlit's own, so that none is forgotten."""
    callers = [
        path.name for path in DASHBOARD.rglob("*.py") if re.search(r"\bst\.(code|text|json|write)\(", path.read_text())
    ]
    assert callers == []


def test_pictures_are_handed_no_unseen_text() -> None:
    """Names of lanes, labels and hints, at any depth."""
    handed = {"scene": {"lanes": [{"name": "a\u202eb"}], "height": 5}, "rows": ("\u061c",), "none": None}
    assert components._make_visible(handed) == {
        "scene": {"lanes": [{"name": "a⟨U+202E⟩b"}], "height": 5},
        "rows": ["⟨U+061C⟩"],
        "none": None,
    }


def test_a_payload_turns_nothing_round(at_collector: FakeCollector, world: World) -> None:
    """Nor does it become Markdown."""
    key, letter = next(iter(world.letters.items()))
    world.letters[key] = letter.model_copy(update={"subject": "a\u202e*b*", "payload": '{"to": "\u2066x"}'})
    said = text_of(draw("dead-letters", letter=letter.id))
    assert "a⟨U\\+202E⟩\\*b\\*" in said
    assert '"to": "⟨U+2066⟩x"' in said
    assert "\u202e" not in said
