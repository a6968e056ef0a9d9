"""Accuracy by depth and by context, as a collector would have it of an orchestrated chain and a choreographed one."""

from collections.abc import Iterator

from collector import models as api
from collector.models import AccuracyBand, AccuracyMeasure, NodeKind
from tests.dashboard.figures_of import window
from tests.dashboard.world import World


def accuracy(world: World, params: dict[str, str]) -> api.AccuracyList:
    """Two chains of eight calls, under the score that is asked for."""
    items = [*_bands("everything", NodeKind.STEP, 0.03), *_bands("keys", NodeKind.DELIVERY, 0.005)]
    score = params.get("score", "correct")
    return api.AccuracyList(
        window=window(world), score=score, scores=["correct", "polite"], chains_total=3, items=items
    )


def _bands(workflow: str, kind: NodeKind, lost: float) -> Iterator[AccuracyBand]:
    for measure in AccuracyMeasure:
        for call in range(1, 9):
            first, last = (call, call) if measure is AccuracyMeasure.DEPTH else (2**call, 2 ** (call + 1) - 1)
            share = 1 - lost * call
            given = api.Accuracy(n=100, value=share, low=share - 0.05, high=min(1, share + 0.03))
            yield AccuracyBand(workflow=workflow, kind=kind, measure=measure, first=first, last=last, accuracy=given)
