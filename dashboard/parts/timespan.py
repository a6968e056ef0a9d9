"""The time range of a view: chosen at its head, and named wherever something of it is shown."""

from datetime import datetime, timedelta
from typing import Final

import streamlit as st

from collector.models import Window
from dashboard import data
from dashboard.period import Period, choose, current

_OWN: Final = "own"
_OPTIONS: Final = {"": "Latest", "15m": "15 min", "1h": "1 h", "24h": "24 h", "7d": "7 d", "all": "All", _OWN: "Own"}
_HELP: Final = (
    "Latest: the last hour, or the latest hour with data; where you filter or search, all time. Own: from one moment "
    "to another. The address keeps what you choose, and it goes with you from view to view."
)
_KEY: Final = "timespan"
#: Seconds between the ends of a range of one's own that was not chosen yet.
_FIRST: Final = timedelta(hours=1)


def heading(title: str, *, of_all_time: bool = False) -> None:
    """Shows the heading of a view, and the choice of its time range beside it.

    Args:
        title: what the view answers.
        of_all_time: whether the view is of all time where nobody chose a range.
    """
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.header(title, anchor=False, width="content")
        _picker(of_all_time=of_all_time)
    if current().start is not None:
        _show_own_range()


def show_window(window: Window | None, more: str = "") -> None:
    """Says which time an answer covers.

    Args:
        window: as the answer says it; None for all time.
        more: Markdown to say after it.
    """
    period = current()
    if window is not None and window.fallback:
        st.info(_describe_fallback(window, period), icon=":material/history:")
    else:
        st.caption(". ".join(part for part in (describe_window(window, period), more) if part))


def describe_window(window: Window | None, period: Period) -> str:
    """Returns which time an answer covers, in words."""
    if window is None:
        return "All time"
    text = span(window.start, window.end)
    return f"{period.words[:1].upper()}{period.words[1:]}, {text}" if period.words else text


def describe_period(period: Period) -> str:
    """Returns a range that was chosen, in words."""
    return period.words if period.start is None or period.end is None else span(period.start, period.end)


def span(start: datetime, end: datetime) -> str:
    """Returns a range from one moment to another, in the reader's zone; the day only once where it is the same."""
    zone = data.zone()
    start, end = start.astimezone(zone), end.astimezone(zone)
    same_day = start.date() == end.date()
    year = f" {start:%Y}" if start.year != data.now().astimezone(zone).year else ""
    until = f"{end:%H:%M}" if same_day else f"{end:%d %b %H:%M}"
    return f"{start:%d %b}{year} {start:%H:%M} to {until}"


def _describe_fallback(window: Window, period: Period) -> str:
    shown = span(window.start, window.end)
    if period.last in ("", "1h") and period.start is None:
        return f"The last hour was quiet. Shown is the latest hour with data: {shown}."
    asked = f"the {period.words}" if period.words else "the time chosen"
    return f"Nothing is recorded of {asked}. Shown is the latest time before, as long, with data: {shown}."


def _picker(*, of_all_time: bool) -> None:
    options = [each for each in _OPTIONS if each or not of_all_time]
    nobody_chose = "all" if of_all_time else ""
    st.session_state[_KEY] = _OWN if current().start is not None else current().last or nobody_chose
    st.segmented_control(
        "Time",
        options,
        format_func=lambda each: _OPTIONS[each],
        key=_KEY,
        on_change=_apply_picked_period,
        help=_HELP,
        label_visibility="collapsed",
        required=True,
    )


def _apply_picked_period() -> None:
    wanted = st.session_state[_KEY]
    if wanted == _OWN:
        now = data.now().replace(second=0, microsecond=0)
        choose(Period(start=now - _FIRST, end=now))
    else:
        choose(Period(last=wanted))


def _show_own_range() -> None:
    """Shows the two ends of a range of one's own."""
    period, zone = current(), data.zone()
    with st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="bottom"):
        for name, at in (("From", period.start), ("To", period.end)):
            if at is not None:
                key = f"{_KEY}-{name}"
                st.session_state[key] = at.astimezone(zone).replace(tzinfo=None)
                st.datetime_input(name, key=key, step=60, on_change=_apply_own_range, width=220)


def _apply_own_range() -> None:
    zone = data.zone()
    start, end = (st.session_state.get(f"{_KEY}-{name}") for name in ("From", "To"))
    if start is None or end is None:
        return
    start, end = start.replace(tzinfo=zone), end.replace(tzinfo=zone)
    # Whoever moves one end past the other means the hour before, or after it.
    choose(Period(start=start, end=end) if start < end else Period(start=end - _FIRST, end=end))
