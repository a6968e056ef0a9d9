"""What the nodes of one step in a run are called: rounds of its loop, items of its fan-out, its undo. Pure.

The sender tells them apart by a mark, as `runtime/causality/step_place.py` makes it; a reader is told in words.
"""

import re
from dataclasses import dataclass
from typing import Final, Self

_MARK: Final = re.compile(r"(?P<undo>~?)(?:#(?P<round>\d{1,9}))?(?:\[(?P<index>\d{1,9})\])?")
_WORD: Final = re.compile(r"(?P<undo>~?)(?P<step>[^~#\[]+)(?P<rest>.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Marked:
    """What a mark says; a round of 1 where it says none."""

    round: int = 1
    index: int | None = None
    is_undo: bool = False

    @classmethod
    def read(cls, mark: str | None) -> Self | None:
        """Returns what a mark says; None where it says something that is not known here."""
        found = _MARK.fullmatch(mark or "")
        if found is None:
            return None
        index = found["index"]
        return cls(int(found["round"] or 1), None if index is None else int(index), bool(found["undo"]))


def called(step: str, mark: str | None) -> str:
    """Returns the name of a node: `weigh [3]`, `review, round 2`, `weigh, round 2 [3]`, `undo of pay`.

    Args:
        step: the step's name.
        mark: as its records say it; None for its first place.
    """
    if not mark:
        return step
    said = Marked.read(mark)
    if said is None:  # of a newer sender
        return f"{step} {mark}"
    name = f"undo of {step}" if said.is_undo else step
    name += f", round {said.round}" if said.round > 1 else ""
    return name if said.index is None else f"{name} [{said.index}]"


def of_word(word: str) -> str:
    """Returns the name of a node that the workers' server names in one word, such as `review#2`."""
    found = _WORD.fullmatch(word)
    return called(found["step"], f"{found['undo']}{found['rest']}") if found else word
