"""A judgement of what an attempt has answered."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Score:
    """A judgement of an attempt: `gen_ai.evaluation.*`."""

    name: str
    value: float
    label: str
    explanation: str
    at_ns: int
