"""Lists as the browser is handed them."""

import json

from streamlit.testing.v1 import AppTest

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


def _picking() -> None:
    import json

    import streamlit as st

    from dashboard.parts import table

    links = [table.Link({"run": "a"}), table.Link({"run": "b"})]
    for picked in (1, 0, 2, -1, "0", None, True, 1.0):
        st.query_params.clear()
        table._follow(links, picked)
        if st.query_params and type(picked) is int:
            st.session_state.setdefault("seen", []).append(st.query_params.to_dict())
    st.markdown(json.dumps(st.session_state["seen"]))
