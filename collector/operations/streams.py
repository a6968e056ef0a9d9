"""What runs stream as the API gives it. Pure."""

from collector.models import RunStreamEvent, RunStreamKind
from collector.operations.to_models import parse_run_status
from collector.times import MILLISECOND_NS, moment
from runtime.admin import StreamEvent
from runtime.redaction.redactor import Redactor


def build_stream_event(event: StreamEvent, redactor: Redactor) -> RunStreamEvent:
    """Returns an event of a run's stream, without the secrets in it."""
    kind = RunStreamKind(event.kind.value)
    return RunStreamEvent(
        kind=kind,
        offset=event.offset,
        step=event.step or None,
        attempt=event.attempt or None,
        at=None if event.at_ms is None else moment(event.at_ms * MILLISECOND_NS),
        value=redactor.value("", event.value) if kind is RunStreamKind.CHUNK else None,
        count=event.count or None,
        status=parse_run_status(event.status) if event.status else None,
        error=redactor.text(event.error) or None,
    )
