"""Log records, as a program wrote them down."""

import json
from typing import Final

import streamlit as st

from collector.models import LogExcerpt, LogRecord
from dashboard import data, wording
from dashboard.parts import code

#: Characters of a record that its line shows.
_LINE: Final = 120
#: What a record begins with that somebody should look at.
_HUES: Final = {"WARN": "orange", "ERROR": "red", "FATAL": "red"}


def show(logs: LogExcerpt) -> None:
    """Shows the log records of a node, each to be opened; nothing where there are none."""
    if not logs.items and not logs.more:
        return
    st.markdown("**Logs**")
    for record in logs.items:
        _record(record)
    if logs.more:
        st.caption(f"And {wording.many(logs.more, 'more record', 'more records')} not shown.")


def _record(record: LogRecord) -> None:
    severity = wording.plain(record.severity) or wording.DASH
    hue = _HUES.get(record.severity.upper().rstrip("234"), "gray")
    said = wording.plain(wording.clip(record.body or record.event_name, _LINE)) or "no text"
    with st.expander(f":{hue}[{severity}] &nbsp;{said}"):
        named = [wording.plain(each) for each in (record.service, record.event_name)]
        facts = [wording.exact(record.time, data.zone()), *named]
        st.caption(" · ".join(fact for fact in facts if fact) + (" · cut" if record.cut else ""))
        if record.body:
            code.block(wording.pretty(record.body), "json" if record.body[:1] in "{[" else None, wrap=True)
        if record.attributes:
            code.block(json.dumps(record.attributes, indent=2, ensure_ascii=False, default=str), "json", wrap=True)
