"""What operators did."""

import json
from datetime import UTC, datetime
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Query
from starlette.concurrency import run_in_threadpool

from collector.api.conditional_requests import Known
from collector.api.params import PAGE, Cursor, Letter, Limit, OfRun, Within, bounds_ms
from collector.api.services import Services
from collector.errors import BadQueryError
from collector.models import AuditEntry, Page
from collector.operations import audit, to_models
from collector.operations.reading_back import EntryFilter
from collector.questions.paging import make_cursor_error
from collector.questions.windows import END_OF_TIME_NS
from collector.store.database import Row
from collector.times import MILLISECOND_NS, moment
from runtime.admin import AuditPage, AuditRecord

Action = Literal[
    "replay",
    "discard",
    "cancel",
    "resume",
    "retire",
    "answer",
    "undo",
    "move",
    "silence",
    "unsilence",
    "pause_schedule",
    "unpause_schedule",
    "run_schedule",
    "remove_schedule",
    "raise_budget",
    "cancel_budget",
    "open_breaker",
    "hold_breaker",
    "close_breaker",
    "move_step",
    "shadow_step",
    "keep_step",
    "compare_anew",
]

#: Stands in a cursor between the time of its page and the bus's own cursor.
_MARK: Final = "~"


def router(services: Services) -> APIRouter:
    """Returns the routes of the audit."""
    routes = APIRouter(prefix="/api/audit", tags=["audit"])

    @routes.get("")
    async def find(
        within: Within,
        known: Known,
        dead_letter_id: Letter = None,
        run_id: OfRun = None,
        action: Annotated[Action | None, Query(description="What was done only")] = None,
        operator: Annotated[str | None, Query(max_length=200, description="By whom only")] = None,
        limit: Limit = PAGE,
        cursor: Cursor = None,
    ) -> Page[AuditEntry]:
        """What operators did to dead letters, runs, steps, schedules, budgets, breakers, groups and alerts, newest
        first; without a time range that of all time. Where something is looked for, a page may hold fewer entries and
        still have a `next`; with what was done to alerts meanwhile it may hold more."""
        if dead_letter_id is not None and run_id is not None:
            raise BadQueryError("say either dead_letter_id or run_id")
        since_ms, until_ms = bounds_ms(within, datetime.now(UTC))

        def is_wanted(entry: AuditRecord) -> bool:
            return action in (None, entry.action) and operator in (None, entry.operator)

        narrowed = within.is_set or action is not None or operator is not None
        sought = EntryFilter(audit.get_entry_ms, is_wanted, since_ms, until_ms)
        async with services.operations.use() as operations:
            if dead_letter_id is not None:
                page = await audit.find_letter_actions(operations, dead_letter_id, limit, cursor)
            elif run_id is not None:
                page = await audit.find_run_actions(operations, run_id, limit, cursor)
            else:
                until_ns, bus_cursor = _parse_cursor(cursor)
                if narrowed:
                    page = await audit.find_actions(operations, sought, limit, bus_cursor)
                else:
                    page = await operations.audit(limit=limit, cursor=bus_cursor)
                joined = await run_in_threadpool(_add_alert_acts, services, page, until_ns)
                known.require_changed_answer(answer := _filter_page(joined, action, operator, (since_ms, until_ms)))
                return answer
        items = [to_models.build_audit_entry(entry) for entry in page.items if sought.is_match(entry)]
        answer = Page[AuditEntry](items=items, next=page.next)
        known.require_changed_answer(answer)
        return answer

    return routes


def _add_alert_acts(services: Services, page: AuditPage, until_ns: int) -> Page[AuditEntry]:
    """Returns a page of the bus's audit with what was done to alerts in its time; it may be longer than was asked."""
    after_ns = -1
    if page.next:  # where none was found yet, what was done to alerts waits for the page that has the next
        after_ns = page.items[-1].at_ms * MILLISECOND_NS if page.items else until_ns
    acts = [_to_entry(row) for row in services.alerts.book.find_operator_actions(after_ns, until_ns)]
    entries = sorted(
        (*acts, *(to_models.build_audit_entry(entry) for entry in page.items)), key=lambda entry: entry.at, reverse=True
    )
    return Page[AuditEntry](items=entries, next=f"{after_ns}{_MARK}{page.next}" if page.next else None)


def _filter_page(
    page: Page[AuditEntry], action: Action | None, operator: str | None, range_ms: tuple[int, int | None]
) -> Page[AuditEntry]:
    """Returns a page without what is not looked for; the bus has left out what is its own."""
    since, until = range_ms
    begin = moment(since * MILLISECOND_NS)
    end = None if until is None else moment(until * MILLISECOND_NS)
    items = [
        entry
        for entry in page.items
        if action in (None, entry.action)
        and operator in (None, entry.operator)
        and entry.at >= begin
        and (end is None or entry.at < end)
    ]
    return page.model_copy(update={"items": items})


def _to_entry(row: Row) -> AuditEntry:
    about = json.loads(row["about"]) if row["about"] else {}
    return AuditEntry(
        at=moment(row["at_ns"]),
        action=row["action"],
        channel=about.get("channel", ""),
        group=about.get("group", ""),
        operator=row["operator"],
        reason=row["reason"],
        app=about.get("app", ""),
        workflow=about.get("workflow", ""),
        rule=row["rule"],
    )


def _parse_cursor(cursor: str | None) -> tuple[int, str | None]:
    """Returns until when acts belong to a page, and the bus's own cursor.

    Raises:
        BadQueryError: when it is no cursor of ours.
    """
    if not cursor:
        return END_OF_TIME_NS, None
    until, mark, rest = cursor.partition(_MARK)
    if not mark or not until.isdecimal() or int(until) > END_OF_TIME_NS:
        raise make_cursor_error(cursor)
    return int(until), rest
