"""Who acts: whoever signed in, else whom the token names, else who they say they are, asked for once a session; the
audit keeps it with everything that is done."""

from typing import Final

import streamlit as st

from dashboard import data, sign_in, wording

_KEY: Final = "operator-name"


def field() -> str:
    """Shows who acts, or the field for one's name, filled in with what it was last time. Returns it; may be empty."""
    decided = sign_in.person() or data.own_name()
    if decided:
        st.markdown(f"The audit will name you **{wording.plain(decided)}**.")
        return decided
    known: str = st.session_state.get(_KEY, "")
    return st.text_input("Your name, for the audit", value=known, max_chars=200, key="operator").strip()


def remember(name: str) -> None:
    """Fills the field in with a name from now on."""
    st.session_state[_KEY] = name
