"""The search of the Event view: by any id, or by what an event was about."""

import re
from typing import Final

import streamlit as st

from collector.models import Event
from dashboard import data, export, period, selection, wording
from dashboard.parts import deliveries, pages, timespan
from dashboard.parts.stamp import stamp
from dashboard.period import Period

_ID: Final = re.compile(r"^[0-9a-fA-F]{8}-?([0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}$")


def bar() -> str:
    """Shows the search box, and what it finds until something is chosen. Returns the id to draw, else an empty text."""
    key = "event-search"
    focus = selection.read("id")
    st.session_state[key] = selection.read("q") or focus
    st.text_input(
        "Search",
        key=key,
        placeholder="An event, correlation or node id, a subject such as S1-0042, or text of a payload",
        icon=":material/search:",
        label_visibility="collapsed",
        on_change=_searched,
        args=(key,),
    )
    wanted = selection.read("q")
    if wanted:
        _results(wanted)
        return ""
    if not focus:
        _recent("Recent events")
    return focus


def _searched(key: str) -> None:
    wanted = (st.session_state.get(key) or "").strip()
    selection.write(q=None, id=None, node=None, cursor=None)
    if _ID.match(wanted) and _drawable(wanted):
        selection.write(id=wanted)
    else:
        selection.write(q=wanted)


def _drawable(node_id: str) -> bool:
    """Returns whether to draw the id: a node's, or one that nobody knows, to say so. A correlation is searched for."""
    with data.shown_errors():
        return data.found(lambda: data.node(node_id)) is not None or not data.events(node_id).items
    return True


def _results(wanted: str) -> None:
    page = data.events(wanted, period.current(), selection.read("cursor"))
    found = page.items
    if not found:
        st.info(f"No event matches **{wording.plain(wanted)}**.", icon=":material/search_off:")
        _recent("Recent events")
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        more = "or more, " if page.next else ""
        st.caption(f"{wording.many(len(found), 'event')} found, {more}newest first", width="content")
        export.button("events", data.all_events(wanted, period.current()))
    timespan.named(page.window)
    _list(found)
    pages.turn(page.next)


def _recent(title: str) -> None:
    page = data.events("", period.current(), selection.read("cursor"))
    events = page.items
    if not events and period.current() != Period():
        st.info("No event in this time. Choose another at the top.", icon=":material/filter_alt_off:")
        return
    if not events:
        st.info(
            "No events yet. Start some work, such as `causeline demo logistics`, and it appears here.",
            icon=":material/inbox:",
        )
        return
    st.subheader(title, anchor=False)
    timespan.named(page.window)
    _list(events)
    pages.turn(page.next)


def unknown(focus: str) -> None:
    """Says that nothing has the id asked for, and offers what there is."""
    st.warning(
        f"Nothing is recorded under **{wording.plain(focus)}**. It may not have arrived yet, may not have been "
        "sampled, or may be past its retention. Search above, or take a recent event.",
        icon=":material/help:",
    )
    _recent("Recent events")


def _list(events: list[Event]) -> None:
    for event in events:
        with st.container(border=True, key=f"found-{event.event_id}"):
            what, whose, when, go = st.columns([4, 5, 2, 1.4], vertical_alignment="center")
            subject = wording.plain(event.subject or wording.short_id(event.event_id))
            what.markdown(f"**{wording.plain(event.channel)}**  \n{subject}")
            whose.markdown(deliveries.badges(event.deliveries) or ":gray[no deliveries]")
            with when:
                stamp(event.time)
            go.button(
                "Open",
                key=f"open-{event.event_id}",
                icon=":material/account_tree:",
                on_click=selection.write,
                kwargs={"id": event.event_id, "q": None, "node": None, "cursor": None},
            )
