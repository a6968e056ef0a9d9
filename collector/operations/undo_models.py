"""What is undone of the bus's runs, as the API gives it. Pure."""

from collections.abc import Sequence
from typing import Any, Final

from collector.models import NodeStatus, UndoFailure, places
from collector.times import MILLISECOND_NS, moment
from runtime import admin as records

#: What the bus says of a run whose steps are being undone before it ends.
UNDOING: Final = "undoing"


def build_undo_fields(found: records.FoundRun) -> dict[str, Any]:
    """Returns the fields of a run on the server that say what is undone of it."""
    record = found.record
    return {
        "is_undoing": record.status == UNDOING,
        "ending": NodeStatus(record.ending) if record.ending else None,
        "is_undone": record.is_undone,
        "undo_failed": _step_names(record.undo_failed),
        "undo_error": (record.undo_error or None) if record.undo_failed else None,
    }


def build_undo_failure(found: records.FoundRun) -> UndoFailure:
    """Returns a run of which an undo has failed for good."""
    record = found.record
    return UndoFailure(
        run_id=str(record.id),
        app=found.app,
        workflow=record.workflow,
        subject=record.subject or None,
        steps=_step_names(record.undo_failed),
        error=record.undo_error or None,
        ended_at=None if record.ended_ms is None else moment(record.ended_ms * MILLISECOND_NS),
    )


def _step_names(words: Sequence[str]) -> list[str]:
    return [places.of_word(word) for word in words]
