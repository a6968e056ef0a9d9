"""What an operator does to one thing: ask, confirm by name, and say what became of it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import streamlit as st

from collector.client import ApiError
from dashboard import wording
from dashboard.parts import operator

_ASKED: Final = "act-asked"
_SAID: Final = "act-said"


@dataclass(frozen=True)
class Act:
    """Something to be done once somebody has said who they are.

    Attributes:
        about: id of what it is done to; what became of it is said beside that.
        title: the question, plain text.
        words: what will happen, as Markdown.
        verb: what the button says that does it.
        do: does it, given who says so and why; returns what became of it, as Markdown.
        wants_reason: whether the audit wants to know why.
        also: draws further fields, whose values `do` finds in the session's state.
    """

    about: str
    title: str
    words: str
    verb: str
    do: Callable[[str, str], str]
    wants_reason: bool = False
    also: Callable[[], object] | None = None


def ask(act: Act) -> None:
    """Asks for a confirmation at the next drawing; a callback."""
    st.session_state[_ASKED] = act


def is_confirmation_open() -> bool:
    """Returns whether a confirmation is open."""
    return _ASKED in st.session_state


def confirm_if_asked() -> None:
    """Shows the confirmation, if somebody asked for it."""
    act: Act | None = st.session_state.get(_ASKED)
    if act is not None:
        st.dialog(act.title, on_dismiss=_close_confirmation)(_confirm)(act)


def show_last_result(about: str) -> None:
    """Says what became of the last act, where that was done to this, until the reader puts it away."""
    last: tuple[str, str] | None = st.session_state.get(_SAID)
    if last is None or last[0] != about:
        return
    with st.container(border=True, key="act-said"):
        words, away = st.columns([10, 1.2], vertical_alignment="center")
        words.markdown(f":green[:material/check_circle:] &nbsp;{last[1]}")
        away.button("Close", type="tertiary", key="act-close", on_click=lambda: st.session_state.pop(_SAID, None))


def _close_confirmation() -> None:
    st.session_state.pop(_ASKED, None)


def _confirm(act: Act) -> None:
    st.markdown(act.words)
    if act.also is not None:
        act.also()
    who = operator.field()
    why = ""
    if act.wants_reason:
        why = st.text_input("Why, for the audit", max_chars=1000, key="reason").strip()
    go, back = st.columns([3, 1])
    if back.button("Back", width="stretch"):
        _close_confirmation()
        st.rerun()
    if not go.button(act.verb, type="primary", width="stretch", key="confirm"):
        return
    if not who:
        st.error("Say who you are: the audit keeps who did it.", icon=":material/badge:")
    elif act.wants_reason and not why:
        st.error("Say why: the audit keeps it.", icon=":material/badge:")
    else:
        _do(act, who, why)


def _do(act: Act, who: str, why: str) -> None:
    operator.remember(who)
    try:
        became = act.do(who, why)
    except ApiError as error:
        st.error(f"{wording.plain(error.message)}  \n{wording.plain(error.hint)}", icon=":material/report:")
        return
    st.session_state[_SAID] = (act.about, became)
    _close_confirmation()
    st.rerun()
