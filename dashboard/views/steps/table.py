"""The table of steps and groups; each score has a line of its own."""

from collections.abc import Sequence
from typing import Final

import streamlit as st

from collector.models import OWN_SOURCE, Accuracy, NodeKind, StepFigures
from dashboard import keys, selection, wording
from dashboard.parts import links, rows

_WIDTHS: Final = [2.7, 2.3, 1.0, 3.6, 1.35, 1.35, 1.35, 1.35, 1.35]
_TITLES: Final = ("step or group", "workflow or channel", "nodes", "accuracy", "p50", "p95", "p99", "failed", "retried")
#: Scores of a step that are shown in its row.
_SCORES: Final = 6
#: Characters of a name that a row shows at most.
_ROOM: Final = 240


def show(found: Sequence[StepFigures]) -> None:
    """Shows the table."""
    with rows.of("step"):
        for cell, title in zip(st.columns(_WIDTHS, gap="xsmall", vertical_alignment="bottom"), _TITLES, strict=True):
            cell.caption(title)
        for row in found:
            _row(row)


def _row(row: StepFigures) -> None:
    cells = st.columns(_WIDTHS, gap="xsmall", vertical_alignment="center")
    with cells[0]:
        where = address(row)
        here = all(selection.read(name) == (value or "") for name, value in where.items())
        name = wording.plain(wording.clip(row.step, _ROOM)) or "(no name)"
        key = keys.key("step", row.kind, row.workflow, row.step, *([where["source"]] if where["source"] else []))
        links.within(f"**:primary[{name}]**" if here else name, key, {**where, "score": None}, _icon(row))
    latency = row.latency
    times = [whole(wording.duration(each)) for each in (latency.p50_ms, latency.p95_ms, latency.p99_ms)]
    rates = [_rate(row.error_rate, "red"), _rate(row.retry_rate, "orange")]
    texts = [
        f":gray[{wording.plain(wording.clip(row.workflow, _ROOM))}]",
        f"{row.nodes:,}",
        _accuracies(row),
        *times,
        *rates,
    ]
    for cell, text in zip(cells[1:], texts, strict=True):
        cell.markdown("  \n".join(f":small[{line}]" for line in text.split("\n")))


def address(row: StepFigures) -> dict[str, str | None]:
    """Returns what the address of this view says of one step or group."""
    source = None if row.source == OWN_SOURCE else "others"
    return {"workflow": row.workflow, "step": row.step, "kind": row.kind.value, "source": source}


def _icon(row: StepFigures) -> str:
    if row.source != OWN_SOURCE:
        return ":material/smart_toy:"
    return ":material/account_tree:" if row.kind == NodeKind.STEP else ":material/call_received:"


def whole(text: str) -> str:
    """Returns a figure that no line ends within."""
    return text.replace(" ", wording.NO_BREAK)


def accuracy(given: Accuracy) -> str:
    """Returns a share of right answers with its interval, and of how many, as Markdown."""
    if given.value is None:
        return f":gray[{wording.DASH}]"
    low, high = wording.share(given.low).removesuffix(" %"), wording.share(given.high)
    return f"**{whole(wording.share(given.value))}** :gray[{low}{wording.DASH}{whole(high)}, n {given.n:,}]"


def _accuracies(row: StepFigures) -> str:
    """Returns a line for each score, by its name where there are several or it has one."""
    if not row.scores:
        return accuracy(row.accuracy)
    lines = [
        f"{f'{wording.plain(score.name)} ' if score.name else ''}{accuracy(score.accuracy)}"
        for score in row.scores[:_SCORES]
    ]
    more = len(row.scores) - _SCORES
    return "\n".join([*lines, f":gray[and {wording.many(more, 'score')} more]"] if more > 0 else lines)


def _rate(value: float, hue: str) -> str:
    return f":{hue if value else 'gray'}[{whole(wording.share(value))}]"
