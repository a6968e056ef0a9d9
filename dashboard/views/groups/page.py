"""Groups: who serves what, and what does it owe?"""

import streamlit as st

from collector.client import ApiError
from collector.models import BreakerList, ChannelList
from dashboard import data, export, live, parallel_questions, period, selection, wording
from dashboard.parts import audit, confirmation, page_parts, page_watch, pages, search_box, timespan
from dashboard.period import Period
from dashboard.views.groups import breaker, breakers, group_backlogs

_CHOSEN = ("app", "channel", "group")


def render() -> None:
    """Shows the view."""
    name = selection.read("breaker")
    if name:
        st.header("What does this breaker hold back?", anchor=False)
        with data.show_errors():
            breaker.show(name)
            confirmation.confirm_if_asked()
        return
    timespan.heading("Who serves what, and what does it owe?", of_all_time=True)
    with data.show_errors():
        _filters()
        confirmation.show_last_result(group_backlogs.ABOUT)
        page, found = _fetch_page_data()
        page_parts.show("Breakers", found, breakers.show)
        _tables(page)
        _audit()
        confirmation.confirm_if_asked()
        page_watch.watch(lambda: _brief(*_fetch_page_data()), _brief(page, found))


def _fetch_page_data() -> tuple[ChannelList, BreakerList | ApiError]:
    app, channel, group = [selection.read(name) for name in _CHOSEN]
    within = period.current()
    found = parallel_questions.ask_ahead(lambda: page_parts.get_or_error(lambda: live.breakers(within)))
    page = live.groups(channel, group, app, selection.read("q"), selection.read("groups"))
    return page, found()


def _brief(page: ChannelList, found: BreakerList | ApiError) -> str:
    """Returns what groups owe and what breakers hold back, without the moment at which that was asked."""
    held = repr(found) if isinstance(found, ApiError) else found.model_dump_json(exclude={"at"})
    return page.model_dump_json(exclude={"at"}) + held


def _tables(page: ChannelList) -> None:
    narrowed = any(selection.read(name) for name in (*_CHOSEN, "q"))
    if not page.items and not narrowed:
        st.info(
            "Nothing was published yet, and nobody subscribes. Start a worker with `causeline worker module:app`, and "
            "this page fills by itself.",
            icon=":material/rocket_launch:",
        )
        return
    group_backlogs.show(page.items)
    pages.show_pager(page.next, "First groups", "More groups", "groups")


def _filters() -> None:
    """Shows what the page is narrowed to, and the way out of it."""
    chosen = [selection.read(name) for name in _CHOSEN]
    search_box.show("groups", "Channel, group or app", "groups")
    if not any(chosen):
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        badges = [f":blue-badge[{wording.plain(each)}]" for each in chosen if each]
        st.markdown(f"Only {' '.join(badges)}", width="content")
        everything = dict.fromkeys((*_CHOSEN, "groups"))
        st.button("Show all", icon=":material/close:", type="tertiary", on_click=selection.write, kwargs=everything)


def _audit() -> None:
    within = period.current()
    export.heading("What operators did", "audit", live.all_audit(within))
    page = live.audit(within, selection.read("cursor"))
    st.caption("All time" if within == Period() else timespan.describe_period(within).capitalize())
    if page.items:
        audit.table(page.items)
    else:
        when = "yet" if within == Period() else "in this time"
        st.caption(f"Nobody has replayed, discarded, cancelled, resumed, retired or silenced anything {when}.")
    pages.show_pager(page.next, "Newest", "Older")
