"""Accuracy by depth in the chain and by size of the context, what is orchestrated beside what is choreographed."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from collector.models import AccuracyBand, AccuracyList, AccuracyMeasure, Window
from collector.questions import chains
from collector.questions.accuracy import compute_accuracy
from collector.questions.storage import find_kept_since
from collector.questions.windows import Range
from collector.store.database import Row, Session
from runtime.semconv import NodeKind

#: Chains, by workflow and kind, that an answer holds at most.
CHAINS: Final = 50

_OCTAVES: Final = {AccuracyMeasure.CONTEXT: "context_octave", AccuracyMeasure.TOKENS: "token_octave"}

Chain = tuple[str, str]


def find_accuracy_by_depth(session: Session, window: Window, workflow: str | None, score: str | None) -> AccuracyList:
    """Returns how often answers were right, by depth and by context.

    Args:
        session: the snapshot to read.
        window: when the nodes began.
        workflow: of chains that begin with this workflow, or channel, only; None for all.
        score: name of the score; None for the one that most nodes were given.
    """
    found = chains.count_scored_nodes(session, Range.of(window))
    rows = [row for row in found if workflow in (None, row["workflow"])]
    given = Counter[str]()
    for row in rows:
        given[row["name"]] += row["scored"]
    # Of those that were given equally often the first by name, as among the figures of a step.
    most = min(given, key=lambda name: (-given[name], name), default=None)
    chosen = score if score in given else most if score is None else None
    kept = [row for row in rows if row["name"] == chosen]
    by_chain = Counter[Chain]()
    for row in kept:
        by_chain[_chain_of_row(row)] += row["scored"]
    shown = sorted(chain for chain, _ in by_chain.most_common(CHAINS))
    return AccuracyList(
        window=window,
        kept_since=find_kept_since(session),
        score=chosen,
        scores=sorted(given),
        chains_total=len(by_chain),
        items=[
            band
            for chain in shown
            for band in _build_bands(chain, [row for row in kept if _chain_of_row(row) == chain])
        ],
    )


def get_octave_bounds(number: int) -> tuple[int, int]:
    """Returns the smallest and the largest size in a doubling; those of nothing in the one before the first."""
    return (0, 0) if number < 0 else (2**number, 2 ** (number + 1) - 1)


def _chain_of_row(row: Row) -> Chain:
    return row["workflow"], row["kind"]


def _build_bands(chain: Chain, rows: Sequence[Row]) -> Iterator[AccuracyBand]:
    workflow, kind = chain
    for measure in AccuracyMeasure:
        scored, correct = Counter[tuple[int, int]](), Counter[tuple[int, int]]()
        for row in rows:
            place = _bounds_of_row(row, measure)
            if place is not None:
                scored[place] += row["scored"]
                correct[place] += row["correct"]
        for first, last in sorted(scored):
            accuracy = compute_accuracy(correct[first, last], scored[first, last])
            yield AccuracyBand(
                workflow=workflow, kind=NodeKind(kind), measure=measure, first=first, last=last, accuracy=accuracy
            )


def _bounds_of_row(row: Row, measure: AccuracyMeasure) -> tuple[int, int] | None:
    """Returns where nodes belong by a measure; None where it is not known of them."""
    if measure is AccuracyMeasure.DEPTH:
        return row["depth"], row["depth"]
    found = row[_OCTAVES[measure]]
    return None if found is None else get_octave_bounds(found)
