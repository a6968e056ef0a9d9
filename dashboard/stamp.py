"""A moment as people say it, with the exact one on hover."""

from datetime import datetime
from html import escape

import streamlit as st

from dashboard import data, words


def stamp(moment: datetime | None, before: str = "") -> None:
    """Show how long ago something was.

    Args:
        moment: when.
        before: plain text to put in front; it is escaped here.
    """
    said = " · ".join(part for part in (before, words.ago(moment, data.now())) if part)
    exact = words.exact(moment, data.zone())
    st.html(f'<span style="opacity:.66;font-size:.85rem" title="{escape(exact)}">{escape(said)}</span>')
