"""What Streamlit's own looks lack: captions, code and links that everybody can read."""

from typing import Final

import streamlit as st

#: Captions, code and axes of Streamlit have less contrast than WCAG asks for; its links that have no room are cut
#: unmarked; what is asked for again goes pale, though it is what was so a moment ago.
_STYLE: Final = """<style>
[data-stale=true], [data-stale=true] * { opacity: 1 !important; transition: none !important; }
[data-testid=stPageLink] p { overflow: hidden; text-overflow: ellipsis; }
[data-testid=stPageLink] a { padding-left: 0; }
[data-testid=stCaptionContainer], [data-testid=stCaptionContainer] p, [data-testid=stCaptionContainer] strong {
  color: GRAY; opacity: 1;
}
[data-testid=stPlotlyChart] :is(.xtick, .ytick, .g-xtitle, .g-ytitle) text { fill: GRAY !important; }
[data-testid=stCaptionContainer] code, [data-testid=stMarkdownContainer] code { color: GREEN; opacity: 1; }
.st-key-timespan { min-width: min(26rem, 100%); }
.causeline-code { position: relative; background: SURFACE; border-radius: .5rem; }
.causeline-code pre { margin: 0; padding: .8rem 2.4rem .8rem 1rem; background: none; border: 0; white-space: pre-wrap;
  overflow-wrap: anywhere; unicode-bidi: plaintext; font-size: .8125rem; line-height: 1.5; border-radius: inherit; }
.causeline-code pre code { font-family: "JetBrains Mono", ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace;
  font-size: inherit; background: none; padding: 0; color: inherit; white-space: inherit; overflow-wrap: inherit; }
.causeline-code .string { color: GREEN; }
.causeline-code .key { color: BLUE; }
.causeline-code .number { color: ORANGE; }
.causeline-code .copy { position: absolute; top: .4rem; right: .4rem; padding: .2rem; border: 0; border-radius: .3rem;
  background: SURFACE; color: GRAY; font: 1rem/1 "Material Symbols Rounded"; cursor: pointer; opacity: 0;
  font-feature-settings: "liga"; width: 1.5rem; overflow: hidden; white-space: nowrap;
  visibility: hidden; }
:root[data-copying]:not([data-copying="0"]) .causeline-code .copy { visibility: visible; }
.causeline-code:hover .copy, .causeline-code .copy:focus-visible { opacity: 1; }
</style>"""
_COLOURS: Final = {
    "SURFACE": ("#f8f9fb", "#1a1e28"),
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
