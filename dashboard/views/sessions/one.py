"""One session, turn by turn: what each run was asked, and what it answered."""

import streamlit as st

from collector.models import Message, SessionDetail, SessionRun
from dashboard import data, lists, palette, selection, wording
from dashboard.parts import links, messages, pages, usage
from dashboard.parts.stamp import stamp
from dashboard.views.sessions.listing import counts, users


def show(session: str) -> None:
    """Shows the session."""
    links.within("All sessions", "all-sessions", {"session": None, "cursor": None}, ":material/arrow_back:")
    detail = data.get_or_none(lambda: lists.session(session, selection.read("cursor")))
    if detail is None:
        st.warning(f"There is no session **{wording.plain(session)}**.", icon=":material/help:")
        return
    _heading(detail)
    for turn in detail.items:
        _turn(turn)
    pages.show_pager(detail.next, "First turns", "Later turns")


def _heading(detail: SessionDetail) -> None:
    told = detail.session
    st.subheader(wording.name(told.session), anchor=False)
    facts = [
        f"{counts(told)} {'run' if told.runs == 1 else 'runs'}",
        f"user {users(told)}" if told.users else "no user told",
    ]
    facts += [wording.plain(used)] if (used := usage.brief(told.usage)) else []
    facts += [wording.plain(less)] if (less := usage.describe_missing_usage(told.usage)) else []
    facts += [wording.between(told.first, told.last)]
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.markdown(" \N{MIDDLE DOT} ".join(facts), width="content")
        links.to("Its runs as a list", selection.RUNS, {"session": told.session, "last": "all"}, ":material/route:")
    stamp(told.first, "began")


def _turn(turn: SessionRun) -> None:
    run = turn.run
    with st.container(border=True, gap="xsmall", key=f"session-run-{run.run_id}"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            facts = [wording.duration(run.duration_ms)]
            facts += [wording.plain(used)] if (used := usage.brief(run.usage)) else []
            said = f":small[:gray[{' · '.join(facts)}]]"
            st.markdown(f"{palette.markdown_badge(run.status)} &nbsp;{said}", width="content")
            links.to(wording.name(run.workflow), selection.RUNS, {"run": run.run_id}, ":material/route:")
            stamp(run.start)
        _show_message(turn.asked, f"asked-{run.run_id}")
        _show_message(turn.answered, f"answered-{run.run_id}")
        if turn.asked is None and turn.answered is None:
            st.caption("What was said in it was not sent.")


def _show_message(message: Message | None, key: str) -> None:
    if message is not None:
        messages.show([message], key)
