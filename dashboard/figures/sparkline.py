"""How a figure went, as a row of small bars. Pure: an SVG that needs no script, so that it is there with the page."""

from collections.abc import Sequence
from html import escape
from typing import Final

from dashboard import wording

#: Units of a bar and of the gap behind it, and those that all of it is high.
_BAR: Final = 6
_GAP: Final = 2
_HEIGHT: Final = 40
#: What a bar is high at least, for something is there.
_LEAST: Final = 2.0


def bars(values: Sequence[float], said: Sequence[str], name: str, colour: str) -> str:
    """Returns a bar a value; where nothing was, a line stands at the foot.

    Args:
        values: from the earliest to the latest.
        said: what hovering over each says.
        name: what all of it shows, for those who can't see it.
        colour: of bars, as CSS.
    """
    most = max(values, default=0.0) or 1.0
    width = len(values) * (_BAR + _GAP)
    drawn = "".join(
        _bar(at, value / most * _HEIGHT, tip) for at, (value, tip) in enumerate(zip(values, said, strict=True))
    )
    return (
        f'<svg role="img" aria-label="{escape(wording.tame(name))}" viewBox="0 0 {width} {_HEIGHT}" '
        f'preserveAspectRatio="none" style="display:block;width:100%;height:{_HEIGHT}px;fill:{escape(colour)}">'
        f"{drawn}</svg>"
    )


def _bar(at: int, height: float, tip: str) -> str:
    shown, opacity = (max(height, _LEAST), 1) if height > 0 else (1.0, 0.35)
    place = f'x="{at * (_BAR + _GAP)}" y="{_HEIGHT - shown:.1f}" width="{_BAR}" height="{shown:.1f}"'
    return f'<rect {place} opacity="{opacity}"><title>{escape(wording.tame(tip))}</title></rect>'
