"""The collector's API, typed: one method a route. Needs httpx alone, so that a dashboard can live without the store."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import TracebackType
from typing import Final, Literal, Self, TypeVar
from urllib.parse import quote

import httpx
from pydantic import ValidationError

from collector.models import (
    AuditEntry,
    CausalGraph,
    ChannelList,
    DeadLetter,
    DeadLetterDetail,
    DeadLetterSummary,
    DiscardRequest,
    ErrorAnswer,
    EventDetail,
    EventPage,
    Health,
    Ledger,
    Model,
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
    SettlementAnswer,
    StepDetail,
    StepList,
    Trace,
    WorkerList,
)
from collector.models.dead_letters import LETTERS_LIMIT, LetterFilter

Answer = TypeVar("Answer", bound=Model)
Direction = Literal["both", "causes", "effects", "whole"]

#: Seconds to wait for an answer.
TIMEOUT_SECONDS: Final = 10.0


class ApiError(Exception):
    """Raised when the collector refuses a request or fails at it.

    Args:
        code: stable name of what went wrong, such as `not_found` or `bus_unavailable`.
        message: a sentence.
        hint: what to do about it; may be empty.
        status: the HTTP status; 0 where there was no answer.
    """

    def __init__(self, code: str, message: str, hint: str = "", status: int = 0) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint
        self.status = status


class CollectorUnavailable(ApiError):  # noqa: N818 a state that passes, and the name that views catch
    """Raised when the collector can't be reached or doesn't answer in time."""


class CollectorClient:
    """Asks a collector. Methods raise `ApiError`, and its subclass `CollectorUnavailable` where nobody answers. Every
    route has a method, for any program: the dashboard needs neither `replay_matching` nor `discard`.

    Args:
        base_url: where the collector is, such as `http://127.0.0.1:4318`.
        timeout: seconds to wait for an answer.
    """

    def __init__(self, base_url: str, timeout: float = TIMEOUT_SECONDS) -> None:
        self._base_url = base_url
        # Proxies and .netrc of the environment are for the internet, not for the collector next door.
        self._http = httpx.Client(base_url=base_url, timeout=timeout, trust_env=False)

    def close(self) -> None:
        """Gives connections back."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def health(self) -> Health:
        """Returns whether the collector is up."""
        return self._get(Health, "/healthz")

    def overview(self, *, start: datetime | None = None, end: datetime | None = None) -> Overview:
        """Returns whether anything is wrong now."""
        return self._get(Overview, "/api/overview", start=start, end=end)

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
        """Returns runs, newest first; `q` finds a subject, an id or a workflow."""
        return self._get(
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
        return self._get(RunDetail, f"/api/runs/{_segment(run_id)}")

    def cancel_run(self, run_id: str, operator: str) -> RunAnswer:
        """Ends a run that goes on."""
        return self._post(RunAnswer, f"/api/runs/{_segment(run_id)}/cancel", RunRequest(operator=operator))

    def resume_run(self, run_id: str, operator: str) -> RunAnswer:
        """Lets a run that failed go on from the step that failed."""
        return self._post(RunAnswer, f"/api/runs/{_segment(run_id)}/resume", RunRequest(operator=operator))

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
        """Returns events, newest first; `q` finds a subject, an id or text of the payload."""
        return self._get(
            EventPage, "/api/events", start=start, end=end, channel=channel, q=q, limit=limit, cursor=cursor
        )

    def event(self, event_id: str) -> EventDetail:
        """Returns one event, and every delivery of it."""
        return self._get(EventDetail, f"/api/events/{_segment(event_id)}")

    def node(self, node_id: str) -> NodeDetail:
        """Returns everything that is known of one node."""
        return self._get(NodeDetail, f"/api/nodes/{_segment(node_id)}")

    def causality(self, node_id: str, *, direction: Direction = "both", limit: int | None = None) -> CausalGraph:
        """Returns what caused a node and what it caused; for `whole`, all that its first cause brought about."""
        return self._get(CausalGraph, f"/api/nodes/{_segment(node_id)}/causality", direction=direction, limit=limit)

    def trace(self, trace_id: str) -> Trace:
        """Returns all spans of one trace."""
        return self._get(Trace, f"/api/traces/{_segment(trace_id)}")

    def steps(self, *, start: datetime | None = None, end: datetime | None = None, q: str | None = None) -> StepList:
        """Returns how each step, and each group of a channel, does."""
        return self._get(StepList, "/api/steps", start=start, end=end, q=q)

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
        return self._get(StepDetail, path, kind=kind, start=start, end=end)

    def channels(self) -> ChannelList:
        """Returns what every group owes, from the live bus."""
        return self._get(ChannelList, "/api/channels")

    def retire_group(self, channel: str, group: str, operator: str, reason: str) -> RetiredGroup:
        """Removes a group that no code serves any more, with all that it owes."""
        request = RetireRequest(channel=channel, group=group, operator=operator, reason=reason)
        return self._post(RetiredGroup, "/api/groups/retire", request)

    def workers(self) -> WorkerList:
        """Returns who works, and what the runs of each app owe, from the live bus."""
        return self._get(WorkerList, "/api/workers")

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
        return self._get(
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
        return self._get(DeadLetterSummary, "/api/dead-letters/summary")

    def dead_letter(self, dead_letter_id: str) -> DeadLetterDetail:
        """Returns one dead letter with its envelope and every attempt's error."""
        return self._get(DeadLetterDetail, f"/api/dead-letters/{_segment(dead_letter_id)}")

    def replay(self, ids: Sequence[str], operator: str) -> SettlementAnswer:
        """Sends dead letters again, to the group that failed. Asking twice does nothing more."""
        return self._post(SettlementAnswer, "/api/dead-letters/replay", ReplayRequest(ids=list(ids), operator=operator))

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
        return self._post(SettlementAnswer, "/api/dead-letters/replay", request)

    def discard(self, ids: Sequence[str], operator: str, reason: str) -> SettlementAnswer:
        """Gives dead letters up."""
        request = DiscardRequest(ids=list(ids), operator=operator, reason=reason)
        return self._post(SettlementAnswer, "/api/dead-letters/discard", request)

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
        return self._get(
            Page[AuditEntry], "/api/audit", dead_letter_id=dead_letter_id, run_id=run_id, limit=limit, cursor=cursor
        )

    def ledger(self) -> Ledger:
        """Returns what the bus says against what the spans say."""
        return self._get(Ledger, "/api/ledger")

    def _get(self, answer: type[Answer], path: str, **params: object) -> Answer:
        return self._ask(answer, "GET", path, params=_query(params))

    def _post(self, answer: type[Answer], path: str, body: Model) -> Answer:
        return self._ask(answer, "POST", path, content=body.model_dump_json())

    def _ask(
        self,
        answer: type[Answer],
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        content: str | None = None,
    ) -> Answer:
        headers = {"content-type": "application/json"} if content else {}
        try:
            response = self._http.request(method, path, params=params, content=content, headers=headers)
        except httpx.TransportError as error:
            raise CollectorUnavailable(
                "collector_unavailable",
                f"the collector at {self._base_url} does not answer ({type(error).__name__})",
                "start it with `causeline collector`, or set CAUSELINE_COLLECTOR_URL",
            ) from None
        if response.is_error:
            raise _refusal(response)
        return answer.model_validate_json(response.content)


def _refusal(response: httpx.Response) -> ApiError:
    try:
        body = ErrorAnswer.model_validate_json(response.content).error
    except ValidationError:  # not the collector, but something in front of it
        status = response.status_code
        return ApiError("unexpected_answer", f"HTTP {status}", "is this the collector's address?", status)
    return ApiError(body.code, body.message, body.hint, response.status_code)


def _query(params: Mapping[str, object]) -> dict[str, str]:
    """Returns parameters as text; those that are None are left to the collector's defaults."""
    return {
        name: value.isoformat() if isinstance(value, datetime) else str(value)
        for name, value in params.items()
        if value is not None
    }


def _segment(text: str) -> str:
    return quote(text, safe="")
