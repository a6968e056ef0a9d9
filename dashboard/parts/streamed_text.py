"""What the steps of a run have streamed so far, put together from the events of its stream. Pure."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from collector.models import RunStreamEvent, RunStreamKind
from dashboard import wording

#: Characters of a step's text that are kept: its end, which is what people watch.
TAIL: Final = 20_000


@dataclass(slots=True)
class StepText:
    """What the present attempt at a step has said; `missing` counts chunks of it that are lost, and `is_cut` says that
    its beginning is not kept."""

    step: str
    attempt: int
    text: str = ""
    missing: int = 0
    is_cut: bool = False

    @property
    def facts(self) -> str:
        """What is to be known of the text beside it."""
        facts = [f"attempt {self.attempt}: what earlier ones streamed is void"] if self.attempt > 1 else []
        facts += [f"{wording.many(self.missing, 'chunk')} lost"] if self.missing else []
        facts += ["its beginning is not shown"] if self.is_cut else []
        return " · ".join(facts)


@dataclass(slots=True)
class RunText:
    """What a run has streamed, by step, in the order in which they first spoke. `last` is the offset to go on after,
    `gone` counts entries that are kept no longer, `is_over` says that the run has ended."""

    last: int = 0
    gone: int = 0
    is_over: bool = False
    steps: dict[str, StepText] = field(default_factory=dict)

    def add_events(self, events: Iterable[RunStreamEvent]) -> None:
        """Adds what comes next."""
        for event in events:
            self.last = event.offset
            match event.kind:
                case RunStreamKind.GAP:
                    self.gone += event.count or 0
                case RunStreamKind.END:
                    self.is_over = True
                case RunStreamKind.ATTEMPT | RunStreamKind.CHUNK | RunStreamKind.LOST:
                    self._add_step_event(event)

    def _add_step_event(self, event: RunStreamEvent) -> None:
        step, attempt = event.step or "", event.attempt or 1
        spoken = self.steps.get(step)
        if spoken is None:
            spoken = self.steps[step] = StepText(step, attempt)
        elif spoken.attempt != attempt:
            spoken.attempt, spoken.text, spoken.missing, spoken.is_cut = attempt, "", 0, False
        if event.kind is RunStreamKind.LOST:
            spoken.missing += event.count or 0
        elif event.kind is RunStreamKind.CHUNK:
            spoken.text += _words(event.value, spoken.text)
            if len(spoken.text) > TAIL:
                spoken.text, spoken.is_cut = spoken.text[-TAIL:], True


def _words(value: object, before: str) -> str:
    """Returns texts as they are, so that they run on; anything else is a line of JSON."""
    if isinstance(value, str):
        return value
    return f"{'' if not before or before.endswith(chr(10)) else chr(10)}{json.dumps(value, ensure_ascii=False)}\n"
