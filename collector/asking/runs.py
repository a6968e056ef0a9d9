"""Runs."""

import time
from collections.abc import Iterator, Sequence
from typing import Any, Final, Unpack

from collector.asking.base import PAGE, Asking, TimeRange, segment, walk
from collector.models import (
    Run,
    RunAnswer,
    RunDetail,
    RunPage,
    RunRequest,
    RunStreamEvent,
    RunStreamKind,
    RunStreamPage,
    WaitAnswer,
    WaitList,
)

#: Seconds to rest before a connection that brought nothing is made again.
_REST: Final = 0.2


class RunFilter(TimeRange, total=False):
    """Of which runs; `q` finds a subject, an id or a workflow. Without a time range a filter looks in all time."""

    workflow: str | None
    status: str | None
    q: str | None
    app: str | None
    agent: str | None
    model: str | None
    session: str | None
    source: str | None


class Runs(Asking):
    """What is asked about runs, and done with them."""

    def runs(self, *, limit: int = 50, cursor: str | None = None, **wanted: Unpack[RunFilter]) -> RunPage:
        """Returns a page of runs, newest first."""
        return self._api.get(RunPage, "/api/runs", limit=limit, cursor=cursor, **wanted)

    def every_run(self, **wanted: Unpack[RunFilter]) -> Iterator[Run]:
        """Yields all runs, newest first."""
        return walk(lambda cursor: self.runs(limit=PAGE, cursor=cursor, **wanted))

    def run(self, run_id: str) -> RunDetail:
        """Returns one run with its steps and events."""
        return self._api.get(RunDetail, f"/api/runs/{segment(run_id)}")

    def waits(self, runs: Sequence[str] = (), *, limit: int | None = None) -> WaitList:
        """Returns what runs wait for, the longest first: of some, or of all."""
        return self._api.get(WaitList, "/api/waits", runs=",".join(runs) or None, limit=limit)

    def run_streamed(self, run_id: str, *, after: int = 0, limit: int = PAGE) -> RunStreamPage:
        """Returns what a run has streamed after an offset, so many events at most."""
        return self._api.get(RunStreamPage, f"/api/runs/{segment(run_id)}/streamed", after=after, limit=limit)

    def stream_run(self, run_id: str, *, after: int = 0) -> Iterator[RunStreamEvent]:
        """Yields what a run streams as it comes; the last event is the run's end. A connection that breaks is made
        again, and goes on after the last event.

        Args:
            run_id: id of the run.
            after: offset of the last event that is known already; 0 for all.

        Raises:
            CollectorUnavailable: where nobody answers, or where the connection can't be made again.
            ApiError: where the collector refuses.
        """
        while True:
            known = after
            for event in self._api.events(RunStreamEvent, f"/api/runs/{segment(run_id)}/stream", after=after):
                yield event
                if event.kind is RunStreamKind.END:
                    return
                after = event.offset
            if after == known:
                time.sleep(_REST)

    def cancel_run(self, run_id: str, operator: str) -> RunAnswer:
        """Ends a run that goes on."""
        return self._api.post(RunAnswer, f"/api/runs/{segment(run_id)}/cancel", RunRequest(operator=operator))

    def resume_run(self, run_id: str, operator: str) -> RunAnswer:
        """Lets a run that failed go on from the step that failed."""
        return self._api.post(RunAnswer, f"/api/runs/{segment(run_id)}/resume", RunRequest(operator=operator))

    def undo_run(self, run_id: str, operator: str) -> RunAnswer:
        """Undoes what a run that has ended has done, and tries undos again that have failed."""
        return self._api.post(RunAnswer, f"/api/runs/{segment(run_id)}/undo", RunRequest(operator=operator))

    def answer_run(
        self, run_id: str, name: str, value: Any, operator: str, *, key: str = "", early: bool = False, way: str = ""
    ) -> RunAnswer:
        """Answers what a run waits for, with plain JSON; `early` keeps it for what no step waits for yet, `way` says in
        the audit by which way it came."""
        answer = WaitAnswer(operator=operator, name=name, key=key, value=value, early=early, way=way)
        return self._api.post(RunAnswer, f"/api/runs/{segment(run_id)}/answer", answer)
