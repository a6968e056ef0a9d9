"""Loops: one or several steps that are done again until what they make is good. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from runtime.definitions.signature import Signature
from runtime.errors import DefinitionError

_EXAMPLE: Final = "lambda review: review.is_good"


@dataclass(frozen=True, slots=True)
class LoopEnd:
    """How the last step of a loop is declared.

    Attributes:
        until: is asked after each round whether what was made is good.
        max_rounds: how many rounds there are at most.
        back_to: the first step of each round.
    """

    until: Callable[..., Any]
    max_rounds: int
    back_to: str


@dataclass(frozen=True, slots=True)
class Loop:
    """A loop that can run.

    Attributes:
        head: the first step of each round.
        tail: the last one, after which `until` is asked.
        body: all its steps, each with how many others of the same round it waits for.
        until: the contract of `until` of its end.
        end: as declared.
    """

    head: str
    tail: str
    body: Mapping[str, int]
    until: Signature
    end: LoopEnd

    @property
    def note(self) -> str:
        """The part of a run that says in which round the loop ended; absent for the first."""
        return f"{self.tail}#"


def build_loop_end(step: str, until: object, max_rounds: object, back_to: object) -> LoopEnd | None:
    """What a step is declared with; None where it ends no loop.

    Raises:
        DefinitionError: a loop without bound, or an option that can't be.
    """
    if until is None:
        if max_rounds is not None or back_to is not None:
            raise DefinitionError(f"step {step!r} says max_rounds= or back_to= without until=: say what ends the loop")
        return None
    if not callable(until):
        raise DefinitionError(f"until= of step {step!r} can't be {until!r}: give a function, such as {_EXAMPLE}")
    if max_rounds is None:
        raise DefinitionError(f"step {step!r} loops without a bound: say max_rounds=, such as max_rounds=3")
    if not isinstance(max_rounds, int) or isinstance(max_rounds, bool) or max_rounds < 1:
        raise DefinitionError(f"step {step!r} can't have {max_rounds!r} rounds at most: give a number from 1 on")
    if back_to is not None and not isinstance(back_to, str):
        raise DefinitionError(f"step {step!r} can't go back to {back_to!r}: name the step that each round begins with")
    return LoopEnd(until, max_rounds, back_to or step)


def find_loop_bodies(ends: Mapping[str, LoopEnd], asked: Mapping[str, Sequence[str]]) -> dict[str, frozenset[str]]:
    """The steps of each loop: those on a way from its first to its last.

    Args:
        ends: by the name of the last step.
        asked: for each step, the names that it asks for.

    Raises:
        DefinitionError: a loop goes back to what does not lead to it, or two loops share a step.
    """
    found: dict[str, frozenset[str]] = {}
    for tail, end in ends.items():
        if end.back_to not in asked:
            raise DefinitionError(
                f"step {tail!r} goes back to {end.back_to!r}, which is not a step: name one before it"
            )
        after = _find_reachable(end.back_to, lambda name: (step for step, names in asked.items() if name in names))
        before = _find_reachable(tail, lambda name: asked.get(name, ()), stop=end.back_to)
        body = frozenset(after & before)
        if tail not in body or end.back_to not in body:
            raise DefinitionError(
                f"step {tail!r} goes back to {end.back_to!r}, on whose result it does not depend: a round would not be "
                "over when it is done"
            )
        for other, theirs in found.items():
            if shared := sorted(body & theirs):
                raise DefinitionError(
                    f"the loops that end with {other!r} and {tail!r} share the step {shared[0]!r}: put the inner one "
                    "into a workflow of its own, and make that a step"
                )
        found[tail] = body
    return found


def is_from_previous_round(reader: str, name: str, body: frozenset[str], head: str) -> bool:
    """Whether what a step of a loop asks for is of the round before: its own result, or in the first step that of any
    step of the loop."""
    return name in body and reader in body and (reader in {name, head})


def _find_reachable(start: str, beside: Callable[[str], Iterable[str]], stop: str = "") -> set[str]:
    seen, waiting = {start}, [start]
    while waiting:
        name = waiting.pop()
        if name == stop:
            continue
        for other in beside(name):
            if other not in seen:
                seen.add(other)
                waiting.append(other)
    return seen
