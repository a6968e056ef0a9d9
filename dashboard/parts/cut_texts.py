"""Text that an answer cut: shown as it came, and whole when a reader asks for it."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import streamlit as st

from dashboard import data, wording
from dashboard.parts import code

#: How the collector marks what it cut.
_CUT: Final = re.compile(r"… \[cut: [\d,]+ of ([\d,]+) characters\]$")


def show_text(content: str, node_id: str, place: str, language: str | None) -> None:
    """Shows a text of a node's details.

    Args:
        content: the text, as it came.
        node_id: the node.
        place: where the text is in the details, as a JSON pointer.
        language: how to colour it; JSON is indented.
    """
    whole = _get_requested_text(content, node_id, place)
    shown = content if whole is None else whole
    code.block(wording.pretty(shown) if language == "json" else shown, language)
    if whole is None:
        _offer_full_text(content, "Show all", node_id, place)


def get_full_text(content: str | None, node_id: str, place: str) -> str | None:
    """Returns a text of a node's details whole, though it came cut.

    Args:
        content: the text, as it came; None for none.
        node_id: the node.
        place: where the text is in the details, as a JSON pointer.
    """
    if content is None or not _CUT.search(content):
        return content
    return data.fetch_full_text(node_id, place) or content


def show_attributes(content: Mapping[str, Any], node_id: str, place: str) -> None:
    """Shows attributes as JSON; what was cut of them can be had whole, one by one."""
    shown, offers = dict(content), []
    for key, where, value in _texts(content, place):
        if _CUT.search(value):
            whole = _get_requested_text(value, node_id, where)
            if whole is None:
                offers.append((value, f"Show all of {wording.plain(key)}", where))
            else:
                shown[key] = whole
    code.block(json.dumps(shown, indent=2, ensure_ascii=False, default=str), "json")
    for value, label, where in offers:
        _offer_full_text(value, label, node_id, where)


def _texts(content: Mapping[str, Any], place: str) -> Iterator[tuple[str, str, str]]:
    for key, value in content.items():
        if isinstance(value, str):
            yield key, f"{place}/{key.replace('~', '~0').replace('/', '~1')}", value


def _key(node_id: str, place: str) -> str:
    return f"whole-{node_id}-{place}"


def _get_requested_text(content: str, node_id: str, place: str) -> str | None:
    """Returns the whole of a text that was cut, where the reader asked for it."""
    if not _CUT.search(content) or not st.session_state.get(_key(node_id, place)):
        return None
    return data.fetch_full_text(node_id, place)


def _offer_full_text(content: str, label: str, node_id: str, place: str) -> None:
    if cut := _CUT.search(content):
        key = _key(node_id, place)
        st.button(
            f"{label} ({cut[1]} characters)",
            key=f"ask-{key}",
            icon=":material/unfold_more:",
            on_click=st.session_state.update,
            args=({key: True},),
        )
