"""Pages of lists, each of the time range that the reader looks at, and how to get all that is on them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final, NamedTuple, cast

import streamlit as st

from collector import models as api
from collector.client import (
    LogFilter,
    RunFilter,
    StepFilter,
    StepKind,
    StepSource,
)
from dashboard.data import FRESH, KEPT, LINES, PAGE, SETTLED, client, get_or_default, range_of, text_at
from dashboard.period import Period

#: Rows of one answer at most.
_MOST: Final = 1_000
#: Turns of a conversation on one page.
TURNS: Final = 25


class RunSelection(NamedTuple):
    """Of which runs; what is empty narrows nothing."""

    q: str = ""
    status: str = ""
    source: str = ""
    app: str = ""
    workflow: str = ""
    agent: str = ""
    model: str = ""
    session: str = ""

    def to_filter(self, within: Period) -> RunFilter:
        """Returns what the client is asked for."""
        said = {name: value for name, value in self._asdict().items() if value}
        return cast("RunFilter", {**range_of(within), **said})


@st.cache_data(ttl=FRESH, max_entries=KEPT, show_spinner=False)
def runs(within: Period, wanted: RunSelection, cursor: str, limit: int = PAGE) -> api.RunPage:
    """Returns a page of runs."""
    return client().runs(cursor=cursor or None, limit=limit, **wanted.to_filter(within))


def all_runs(within: Period, wanted: RunSelection) -> Callable[[], Iterator[api.Run]]:
    """Returns a function that yields every run that matches; called by the download, after the script run has ended."""
    return partial(client().every_run, **wanted.to_filter(within))


@st.cache_data(ttl=FRESH, max_entries=KEPT, show_spinner=False)
def traces(within: Period, q: str, service: str, status: str, cursor: str, limit: int = PAGE) -> api.TracePage:
    """Returns a page of traces."""
    return client().traces(
        q=q or None,
        service=service or None,
        status=status or None,
        cursor=cursor or None,
        limit=limit,
        **range_of(within),
    )


def all_traces(within: Period, q: str, service: str, status: str) -> Callable[[], Iterator[api.TraceBrief]]:
    """Returns a function that yields every trace that matches; called by the download, after the script run has
    ended."""
    return partial(
        client().every_trace, q=q or None, service=service or None, status=status or None, **range_of(within)
    )


class CallSelection(NamedTuple):
    """Of which calls of models and tools, and how they are put together and sorted."""

    by: api.CallsBy
    per_app: bool
    sort: api.CallsSort
    descending: bool
    app: str = ""
    agent: str = ""


@st.cache_data(ttl=FRESH, max_entries=KEPT, show_spinner=False)
def call_figures(within: Period, wanted: CallSelection, limit: int) -> api.CallFiguresList:
    """Returns how calls of models and tools do, and what they cost."""
    return _call_figures(within, wanted, limit)


def all_call_figures(within: Period, wanted: CallSelection) -> Callable[[], Iterator[api.CallFigures]]:
    """Returns a function that yields the figures of as many calls as one answer holds; called by the download, after
    the script run has ended."""
    return lambda: iter(_call_figures(within, wanted, _MOST).items)


def _call_figures(within: Period, wanted: CallSelection, limit: int) -> api.CallFiguresList:
    return client().call_figures(
        wanted.by,
        per_app=wanted.per_app,
        sort=wanted.sort,
        descending=wanted.descending,
        limit=limit,
        app=wanted.app or None,
        agent=wanted.agent or None,
        **range_of(within),
    )


@st.cache_data(ttl=SETTLED, max_entries=KEPT, show_spinner=False)
def trends(within: Period) -> api.Trends | None:
    """Returns how a time range went, and what changed against the time before it; None from an older collector."""
    return get_or_default(lambda: client().trends(**range_of(within)), None)


class StepSelection(NamedTuple):
    """Of which steps and groups; empty for all. `kind` is `step`, `delivery`, or `others` for steps of agents of
    others; `bad`: those with something wrong."""

    q: str = ""
    kind: str = ""
    bad: bool = False
    app: str = ""
    agent: str = ""
    model: str = ""

    def to_filter(self, within: Period) -> StepFilter:
        """Returns what the client is asked for."""
        named = {"q": self.q, "app": self.app, "agent": self.agent, "model": self.model}
        narrowed = {"kind": _parse_kind(self.kind), "bad": self.bad, "source": _parse_source(self.kind)}
        said = {name: value for name, value in {**named, **narrowed}.items() if value}
        return cast("StepFilter", {**range_of(within), **said})


@st.cache_data(ttl=FRESH, max_entries=KEPT, show_spinner=False)
def steps(within: Period, wanted: StepSelection, cursor: str) -> api.StepList:
    """Returns a page of how each step and each group does."""
    return client().steps(cursor=cursor or None, limit=LINES, **wanted.to_filter(within))


def all_steps(within: Period, wanted: StepSelection) -> Callable[[], Iterator[api.StepFigures]]:
    """Returns a function that yields the figures of every step and group that matches; called by the download, after
    the script run has ended."""
    return partial(client().every_step, **wanted.to_filter(within))


@st.cache_data(ttl=FRESH, max_entries=KEPT, show_spinner=False)
def step(within: Period, workflow: str, name: str, kind: str, score: str, source: str = "") -> api.StepDetail:
    """Returns how one step or group does, with the trend of one of its scores."""
    return client().step(
        workflow,
        name,
        kind=_parse_kind(kind) or "step",
        score=score or None,
        source=_parse_source(source),
        **range_of(within),
    )


@st.cache_data(ttl=FRESH, max_entries=KEPT, show_spinner=False)
def accuracy(within: Period, score: str) -> api.AccuracyList:
    """Returns how often answers were right, by depth in the chain and by size of the context."""
    return client().accuracy(score=score or None, **range_of(within))


@st.cache_data(ttl=FRESH, max_entries=KEPT, show_spinner=False)
def conversation(run_id: str, first: int) -> api.Conversation:
    """Returns a page of what was said in a run."""
    return client().conversation(run_id, first=first, limit=TURNS)


@st.cache_data(ttl=FRESH, max_entries=KEPT, show_spinner=False)
def call(node_id: str) -> api.CallDetail:
    """Returns one call of a model or a tool."""
    return client().call(node_id)


def fetch_full_call_text(node_id: str, place: str) -> str | None:
    """Returns one text of a call uncut; None where there is none at the place, a JSON pointer."""
    return text_at(client().call(node_id, full=place), place)


@st.cache_data(ttl=FRESH, max_entries=KEPT, show_spinner=False)
def sessions(within: Period, user: str, q: str, cursor: str, limit: int = PAGE) -> api.SessionPage:
    """Returns a page of sessions."""
    return client().sessions(user=user or None, q=q or None, cursor=cursor or None, limit=limit, **range_of(within))


def all_sessions(within: Period, user: str, q: str) -> Callable[[], Iterator[api.SessionBrief]]:
    """Returns a function that yields every session that matches; called by the download, after the script run has
    ended."""
    return partial(client().every_session, user=user or None, q=q or None, **range_of(within))


@st.cache_data(ttl=FRESH, max_entries=KEPT, show_spinner=False)
def session(name: str, cursor: str) -> api.SessionDetail:
    """Returns a session with a page of its runs, oldest first."""
    return client().session(name, cursor=cursor or None, limit=PAGE)


@dataclass(frozen=True)
class LogSelection:
    """Of which log records; empty for all."""

    service: str = ""
    severity: api.SeverityName | None = None
    trace: str = ""
    span: str = ""
    node: str = ""
    loose: bool = False
    q: str = ""

    def to_filter(self, period: Period) -> LogFilter:
        """Returns this filter, together with a time range, as the client takes it."""
        return {
            "service": self.service or None,
            "severity": self.severity,
            "trace_id": self.trace or None,
            "span_id": self.span or None,
            "node_id": self.node or None,
            "loose": self.loose or None,
            "q": self.q or None,
            **range_of(period),
        }


@st.cache_data(ttl=FRESH, max_entries=KEPT, show_spinner=False)
def logs(within: Period, asked: LogSelection, cursor: str, limit: int = PAGE) -> api.LogPage:
    """Returns a page of log records."""
    return client().logs(cursor=cursor or None, limit=limit, **asked.to_filter(within))


def all_logs(within: Period, asked: LogSelection) -> Callable[[], Iterator[api.LogRecord]]:
    """Returns a function that yields every log record that matches; called by the download, after the script run has
    ended."""
    return partial(client().every_log_record, **asked.to_filter(within))


def _parse_kind(kind: str) -> StepKind | None:
    return "step" if kind == "step" else "delivery" if kind == "delivery" else None


def _parse_source(source: str) -> StepSource | None:
    return "others" if source == "others" else None
