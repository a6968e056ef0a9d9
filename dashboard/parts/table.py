"""A list whose rows lead somewhere, as one figure: a browser draws it at once, not element by element, and its links
are links, which open in a tab of their own as well."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final, TypeAlias
from urllib.parse import urlencode

import streamlit as st

from collector.models import NodeStatus
from dashboard import data, palette, selection, wording
from dashboard.parts import components, links
from dashboard.parts.ticks import Ticks

#: How a part looks that is no badge.
STRONG: Final = "strong"
MUTED: Final = "muted"
RED: Final = "ink-red"
ORANGE: Final = "ink-orange"

#: A list of fewer columns has room for all that its rows say.
_WRAPPED: Final = 3

#: What the rows take at least, so that little below a list moves once it is drawn. A style alone takes no room itself.
_ROOM: Final = "<style>.st-key-{name}-rows {{ min-height: calc({lines} * (1.5rem + 1px) + .5rem + 1px) }}</style>"

#: Characters that a part of a fact has at most, for that no line ends within it.
_UNBROKEN: Final = 24

#: What a bar is wide at least, in per cent, for something is there.
_LEAST_BAR: Final = 0.8


@dataclass(frozen=True, slots=True)
class Link:
    """Where something leads.

    Attributes:
        where: a selection; in the view that it is on, what changes of it, None takes a parameter out.
        view: path of another view; empty for the one that it is on.
    """

    where: Mapping[str, str | None]
    view: str = ""

    @property
    def href(self) -> str:
        """The address that the link leads to, relative to that of any view."""
        wanted = (
            links.get_address_parameters(self.view, self.where)
            if self.view
            else {**st.query_params.to_dict(), **self.where}
        )
        return f"{self.view}?{urlencode({name: value for name, value in wanted.items() if value})}"

    def follow(self) -> None:
        """Goes to where the link leads."""
        if self.view:
            links.go(self.view, self.where)
        else:
            selection.write(**self.where)


@dataclass(frozen=True, slots=True)
class Bar:
    """When something was within a whole.

    Attributes:
        offset: where it begins, as a share of the whole.
        width: how long it took, as a share of the whole.
        failed: whether it failed.
        pale: whether it is a detail of what stands above it, or waited for most of its time.
    """

    offset: float
    width: float
    failed: bool = False
    pale: bool = False

    def as_data(self) -> dict[str, Any]:
        """Returns the bar as plain JSON, in per cent."""
        left = min(max(self.offset, 0.0), 0.99) * 100
        room = min(max(self.width * 100, _LEAST_BAR), 100 - left)
        return {"left": round(left, 3), "width": round(room, 3), "failed": self.failed, "pale": self.pale}


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a cell.

    Attributes:
        text: what it says; somebody's words are shown as they are, on one line.
        look: one of the constants above, or `badge-` and a hue of the palette.
        icon: a Material icon in front of it.
        tip: what hovering says.
        breaks: whether it begins a line of its own.
        link: where it leads, where that is not where its row does.
        bar: what is drawn instead of the text.
        press: what a press of it does; it is a button then.
    """

    text: str
    look: str = ""
    icon: str = ""
    tip: str = ""
    breaks: bool = False
    link: Link | None = None
    bar: Bar | None = None
    press: Callable[[], None] | None = None

    def as_data(self) -> dict[str, Any]:
        """Returns the part as plain JSON, without the fields that are empty."""
        given: dict[str, Any] = {
            "text": self.text if len(self.text) <= wording.LINE else wording.clip(self.text, wording.LINE),
            "look": self.look,
            "icon": self.icon.removeprefix(":material/").removesuffix(":"),
            "tip": self.tip,
            "breaks": self.breaks,
            "bar": self.bar.as_data() if self.bar else None,
            "button": self.press is not None,
        }
        return {name: value for name, value in given.items() if value or name == "text"}


#: What stands in one column of a row.
Cell: TypeAlias = Sequence[Part]


@dataclass(frozen=True, slots=True)
class Tick:
    """A box in front of a row, that is ticked to do something with it.

    Attributes:
        id: what is ticked.
        label: what a press does, for those who can't see the row.
        fixed: whether nothing can be done with the row, and nobody can tick it.
    """

    id: str
    label: str
    fixed: bool = False

    def as_data(self) -> dict[str, Any]:
        """Returns the tick as plain JSON."""
        return {"id": self.id, "label": self.label, "fixed": self.fixed}


@dataclass(frozen=True, slots=True)
class Row:
    """A row, whose first cell is a link.

    Attributes:
        cells: one a column; the last one has the room of all that follow.
        link: where it leads; None for nowhere.
        chosen: whether the row is what the page shows already.
        depth: how far it is indented; a row that is belongs to the one above.
        tick: the box in front of it, in a list whose rows are ticked.
        heads: whether it is the heading of the rows below it.
    """

    cells: Sequence[Cell]
    link: Link | None = None
    chosen: bool = False
    depth: int = 0
    tick: Tick | None = None
    heads: bool = False


def show(
    name: str,
    label: str,
    widths: Sequence[float],
    rows: Sequence[Row],
    titles: Sequence[str | Part] = (),
    ticks: Ticks | None = None,
    *,
    wraps: bool = False,
) -> None:
    """Shows a list.

    Args:
        name: of the list, which no other on the page has.
        label: what it lists, for those who can't see it.
        widths: of the columns, beside each other.
        rows: what is listed.
        titles: of the columns; none where they say themselves what they hold.
        ticks: which rows are ticked, in a list whose rows have boxes.
        wraps: whether what has no room on a line goes on in the next; it does where a list has one or two columns.
    """
    found: list[Callable[[], None]] = []
    drawn = [_row_as_data(row, found) for row in rows]
    named = [_part(title if isinstance(title, Part) else Part(title), found) for title in titles]
    given: dict[str, Any] = {"label": label, "widths": list(widths), "titles": named, "rows": drawn}
    if wraps or len(widths) < _WRAPPED:
        given["wraps"] = True
    took: dict[str, Callable[[object], None]] = {}
    if ticks is not None:
        given["ticks"] = ticks.as_data()
        took["ticked"] = partial(ticks.take, [row.tick.id for row in rows if row.tick and not row.tick.fixed])
    st.html(_ROOM.format(name=name, lines=len(rows) + bool(titles)))
    with st.container(key=f"{name}-rows"):
        components.mount("list", f"{name}-list", given, partial(follow, found), took)


def _row_as_data(row: Row, found: list[Callable[[], None]]) -> dict[str, Any]:
    """Returns a row as plain JSON; what a press in it does is numbered, and added to what was found before."""
    given = {"cells": [[_part(part, found) for part in cell] for cell in row.cells]}
    told = {"chosen": row.chosen, "depth": row.depth, "tick": row.tick and row.tick.as_data(), "heads": row.heads}
    return given | {name: value for name, value in told.items() if value} | _link_as_data(row.link, found)


def _part(part: Part, found: list[Callable[[], None]]) -> dict[str, Any]:
    if part.press is None:
        return part.as_data() | _link_as_data(part.link, found)
    found.append(part.press)
    return part.as_data() | {"at": len(found) - 1}


def _link_as_data(link: Link | None, found: list[Callable[[], None]]) -> dict[str, Any]:
    if link is None:
        return {}
    found.append(link.follow)
    return {"href": link.href, "at": len(found) - 1}


def follow(found: Sequence[Callable[[], None]], picked: object) -> None:
    """Does what was pressed in a figure.

    Args:
        found: what its presses do, by their numbers.
        picked: the number, as the browser says it.
    """
    if isinstance(picked, int) and 0 <= picked < len(found):
        found[picked]()


def make_name_part(text: str, look: str = "", room: int = wording.NAME) -> Part:
    """Returns what somebody called something; what has no name is told as well."""
    return Part(wording.clip(text, room) or "(no name)", look)


def badge(status: NodeStatus) -> Part:
    """Returns a status as a badge."""
    look = palette.LOOKS[status]
    return Part(look.word, f"badge-{look.hue}", look.icon)


def moment(at: datetime | None) -> Part:
    """Returns when something was, to the millisecond, for a list sorted by it; hovering says the day, and how long
    ago."""
    zone, now = data.zone(), data.now()
    return Part(wording.clock(at, now, zone), "time", tip=f"{wording.exact(at, zone)}, {wording.ago(at, now)}")


def keep_on_one_line(text: str) -> str:
    """Returns a figure that no line ends within."""
    return text.replace(" ", wording.NO_BREAK)


def join_facts(parts: Sequence[str], look: str = "") -> Cell:
    """Returns facts beside each other as one part; those that are empty are left out."""
    said = " \N{MIDDLE DOT} ".join(keep_facts_unbroken(part) for part in parts if part)
    return [Part(said or wording.DASH, look)]


def keep_facts_unbroken(fact: str) -> str:
    """Returns a fact, each short part of which stays on one line: a number is not parted from what it counts."""
    return ", ".join(keep_on_one_line(each) if len(each) <= _UNBROKEN else each for each in fact.split(", "))
