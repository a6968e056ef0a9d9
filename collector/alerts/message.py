"""What is said of an alert: one line for the log, and JSON that Slack's incoming webhooks take. Pure."""

import json
import re
from typing import Any, Final
from urllib.parse import quote, urlencode

from collector.alerts.alert_store import AlertRecord
from collector.alerts.measures import Unit, format_duration, format_percent, format_usd
from collector.alerts.rule_kinds import KINDS
from collector.times import rfc3339

#: Characters of a text from data that are told at most.
_ROOM: Final = 500

#: The view that the bare address leads to.
_FIRST: Final = "overview"

#: What is no text: it would command a terminal, or turn round what is beside it.
_COMMANDS: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]+")
_SLACK: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_MARKS: Final = {"error": ":red_circle:", "warning": ":large_orange_circle:", "info": ":large_blue_circle:"}


def format_log_line(alert: AlertRecord) -> str:
    """Returns an alert in one line."""
    return make_single_line(
        f"alert {_status_word(alert)}: [{alert.severity.value}] {alert.rule}: {alert.finding.title}"
    )


def build_webhook_body(alert: AlertRecord, dashboard: str) -> str:
    """Returns what a webhook is told, as JSON text.

    Slack reads `text` alone, in which `&`, `<` and `>` are escaped: a name that is sent to us must not mention anybody
    there. All else is for programs.

    Args:
        alert: as it is now.
        dashboard: its address, for links.
    """
    finding = alert.finding
    unit = KINDS[alert.kind].unit if alert.kind in KINDS else Unit.NONE
    link = build_view_url(dashboard, finding.view, dict(finding.params))
    mark = ":white_check_mark:" if alert.resolved_ns else _MARKS[alert.severity.value]
    title, detail = (make_single_line(each).translate(_SLACK) for each in (finding.title, finding.detail))
    text = (
        f"{mark} *{_status_word(alert)}* {title}\n{detail}\n<{link}|Show> · rule "
        f"{make_single_line(alert.rule).translate(_SLACK)}"
    )
    told: dict[str, Any] = {
        "text": text,
        "id": str(alert.id),
        "status": _status_word(alert),
        "rule": alert.rule,
        "kind": alert.kind,
        "severity": alert.severity.value,
        "title": make_single_line(finding.title),
        "detail": make_single_line(finding.detail),
        "about": dict(finding.about),
        "value": finding.value,
        "threshold": alert.threshold,
        "unit": unit.value,
        "started_at": rfc3339(alert.started_ns),
        "resolved_at": rfc3339(alert.resolved_ns) if alert.resolved_ns else None,
        "url": link,
    }
    return json.dumps(told, ensure_ascii=False, allow_nan=False)


def build_view_url(dashboard: str, view: str, params: dict[str, str]) -> str:
    """Returns the address of a view of the dashboard."""
    query = urlencode({name: value for name, value in params.items() if value}, quote_via=quote)
    page = "" if view == _FIRST else view  # the first view has the bare address alone
    return f"{dashboard}/{page}" + (f"?{query}" if query else "")


def format_amount(value: float, unit: Unit) -> str:
    """Returns an amount as people read it."""
    if unit is Unit.SECONDS:
        return format_duration(value)
    if unit is Unit.USD:
        return format_usd(value)
    return format_percent(value) if unit is Unit.SHARE else f"{value:,.0f}"


def make_single_line(text: str) -> str:
    """Returns text from data on one line, cut where it is long."""
    words = _COMMANDS.sub(" ", text).strip()
    return words if len(words) <= _ROOM else f"{words[:_ROOM]}…"


def _status_word(alert: AlertRecord) -> str:
    return "resolved" if alert.resolved_ns else "firing"
