"""Logs: what did programs write down? Of a node, a trace or a service, and what belongs to none."""

from typing import Final, cast, get_args

import streamlit as st

from collector.models import LogPage, SeverityName
from dashboard import data, export, lists, period, selection, wording
from dashboard.lists import LogSelection
from dashboard.parts import links, logs, pages, rows, search_box, timespan

_ANY: Final = "Any severity"
#: Filters that links lead here with, and what the page calls them.
_ABOUT: Final = {"node": "node", "trace": "trace", "span": "span", "service": "service"}
_LOOSE: Final = "loose"
_SELECT_WIDTH: Final = 190


def render() -> None:
    """Shows the view."""
    timespan.heading("What did programs write down?")
    with data.show_errors():
        asked = _read_filters()
        _filters(asked)
        page = lists.logs(period.current(), asked, selection.read("cursor"), pages.size())
        timespan.show_window(page.window)
        if not page.items:
            _empty(page)
        else:
            with rows.of("log"):
                for record in page.items:
                    logs.record(record, linked=True)
        pages.show_pager(page.next, on="Look further back" if asked.q and not page.items else "Next page", sized=True)


def _read_filters() -> LogSelection:
    severity = selection.read("severity")
    return LogSelection(
        service=selection.read("service"),
        severity=cast("SeverityName", severity) if severity in get_args(SeverityName) else None,
        trace=selection.read("trace"),
        span=selection.read("span"),
        node=selection.read("node"),
        loose=bool(selection.read(_LOOSE)),
        q=selection.read("q"),
    )


def _filters(asked: LogSelection) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        key = "logs-severity"
        st.session_state[key] = asked.severity or ""
        st.selectbox(
            "Severity",
            ["", *get_args(SeverityName)],
            key=key,
            on_change=selection.follow,
            format_func=lambda each: f"{each} and above" if each else _ANY,
            args=("severity", key, "cursor"),
            label_visibility="collapsed",
            width=_SELECT_WIDTH,
        )
        search_box.show("logs", "Text, or id of a trace or span")
        key = "logs-loose"
        st.session_state[key] = asked.loose
        st.toggle(
            "Without a span",
            key=key,
            on_change=_only_loose,
            args=(key,),
            help="Records that name no span, and so stand at no node",
        )
        export.button("logs", lists.all_logs(period.current(), asked))
    _show_link_filters()


def _show_link_filters() -> None:
    """Shows what a link narrowed the list to, and the way out."""
    chosen = {name: selection.read(name) for name in _ABOUT if selection.read(name)}
    if not chosen:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        badges = [
            f":blue-badge[{_ABOUT[name]} {wording.plain(wording.clip(text, 60))}]" for name, text in chosen.items()
        ]
        st.markdown(f"Only {' '.join(badges)}", width="content")
        links.within("Show all", "logs-all", {**dict.fromkeys(_ABOUT), "cursor": None}, ":material/close:")


def _only_loose(key: str) -> None:
    selection.write(**{_LOOSE: "1" if st.session_state[key] else None}, cursor=None)


def _empty(page: LogPage) -> None:
    if page.next:
        st.info(
            "Nothing was found so far that matches; older records were not looked through yet.",
            icon=":material/search_off:",
        )
    else:
        st.info(
            "No log record matches. Any OpenTelemetry client can send them; clear the filters or choose another "
            "time to see others.",
            icon=":material/inbox:",
        )
