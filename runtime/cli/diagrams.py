"""Who talks to whom, as text that other programs draw: Mermaid and DOT. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from runtime.cli.collector_answers import Backlog, Flow, SystemPart

#: How each kind of part looks: Mermaid's brackets, and DOT's shape.
_LOOKS: Final = {
    "service": ('["', '"]', "box3d"),
    "workflow": ('[["', '"]]', "tab"),
    "step": ('("', '")', "box"),
    "channel": ('[("', '")]', "cylinder"),
    "group": ('(["', '"])', "ellipse"),
}
#: By the word for a time how many minutes it has.
_UNITS: Final = {"min": 1, "h": 60, "d": 1440}
#: What of a name means something in Mermaid's text, by what stands for it there.
_ENTITIES: Final = str.maketrans({"#": "#35;", '"': "#quot;", "<": "#lt;", ">": "#gt;", "\n": " ", "\\": "#92;"})
_ESCAPES: Final = str.maketrans({'"': '\\"', "\\": "\\\\", "\n": " "})


def mermaid(parts: Sequence[SystemPart], flows: Sequence[Flow]) -> str:
    """A flowchart for Mermaid: what is reacted to is dotted."""
    places = {part["id"]: f"n{number}" for number, part in enumerate(parts)}
    lines = ["flowchart LR"]
    for part in parts:
        begin, end, _ = _LOOKS.get(part["kind"], _LOOKS["step"])
        lines.append(f"  {places[part['id']]}{begin}{part_name(part).translate(_ENTITIES)}{end}")
    for flow in _list_between(places, flows):
        arrow = "-.->" if flow["coordination"] == "reacted" else "-->"
        ends = places[flow["cause"]], places[flow["effect"]]
        lines.append(f'  {ends[0]} {arrow}|"{describe_flow(flow).translate(_ENTITIES)}"| {ends[1]}')
    return "\n".join(lines)


def dot(parts: Sequence[SystemPart], flows: Sequence[Flow]) -> str:
    """A graph for Graphviz: what is reacted to is dashed, what failed is red."""
    places = {part["id"]: f"n{number}" for number, part in enumerate(parts)}
    lines = [
        "digraph topology {",
        "  rankdir=LR;",
        '  node [fontname="sans-serif"];',
        '  edge [fontname="sans-serif"];',
    ]
    for part in parts:
        shape = _LOOKS.get(part["kind"], _LOOKS["step"])[2]
        lines.append(f'  {places[part["id"]]} [label="{part_name(part).translate(_ESCAPES)}", shape={shape}];')
    for flow in _list_between(places, flows):
        looks = ["style=dashed"] * (flow["coordination"] == "reacted") + ["color=red"] * bool(flow["errors"])
        told = ", ".join([f'label="{describe_flow(flow).translate(_ESCAPES)}"', *looks])
        lines.append(f"  {places[flow['cause']]} -> {places[flow['effect']]} [{told}];")
    return "\n".join([*lines, "}"])


def _list_between(parts: Mapping[str, str], flows: Sequence[Flow]) -> Iterator[Flow]:
    return (flow for flow in flows if flow["cause"] in parts and flow["effect"] in parts)


def part_name(part: SystemPart) -> str:
    """What a part is called in a table or a picture."""
    name = part["name"] or "(no name)"
    return f"{name} of {part['of']}" if part["of"] else f"{part['kind']} {name}"


def describe_flow(flow: Flow) -> str:
    """What flows, in a few words."""
    failed = f", {flow['errors']:,} failed" if flow["errors"] else ""
    took = "" if flow["p50_ms"] is None else f", p50 {format_duration(flow['p50_ms'])}"
    return f"{format_rate(flow['per_minute'])}{failed}{took}{describe_backlog(flow['backlog'])}"


def format_rate(per_minute: float) -> str:
    """How often something happens, as people say it: a minute, or what is seldom an hour or a day."""
    for unit, minutes in _UNITS.items():
        often = per_minute * minutes
        if often >= 1 or not often:
            return f"{often:,.0f}/{unit}" if often >= 10 or not often else f"{often:.2g}/{unit}"
    return "<1/d"


def format_duration(milliseconds: float) -> str:
    """How long something takes, as people say it."""
    return f"{milliseconds / 1000:.3g} s" if milliseconds >= 1000 else f"{milliseconds:.3g} ms"


def describe_backlog(backlog: Backlog | None) -> str:
    """What a group owes, where it owes anything."""
    if backlog is None:
        return ""
    told = [f"{backlog['waiting']:,} waiting"] * bool(backlog["waiting"]) + [f"{backlog['dead']:,} dead"] * bool(
        backlog["dead"]
    )
    return "".join(f", {each}" for each in told)
