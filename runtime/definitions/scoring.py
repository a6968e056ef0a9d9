"""How an answer is judged. Pure."""

import math
from typing import Any, Final

from runtime.errors import DefinitionError
from runtime.facts import Score

#: From this score on an answer counts as right.
PASSING_SCORE: Final = 0.5


def build_score(value: Any, name: str, label: str, explanation: str, at_ns: int) -> Score:
    """A judgement; see `Context.score`.

    Raises:
        DefinitionError: the value is no finite number.
    """
    score = _to_number(value)
    if not math.isfinite(score):
        raise DefinitionError(f"score {name!r} can't be {value!r:.40}: it must be a finite number, 1 is right")
    word = label or ("pass" if score >= PASSING_SCORE else "fail")
    return Score(name, score, word, explanation, at_ns)


def _to_number(value: Any) -> float:
    """What a score counts as; NaN where it is none."""
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return math.nan
