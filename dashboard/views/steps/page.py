"""Steps: which step is slow or wrong?"""

from typing import Final

import streamlit as st

from dashboard import data, export, lists, period, selection, wording
from dashboard.parts import choice, links, model_calls, pages, search_box, timespan
from dashboard.views.steps import calls, depths, one, table

_KINDS: Final = {"": "All", "step": "Steps", "delivery": "Deliveries", "others": "Other agents"}
#: Filters that other views lead here with, by parameter.
_NARROWED: Final = ("app", "agent", "model")
_BAD: Final = "bad"
#: What is shown in place of steps, by what calls are put together by.
_VIEWS: Final = {
    "": "Steps",
    "model": "Models",
    "agent": "Agents",
    "tool": "Tools",
    "app": "Apps",
    "session": "Sessions",
    "user": "Users",
    "day": "Days",
}


def render() -> None:
    """Shows the view."""
    timespan.heading("Which step is slow or wrong?")
    _views()
    with data.show_errors():
        if by := calls.get_grouping():
            calls.show(by)
            return
        _filters()
        one.ask_ahead()
        wanted = _read_filters()
        answer = lists.steps(period.current(), wanted, selection.read("cursor"))
        is_scored = any(row.scores for row in answer.items)
        if is_scored:
            depths.ask_ahead()
        timespan.show_window(answer.window, "Times are of one attempt; waiting between attempts is not in them.")
        if one.is_chosen():
            one.show()
        if answer.items:
            table.show(answer.items)
        elif any(wanted):
            st.info("No step matches. Clear the search, or show those too that did well.", icon=":material/inbox:")
        else:
            st.info("No step has run in this time. Start some work, or choose another time.", icon=":material/inbox:")
        pages.show_pager(answer.next)
        model_calls.show(answer.models)
        if answer.items and not one.is_chosen():
            st.caption("Choose a step to see how its times are spread, its trend, and its worst nodes.")
        if is_scored:
            depths.show()


def _views() -> None:
    by = calls.get_grouping()
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
        st.toggle(
            "With failures only",
            key=key,
            on_change=_only_bad,
            args=(key,),
            help="Of which something failed, was retried, or was scored wrong",
        )
        for name in _NARROWED:
            if value := selection.read(name):
                label = f"of {name} **{wording.plain(value)}**"
                links.within(label, f"steps-not-{name}", {name: None, "cursor": None}, ":material/filter_alt_off:")
        export.button("steps", lists.all_steps(period.current(), _read_filters()))


def _read_filters() -> lists.StepSelection:
    narrowed = {name: selection.read(name) for name in _NARROWED}
    return lists.StepSelection(selection.read("q"), _kind(), bool(selection.read(_BAD)), **narrowed)


def _only_bad(key: str) -> None:
    selection.write(**{_BAD: "1" if st.session_state[key] else None}, cursor=None)
