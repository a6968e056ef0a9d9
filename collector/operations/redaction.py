"""What the bus holds, as it may be told: it has work as it was handed over, secrets included, and must."""

from typing import TypeVar

from collector.models import (
    AttemptError,
    Breaker,
    BreakerChange,
    DeadLetter,
    DeadLetterDetail,
    Disagreement,
    RunOnServer,
    ShadowedStep,
    UndoFailure,
    WaitingRun,
)
from runtime.redaction.redactor import Redactor

Told = TypeVar(
    "Told",
    DeadLetter,
    DeadLetterDetail,
    RunOnServer,
    AttemptError,
    WaitingRun,
    UndoFailure,
    Breaker,
    BreakerChange,
    ShadowedStep,
    Disagreement,
)

#: Texts that the code of users has written, by the fields that hold them.
_WRITTEN = ("error", "subject", "why", "envelope", "payload", "message", "traceback", "undo_error")


def redact_answer(answer: Told, redactor: Redactor) -> Told:
    """Returns an answer without the secrets that stand in what users' code has written.

    Args:
        answer: what is to be told of something on the bus.
        redactor: knows what is secret.
    """
    if redactor.is_idle:
        return answer
    found = {name: getattr(answer, name, None) for name in _WRITTEN}
    changed: dict[str, object] = {name: redactor.text(text) for name, text in found.items() if text}
    if isinstance(answer, DeadLetterDetail):
        changed["history"] = [redact_answer(attempt, redactor) for attempt in answer.history]
    if isinstance(answer, Breaker):
        changed["changes"] = [redact_answer(change, redactor) for change in answer.changes]
    if isinstance(answer, ShadowedStep):  # of the two results the runtime has told what may be told
        changed["last"] = [redact_answer(one, redactor) for one in answer.last]
    return answer.model_copy(update=changed)
