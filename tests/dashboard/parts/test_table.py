"""Lists as the browser is handed them."""

import json

from streamlit.testing.v1 import AppTest

from dashboard.parts.ticks import Ticks
from tests.dashboard.server import FakeCollector
from tests.dashboard.views.drawing import draw, rows_of
from tests.dashboard.world import World


def test_a_row_leads_to_another_view_with_the_time_that_is_looked_at(at_collector: FakeCollector, world: World) -> None:
    """As a link, which opens in a tab of its own as well."""
    rows = rows_of(draw("overview", last="7d"))
    steps = [row["href"] for row in rows if row.get("href", "").startswith("steps?")]
    letters = [row["href"] for row in rows if row.get("href", "").startswith("dead-letters?")]
    assert steps
    assert letters
    assert all("last=7d" in href for href in steps)
    assert not any("last=" in href for href in letters)  # they wait however old they are


def test_what_is_picked_is_followed_and_nothing_else(at_collector: FakeCollector, world: World) -> None:
    """A browser may say anything."""
    app = AppTest.from_function(_picking)
    app.run()
    assert not app.exception
    assert json.loads(app.markdown[0].value) == [{"run": "b"}, {"run": "a"}]


def test_a_browser_ticks_what_can_be_ticked_and_nothing_else() -> None:
    """The rest stays as it was: another page's ticks, and rows that nobody can tick."""
    found = Ticks({"other page", "a"})
    for told in (None, 7, ["b"], {"ids": "b"}, {}):
        found.take(["a", "b"], told)
        assert found == Ticks({"other page", "a"})
    found.take(["a", "b"], {"ids": ["b", "strange", 3, None]})
    assert found == Ticks({"other page", "b"})


def test_only_ticks_of_the_page_itself_are_taken_over_by_the_browser() -> None:
    """A press is drawn at once, and an answer that was on its way must not undo it."""
    found = Ticks()
    before = found.turn
    found.take(["a"], {"ids": ["a"]})
    assert found.turn == before
    found.put(["b"], on=True)
    assert (found.ids, found.turn > before) == ({"a", "b"}, True)
    found.put(["a", "b"], on=False)
    assert found.ids == set()


def _picking() -> None:
    import json

    import streamlit as st

    from dashboard.parts import table

    links = [table.Link({"run": "a"}).follow, table.Link({"run": "b"}).follow]
    for picked in (1, 0, 2, -1, "0", None, True, 1.0):
        st.query_params.clear()
        table.follow(links, picked)
        if st.query_params and type(picked) is int:
            st.session_state.setdefault("seen", []).append(st.query_params.to_dict())
    st.markdown(json.dumps(st.session_state["seen"]))
