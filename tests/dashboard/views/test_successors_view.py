"""Steps and their successors beside advice: how far they agree, what did not, and what can be done about it."""

import streamlit as st

from tests.dashboard.server import FakeCollector
from tests.dashboard.shadows_of import shadowed
from tests.dashboard.views.drawing import draw, rows_of, text_of
from tests.dashboard.world import World


def pressable(app: object) -> list[str]:
    """What can be pressed."""
    words = ("Move", "Move back", "Compare", "Compare anew")
    return [button.label for button in app.button if button.label in words]  # type: ignore[attr-defined] # of the library's own test


def test_steps_stand_above_the_advice_with_how_far_they_agree(at_collector: FakeCollector, world: World) -> None:
    """Coverage first; and with what can be done in their mode."""
    shadowed(world)
    shadowed(world, "loyalty", mode="moved", since=world.now, by="ana")
    shadowed(world, "fraud", n=0, agreed=0, mode="step", coverage=None, failed=0)
    app = draw("topology", see="advice")
    said = text_of(app).replace("\\", "")
    assert "Steps and their successors" in said
    assert ":small[100, 50 % covered; 3 failed]" in said
    assert "**95 %** (88.8\N{EN DASH}97.8 %)" in said
    assert ":green-badge[:material/call_split: successor]" in said
    assert pressable(app) == ["Move", "Compare anew", "Move back", "Compare", "Move"]


def test_where_no_step_has_a_successor_nothing_is_said_of_them(at_collector: FakeCollector, world: World) -> None:
    """Nor where the bus, or a collector that knows them, is away: advice is shown all the same."""
    assert "successors" not in text_of(draw("topology", see="advice"))
    del at_collector.routes["shadows"]
    st.cache_data.clear()
    assert "should each step be" in text_of(draw("topology", see="advice"))


def test_what_did_not_agree_leads_to_its_rows(at_collector: FakeCollector, world: World) -> None:
    """With both values of each field."""
    shadowed(world)
    app = draw("topology", see="advice", shadowed="bank\npayment\nreceipt")
    rows = [row for row in rows_of(app) if row.get("href", "").startswith("event?")]
    words = [" ".join(part["text"] for cell in row["cells"] for part in cell) for row in rows]
    assert any("P7 fee: 1 by the step, 2 by its successor" in one for one in words)
    assert rows[0]["href"] == f"event?id={next(iter(world.events))}"
