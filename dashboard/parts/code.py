"""Text from data as it was written, line by line: payloads, tracebacks, attributes, ids.

Streamlit's own blocks of code read a library of some hundred languages first, which takes a slow machine longer than
all else on the page. Ours are plain HTML; what copies them is on each page once (`mount_copy_buttons`).
"""

import re
from html import escape
from typing import Final

import streamlit as st

from dashboard import wording
from dashboard.parts import components

#: Characters up to which text has colours: each word of those is an element, and a browser stands still over millions.
_COLOURED: Final = 50_000

#: What has a colour of its own, by language: names of groups are those of the style.
_TOKENS: Final = {
    "json": re.compile(
        r'(?P<key>"(?:[^"\\\n]|\\.)*"(?=\s*:))|(?P<string>"(?:[^"\\\n]|\\.)*")'
        r"|(?P<number>(?<![\w.])-?\d[\d.eE+-]*\b|\b(?:true|false|null)\b)"
    ),
    "python": re.compile(
        r'(?P<string>"(?:[^"\\\n]|\\.)*")|(?P<key>^\w[\w.]*(?=:\s|$))|(?P<number>(?<=, line )\d+|[~^]+$)', re.MULTILINE
    ),
}

_BUTTON: Final = '<button class="copy" type="button" aria-label="Copy" title="Copy">content_copy</button>'


def block(text: str, language: str | None = None) -> None:
    """Shows text in a block of its own, which people may copy. Long lines are broken: what scrolls sideways can not
    be read without a mouse.

    Args:
        text: what to show; what can't be seen in it is made visible.
        language: whose colours it has, `json` or `python`, unless it is long; None for none.
    """
    shown = wording.visible(text)
    tokens = _TOKENS.get(language or "") if len(shown) <= _COLOURED else None
    inner = escape(shown) if tokens is None else _highlight_tokens(shown, tokens)
    st.html(f'<div class="causeline-code"><pre tabindex="0"><code>{inner}</code></pre>{_BUTTON}</div>')


def mount_copy_buttons() -> None:
    """Makes the buttons of all blocks of code on the page copy their block."""
    components.mount("copy", "copy", {})


def _highlight_tokens(text: str, tokens: re.Pattern[str]) -> str:
    parts: list[str] = []
    at = 0
    for found in tokens.finditer(text):
        parts.append(escape(text[at : found.start()]))
        parts.append(f'<span class="{found.lastgroup}">{escape(found[0])}</span>')
        at = found.end()
    return "".join([*parts, escape(text[at:])])
