"""The list of sessions, those first in which something happened last."""

from typing import Final

import streamlit as st

from collector.models import SessionBrief
from dashboard import export, lists, period, selection, wording
from dashboard.parts import links, pages, search_box, table, timespan, usage
from dashboard.period import Period

_WIDTHS: Final = [3.4, 2.2, 1.6, 3.0, 1.8]
_TITLES: Final = ("session", "users", "runs", "tokens", "latest")
#: Users of a session that its row names.
_NAMED: Final = 3


def show() -> None:
    """Shows the list."""
    with st.container(horizontal=True, vertical_alignment="center"):
        search_box.show("sessions", "Session, user or agent")
        user = selection.read("user")
        export.button("sessions", lists.all_sessions(period.current(), user, selection.read("q")))
    if user:
        links.within(
            f"of user **{wording.name(user)}**",
            "sessions-not-user",
            {"user": None, "cursor": None},
            ":material/filter_alt_off:",
        )
    page = lists.sessions(period.current(), user, selection.read("q"), selection.read("cursor"), pages.size())
    timespan.show_window(page.window)
    if not page.items:
        _empty()
        return
    table.show("session", "Sessions", _WIDTHS, [_row(each) for each in page.items], _TITLES)
    pages.show_pager(page.next, sized=True)


def _empty() -> None:
    if selection.read("q") or selection.read("user") or period.current() != Period():
        st.info("No session matches. Clear the search, or choose another time.", icon=":material/filter_alt_off:")
    else:
        st.info(
            "No sessions yet. Spans that carry `session.id` or `gen_ai.conversation.id` make one.",
            icon=":material/inbox:",
        )


def _row(each: SessionBrief) -> table.Row:
    cells = (
        [table.Part(wording.clip(each.session, wording.NAME) or "(no name)", icon=":material/forum:")],
        _users(each),
        _counts(each),
        table.join_facts([usage.brief(each.usage)], table.MUTED),
        [table.moment(each.latest)],
    )
    return table.Row(cells, table.Link({"session": each.session, "cursor": None}))


def _users(each: SessionBrief) -> table.Cell:
    said = [table.Part(_join_users(each) or wording.DASH)]
    return [table.Part(f"{len(each.users)} users", "badge-orange"), *said] if len(each.users) > 1 else said


def _join_users(each: SessionBrief) -> str:
    more = len(each.users) - _NAMED
    return ", ".join(each.users[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def _counts(each: SessionBrief) -> table.Cell:
    said = [table.Part(f"{each.runs:,}")]
    said += [table.Part(f"{each.failed:,} failed", "badge-red")] if each.failed else []
    said += [table.Part(f"{each.running:,} running", "badge-blue")] if each.running else []
    return said


def users(each: SessionBrief) -> str:
    """Returns the users of a session, as Markdown; of several, that there are several."""
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
