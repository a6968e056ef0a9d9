"""The live bus: its dead letters, what groups owe, who works, what operators do there, and what they did."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final

import streamlit as st

from collector import models as api
from collector.client import GroupFilter
from dashboard.data import (
    FRESH,
    KEPT,
    LINES,
    PAGE,
    SETTLED,
    clear_cache_after,
    client,
    get_or_default,
    get_or_none,
    now,
    range_of,
)
from dashboard.period import Period

#: Pages of the audit to read for one letter, or one run; each covers ten thousand entries of all.
AUDIT_PAGES: Final = 5

#: Budgets that something waits for, and of the newest, that are asked for.
BUDGETS: Final = 20


def dead_letter_summary() -> api.DeadLetterSummary:
    """Returns the backlog as it is now."""
    return client().dead_letter_summary()


def dead_letter(letter_id: str) -> api.DeadLetterDetail:
    """Returns one letter as it is now."""
    return client().dead_letter(letter_id)


def dead_letters(
    within: Period, *, state: str, channel: str, group: str, reason: str, q: str, cursor: str
) -> api.Page[api.DeadLetter]:
    """Returns a page of dead letters as they are now: never cached, for somebody is about to act on them."""
    return client().dead_letters(
        state=state,
        channel=channel or None,
        group=group or None,
        reason=reason or None,
        q=q or None,
        cursor=cursor or None,
        limit=PAGE,
        **range_of(within),
    )


def all_dead_letters(
    within: Period, *, state: str, channel: str, group: str, reason: str, q: str
) -> Callable[[], Iterator[api.DeadLetter]]:
    """Returns a function that yields every letter that matches; called by the download, after the script run has ended,
    and to send all of them again."""
    return partial(
        client().every_dead_letter,
        state=state,
        channel=channel or None,
        group=group or None,
        reason=reason or None,
        q=q or None,
        **range_of(within),
    )


@st.cache_data(ttl=FRESH, max_entries=KEPT, show_spinner=False)
def groups(channel: str, group: str, app: str, q: str, cursor: str) -> api.ChannelList:
    """Returns a page of what groups owe now."""
    return client().channels(**_groups(channel, group, app, q), cursor=cursor or None, limit=LINES)


def all_groups(channel: str, group: str, app: str, q: str) -> Callable[[], Iterator[api.GroupOfChannel]]:
    """Returns a function that yields every group that matches; called by the download, after the script run has
    ended."""
    return partial(client().every_group, **_groups(channel, group, app, q))


def _groups(channel: str, group: str, app: str, q: str) -> GroupFilter:
    return {"channel": channel or None, "group": group or None, "app": app or None, "q": q or None}


@st.cache_data(ttl=FRESH, max_entries=KEPT, show_spinner=False)
def workers(app: str) -> api.WorkerList:
    """Returns who works, and what the runs of each app owe; of one app where that is named."""
    return client().workers(app=app or None)


def all_workers(app: str) -> Callable[[], Iterator[api.Worker]]:
    """Returns a function that yields every worker of an app, or of all; called by the download, after the script run
    has ended."""
    return partial(client().every_worker, app=app or None)


@st.cache_data(ttl=FRESH, max_entries=KEPT, show_spinner=False)
def waits(runs: tuple[str, ...] = ()) -> api.WaitList | None:
    """Returns what runs wait for now, of some or of all; None where the bus is away, or the collector is older."""
    return get_or_default(lambda: client().waits(runs), None)


@st.cache_data(ttl=FRESH, max_entries=KEPT, show_spinner=False)
def schedules() -> list[api.Schedule]:
    """Returns all schedules as they are now; none where the bus is away, or the collector is older than schedules."""
    return get_or_default(lambda: list(client().every_schedule()), [])


def run_schedule(app: str, name: str, operator: str) -> api.ScheduleAnswer:
    """Has a schedule tick now, and forgets every answer that this outdates."""
    return clear_cache_after(client().run_schedule(app, name, operator))


def pause_schedule(app: str, name: str, operator: str) -> api.ScheduleAnswer:
    """Pauses a schedule, and forgets every answer that this outdates."""
    return clear_cache_after(client().pause_schedule(app, name, operator))


def unpause_schedule(app: str, name: str, operator: str) -> api.ScheduleAnswer:
    """Lets a paused schedule go on, and forgets every answer that this outdates."""
    return clear_cache_after(client().unpause_schedule(app, name, operator))


@st.cache_data(ttl=FRESH, max_entries=KEPT, show_spinner=False)
def budgets() -> list[api.Budget]:
    """Returns the budgets that something waits for, the longest first, and then those that were declared last; none
    where the bus is away, or the collector is older than budgets."""
    return get_or_default(_budgets, [])


def _budgets() -> list[api.Budget]:
    listed = [*client().budgets(spent=True, limit=BUDGETS).items, *client().budgets(limit=BUDGETS).items]
    return list({one.id: one for one in listed}.values())


def budget(budget_id: str) -> api.Budget:
    """Returns one budget as it is now."""
    return client().budget(budget_id)


def raise_budget(budget_id: str, operator: str, more: Mapping[str, Any]) -> api.BudgetAnswer:
    """Adds to limits of a budget, and forgets every answer that this outdates."""
    return clear_cache_after(client().raise_budget(budget_id, operator, **more))


def cancel_budget(budget_id: str, operator: str) -> api.BudgetAnswer:
    """Lets nothing under a budget begin any more, and forgets every answer that this outdates."""
    return clear_cache_after(client().cancel_budget(budget_id, operator))


@st.cache_data(ttl=FRESH, max_entries=KEPT, show_spinner=False)
def topology(within: Period) -> api.Topology:
    """Returns who talks to whom, and what is owed."""
    return client().topology(**range_of(within))


@st.cache_data(ttl=SETTLED, max_entries=KEPT, show_spinner=False)
def advice(within: Period, asked_ms: float | None = None) -> api.Advice:
    """Returns what each step should be."""
    return client().advice(asked_ms=asked_ms, **range_of(within))


@st.cache_data(ttl=FRESH, max_entries=KEPT, show_spinner=False)
def breakers(within: Period) -> api.BreakerList:
    """Returns all breakers, and the outages of a time range; none where the bus is away, or the collector is older than
    breakers."""
    return get_or_default(lambda: client().breakers(**range_of(within)), api.BreakerList(items=[], at=now()))


def breaker(name: str) -> api.Breaker:
    """Returns one breaker as it is now."""
    return client().breaker(name)


def operate_breaker(act: str, name: str, operator: str, reason: str) -> api.BreakerAnswer:
    """Opens, holds or closes a breaker, and forgets every answer that this outdates."""
    acts = {"open": client().open_breaker, "hold": client().hold_breaker, "close": client().close_breaker}
    return clear_cache_after(acts[act](name, operator, reason))


@st.cache_data(ttl=FRESH, max_entries=KEPT, show_spinner=False)
def shadows() -> api.ShadowList:
    """Returns all steps that have a successor; none where the bus is away, or the collector is older than those."""
    return get_or_default(lambda: client().shadows(), api.ShadowList(items=[], at=now()))


def switch_step(app: str, workflow: str, step: str, mode: api.StepMode, operator: str, reason: str) -> api.SwitchAnswer:
    """Says who does a step from now on, and forgets every answer that this outdates."""
    return clear_cache_after(client().switch_step(app, workflow, step, mode, operator, reason))


def compare_anew(app: str, workflow: str, step: str, operator: str, reason: str) -> api.ShadowedStep:
    """Forgets what was compared of a step, and every answer that this outdates."""
    return clear_cache_after(client().compare_anew(app, workflow, step, operator, reason))


def replay(ids: Sequence[str], operator: str) -> api.SettlementAnswer:
    """Sends letters again to the group that failed, and forgets every answer that this outdates."""
    return clear_cache_after(client().replay(ids, operator))


def cancel_run(run_id: str, operator: str) -> api.RunAnswer:
    """Ends a run, and forgets every answer that this outdates."""
    return clear_cache_after(client().cancel_run(run_id, operator))


def resume_run(run_id: str, operator: str) -> api.RunAnswer:
    """Lets a failed run go on, and forgets every answer that this outdates."""
    return clear_cache_after(client().resume_run(run_id, operator))


def undo_run(run_id: str, operator: str) -> api.RunAnswer:
    """Undoes a run that has ended, and forgets every answer that this outdates."""
    return clear_cache_after(client().undo_run(run_id, operator))


def answer_run(run_id: str, wait: api.RunWait, value: Any, operator: str) -> api.RunAnswer:
    """Answers what a run waits for, and forgets every answer that this outdates."""
    return clear_cache_after(client().answer_run(run_id, wait.name, value, operator, key=wait.key, way="the dashboard"))


def fetch_run_stream(run_id: str, after: int) -> api.RunStreamPage | None:
    """Returns what a run has streamed after an offset; None where nobody knows, as an older collector."""
    return get_or_none(lambda: client().run_streamed(run_id, after=after))


def retire_group(channel: str, group: str, operator: str, reason: str) -> api.RetiredGroup:
    """Removes a group with all that it owes, and forgets every answer that this outdates."""
    return clear_cache_after(client().retire_group(channel, group, operator, reason))


def audit(within: Period, cursor: str) -> api.Page[api.AuditEntry]:
    """Returns a page of what operators did until now."""
    return client().audit(cursor=cursor or None, limit=PAGE, **range_of(within))


def all_audit(within: Period) -> Callable[[], Iterator[api.AuditEntry]]:
    """Returns a function that yields every act of an operator; called by the download, after the script run has
    ended."""
    return partial(client().every_audit_entry, **range_of(within))


def audit_of(letter_id: str) -> list[api.AuditEntry]:
    """Returns what operators did with one letter, as far back as `AUDIT_PAGES` of everybody's entries go."""
    return _audit(partial(client().audit, dead_letter_id=letter_id), lambda entry: entry.dead_letter_id == letter_id)


def audit_of_run(run_id: str) -> list[api.AuditEntry]:
    """Returns what operators did with one run, as far back as `AUDIT_PAGES` of everybody's entries go."""
    return _audit(partial(client().audit, run_id=run_id), lambda entry: entry.run_id == run_id)


def _audit(
    ask: Callable[..., api.Page[api.AuditEntry]], is_ours: Callable[[api.AuditEntry], bool]
) -> list[api.AuditEntry]:
    entries: list[api.AuditEntry] = []
    cursor: str | None = None
    for _ in range(AUDIT_PAGES):
        page = ask(cursor=cursor)
        # An older collector ignores the filter and answers with the entries of all.
        entries += [entry for entry in page.items if is_ours(entry)]
        cursor = page.next
        if cursor is None:
            break
    return entries
