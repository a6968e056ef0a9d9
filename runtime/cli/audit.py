"""`causeline audit`: what operators did."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

import typer

from runtime import settings
from runtime.bus.records import AuditPage
from runtime.cli.admin_connection import call_admin
from runtime.cli.collector_answers import AuditEntry
from runtime.cli.collector_answers import AuditPage as AlertActs
from runtime.cli.collector_api import ask_collector
from runtime.cli.tables import audit_table
from runtime.cli.terminal import plain, screen
from runtime.errors import ServerError

#: What operators do to alerts, of which the collector alone knows.
_OF_ALERTS: Final = ("silence", "unsilence")
_MOST: Final = "1000"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def audit(
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 50,
    cursor: Annotated[str | None, typer.Option(help="Where the page before ended.")] = None,
) -> None:
    """Show what operators did to dead letters, runs, groups and alerts, newest first."""
    page = call_admin(lambda admin: admin.audit(limit=limit, cursor=cursor))
    acts, missing = _fetch_alert_acts(page, cursor)
    screen.print(audit_table(page.items, acts))
    if missing:
        screen.print(plain(f"without silences of alerts: {missing}"))
    if page.next:
        screen.print(f"more: --cursor {page.next}")


def _fetch_alert_acts(page: AuditPage, cursor: str | None) -> tuple[Sequence[AuditEntry], str]:
    """Returns what was done to alerts in the time of a page, and why that is not known."""
    parameters: dict[str, str | None] = {"limit": _MOST, "last": "all"}
    times = {
        "start": _format_time(page.items[-1].at_ms) if page.next and page.items else None,
        "end": _format_time(int(cursor.partition("_")[0])) if cursor else None,
    }
    if any(times.values()):
        parameters = {"limit": _MOST, **times}
    try:
        answers = [
            ask_collector(settings.load().collector_url, "/api/audit", AlertActs, {**parameters, "action": action})
            for action in _OF_ALERTS
        ]
    except ServerError as error:
        return [], str(error)
    return [entry for answer in answers for entry in answer["items"]], ""


def _format_time(ms: int) -> str:
    return (_EPOCH + timedelta(milliseconds=ms)).isoformat()
