"""Moments and figures as people say them, with the exact ones on hover."""

from datetime import datetime
from html import escape

import streamlit as st

from dashboard import data, wording


def stamp(moment: datetime | None, before: str = "") -> None:
    """Shows how long ago something was.

    Args:
        moment: when.
        before: plain text to put in front; it is escaped here.
    """
    said = " · ".join(part for part in (before, wording.ago(moment, data.now())) if part)
    exact = wording.exact(moment, data.zone())
    st.html(f'<span style="opacity:.66;font-size:.85rem" title="{escape(exact)}">{escape(wording.tame(said))}</span>')


def fact(name: str, value: str, tip: str) -> None:
    """Shows a small figure under its name; everything is plain text and is escaped here.

    Args:
        name: what it is.
        value: the figure, in words.
        tip: what hovering says.
    """
    st.html(
        f'<div title="{_escape_text(tip)}"><div style="opacity:.66;font-size:.85rem">{_escape_text(name)}</div>'
        f'<div style="font-weight:600">{_escape_text(value)}</div></div>',
        width="content",
    )


def _escape_text(text: str) -> str:
    return escape(wording.visible(wording.clip(text, wording.LINE)))
