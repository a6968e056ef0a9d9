"""Parts of a page that stay in view while the rest scrolls: what one reads beside a long list, and what one does with
its rows."""

from typing import Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.parts import theme

#: Below the bar of views, which stays in view itself.
_TOP: Final = "3.7rem"

#: Narrower than this, Streamlit stacks columns, and a pinned part would cover what is below it.
_STACKED: Final = "640px"


def beside(key: str) -> DeltaGenerator:
    """Returns a container that stays beside a list, and scrolls by itself where it is longer than the window."""
    return _pin_container(key, f"max-height: calc(100vh - {_TOP} - 1rem); overflow-y: auto; scrollbar-width: thin;")


def above(key: str) -> DeltaGenerator:
    """Returns a container that stays above a list, whose rows pass below it unseen."""
    return _pin_container(key, f"background: {theme.colour('backgroundColor')}; padding: 0.1rem 0;")


def _pin_container(key: str, style: str) -> DeltaGenerator:
    # A container stands in a wrapper of its own height, inside of which it would have nowhere to stick.
    wrapper = f"div:has(> .st-key-{key}) {{ position: sticky; top: {_TOP}; z-index: 2; }}"
    st.html(f"<style>@media (min-width: {_STACKED}) {{ {wrapper} .st-key-{key} {{ {style} }} }}</style>")
    return st.container(key=key)
