"""Whether a loop has another round. Calls the user's condition, and nothing else."""

from typing import Final

from runtime.causality.step_place import StepPlace
from runtime.codec.encoded import Encoded
from runtime.definitions.steps import BuiltStep
from runtime.errors import RoundsSpentError
from runtime.worker.step_inputs import StepInputs

#: Characters of a result that an error may quote.
_QUOTED: Final = 200


def has_next_round(built: BuiltStep, place: StepPlace, given: StepInputs, result: Encoded) -> bool:
    """Whether the loop that a step ends has another round.

    Args:
        built: the step.
        place: where it stands.
        given: to it.
        result: what it has made.

    Raises:
        RoundsSpentError: it would need one more than it may have.
        Exception: whatever the user's condition raises.
    """
    loop, step = built.loop, built.step
    if loop is None or loop.end.until(**given.arguments(loop.until, {step.name: result})):
        return False
    if place.round < loop.end.max_rounds:
        return True
    verdict = f"; its last result was {result.text[:_QUOTED]}" if step.record_values else ""
    raise RoundsSpentError(
        f"the loop that {step.name!r} ends is not done after {loop.end.max_rounds} rounds: until= says no{verdict}"
    )
