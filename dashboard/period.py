"""The time range that the reader looks at: it stands in the URL, and goes with them from view to view."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import streamlit as st

from dashboard import selection

#: Ranges that end now, as the URL and the API write them, and as people say them.
LENGTHS: Final = {
    "15m": "last 15 minutes",
    "1h": "last hour",
    "24h": "last 24 hours",
    "7d": "last 7 days",
    "all": "all time",
}

#: Parameters of the URL.
_LAST, _START, _END = "last", "start", "end"

_CARRIED: Final = "period-carried"
_VIEW: Final = "period-view"


@dataclass(frozen=True)
class Period:
    """A time range as it is asked for: a length that ends now, or from one moment to another; all are empty where the
    collector is to choose: the last hour, or the latest with data, and all time for a filter."""

    last: str = ""
    start: datetime | None = None
    end: datetime | None = None

    @property
    def parameters(self) -> dict[str, str | None]:
        """How it stands in the URL."""
        moments = {name: None if at is None else _text(at) for name, at in ((_START, self.start), (_END, self.end))}
        return {_LAST: self.last or None, **moments}

    @property
    def words(self) -> str:
        """The range in words; empty where its ends say it better."""
        return "" if self.start else LENGTHS[self.last or "1h"]


def current() -> Period:
    """Returns the range that the URL names; one that is none is ignored."""
    start, end = _moment(selection.read(_START)), _moment(selection.read(_END))
    if start is not None and end is not None and start < end:
        return Period(start=start, end=end)
    last = selection.read(_LAST)
    return Period(last=last) if last in LENGTHS else Period()


def choose(period: Period) -> None:
    """Writes a range into the URL; the pages of a list begin anew."""
    selection.write(**period.parameters, cursor=None)


def carry(view: str) -> None:
    """Keeps to the range where the reader goes on to another view by a link that names none, such as the bar of views.
    Dead letters are of all time, unless a range is chosen there."""
    named = {name: value for name, value in current().parameters.items() if value}
    known: dict[str, str] = st.session_state.get(_CARRIED, {})
    if view == selection.DEAD_LETTERS and not named:
        st.session_state[_VIEW] = view
        return
    if st.session_state.get(_VIEW, view) != view and not named and known:
        selection.write(**known)
        named = known
    st.session_state[_VIEW] = view
    st.session_state[_CARRIED] = named


def _text(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _moment(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
