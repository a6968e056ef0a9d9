"""Topology: who talks to whom, and what should each step be?"""

from typing import Final

import streamlit as st

from collector.models import Topology
from dashboard import data, live, period, selection, wording
from dashboard.figures import topology as figure
from dashboard.figures import topology_folds as folds
from dashboard.figures.topology_folds import PartFold, Stream
from dashboard.parts import choice, components, confirmation, links, page_watch, timespan
from dashboard.views.topology import advice, row_links, successors, tables

_FOLD: Final = "fold"
_OPEN: Final = "open"
_SEE: Final = "see"
_ADVICE: Final = "advice"
_SEEN: Final = {"": "Map", _ADVICE: "Advice"}
#: What the picture takes at least, so that little below it moves once it is drawn; its tools are above it.
_ROOM: Final = "<style>.st-key-topology-room {{ min-height: {pixels}px }}</style>"
_TOOLS: Final = 44
_LEVELS: Final = {"": "Auto", folds.STEPS: "Steps", folds.AGENTS: "Agents", folds.APPS: "Apps"}


def render() -> None:
    """Shows the view."""
    is_advice = choice.of(_SEEN, _SEE) == _ADVICE
    timespan.heading("What should each step be?" if is_advice else "Who talks to whom?")
    choice.show("See", "topology-see", _SEEN, choice.of(_SEEN, _SEE), _SEE)
    with data.show_errors():
        if is_advice:
            successors.show()
            advice.show()
            confirmation.confirm_if_asked()
            return
        found = live.topology(period.current())
        timespan.show_window(found.window, _about(found))
        if not found.flows:
            st.info(
                "Nothing has flowed in this time. Start some work, or choose another time.", icon=":material/inbox:"
            )
            return
        _picture(found)
        tables.drift(found)
        tables.flows(found)
        tables.parts(found)
        page_watch.watch(lambda: _brief(live.topology(period.current())), _brief(found))


def _about(found: Topology) -> str:
    said = [tables.describe_parts(found.parts)]
    if found.since:
        said.append(f"That is much: what began since {wording.exact(found.since, data.zone())} is read")
    if found.others_since:
        said.append(f"Of {', '.join(sorted(found.others_since)[:3])} the newest runs are read")
    if found.truncated:
        said.append("Those parts are left out that fail and do least")
    return ". ".join(said)


def _picture(found: Topology) -> None:
    chosen = choice.of(_LEVELS, _FOLD)
    level = chosen or folds.level_for(found.parts, found.flows)
    with st.container(horizontal=True, vertical_alignment="center"):
        choice.show("Fold", "topology-fold", _LEVELS, chosen, _FOLD, _OPEN)
        st.caption(
            "Solid is commanded, dashed is reacted to, dotted is our reading. Press a part, or a line, for its rows"
            + ("" if level == folds.STEPS else "; what is folded opens"),
            width="stretch",
        )
    opened = selection.read(_OPEN)
    if opened:
        links.within("Fold again", "topology-again", {_OPEN: None}, ":material/unfold_less:")
    folded = folds.fold(found.parts, found.flows, level, opened)
    streams = folds.streams(folded, found.flows)
    drawing = figure.lay_out(folded, streams)
    st.html(_ROOM.format(pixels=round(drawing.height) + _TOOLS))
    with st.container(key="topology-room"):
        given = {"drawing": drawing.as_data()}
        components.mount("topology", "topology", given, pick=lambda picked: _pick(picked, folded, streams))


def _pick(picked: object, folded: list[PartFold], streams: list[Stream]) -> None:
    """Opens what is folded, or leads to the rows of what was pressed."""
    what, _, at = str(picked).partition(":")
    if what == "part" and at.isdecimal() and int(at) < len(folded):
        part = folded[int(at)]
        if part.is_fold:
            selection.write(**{_OPEN: part.id})
        else:
            links.go(*row_links.of_part(part.parts[0]))
    elif what == "flow" and at.isdecimal() and int(at) < len(streams):
        ends = {part.id: each for each in folded for part in each.parts}
        flow = max(streams[int(at)].flows, key=lambda each: (each.errors, each.count))
        effect = next(part for part in ends[flow.effect].parts if part.id == flow.effect)
        links.go(*row_links.of_flow(flow, effect))


def _brief(found: Topology) -> str:
    """Returns what flows, but for the window, which moves on by itself."""
    counts = [(each.cause, each.effect, each.count, each.errors) for each in found.flows]
    owed = [each.backlog and (each.backlog.waiting, each.backlog.dead) for each in found.flows]
    return repr((counts, owed, [each.says for each in found.drift], found.bus.connected))
