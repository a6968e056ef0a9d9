"""The table of steps and groups; each score has a line of its own."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from collector.models import OWN_SOURCE, Accuracy, NodeKind, StepFigures
from dashboard import selection, wording
from dashboard.parts import table

_WIDTHS: Final = [2.7, 2.7, 0.9, 4.4, 1.15, 1.15, 1.15, 1.05, 1.05]
_TITLES: Final = ("step or group", "workflow or channel", "nodes", "accuracy", "p50", "p95", "p99", "failed", "retried")
#: Scores of a step that are shown in its row.
_SCORES: Final = 6
#: Characters of a name that a row shows at most.
_ROOM: Final = 240


def show(found: Sequence[StepFigures]) -> None:
    """Shows the table."""
    table.show("step", "Steps and groups", _WIDTHS, [_row(row) for row in found], _TITLES)


def _row(row: StepFigures) -> table.Row:
    where = address(row)
    latency = row.latency
    times = [wording.duration(each) for each in (latency.p50_ms, latency.p95_ms, latency.p99_ms)]
    cells = (
        [table.Part(wording.clip(row.step, _ROOM) or "(no name)", icon=_icon(row))],
        [table.Part(wording.clip(row.workflow, _ROOM), table.MUTED)],
        [table.Part(f"{row.nodes:,}")],
        _accuracies(row),
        *([table.Part(keep_on_one_line(each))] for each in times),
        [_rate(row.error_rate, table.RED)],
        [_rate(row.retry_rate, table.ORANGE)],
    )
    here = all(selection.read(name) == (value or "") for name, value in where.items())
    return table.Row(cells, table.Link({**where, "score": None}), chosen=here)


def address(row: StepFigures) -> dict[str, str | None]:
    """Returns what the address of this view says of one step or group."""
    source = None if row.source == OWN_SOURCE else "others"
    return {"workflow": row.workflow, "step": row.step, "kind": row.kind.value, "source": source}


def _icon(row: StepFigures) -> str:
    if row.source != OWN_SOURCE:
        return ":material/smart_toy:"
    return ":material/account_tree:" if row.kind == NodeKind.STEP else ":material/call_received:"


def keep_on_one_line(text: str) -> str:
    """Returns a figure that no line ends within."""
    return text.replace(" ", wording.NO_BREAK)


def accuracy(given: Accuracy) -> str:
    """Returns a share of right answers with its interval, and of how many, as Markdown."""
    if given.value is None:
        return f":gray[{wording.DASH}]"
    low, high = wording.share(given.low).removesuffix(" %"), wording.share(given.high)
    return (
        f"**{keep_on_one_line(wording.share(given.value))}** :gray[{low}{wording.DASH}{keep_on_one_line(high)}, n "
        f"{given.n:,}]"
    )


def _accuracies(row: StepFigures) -> table.Cell:
    """Returns a line for each score, by its name where there are several or it has one."""
    if not row.scores:
        return _accuracy(row.accuracy)
    parts: list[table.Part] = []
    for at, score in enumerate(row.scores[:_SCORES]):
        named = [table.Part(score.name)] if score.name else []
        first, *rest = [*named, *_accuracy(score.accuracy)]
        parts += [replace(first, breaks=at > 0), *rest]
    more = len(row.scores) - _SCORES
    return (
        [*parts, table.Part(f"and {wording.many(more, 'score')} more", table.MUTED, breaks=True)] if more > 0 else parts
    )


def _accuracy(given: Accuracy) -> list[table.Part]:
    if given.value is None:
        return [table.Part(wording.DASH, table.MUTED)]
    low, high = wording.share(given.low).removesuffix(" %"), wording.share(given.high)
    return [
        table.Part(keep_on_one_line(wording.share(given.value)), table.STRONG),
        table.Part(f"{low}{wording.DASH}{keep_on_one_line(high)}, {keep_on_one_line(f'n {given.n:,}')}", table.MUTED),
    ]


def _rate(value: float, look: str) -> table.Part:
    return table.Part(keep_on_one_line(wording.share(value)), look if value else table.MUTED)
