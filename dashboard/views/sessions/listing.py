"""The list of sessions, those first in which something happened last."""

from typing import Final

import streamlit as st

from collector.models import SessionBrief
from dashboard import export, lists, period, selection, wording
from dashboard.parts import links, pages, rows, search_box, timespan, usage
from dashboard.parts.stamp import clock
from dashboard.period import Period

_WIDTHS: Final = [3.4, 2.2, 1.6, 3.0, 1.8]
_TITLES: Final = ("session", "users", "runs", "tokens", "last")
#: Users of a session that its row names.
_NAMED: Final = 3


def show() -> None:
    """Shows the list."""
    with st.container(horizontal=True, vertical_alignment="center"):
        search_box.show("sessions", "Session, user or agent")
        user = selection.read("user")
        export.button("sessions", lists.all_sessions(period.current(), user, selection.read("q")))
    if user:
        links.within(f"of user **{wording.name(user)}**", "sessions-not-user", {"user": None, "cursor": None},
                     ":material/filter_alt_off:")  # fmt: skip
    page = lists.sessions(period.current(), user, selection.read("q"), selection.read("cursor"), pages.size())
    timespan.named(page.window)
    if not page.items:
        _empty()
        return
    with rows.of("session"):
        for cell, title in zip(st.columns(_WIDTHS), _TITLES, strict=True):
            cell.caption(title)
        for each in page.items:
            _row(each)
    pages.turn(page.next, sized=True)


def _empty() -> None:
    if selection.read("q") or selection.read("user") or period.current() != Period():
        st.info("No session matches. Clear the search, or choose another time.", icon=":material/filter_alt_off:")
    else:
        st.info("No sessions yet. Spans that carry `session.id` or `gen_ai.conversation.id` make one.",
                icon=":material/inbox:")  # fmt: skip


def _row(each: SessionBrief) -> None:
    what, whose, runs, used, when = st.columns(_WIDTHS, vertical_alignment="center")
    with what:
        links.within(wording.name(each.session), f"session-{each.session}", {"session": each.session, "cursor": None},
                     ":material/forum:")  # fmt: skip
    whose.markdown(f":small[{users(each)}]")
    runs.markdown(f":small[{counts(each)}]")
    used.markdown(f":small[:gray[{wording.plain(usage.brief(each.usage)) or wording.DASH}]]")
    with when:
        clock(each.last)


def users(each: SessionBrief) -> str:
    """Returns whose a session is, as Markdown; several are said to be."""
    named = [wording.name(user) for user in each.users[:_NAMED]]
    more = len(each.users) - len(named)
    said = ", ".join(named) + (f" and {more} more" if more else "")
    return f":orange-badge[{len(each.users)} users] {said}" if len(each.users) > 1 else said or wording.DASH


def counts(each: SessionBrief) -> str:
    """Returns how many runs a session has, and how they stand, as Markdown."""
    said = [f"{each.runs:,}"]
    said += [f":red-badge[{each.failed:,} failed]"] if each.failed else []
    said += [f":blue-badge[{each.running:,} running]"] if each.running else []
    return " ".join(said)
