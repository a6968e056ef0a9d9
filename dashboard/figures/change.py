"""What changed against the time before, in words. Pure."""

from dataclasses import dataclass
from typing import Final, Literal

Colour = Literal["red", "green", "gray"]
Arrow = Literal["up", "down", "off"]

#: Changes of a figure that are smaller than this share of it are not told.
_LEAST: Final = 0.01
#: From so many times as much on, a factor reads better than per cent.
_TIMES: Final = 10


@dataclass(frozen=True)
class Change:
    """How a figure changed.

    Attributes:
        text: by how much, such as `12 %`; empty where there is nothing to tell.
        before: what it was, in words.
        arrow: which way.
        colour: whether that is bad, good, or neither.
    """

    text: str = ""
    before: str = ""
    arrow: Arrow = "off"
    colour: Colour = "gray"


def of(now: float | None, before: float | None, said: str, *, is_trouble: bool = False) -> Change:
    """Returns how a figure changed.

    Args:
        now: what it is; None where it is not known.
        before: what it was; None where it is not known.
        said: what it was, in words.
        is_trouble: whether more of it is worse.
    """
    if now is None or before is None or now == before:
        return Change()
    arrow: Arrow = "up" if now > before else "down"
    colour: Colour = "gray" if not is_trouble else "red" if now > before else "green"
    if before <= 0:
        return Change("new", "none before", arrow, colour)
    part = abs(now - before) / before
    if part < _LEAST:
        return Change()
    size = f"{now / before:,.0f} times as much" if part >= _TIMES else f"{part * 100:,.0f} %"
    return Change(size, f"was {said}", arrow, colour)
