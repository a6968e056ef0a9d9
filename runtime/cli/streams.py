"""A run's stream as lines: texts of one step run on, and who speaks is said whenever that is another."""

import json

from rich.text import Text

from runtime.cli.terminal import plain
from runtime.redaction.redactor import Redactor
from runtime.runs.streams import StreamEvent, StreamEventKind


class StreamPrinter:
    """Makes printable what a stream tells, one event after the other. Args: takes secrets out."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._speaker: tuple[str, int] | None = None
        self._is_within_line = False

    def format_event(self, event: StreamEvent) -> Text:
        """What is printed of an event, line breaks included."""
        match event.kind:
            case StreamEventKind.CHUNK:
                return self._format_chunk(event)
            case StreamEventKind.ATTEMPT:
                self._speaker = (event.step, event.attempt)
                return self._format_note(
                    f"step {event.step} begins anew, attempt {event.attempt}: what it has streamed before is void"
                )
            case StreamEventKind.LOST:
                return self._format_note(f"{event.count} chunks of step {event.step} could not be written down")
            case StreamEventKind.GAP:
                return self._format_note(f"{event.count} entries up to offset {event.offset} are kept no longer")
            case StreamEventKind.END:
                error = f": {self._redactor.text(event.error)}" if event.error else ""
                return self._format_note(f"the run is {event.status}{error}")

    def as_json(self, event: StreamEvent) -> str:
        """An event as a line of JSON."""
        told = {
            "kind": event.kind.value,
            "offset": event.offset,
            "step": event.step or None,
            "attempt": event.attempt or None,
            "at_ms": event.at_ms,
            "count": event.count or None,
            "status": event.status or None,
            "error": self._redactor.text(event.error) or None,
        }
        said = {name: value for name, value in told.items() if value is not None}
        if event.kind is StreamEventKind.CHUNK:
            said["value"] = self._redactor.value("", event.value)
        return json.dumps(said)

    def _format_chunk(self, event: StreamEvent) -> Text:
        head, speaker = Text(), (event.step, event.attempt)
        if self._speaker != speaker:
            self._speaker = speaker
            head = self._format_note(f"step {event.step}, attempt {event.attempt}")
        value = self._redactor.value("", event.value)
        if isinstance(value, str):
            self._is_within_line = not value.endswith("\n") if value else self._is_within_line
            return Text.assemble(head, plain(value))
        line = plain(f"{self._end_line()}{json.dumps(value, ensure_ascii=False)}\n")
        return Text.assemble(head, line)

    def _format_note(self, words: str) -> Text:
        return Text.assemble(self._end_line(), plain(f"--- {words} ---", "dim"), "\n")

    def _end_line(self) -> str:
        """Ends the line that is open."""
        was_open, self._is_within_line = self._is_within_line, False
        return "\n" if was_open else ""
