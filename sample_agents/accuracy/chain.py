"""The chain of calls without any runtime: what the simulation answers, and how that depends on its width. Pure."""

from collections.abc import Sequence

from sample_agents.accuracy.conversation import START, Messages, Shape, add_answer, add_question, clean_answer
from sample_agents.accuracy.dossier import CALLS, Dossier
from sample_agents.accuracy.model import Model
from sample_agents.accuracy.simulation import SimulatedModel


def answers(shape: Shape, dossier: Dossier, model: Model) -> tuple[str, ...]:
    """What a model answers to each call of a dossier.

    Args:
        shape: what travels along.
        dossier: the task.
        model: answers each call from its messages alone.
    """
    said: list[str] = []
    before: Messages = START
    of = dossier.shipment
    for call in range(1, CALLS + 1):
        messages = add_question(before, dossier, call, of)
        of = clean_answer(model.reply(messages).text)
        said.append(of)
        if shape is Shape.EVERYTHING:
            before = add_answer(messages, of)
    return tuple(said)


def check_answers(dossier: Dossier, said: Sequence[str]) -> tuple[bool, ...]:
    """Whether each answer is the true one."""
    return tuple(answer == truth for answer, truth in zip(said, dossier.truth, strict=False))


def count_right_answers(shape: Shape, seed: int, dossiers: int, width: int) -> list[int]:
    """How many of so many dossiers the simulation has right after each call."""
    model = SimulatedModel(width, seed)
    counts = [0] * CALLS
    for number in range(1, dossiers + 1):
        dossier = Dossier(seed, number)
        for place, is_right in enumerate(check_answers(dossier, answers(shape, dossier, model))):
            counts[place] += is_right
    return counts
