"""The overview, and how steps do."""

from collections.abc import Iterator
from typing import Literal, Unpack

from collector.asking.base import PAGE, Asking, TimeRange, walk
from collector.models import (
    AccuracyList,
    Advice,
    CallFiguresList,
    CallsBy,
    CallsSort,
    Overview,
    Page,
    StepDetail,
    StepFigures,
    StepList,
    Topology,
    Trends,
)

StepKind = Literal["step", "delivery"]
StepSource = Literal["own", "others"]


class StepFilter(TimeRange, total=False):
    """Of which steps and groups; `workflow` may be a channel. `bad`: something of them failed, was retried, or was
    scored wrong; `status`: something of them stands so; `score` names the score that accuracy is of. Without a time
    range a filter looks in all time."""

    kind: StepKind | None
    workflow: str | None
    app: str | None
    agent: str | None
    model: str | None
    status: Literal["ok", "failed", "running"] | None
    source: StepSource | None
    bad: bool | None
    score: str | None
    q: str | None


class CallFilter(TimeRange, total=False):
    """Of which calls of models and tools."""

    app: str | None
    agent: str | None
    model: str | None
    session: str | None
    user: str | None


class Figures(Asking):
    """What is asked about how things go."""

    def overview(self, **within: Unpack[TimeRange]) -> Overview:
        """Returns whether anything is wrong now."""
        return self._api.get(Overview, "/api/overview", **within)

    def trends(self, **within: Unpack[TimeRange]) -> Trends:
        """Returns how the window went, and what changed against the time before it."""
        return self._api.get(Trends, "/api/overview/trends", **within)

    def steps(self, *, limit: int | None = None, cursor: str | None = None, **wanted: Unpack[StepFilter]) -> StepList:
        """Returns how each step, and each group of a channel, does, in the order of their names."""
        return self._api.get(StepList, "/api/steps", limit=limit, cursor=cursor, **wanted)

    def topology(self, **within: Unpack[TimeRange]) -> Topology:
        """Returns who talks to whom, what flows between them, and what differs from what is declared."""
        return self._api.get(Topology, "/api/topology", **within)

    def advice(self, *, asked_ms: float | None = None, **within: Unpack[TimeRange]) -> Advice:
        """Returns what each step should be, by what was observed; `asked_ms` is within what time an answer is asked
        for."""
        return self._api.get(Advice, "/api/advice", asked_ms=asked_ms, **within)

    def every_step(self, **wanted: Unpack[StepFilter]) -> Iterator[StepFigures]:
        """Yields how every step and group does, in the order of their names."""

        def ask(cursor: str | None) -> Page[StepFigures]:
            page = self.steps(limit=PAGE, cursor=cursor, **wanted)
            return Page[StepFigures](items=page.items, next=page.next)

        return walk(ask)

    def step(
        self,
        workflow: str,
        step: str,
        *,
        kind: StepKind = "step",
        score: str | None = None,
        source: StepSource | None = None,
        **within: Unpack[TimeRange],
    ) -> StepDetail:
        """Returns how one step does; for a delivery `workflow` is the channel and `step` the group. Of a step of ours
        and one of others that are called the same, ours, unless `source` says otherwise."""
        which = {"workflow": workflow, "step": step, "kind": kind, "score": score, "source": source}
        return self._api.get(StepDetail, "/api/steps/one", **which, **within)

    def accuracy(
        self, *, workflow: str | None = None, score: str | None = None, **within: Unpack[TimeRange]
    ) -> AccuracyList:
        """Returns how often answers were right, by depth in the chain and by size of the context; `workflow` is that
        of the run, or the channel of the event, with which a chain began."""
        return self._api.get(AccuracyList, "/api/steps/accuracy", workflow=workflow, score=score, **within)

    def call_figures(
        self,
        by: CallsBy = CallsBy.MODEL,
        *,
        per_app: bool = False,
        sort: CallsSort = CallsSort.COST,
        descending: bool = True,
        limit: int | None = None,
        **wanted: Unpack[CallFilter],
    ) -> CallFiguresList:
        """Returns how calls of models and tools do, and what they cost, put together by what is asked for."""
        how = {"by": by.value, "per_app": per_app, "sort": sort.value, "descending": descending, "limit": limit}
        return self._api.get(CallFiguresList, "/api/calls/figures", **how, **wanted)
