"""An open page looks at its own pace, which begins anew where something else is chosen."""

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.parts import look_pace


def _draw() -> None:
    """A page that counts its looks."""
    import streamlit as st

    from dashboard.parts import page_watch

    def look() -> str:
        st.session_state["looks"] = st.session_state.get("looks", 0) + 1
        return "drawn"

    page_watch.watch(look, "drawn")


def count_looks(page: AppTest) -> int:
    """How often it has looked, after one run more."""
    page.run()
    assert not page.exception
    looks: int = page.session_state["looks"]
    return looks


def test_a_page_whose_look_takes_long_looks_again_only_after_a_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Unless another time, or anything else, is chosen on it."""
    monkeypatch.setattr(look_pace, "REST", 1e9)
    page = AppTest.from_function(_draw)
    assert [count_looks(page), count_looks(page)] == [1, 1]
    page.query_params["last"] = "1h"
    assert [count_looks(page), count_looks(page)] == [2, 2]


def test_a_page_whose_look_takes_no_time_looks_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the pace of its refreshes has it."""
    monkeypatch.setattr(look_pace, "REST", 0.0)
    page = AppTest.from_function(_draw)
    assert [count_looks(page), count_looks(page)] == [1, 2]
