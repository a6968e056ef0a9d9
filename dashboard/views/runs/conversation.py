"""The conversation of a run: each message once, tools with their answers, tries and failures in their place."""

from typing import Final

import streamlit as st

from collector.models import Conversation, Turn
from dashboard import data, lists, palette, parallel_questions, selection, wording
from dashboard.parts import links, messages, usage

#: The address's parameter that says how many turns come before.
FROM: Final = "turn"


def ask_ahead(run_id: str) -> None:
    """Asks for the conversation while the page shows what stands above it; the answer is cached for `show`."""
    first = _first()
    parallel_questions.ask_ahead(lambda: data.get_or_none(lambda: lists.conversation(run_id, first)))


def show(run_id: str) -> None:
    """Shows a page of the conversation of a run; nothing where the run called no models or tools."""
    found = data.get_or_none(lambda: lists.conversation(run_id, _first()))
    if found is None or not found.calls:
        return
    st.subheader("Conversation", anchor=False)
    for note in found.notes:
        st.caption(wording.plain(note))
    _pages(found)
    for at, turn in enumerate(found.turns):
        _turn(turn, found.first + at + 1, f"turn-{turn.call.node_id}")
    if found.truncated:
        st.caption("There are more calls than one answer reads; the first are told.")


def _first() -> int:
    wanted = selection.read(FROM)
    return int(wanted) if wanted.isascii() and wanted.isdecimal() and len(wanted) < 7 else 0


def _pages(found: Conversation) -> None:
    if not found.first and found.next is None:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        last = found.first + len(found.turns)
        st.caption(f"Turns {found.first + 1:,} to {last:,}", width="content")
        before = max(found.first - lists.TURNS, 0)
        st.button(
            "Earlier turns",
            type="tertiary",
            key="turns-earlier",
            disabled=not found.first,
            on_click=selection.write,
            kwargs={FROM: str(before) if before else None},
        )
        st.button(
            "Later turns",
            type="tertiary",
            key="turns-later",
            disabled=found.next is None,
            on_click=selection.write,
            kwargs={FROM: str(found.next) if found.next else None},
        )


def _turn(turn: Turn, number: int, key: str) -> None:
    call = turn.call
    with st.container(border=True, gap="xsmall", key=key):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f"**{number}** &nbsp;{_describe_turn(turn)}", width="content")
            links.within(
                f"Open {wording.make_spoken_label(call.name)}",
                f"{key}-open",
                {"call": call.node_id},
                ":material/arrow_forward:",
            )
        for note in (*turn.notes, *call.notes):
            st.markdown(f":orange[:small[{wording.plain(note)}]]")
        if turn.repeated:
            st.caption(f"{wording.many(turn.repeated, 'message')} told above, sent again")
        messages.show(turn.messages, f"{key}-told")
        messages.show(turn.answer, f"{key}-answered")
        if call.error:
            st.markdown(f":red[{wording.plain(call.error, wording.MESSAGE)}]")


def _describe_turn(turn: Turn) -> str:
    call = turn.call
    facts = [wording.name(call.model or call.name)]
    facts += [f"step {wording.name(turn.step)}"] if turn.step else []
    facts += [wording.name(turn.agent)] if turn.agent else []
    facts += [wording.duration(call.duration_ms)]
    facts += [wording.plain(used)] if (used := usage.brief(call.usage)) else []
    if call.first_chunk_ms is not None:
        facts.append(f"first part after {wording.duration(call.first_chunk_ms)}")
    tries = f" :orange-badge[try {turn.attempt}]" if turn.attempt > 1 else ""
    again = f" :orange-badge[attempt {turn.step_attempt} of its step]" if turn.step_attempt > 1 else ""
    said = " \N{MIDDLE DOT} ".join(fact for fact in facts if fact)
    return f"{palette.markdown_badge(call.status)}{tries}{again} &nbsp;:small[{said}]"
