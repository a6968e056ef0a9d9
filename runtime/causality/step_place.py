"""Where in its run a task stands: at a step, in a round of its loop, at an item of its fan-out, or at a step's undo."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

#: No step's name has these characters.
_WORD: Final = re.compile(r"(?P<undo>~?)(?P<step>[^~#\[]+)(?:#(?P<round>\d+))?(?:\[(?P<index>\d+)\])?")
#: Words whose parts are remembered: a worker meets the same again and again.
_KEPT: Final = 4096


@dataclass(frozen=True, slots=True)
class StepPlace:
    """One place of a run.

    Attributes:
        step: the step's name.
        round: of the loop that the step is in, from 1; 1 outside of loops.
        index: of the item, from 0; None where it is no item.
        is_undo: the step's undo, not the step itself.
    """

    step: str
    round: int = 1
    index: int | None = None
    is_undo: bool = False

    @property
    def is_first(self) -> bool:
        """Whether it is the step's first place: no later round, item or undo."""
        return self.round == 1 and self.index is None and not self.is_undo

    @property
    def mark(self) -> str:
        """What tells it from the step's first place, such as `#2[3]`; empty for that one, and with `~` in front for an
        undo. Node ids are made of it, so it never changes."""
        if self.is_first:
            return ""
        return f"{'~' if self.is_undo else ''}{self._turn}"

    @property
    def word(self) -> str:
        """The place in one word, as stores keep it: the step's name alone for its first place."""
        if self.is_first:
            return self.step
        return f"{'~' if self.is_undo else ''}{self.step}{self._turn}"

    @property
    def _turn(self) -> str:
        turn = f"#{self.round}" if self.round > 1 else ""
        return turn if self.index is None else f"{turn}[{self.index}]"

    @staticmethod
    def parse(word: str) -> "StepPlace":
        """The place that a word stands for."""
        return _parse_cached(word)

    def item(self, index: int) -> "StepPlace":
        """An item of the fan-out at this place."""
        return StepPlace(self.step, self.round, index)


@lru_cache(_KEPT)
def _parse_cached(word: str) -> StepPlace:
    found = _WORD.fullmatch(word)
    if found is None:
        raise AssertionError(f"{word!r} is not a place of a step")
    index = found["index"]
    return StepPlace(
        found["step"], int(found["round"] or 1), None if index is None else int(index), bool(found["undo"])
    )
