"""The same as the picture, for whoever reads rather than looks: what flows, and what there is, the worst first."""

from collections.abc import Sequence
from functools import partial
from typing import Final

import streamlit as st

from collector.models import DriftKind, Flow, SystemPart, Topology
from dashboard import export, wording
from dashboard.figures.topology_lines import per_minute
from dashboard.parts import table
from dashboard.views.topology import row_links

_FLOW_WIDTHS: Final = [3, 3, 1.3, 1.2, 1.2, 1.2, 2.4]
_FLOW_TITLES: Final = ("from", "to", "how", "rate", "failed", "p50", "owed now")
_PART_WIDTHS: Final = [3.4, 1.4, 2.4, 1.3, 1.3, 1.3]
_PART_TITLES: Final = ("part", "is a", "agent or app", "rate", "failed", "p50")
#: Rows that are shown.
_MOST: Final = 40

_DRIFT: Final = {
    DriftKind.LOOP: ("loop", "badge-violet", ":material/refresh:"),
    DriftKind.UNREAD_CHANNEL: ("read by nobody", "badge-orange", ":material/visibility_off:"),
    DriftKind.UNUSED_GROUP: ("not used", "badge-gray", ":material/do_not_disturb_on:"),
    DriftKind.UNUSED_AGENT: ("not used", "badge-gray", ":material/do_not_disturb_on:"),
    DriftKind.UNUSED_WORKFLOW: ("not used", "badge-gray", ":material/do_not_disturb_on:"),
    DriftKind.UNUSED_STEP: ("not used", "badge-gray", ":material/do_not_disturb_on:"),
}


def drift(found: Topology) -> None:
    """Shows what differs between what is declared and what is done."""
    if not found.bus.connected:
        st.caption("The bus is away: nobody knows what is declared and owed. " + wording.plain(found.bus.error))
    if not found.drift:
        return
    st.subheader("Differs from what is declared", anchor=False)
    parts = {part.id: part for part in found.parts}
    rows = []
    for each in found.drift[:_MOST]:
        words, look, icon = _DRIFT[each.kind]
        first = next((parts[id_] for id_ in each.parts if id_ in parts), None)
        link = None if first is None else _link(row_links.of_part(first))
        rows.append(table.Row(([table.Part(each.says)], [table.Part(words, look, icon)]), link))
    table.show("drift", "What differs from what is declared", [8, 2], rows)
    _more(len(found.drift))


def flows(found: Topology) -> None:
    """Shows what flows, those first that fail or are owed something."""
    export.heading("What flows", "flows", partial(iter, found.flows))
    parts = {part.id: part for part in found.parts}
    worst = sorted(found.flows, key=_trouble)
    rows = [_flow(flow, parts[flow.cause], parts[flow.effect]) for flow in worst[:_MOST]]
    table.show("flow", "What flows from which part to which", _FLOW_WIDTHS, rows, _FLOW_TITLES)
    _more(len(worst))


def parts(found: Topology) -> None:
    """Shows what there is, those first that fail."""
    export.heading("Parts", "parts", partial(iter, found.parts))
    worst = sorted(found.parts, key=lambda part: (-part.errors, -part.count, part.id))
    table.show("part", "Parts", _PART_WIDTHS, [_part(part) for part in worst[:_MOST]], _PART_TITLES)
    _more(len(worst))


def _more(count: int) -> None:
    if count > _MOST:
        st.caption(f"{_MOST} of {count:,}, those first that need a look; the file has all.")


def _trouble(flow: Flow) -> tuple[float, int, float, str]:
    owed = flow.backlog.dead + flow.backlog.waiting if flow.backlog else 0
    return -flow.errors, -owed, -flow.per_minute, flow.cause + flow.effect


def _flow(flow: Flow, cause: SystemPart, effect: SystemPart) -> table.Row:
    way = row_links.of_flow(flow, effect)
    how = "inferred" if flow.is_inferred else flow.coordination.value
    cells = (
        _make_name_cell(cause),
        _make_name_cell(effect),
        [table.Part(how, table.MUTED)],
        [table.Part(per_minute(flow.per_minute) if flow.count else wording.DASH)],
        _make_error_cell(flow.errors, flow.count),
        [table.Part(table.keep_on_one_line(wording.duration(flow.p50_ms)))],
        _make_backlog_cell(flow, effect),
    )
    return table.Row(cells, _link(way))


def _make_backlog_cell(flow: Flow, effect: SystemPart) -> table.Cell:
    backlog = flow.backlog
    if backlog is None or not (backlog.waiting or backlog.dead):
        return [table.Part(wording.DASH, table.MUTED)]
    found = []
    if backlog.waiting:
        oldest = "" if backlog.oldest_seconds is None else f", {wording.duration(backlog.oldest_seconds * 1000)}"
        found.append(table.Part(table.keep_on_one_line(f"{backlog.waiting:,} waiting{oldest}"), table.ORANGE))
    if backlog.dead:
        found.append(
            table.Part(
                table.keep_on_one_line(f"{backlog.dead:,} dead"), table.RED, link=_link(row_links.dead_letters(effect))
            )
        )
    return found


def _part(part: SystemPart) -> table.Row:
    whose = " · ".join(dict.fromkeys(each for each in (part.agent, part.app) if each)) or wording.DASH
    cells = (
        _make_name_cell(part),
        [table.Part(part.kind.value, table.MUTED)],
        [table.Part(wording.clip(whose, wording.NAME))],
        [table.Part(per_minute(part.per_minute) if part.count else "idle", "" if part.count else table.MUTED)],
        _make_error_cell(part.errors, part.count),
        [table.Part(table.keep_on_one_line(wording.duration(part.p50_ms)))],
    )
    return table.Row(cells, _link(row_links.of_part(part)))


def _make_name_cell(part: SystemPart) -> table.Cell:
    name = table.make_name_part(part.name)
    return [name, table.Part(wording.clip(part.of, wording.NAME), table.MUTED)] if part.of else [name]


def _make_error_cell(errors: int, count: int) -> table.Cell:
    if not errors or not count:
        return [table.Part(wording.DASH, table.MUTED)]
    return [
        table.Part(table.keep_on_one_line(wording.share(errors / count)), table.RED, tip=f"{errors:,} of {count:,}")
    ]


def _link(way: row_links.Way) -> table.Link:
    view, where = way
    return table.Link(where, view)


def describe_parts(parts: Sequence[SystemPart]) -> str:
    """Returns what is in a picture, in words: `4 steps, 2 channels`."""
    counts: dict[str, int] = {}
    for part in parts:
        counts[part.kind.value] = counts.get(part.kind.value, 0) + 1
    return ", ".join(wording.many(count, kind) for kind, count in counts.items())
