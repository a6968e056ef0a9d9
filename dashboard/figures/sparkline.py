"""How a figure went, as a row of small bars. Pure: HTML that needs no script, so that it is there with the page. An SVG
would be taken out of it by Streamlit."""

from collections.abc import Sequence
from html import escape
from typing import Final

from dashboard import wording

#: Pixels that all of it is high.
_HEIGHT: Final = 40
#: What a bar is high at least, in per cent, for something is there.
_LEAST: Final = 5.0
_ROW: Final = f"display:flex;align-items:flex-end;gap:2px;height:{_HEIGHT}px"


def bars(values: Sequence[float], said: Sequence[str], name: str, colour: str) -> str:
    """Returns a bar a value; where nothing was, a line stands at the foot.

    Args:
        values: from the earliest to the latest.
        said: what hovering over each says.
        name: what all of it shows, for those who can't see it.
        colour: of bars, as CSS.
    """
    most = max(values, default=0.0) or 1.0
    drawn = "".join(_bar(value / most * 100, tip, colour) for value, tip in zip(values, said, strict=True))
    return f'<div role="img" aria-label="{escape(wording.tame(name))}" style="{_ROW}">{drawn}</div>'


def _bar(height: float, tip: str, colour: str) -> str:
    size = f"height:{max(height, _LEAST):.0f}%" if height > 0 else "height:1px;opacity:.35"
    style = f"flex:1;border-radius:1px;background:{colour};{size}"
    return f'<div style="{escape(style)}" title="{escape(wording.tame(tip))}"></div>'
