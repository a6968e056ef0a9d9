"""Who acts: asked for once a session, for the audit keeps it with everything that is done."""

from typing import Final

import streamlit as st

_KEY: Final = "operator-name"


def field() -> str:
    """Shows the field for one's name, filled in with what it was last time. Returns what stands there; may be empty."""
    known: str = st.session_state.get(_KEY, "")
    return st.text_input("Your name, for the audit", value=known, max_chars=200, key="operator").strip()


def remember(name: str) -> None:
    """Fills the field in with a name from now on."""
    st.session_state[_KEY] = name
