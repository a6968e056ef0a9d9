"""What Streamlit's own looks lack: captions, code and links that everybody can read."""

from typing import Final

import streamlit as st

#: Captions and code of Streamlit have less contrast than WCAG asks for; its links that have no room are cut unmarked;
#: what is asked for again goes pale, though it is what was so a moment ago.
_STYLE: Final = """<style>
[data-stale=true], [data-stale=true] * { opacity: 1 !important; transition: none !important; }
[data-testid=stPageLink] p { overflow: hidden; text-overflow: ellipsis; }
[data-testid=stCaptionContainer], [data-testid=stCaptionContainer] p, [data-testid=stCaptionContainer] strong {
  color: GRAY; opacity: 1;
}
[data-testid=stCaptionContainer] code, [data-testid=stMarkdownContainer] code { color: GREEN; opacity: 1; }
[data-testid=stCode] .token { color: inherit; }
[data-testid=stCode] .token.string { color: GREEN; }
[data-testid=stCode] .token:is(.property, .keyword, .key, .function) { color: BLUE; }
[data-testid=stCode] .token:is(.number, .boolean, .null) { color: ORANGE; }
</style>"""
_COLOURS: Final = {
    "GRAY": ("#5d6576", "#a7afbf"),
    "GREEN": ("#146c4c", "#7fd3ae"),
    "BLUE": ("#2c48ab", "#9db0ff"),
    "ORANGE": ("#8a4b00", "#f5b45c"),
}


def colour(option: str) -> str:
    """Returns a colour of the theme as CSS, light and dark.

    Args:
        option: its name in the settings, such as `redColor`.
    """
    light, dark = (st.get_option(f"theme.{scheme}.{option}") for scheme in ("light", "dark"))
    return f"light-dark({light}, {dark})"


def put_right() -> None:
    """Adds the styles to the page."""
    style = _STYLE
    for name, (light, dark) in _COLOURS.items():
        style = style.replace(name, f"light-dark({light}, {dark})")
    st.html(style)
