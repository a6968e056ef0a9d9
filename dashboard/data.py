"""All that the views know comes through here: one client, all caching, and what a refusal looks like."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, tzinfo
from functools import partial
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from collector import models as api
from collector.client import (
    ApiError,
    CollectorClient,
    CollectorSlow,
    CollectorUnavailable,
    Direction,
    OwnToken,
    TimeRange,
    hide_credentials,
)
from dashboard import sign_in, wording
from dashboard.period import Period
from dashboard.settings import load

Answer = TypeVar("Answer")

#: Seconds that an answer is cached; a click or a refresh within them sends no request.
FRESH: Final = 2.0
#: Seconds between two looks at what is live.
LOOK_EVERY: Final = 5.0
#: Seconds that trends are cached: what they show is not of this moment.
SETTLED: Final = 20.0
#: Answers kept of each kind.
KEPT: Final = 200
#: Rows of a page.
PAGE: Final = 25
#: Rows of a page where each is one line.
LINES: Final = 50
#: Seconds to wait for an answer: a little longer than the collector takes before it gives a question up, and says so.
PATIENCE: Final = 22.0
#: Codes of refusals: of ids that nothing has, and that can't be one; of what this collector can't know now.
_NO_SUCH: Final = ("not_found", "bad_request")
_NOT_KNOWN: Final = ("not_found", "bus_unavailable")
#: Where nobody chose a time range.
_ANY: Final = Period()


@st.cache_resource(on_release=CollectorClient.close)
def _client(base_url: str) -> CollectorClient:
    chosen = load()
    own = OwnToken.find(chosen.home.expanduser(), base_url, chosen.token.get_secret_value(), chosen.token_file)
    ca = chosen.tls_ca.expanduser() if chosen.tls_ca else None
    return CollectorClient(base_url, timeout=PATIENCE, token=own.text, person=sign_in.person, ca=ca)


def collector_url() -> str:
    """Returns the address of the collector that the settings name."""
    return load().collector_url


def client() -> CollectorClient:
    """Returns the one connection of this process."""
    return _client(collector_url())


def zone() -> tzinfo:
    """Returns the reader's time zone; UTC where the browser doesn't say."""
    try:
        return ZoneInfo(st.context.timezone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def now() -> datetime:
    """Returns this moment."""
    return datetime.now(UTC)


@contextmanager
def show_errors() -> Iterator[None]:
    """Shows whatever the collector refuses within as a calm notice in its place; the page goes on below."""
    try:
        yield
    except CollectorSlow:
        st.warning(
            f"**The collector took more than {PATIENCE:g} seconds.** It is there, and may be busy: look again in a "
            "moment, or at a shorter time.",
            icon=":material/hourglass_top:",
        )
    except CollectorUnavailable:
        _show_unavailable()
    except ApiError as error:
        st.error(f"{wording.plain(error.message)}  \n{wording.plain(error.hint)}", icon=":material/report:")


def _show_unavailable() -> None:
    st.warning(
        f"**The collector is away.** Nobody answers at `{hide_credentials(collector_url())}`.  \n"
        "Start it with `causeline collector`, or name another with `CAUSELINE_COLLECTOR_URL`. "
        "This page comes back by itself.",
        icon=":material/cloud_off:",
    )
    _rerun_when_available()


@st.fragment(run_every=1.5)
def _rerun_when_available() -> None:
    """Asks until somebody answers, then draws the page again."""
    try:
        client().health()
    except ApiError:
        return
    st.rerun()


def clear_cache_after(answer: api.Item) -> api.Item:
    """Returns what an operator's act was answered; all that was asked before is forgotten."""
    st.cache_data.clear()
    return answer


def get_or_none(ask: Callable[[], api.Item]) -> api.Item | None:
    """Returns the answer, or None where the collector knows nothing by that id, or says that it can't be one."""
    try:
        return ask()
    except ApiError as error:
        if error.code in _NO_SUCH:
            return None
        raise


def get_or_default(ask: Callable[[], Answer], nothing: Answer) -> Answer:
    """Returns the answer, or `nothing` where there is none to be had: the bus is away, or the collector is older than
    the question. Whatever else the collector refuses is raised: it would look as if there were nothing."""
    try:
        return ask()
    except ApiError as error:
        if error.code in _NOT_KNOWN:
            return nothing
        raise


@st.cache_data(ttl=FRESH, max_entries=KEPT, show_spinner=False)
def own_name() -> str:
    """Returns the name that the audit keeps of this dashboard's token; empty where nobody asks for tokens."""
    try:
        return client().access().name or ""
    except ApiError:  # an older collector, or one that says no: whoever acts is told
        return ""


@st.cache_data(ttl=SETTLED, show_spinner=False)
def collector_version() -> str:
    """Returns the collector's version; empty where it does not answer."""
    try:
        return client().health().version
    except ApiError:
        return ""


@st.cache_data(ttl=FRESH, max_entries=KEPT, show_spinner=False)
def overview(within: Period) -> api.Overview:
    """Returns whether anything is wrong now, with the figures of a time range."""
    return client().overview(**range_of(within))


@st.cache_data(ttl=FRESH, max_entries=KEPT, show_spinner=False)
def causality(node_id: str, direction: Direction) -> api.CausalGraph:
    """Returns a node's causes and effects, or the whole picture that it is a part of."""
    return client().causality(node_id, direction=direction)


@st.cache_data(ttl=FRESH, max_entries=KEPT, show_spinner=False)
def node(node_id: str) -> api.NodeDetail:
    """Returns everything that is known of a node."""
    return client().node(node_id)


@st.cache_data(ttl=FRESH, max_entries=KEPT, show_spinner=False)
def event(event_id: str) -> api.EventDetail:
    """Returns one event, and every round of its deliveries."""
    return client().event(event_id)


def range_of(within: Period) -> TimeRange:
    """Returns a time range as the client takes it."""
    return {"last": within.last or None, "start": within.start, "end": within.end}


def fetch_full_text(node_id: str, place: str) -> str | None:
    """Returns one text of a node's details uncut; None where there is none at the place, a JSON pointer."""
    return text_at(client().node(node_id, full=place), place)


def text_at(answer: api.Model, place: str) -> str | None:
    """Returns the text at a place of an answer, a JSON pointer; None where there is none."""
    value: Any = answer.model_dump()
    for key in place.split("/")[1:]:
        try:
            value = value[int(key)] if isinstance(value, list) else value[key.replace("~1", "/").replace("~0", "~")]
        except (LookupError, TypeError, ValueError):
            return None
    return value if isinstance(value, str) else None


@st.cache_data(ttl=FRESH, max_entries=KEPT, show_spinner=False)
def search(q: str, cursor: str = "") -> api.SearchAnswer:
    """Returns what an id is, and what of any kind says a text; behind a cursor, what was further back."""
    return client().search(q, limit=PAGE, cursor=cursor or None)


@st.cache_data(ttl=FRESH, max_entries=KEPT, show_spinner=False)
def events(
    q: str,
    within: Period = _ANY,
    cursor: str = "",
    limit: int = PAGE,
    status: api.EventStanding | None = None,
    channel: str = "",
) -> api.EventPage:
    """Returns a page of events that a search finds; of all where it is empty. With a status those with which some group
    stands so; with a channel those that were published there."""
    wanted: dict[str, Any] = {"q": q or None, "status": status, "channel": channel or None}
    return client().events(**wanted, cursor=cursor or None, limit=limit, **range_of(within))


def all_events(
    q: str, within: Period = _ANY, status: api.EventStanding | None = None, channel: str = ""
) -> Callable[[], Iterator[api.Event]]:
    """Returns a function that yields every event that a search finds; called by the download, after the script run has
    ended."""
    wanted: dict[str, Any] = {"q": q or None, "status": status, "channel": channel or None}
    return partial(client().every_event, **wanted, whole=True, **range_of(within))


@st.cache_data(ttl=FRESH, max_entries=KEPT, show_spinner=False)
def trace(trace_id: str) -> api.Trace:
    """Returns one trace."""
    return client().trace(trace_id)


@st.cache_data(ttl=FRESH, max_entries=KEPT, show_spinner=False)
def run(run_id: str) -> api.RunDetail:
    """Returns one run."""
    return client().run(run_id)
