"""Text from data as it was written, line by line: payloads, tracebacks, attributes, ids."""

from typing import Final

import streamlit as st

from dashboard import wording

#: Characters up to which text has colours: each word of those is an element, and a browser stands still over millions.
_COLOURED: Final = 50_000


def block(text: str, language: str | None = None) -> None:
    """Shows text in a block of its own, which people may copy. Long lines are broken: what scrolls sideways can not
    be read without a mouse.

    Args:
        text: what to show; what can't be seen in it is made visible.
        language: whose colours it has, unless it is long; None for none.
    """
    st.code(wording.visible(text), language=language if len(text) <= _COLOURED else None, wrap_lines=True)
