"""Steps: which step is slow or wrong?"""

from typing import Final

import streamlit as st

from dashboard import data, export, lists, period, selection
from dashboard.parts import choice, model_calls, pages, search_box, timespan
from dashboard.views.steps import calls, depths, one, table

_KINDS: Final = {"": "All", "step": "Steps", "delivery": "Deliveries"}
_BAD: Final = "bad"
#: What is shown in place of steps, by what calls are put together by.
_VIEWS: Final = {
    "": "Steps", "model": "Models", "agent": "Agents", "tool": "Tools", "app": "Apps", "session": "Sessions",
    "user": "Users", "day": "Days",
}  # fmt: skip


def render() -> None:
    """Shows the view."""
    timespan.heading("Which step is slow or wrong?")
    _views()
    with data.shown_errors():
        if by := calls.chosen():
            calls.show(by)
            return
        _filters()
        one.ahead()
        bad = bool(selection.read(_BAD))
        answer = lists.steps(period.current(), selection.read("q"), _kind(), bad=bad, cursor=selection.read("cursor"))
        is_scored = any(row.scores for row in answer.items)
        if is_scored:
            depths.ahead()
        timespan.named(answer.window, "Times are of one attempt; waiting between attempts is not in them.")
        if one.is_chosen():
            one.show()
        if answer.items:
            table.show(answer.items)
        elif bad or selection.read("q"):
            st.info("No step matches. Clear the search, or show those too that did well.", icon=":material/inbox:")
        else:
            st.info("No step has run in this time. Start some work, or choose another time.", icon=":material/inbox:")
        pages.turn(answer.next)
        model_calls.show(answer.models)
        if answer.items and not one.is_chosen():
            st.caption("Choose a step to see how its times are spread, its trend, and its worst nodes.")
        if is_scored:
            depths.show()


def _views() -> None:
    by = calls.chosen()
    choice.show("What", "steps-by", _VIEWS, by.value if by else "", "by", "sort", "order", "cursor")


def _kind() -> str:
    kind = selection.read("show")
    return kind if kind in _KINDS else ""


def _filters() -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        choice.show("Kind", "steps-show", _KINDS, _kind(), "show", "cursor")
        search_box.show("steps", "Step, group, workflow, channel")
        key = "steps-bad"
        st.session_state[key] = bool(selection.read(_BAD))
        st.toggle("With failures only", key=key, on_change=_only_bad, args=(key,),
                  help="Of which something failed, was retried, or was scored wrong")  # fmt: skip
        bad = bool(selection.read(_BAD))
        export.button("steps", lists.all_steps(period.current(), selection.read("q"), _kind(), bad=bad))


def _only_bad(key: str) -> None:
    selection.write(**{_BAD: "1" if st.session_state[key] else None}, cursor=None)
