"""Groups: who serves what, and what does it owe?"""

import streamlit as st

from dashboard import data, selection, wording
from dashboard.parts import acting, audit
from dashboard.views.groups import owed, working

_CHOSEN = ("app", "channel", "group")


def render() -> None:
    """Shows the view."""
    st.header("Who serves what, and what does it owe?", anchor=False)
    with data.shown_errors():
        _filters()
        acting.said(owed.ABOUT)
        _live()
        _audit()
        acting.confirm_if_asked()


def _live() -> None:
    asked = acting.asked()
    st.fragment(_tables, run_every=None if asked else data.LOOK_EVERY)(asked=asked)


def _tables(*, asked: bool) -> None:
    """Shows what changes by itself; a question that was asked here is asked by the whole page."""
    if acting.asked() and not asked:
        st.rerun()
    with data.shown_errors():
        channels, workers = data.channels().items, data.workers()
        if not channels and not workers.items and not workers.apps:
            st.info(
                "Nobody has worked yet: no worker was ever here, and nothing was published. Start one with "
                "`causeline worker module:app`, and this page fills by itself.",
                icon=":material/rocket_launch:",
            )
            return
        owed.show(channels)
        working.show(workers)


def _filters() -> None:
    """Shows what the page is narrowed to, and the way out of it."""
    chosen = [selection.read(name) for name in _CHOSEN]
    if not any(chosen):
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        badges = [f":blue-badge[{wording.plain(each)}]" for each in chosen if each]
        st.markdown(f"Only {' '.join(badges)}", width="content")
        everything = dict.fromkeys(_CHOSEN)
        st.button("Show all", icon=":material/close:", type="tertiary", on_click=selection.write, kwargs=everything)


def _audit() -> None:
    st.subheader("What operators did", anchor=False)
    cursor = selection.read("cursor")
    page = data.audit(cursor)
    if not page.items:
        st.caption("Nobody has replayed, discarded, cancelled, resumed, retired or silenced anything yet.")
        return
    audit.table(page.items)
    if not cursor and not page.next:
        return
    with st.container(horizontal=True, horizontal_alignment="right"):
        st.button("Newest", type="tertiary", disabled=not cursor, on_click=selection.write, kwargs={"cursor": None})
        st.button("Older", type="tertiary", disabled=not page.next, on_click=selection.write,
                  kwargs={"cursor": page.next})  # fmt: skip
