"""A run's workflow as a graph: steps from left to right, each behind its causes, commanded edges between. Pure."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import groupby
from typing import Any, Final

from collector.models import NodeStatus, RunStep
from dashboard import palette, wording
from dashboard.figures import critical_path
from dashboard.figures.folding import is_fold
from dashboard.figures.pending_steps import is_to_come

BOX_WIDTH: Final = 168
BOX_HEIGHT: Final = 54
GAP_X: Final = 56
GAP_Y: Final = 18
MARGIN: Final = 6
#: Height of a lane above the boxes, one for each line that passes a column.
LANE: Final = 12


@dataclass(frozen=True)
class StepBox:
    """A step, placed by its upper left corner. `is_critical`: the run's end waited for it. `is_to_come`: it has not
    begun, and is drawn pale."""

    id: str
    x: float
    y: float
    name: str
    facts: str
    status: str
    tone: str
    is_critical: bool = False
    is_to_come: bool = False


@dataclass(frozen=True)
class StepLine:
    """From the right side of one box to the left side of another. `lane` is the height at which it passes above boxes
    that stand between; None where none does. `is_inferred`: our reading, which no sender claims."""

    x0: float
    y0: float
    x1: float
    y1: float
    lane: float | None = None
    is_inferred: bool = False


@dataclass(frozen=True)
class StepDrawing:
    """All that `dag.js` needs."""

    width: float
    height: float
    box_width: float
    box_height: float
    boxes: list[StepBox]
    lines: list[StepLine]

    def as_data(self) -> dict[str, Any]:
        """Returns the drawing as plain JSON."""
        return asdict(self)


def lay_out(steps: Sequence[RunStep], waited_for: Collection[str] = ()) -> StepDrawing:
    """Places every step: in the column of its depth, or behind its causes where these stand further right, as those of
    a loop's rounds do; within it items that did not end well come first, and the others in the
    order of start.

    Args:
        steps: of one run.
        waited_for: ids of those that its end waited for.
    """
    place = _columns(steps)
    ordered = sorted(steps, key=lambda step: (place[step.node_id], not _is_bad(step), step.start, step.node_id))
    columns = [list(steps) for _, steps in groupby(ordered, key=lambda step: place[step.node_id])]
    tallest = max((len(column) for column in columns), default=0)
    long = _long(ordered, place)
    roof = MARGIN + len(long) * LANE
    height = roof + tallest * (BOX_HEIGHT + GAP_Y) - GAP_Y + MARGIN
    boxes = [
        replace(
            _box(step, MARGIN + at * (BOX_WIDTH + GAP_X), _top(roof, height, len(column), row)),
            is_critical=step.node_id in waited_for,
        )
        for at, column in enumerate(columns)
        for row, step in enumerate(column)
    ]
    return StepDrawing(
        width=len(columns) * (BOX_WIDTH + GAP_X) - GAP_X + 2 * MARGIN,
        height=height,
        box_width=BOX_WIDTH,
        box_height=BOX_HEIGHT,
        boxes=boxes,
        lines=_lines(ordered, {box.id: box for box in boxes}, long),
    )


def _is_bad(step: RunStep) -> bool:
    """Returns whether a step is an item that did not end well: it comes before all that did."""
    is_item = bool(step.place) and str(step.place).endswith("]")
    return is_item and step.status not in (NodeStatus.OK, NodeStatus.SKIPPED)


def _columns(steps: Sequence[RunStep]) -> dict[str, int]:
    """Returns the column of each step. What closes a circle is left out: folds of two steps in a loop cause each
    other."""
    known = {step.node_id: step for step in steps}
    found: dict[str, int] = {}
    open_: set[str] = set()
    for first in known:
        todo = [first]
        while todo:
            id_ = todo[-1]
            open_.add(id_)
            causes = [each for each in (*known[id_].causes, *known[id_].inferred) if _is_before(known, each, id_)]
            if before := [each for each in causes if each not in found and each not in open_]:
                todo += before
                continue
            todo.pop()
            open_.discard(id_)
            if id_ not in found:
                found[id_] = max([known[id_].depth, *(found[each] + 1 for each in causes if each in found)])
    return found


def _is_before(known: dict[str, RunStep], cause: str, effect: str) -> bool:
    """Returns whether a cause stands before its effect: rounds of two steps that are drawn as one each cause each
    other, and the fold that began first comes first."""
    if cause not in known:
        return False
    before, after = known[cause], known[effect]
    is_folded = is_fold(cause) or is_fold(effect)
    return not is_folded or before.step == after.step or before.start <= after.start


def _long(steps: list[RunStep], place: dict[str, int]) -> list[tuple[str, str]]:
    """Returns the pairs of cause and effect that are more than one column apart."""
    columns = {each: at for at, each in enumerate(sorted(set(place.values())))}
    at = {step.node_id: columns[place[step.node_id]] for step in steps}
    pairs = [(cause, step.node_id) for step in steps for cause in (*step.causes, *step.inferred) if cause in at]
    return [(cause, effect) for cause, effect in pairs if at[effect] - at[cause] > 1]


def _top(roof: float, height: float, count: int, row: int) -> float:
    column = count * (BOX_HEIGHT + GAP_Y) - GAP_Y
    return roof + (height - roof - MARGIN - column) / 2 + row * (BOX_HEIGHT + GAP_Y)


def _box(step: RunStep, x: float, y: float) -> StepBox:
    look = palette.LOOKS[step.status]
    if is_to_come(step.node_id):
        said, tone = "not begun", look.variable
        return StepBox(id=step.node_id, x=x, y=y, name=step.name, facts=said, status=said, tone=tone, is_to_come=True)
    if is_fold(step.node_id):
        name, _, said = step.name.rpartition(": ")
        facts = ", ".join(said.split(", ")[:2])  # how many, and the worst that there is to say of them
        return StepBox(id=step.node_id, x=x, y=y, name=name, facts=facts, status=step.name, tone=look.variable)
    tries = f" · {step.attempts} attempts" if step.attempts > 1 else ""
    wrong = " · scored wrong" if step.score is not None and step.score < 0.5 else ""
    facts = f"{wording.duration(critical_path.get_worked_ms(step))}{tries}{wrong}"
    return StepBox(id=step.node_id, x=x, y=y, name=step.name, facts=facts, status=look.word, tone=look.variable)


def _lines(steps: list[RunStep], boxes: dict[str, StepBox], long: list[tuple[str, str]]) -> list[StepLine]:
    lanes = {pair: MARGIN + number * LANE for number, pair in enumerate(long)}
    return [
        _line(boxes[cause], boxes[step.node_id], lanes.get((cause, step.node_id)), is_inferred=is_inferred)
        for step in steps
        for causes, is_inferred in ((step.causes, False), (step.inferred, True))
        for cause in causes
        if cause in boxes and boxes[cause].x < boxes[step.node_id].x
    ]


def _line(cause: StepBox, effect: StepBox, lane: float | None, *, is_inferred: bool) -> StepLine:
    middle = BOX_HEIGHT / 2
    return StepLine(cause.x + BOX_WIDTH, cause.y + middle, effect.x, effect.y + middle, lane, is_inferred)
