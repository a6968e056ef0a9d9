"""The collector's API, typed: one method a route. Needs httpx alone, so that a dashboard can live without the store."""

from collections.abc import Sequence
from datetime import datetime
from types import TracebackType
from typing import Final, Literal, Self
from urllib.parse import quote

from collector.models import (
    AuditEntry,
    CausalGraph,
    ChannelList,
    DeadLetter,
    DeadLetterDetail,
    DeadLetterSummary,
    DiscardRequest,
    EventDetail,
    EventPage,
    Health,
    Ledger,
    NodeDetail,
    Overview,
    Page,
    ReplayRequest,
    RetiredGroup,
    RetireRequest,
    RunAnswer,
    RunDetail,
    RunPage,
    RunRequest,
    SearchAnswer,
    SettlementAnswer,
    StepDetail,
    StepList,
    Trace,
    WorkerList,
)
from collector.models.dead_letters import LETTERS_LIMIT, LetterFilter
from collector.transport import ApiError as ApiError
from collector.transport import CollectorUnavailable as CollectorUnavailable
from collector.transport import Transport

Direction = Literal["both", "causes", "effects", "whole"]

#: Seconds to wait for an answer.
TIMEOUT_SECONDS: Final = 10.0


class CollectorClient:
    """Asks a collector. Methods raise `ApiError`, and its subclass `CollectorUnavailable` where nobody answers. Every
    route has a method, for any program: the dashboard needs neither `replay_matching` nor `discard`.

    Args:
        base_url: where the collector is, such as `http://127.0.0.1:4318`.
        timeout: seconds to wait for an answer.
    """

    def __init__(self, base_url: str, timeout: float = TIMEOUT_SECONDS) -> None:
        self._api = Transport(base_url, timeout)

    def close(self) -> None:
        """Gives connections back."""
        self._api.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def health(self) -> Health:
        """Returns whether the collector is up."""
        return self._api.get(Health, "/healthz")

    def overview(self, *, start: datetime | None = None, end: datetime | None = None) -> Overview:
        """Returns whether anything is wrong now."""
        return self._api.get(Overview, "/api/overview", start=start, end=end)

    def runs(
        self,
        *,
        start: datetime | None = None,
        end: datetime | None = None,
        workflow: str | None = None,
        status: str | None = None,
        q: str | None = None,
        limit: int = 50,
        cursor: str | None = None,
    ) -> RunPage:
        """Returns runs, newest first; `q` finds any id, and text of what is shown."""
        return self._api.get(
            RunPage,
            "/api/runs",
            start=start,
            end=end,
            workflow=workflow,
            status=status,
            q=q,
            limit=limit,
            cursor=cursor,
        )

    def run(self, run_id: str) -> RunDetail:
        """Returns one run with its steps and events."""
        return self._api.get(RunDetail, f"/api/runs/{_segment(run_id)}")

    def cancel_run(self, run_id: str, operator: str) -> RunAnswer:
        """Ends a run that goes on."""
        return self._api.post(RunAnswer, f"/api/runs/{_segment(run_id)}/cancel", RunRequest(operator=operator))

    def resume_run(self, run_id: str, operator: str) -> RunAnswer:
        """Lets a run that failed go on from the step that failed."""
        return self._api.post(RunAnswer, f"/api/runs/{_segment(run_id)}/resume", RunRequest(operator=operator))

    def events(
        self,
        *,
        start: datetime | None = None,
        end: datetime | None = None,
        channel: str | None = None,
        q: str | None = None,
        limit: int = 50,
        cursor: str | None = None,
    ) -> EventPage:
        """Returns events, newest first; `q` finds any id, and text of what is shown."""
        return self._api.get(
            EventPage, "/api/events", start=start, end=end, channel=channel, q=q, limit=limit, cursor=cursor
        )

    def event(self, event_id: str) -> EventDetail:
        """Returns one event, and every delivery of it."""
        return self._api.get(EventDetail, f"/api/events/{_segment(event_id)}")

    def node(self, node_id: str, *, full: str | None = None) -> NodeDetail:
        """Returns everything that is known of one node; long texts are cut, but for that at the place `full`."""
        return self._api.get(NodeDetail, f"/api/nodes/{_segment(node_id)}", full=full)

    def causality(self, node_id: str, *, direction: Direction = "both", limit: int | None = None) -> CausalGraph:
        """Returns what caused a node and what it caused; for `whole`, all that its first cause brought about."""
        return self._api.get(CausalGraph, f"/api/nodes/{_segment(node_id)}/causality", direction=direction, limit=limit)

    def trace(self, trace_id: str) -> Trace:
        """Returns all spans of one trace."""
        return self._api.get(Trace, f"/api/traces/{_segment(trace_id)}")

    def search(self, q: str, *, limit: int | None = None) -> SearchAnswer:
        """Returns what an id is the id of, and the newest nodes of any kind that it leads to or that say a text."""
        return self._api.get(SearchAnswer, "/api/search", q=q, limit=limit)

    def steps(self, *, start: datetime | None = None, end: datetime | None = None, q: str | None = None) -> StepList:
        """Returns how each step, and each group of a channel, does."""
        return self._api.get(StepList, "/api/steps", start=start, end=end, q=q)

    def step(
        self,
        workflow: str,
        step: str,
        *,
        kind: Literal["step", "delivery"] = "step",
        start: datetime | None = None,
        end: datetime | None = None,
    ) -> StepDetail:
        """Returns how one step does; for a delivery `workflow` is the channel and `step` the group."""
        path = f"/api/steps/{_segment(workflow)}/{_segment(step)}"
        return self._api.get(StepDetail, path, kind=kind, start=start, end=end)

    def channels(self) -> ChannelList:
        """Returns what every group owes, from the live bus."""
        return self._api.get(ChannelList, "/api/channels")

    def retire_group(self, channel: str, group: str, operator: str, reason: str) -> RetiredGroup:
        """Removes a group that no code serves any more, with all that it owes."""
        request = RetireRequest(channel=channel, group=group, operator=operator, reason=reason)
        return self._api.post(RetiredGroup, "/api/groups/retire", request)

    def workers(self) -> WorkerList:
        """Returns who works, and what the runs of each app owe, from the live bus."""
        return self._api.get(WorkerList, "/api/workers")

    def dead_letters(
        self,
        *,
        state: str = "dead",
        channel: str | None = None,
        group: str | None = None,
        reason: str | None = None,
        q: str | None = None,
        limit: int = 50,
        cursor: str | None = None,
    ) -> Page[DeadLetter]:
        """Returns dead letters of one state, newest first, from the live bus."""
        return self._api.get(
            Page[DeadLetter],
            "/api/dead-letters",
            state=state,
            channel=channel,
            group=group,
            reason=reason,
            q=q,
            limit=limit,
            cursor=cursor,
        )

    def dead_letter_summary(self) -> DeadLetterSummary:
        """Returns how many dead letters wait, by channel, group and reason."""
        return self._api.get(DeadLetterSummary, "/api/dead-letters/summary")

    def dead_letter(self, dead_letter_id: str) -> DeadLetterDetail:
        """Returns one dead letter with its envelope and every attempt's error."""
        return self._api.get(DeadLetterDetail, f"/api/dead-letters/{_segment(dead_letter_id)}")

    def replay(self, ids: Sequence[str], operator: str) -> SettlementAnswer:
        """Sends dead letters again, to the group that failed. Asking twice does nothing more."""
        return self._api.post(
            SettlementAnswer, "/api/dead-letters/replay", ReplayRequest(ids=list(ids), operator=operator)
        )

    def replay_matching(
        self,
        operator: str,
        *,
        channel: str | None = None,
        group: str | None = None,
        reason: str | None = None,
        q: str | None = None,
        most: int = LETTERS_LIMIT,
    ) -> SettlementAnswer:
        """Sends dead letters again that match now, the newest first, at most `most`: fewer are answered sooner. Those
        that fail once more are new letters. The answer says how many still match."""
        wanted = LetterFilter(channel=channel, group=group, reason=reason, q=q)
        request = ReplayRequest(filter=wanted, most=most, operator=operator)
        return self._api.post(SettlementAnswer, "/api/dead-letters/replay", request)

    def discard(self, ids: Sequence[str], operator: str, reason: str) -> SettlementAnswer:
        """Gives dead letters up."""
        request = DiscardRequest(ids=list(ids), operator=operator, reason=reason)
        return self._api.post(SettlementAnswer, "/api/dead-letters/discard", request)

    def audit(
        self,
        *,
        dead_letter_id: str | None = None,
        run_id: str | None = None,
        limit: int = 50,
        cursor: str | None = None,
    ) -> Page[AuditEntry]:
        """Returns what operators did, newest first; of one letter or one run, a page with few entries may still have a
        `next`."""
        return self._api.get(
            Page[AuditEntry], "/api/audit", dead_letter_id=dead_letter_id, run_id=run_id, limit=limit, cursor=cursor
        )

    def ledger(self) -> Ledger:
        """Returns what the bus says against what the spans say."""
        return self._api.get(Ledger, "/api/ledger")


def _segment(text: str) -> str:
    return quote(text, safe="")
