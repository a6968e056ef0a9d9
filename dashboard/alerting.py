"""What fires, what is over, and what operators keep silent."""

from collections.abc import Callable, Iterator
from functools import partial

import streamlit as st

from collector import models as api
from dashboard.data import FRESH, KEPT, PAGE, clear_cache_after, client


@st.cache_data(ttl=FRESH, max_entries=KEPT, show_spinner=False)
def alerts(rule: str, cursor: str) -> api.AlertList:
    """Returns what fires, a page of what is over, and how rules stand."""
    return client().alerts(rule=rule or None, cursor=cursor or None, limit=PAGE)


def all_alerts(rule: str) -> Callable[[], Iterator[api.Alert]]:
    """Returns a function that yields every alert that fires, then every one that is over; called by the download, after
    the script run has ended."""
    return partial(client().every_alert, rule=rule or None)


def silence(rule: str, about: dict[str, str] | None, seconds: float, operator: str, reason: str) -> api.Silence:
    """Has nobody told of alerts, and forgets every answer that this outdates."""
    return clear_cache_after(client().silence(rule, operator, reason, seconds=seconds, about=about))


def unsilence(silence_id: str, operator: str) -> api.Silence:
    """Ends a silence, and forgets every answer that this outdates."""
    return clear_cache_after(client().unsilence(silence_id, operator))
