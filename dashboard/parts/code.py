"""Text from data as it was written, line by line: payloads, tracebacks, attributes, ids."""

import streamlit as st

from dashboard import wording


def block(text: str, language: str | None = None, *, wrap: bool = False) -> None:
    """Shows text in a block of its own, which people may copy.

    Args:
        text: what to show; what can't be seen in it is made visible.
        language: whose colours it has; None for none.
        wrap: whether long lines are broken.
    """
    st.code(wording.visible(text), language=language, wrap_lines=wrap)
