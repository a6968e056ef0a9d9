"""Figures beside each other, each with how it changed, how it went, and where it leads, as one figure of the page: with
an element of Streamlit's for each part of each, a browser draws for as long as it does all else."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import streamlit as st

from dashboard import wording
from dashboard.figures.change import Change
from dashboard.parts import components, table

#: What a row of them takes at least, in rem, so that little below it moves once it is drawn.
_PLAIN: Final = 6.8
_WITH_COURSE: Final = 10.2


@dataclass(frozen=True, slots=True)
class Course:
    """How a figure went.

    Attributes:
        label: what it shows, for those who can't see it.
        values: from the earliest to the latest.
        tips: what hovering over each says.
        is_trouble: whether more of it is worse.
    """

    label: str
    values: Sequence[float]
    tips: Sequence[str]
    is_trouble: bool = False

    def as_data(self) -> dict[str, Any]:
        """Returns the course as plain JSON."""
        return {
            "label": self.label,
            "values": list(self.values),
            "tips": list(self.tips),
            "trouble": self.is_trouble,
        }


@dataclass(frozen=True, slots=True)
class TileLink:
    """Where a figure leads.

    Attributes:
        label: what the link says.
        link: where it leads; a text for a place on the same page, such as `#backlog`.
        icon: a Material icon in front of it.
    """

    label: str
    link: table.Link | str
    icon: str = ""


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure.

    Attributes:
        name: what it is.
        value: the figure, in words.
        change: how it changed against the time before; None where nothing tells.
        course: how it went; None where nothing tells.
        says: what else there is to say of it.
        way: where it leads; None for nowhere.
    """

    name: str
    value: str
    change: Change | None = None
    course: Course | None = None
    says: str = ""
    way: TileLink | None = None


def show(name: str, columns: int, width: int, tiles: Sequence[Tile]) -> None:
    """Shows figures beside each other.

    Args:
        name: of all of them, which no other figure of the page has.
        columns: how many stand in a row at most.
        width: pixels that each needs at least; a window too narrow for so many in a row gets more rows.
        tiles: what is shown.
    """
    lines, each = -(-len(tiles) // columns), _WITH_COURSE if any(tile.course for tile in tiles) else _PLAIN
    st.html(f"<style>.st-key-{name}-tiles {{ min-height: {lines * each:g}rem }}</style>")
    found: list[Callable[[], None]] = []
    given = {"columns": columns, "width": width, "tiles": [_as_data(tile, found) for tile in tiles]}
    components.mount("tiles", f"{name}-tiles", given, partial(table.follow, found))


def _as_data(tile: Tile, found: list[Callable[[], None]]) -> dict[str, Any]:
    """Returns a figure as plain JSON, without what it has not; where a press leads is numbered, and added to what was
    found before."""
    change = tile.change
    told: dict[str, Any] = {
        "change": change
        and change.text
        and {
            "text": change.text,
            "arrow": change.arrow,
            "colour": change.colour,
            "before": change.before,
        },
        "course": tile.course and tile.course.as_data(),
        "says": tile.says,
        "link": tile.way and _way(tile.way, found),
    }
    named = {"name": tile.name, "value": wording.clip(tile.value, wording.NAME)}
    return named | {name: value for name, value in told.items() if value}


def _way(way: TileLink, found: list[Callable[[], None]]) -> dict[str, Any]:
    given = {"label": way.label, "icon": way.icon.removeprefix(":material/").removesuffix(":")}
    if isinstance(way.link, str):
        return given | {"href": way.link}
    found.append(way.link.follow)
    return given | {"href": way.link.href, "at": len(found) - 1}
