"""The pictures that a browser draws: a script (and a style sheet, and a frame) beside each layout, mounted by key."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import streamlit as st

from dashboard import selection, wording

FIGURES: Final = Path(__file__).parents[1] / "figures"

#: The script and the style sheet that stand in front of every figure's own.
_SHARED: Final = "svg"
#: Those that stand in front of the figures that are made of boxes and arrows, too.
_BOXES: Final = "boxes"
_OF_BOXES: Final = frozenset({"dag", "topology"})


def mount(
    figure: str,
    key: str,
    data: dict[str, Any],
    pick: Callable[[object], None] | None = None,
    takes: Mapping[str, Callable[[object], None]] = MappingProxyType({}),
    height: int | None = None,
) -> None:
    """Draws a figure.

    Args:
        figure: name of the script and style sheet in `figures/`.
        key: stays the same while the same thing is shown, so that zoom and scroll survive.
        data: plain JSON for the script.
        pick: takes what a press picked; by default a node's id, which is put into the URL.
        takes: what else the figure tells of itself, by name, and what takes it.
        height: pixels that it takes, so that nothing below it moves when it is drawn; None for what it needs.
    """
    # Registered at every run: the registry belongs to the server, and a process may start a new one.
    parts = (_SHARED, *((_BOXES,) if figure in _OF_BOXES else ()), figure)
    script, style = ("".join(_source(part, kind) for part in parts) for kind in ("js", "css"))
    draw = st.components.v2.component(f"causeline_{figure}", html=_source(figure, "html"), js=script, css=style)
    told: dict[str, Any] = {
        f"on_{name}_change": partial(_pass_state_value, key, name, take) for name, take in takes.items()
    }
    chosen = partial(_pass_state_value, key, "picked", pick or _choose)
    draw(key=key, data=_make_visible(data), height=height or "content", on_picked_change=chosen, **told)


def _make_visible(value: Any) -> Any:
    """Returns what a script draws, with all text in it visible; ids have nothing to hide."""
    if isinstance(value, str):
        return wording.visible(value)
    if isinstance(value, dict):
        return {key: _make_visible(inner) for key, inner in value.items()}
    return [_make_visible(inner) for inner in value] if isinstance(value, list | tuple) else value


def _pass_state_value(key: str, name: str, take: Callable[[object], None]) -> None:
    state = st.session_state.get(key)
    take(state.get(name) if state else None)


def _choose(node: object) -> None:
    if isinstance(node, str):
        selection.write(node=node)


@st.cache_data
def _source(figure: str, kind: str) -> str:
    """Returns a file of the figure; empty where it has none, for a script may build all that it needs."""
    path = FIGURES / f"{figure}.{kind}"
    return path.read_text(encoding="utf-8") if path.exists() else ""
