"""Log records, as a program wrote them down."""

import json
from typing import Final

import streamlit as st

from collector.models import LogExcerpt, LogRecord
from dashboard import data, selection, wording
from dashboard.parts import code, links

#: Characters of a record that its line shows.
_LINE: Final = 120
#: What a record begins with that somebody should look at.
_HUES: Final = {"WARN": "orange", "ERROR": "red", "FATAL": "red"}


def show(logs: LogExcerpt) -> None:
    """Shows the log records of a node, each to be opened; nothing where there are none."""
    if not logs.items and not logs.more:
        return
    st.markdown("**Logs**")
    for each in logs.items:
        record(each)
    if logs.more:
        st.caption(f"And {wording.many(logs.more, 'more record', 'more records')} not shown.")


def all_of(where: dict[str, str], count: int | None = None) -> None:
    """Shows a link to all log records of something; nothing where it has none.

    Args:
        where: the filter, as the address of the Logs view has it.
        count: how many there are; None where that is not known.
    """
    if count != 0:
        label = "Log records" if count is None else f"All {wording.many(count, 'log record')}"
        links.to(label, selection.LOGS, where, ":material/notes:")


def record(record: LogRecord, *, linked: bool = False) -> None:
    """Shows one record, to be opened; with its time, and a link to its trace, where it stands among those of others."""
    severity = wording.plain(record.severity) or wording.DASH
    hue = _HUES.get(record.severity.upper().rstrip("234"), "gray")
    said = wording.plain(wording.clip(record.body or record.event_name, _LINE)) or "no text"
    when = f":gray[{wording.plain(wording.clock(record.time, data.now(), data.zone()))}] &nbsp;" if linked else ""
    with st.expander(f"{when}:{hue}[{severity}] &nbsp;{said}"):
        named = [wording.plain(each) for each in (record.service, record.event_name)]
        facts = [wording.exact(record.time, data.zone()), *named]
        st.caption(" · ".join(fact for fact in facts if fact) + (" · cut" if record.cut else ""))
        if record.body:
            code.block(wording.pretty(record.body), "json" if record.body[:1] in "{[" else None)
        if record.attributes:
            code.block(json.dumps(record.attributes, indent=2, ensure_ascii=False, default=str), "json")
        if linked and record.trace_id:
            links.to(
                "See its trace",
                selection.TRACES,
                {"trace": record.trace_id, "span": record.span_id},
                ":material/timeline:",
            )
