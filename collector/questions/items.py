"""Items of fan-outs that a run's answer does not list: a fan-out may have ten thousand. Pure.

Told are those that did not end well, that which ended last (its fan-out waited for it), and of the others the first;
the rest is told as how many stand how.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from statistics import median
from typing import Final
from uuid import UUID

from collector.causality import status
from collector.models import ItemsLeftOut, NodeStatus
from collector.models.places import Marked
from collector.store.database import Row
from collector.times import clamp_end, duration_ms, moment, moment_or_none

#: Items of one fan-out that are told one by one.
TOLD: Final = 500


def split_listed(run_id: UUID, steps: Sequence[Row], most: int | None = None) -> tuple[list[Row], list[ItemsLeftOut]]:
    """Returns the steps of a run that are told one by one, and what is told of the others.

    Args:
        run_id: whose they are.
        steps: rows of `runs/steps.sql`.
        most: items of one fan-out that are told one by one; default: `TOLD`.
    """
    most = TOLD if most is None else most
    fan_outs: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in steps:
        said = Marked.read(row["step_place"])
        if said is not None and said.index is not None:
            fan_outs[row["step"], row["step_place"].rpartition("[")[0]].append(row)
    left_out = {key: _select_left_out(rows, most) for key, rows in fan_outs.items() if len(rows) > most}
    gone = {row["node_id"] for rows in left_out.values() for row in rows}
    told = [_drop_causes(row, gone) for row in steps if row["node_id"] not in gone] if gone else list(steps)
    return told, [_summarize_items(run_id, key, rows, fan_outs[key]) for key, rows in left_out.items()]


def get_end_ns(row: Row) -> int | None:
    """Returns when a step ended, in nanoseconds; None while it goes on."""
    if row["running"] or row["outcome"] in status.PAUSED:
        return None
    return max((row["end_ns"] or 0, row["cut_ns"] or 0)) or None


def _select_left_out(rows: Sequence[Row], most: int) -> list[Row]:
    last = max(rows, key=lambda row: get_end_ns(row) or 0)["node_id"]

    def rank(row: Row) -> tuple[bool, bool, bool, int]:
        is_bad = row["outcome"] in ("failed", "retry", "lost")
        said = Marked.read(row["step_place"])
        return row["node_id"] != last, not is_bad, row["outcome"] == "ok", said.index or 0 if said else 0

    return sorted(rows, key=rank)[most:]


def _drop_causes(row: Row, gone: Iterable[UUID]) -> Row:
    """Returns a step without the causes that are not told: one that gathers all items names each."""
    causes = row["causes"] or ()
    kept = [cause for cause in causes if cause not in gone]
    return row if len(kept) == len(causes) else {**row, "causes": kept}


def _summarize_items(run_id: UUID, key: tuple[str, str], rows: Sequence[Row], of_all: Sequence[Row]) -> ItemsLeftOut:
    step, mark = key
    counts = Counter[NodeStatus](status.of_work(row["outcome"], running=row["running"]) for row in rows)
    ended = [(row["start_ns"], end_ns) for row in rows if (end_ns := get_end_ns(row)) is not None]
    took = [each for row in of_all if (each := duration_ms(row["start_ns"], get_end_ns(row))) is not None]
    last_ns = max((clamp_end(start_ns, end_ns) or start_ns for start_ns, end_ns in ended), default=None)
    return ItemsLeftOut(
        run_id=str(run_id),
        step=step,
        place=mark or None,
        statuses=dict(counts),
        attempts=sum(row["attempts"] for row in rows),
        p50_ms=median(took) if took else None,
        start=moment(min(row["start_ns"] for row in rows)),
        end=moment_or_none(last_ns) if len(ended) == len(rows) else None,
    )
