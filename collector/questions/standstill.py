"""Work that stands still: what, for how long, why as far as is known, and what to do. Pure.

A queue that is long and moves is busy; only one of which nothing begins or ends any more, or that nobody serves, is in
trouble.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from collector.models import AppBacklog, Breaker, ChannelBacklog, GroupBacklog, Problem, Severity, WaitingStep

#: Seconds that work may be due, and that nothing of it may move, before that is a problem.
PATIENCE_SECONDS: Final = 30.0

#: Seconds after which an event that nobody has processed is a problem, though others are.
OLD_SECONDS: Final = 300.0

#: What stands still, by name: alerts look for the same.
UNPROCESSED: Final = "unprocessed"
NO_WORKER: Final = "no_worker"
NO_CONSUMER: Final = "no_consumer"
STANDSTILL: Final = "standstill"

#: The views that show groups, and workers.
_VIEW: Final = "groups"
_WORKERS: Final = "workers"

_UNITS: Final = (("d", 86_400), ("h", 3_600), ("min", 60))
_MORE_SLOTS: Final = "give them a timeout, raise CAUSELINE_CONCURRENCY, or start another worker."
_ALONE: Final = "Their worker is gone, and each runs alone in a process of its own."


def find_standstills(
    channels: Sequence[ChannelBacklog], apps: Sequence[AppBacklog], breakers: Sequence[Breaker] = ()
) -> list[Problem]:
    """Returns what stands still: steps by app, then groups by channel. A group that is served and that one of the
    `breakers` holds back, which are not closed, does as it should: the breaker is the problem, and told of itself."""
    by_name = {app.app: app for app in apps}
    held = {words for breaker in breakers for guarded in breaker.guards.values() for words in guarded}
    return [
        *(problem for app in apps for problem in _find_step_problems(app)),
        *(
            problem
            for channel in channels
            for group in channel.groups
            if not group.consumers or f"group {group.group} of {channel.channel}" not in held
            for problem in _find_group_problem(channel, group, by_name)
        ),
    ]


def describe_late_event(channel: str, group: str, oldest: float, waiting: int, retrying: int) -> tuple[str, str]:
    """Returns title and detail of an event that has waited for too long.

    Args:
        channel: where it is.
        group: who owes it.
        oldest: for how many seconds it has waited.
        waiting: how many wait in all.
        retrying: how many of these wait for another attempt.
    """
    return (
        f"An event on {channel} has waited {_format_duration(oldest)} for {group}",
        f"{waiting} unprocessed in all, {retrying} of them between attempts.",
    )


def _find_step_problems(app: AppBacklog) -> Iterable[Problem]:
    if not app.workers:
        yield from _find_app_without_worker(app)
        return
    yield from _find_unserved_agents(app)
    if app.oldest is not None and not app.unserved and _is_standing(app.oldest.seconds, app.unmoved_seconds):
        title = f"{_count_text(app.due, 'step')} of {app.app} {_waits_verb(app.due)}, and nobody takes the first"
        yield _build_app_problem(
            app, STANDSTILL, title, f"{_describe_longest(app.oldest)} {_explain_untaken(app, app.oldest)}"
        )
    suspect = app.oldest_suspect
    if suspect is not None and _is_standing(suspect.seconds, app.suspects_unmoved_seconds):
        title = f"{_count_text(app.suspects, 'step')} of {app.app} {_waits_verb(app.suspects)} for a cell"
        why = "The logs of the workers say why no cell takes it; start one of them again."
        yield _build_app_problem(app, STANDSTILL, title, f"{_ALONE} {_describe_longest(suspect)} {why}")


def _find_app_without_worker(app: AppBacklog) -> Iterable[Problem]:
    waiting = [step for step in (app.oldest, app.oldest_suspect) if step and step.seconds >= PATIENCE_SECONDS]
    if waiting:
        count = app.due + app.suspects
        title = f"Nobody works for {app.app}, and {_count_text(count, 'step')} {_waits_verb(count)}"
        longest = _describe_longest(max(waiting, key=lambda step: step.seconds))
        yield _build_app_problem(app, NO_WORKER, title, f"{longest} None of its workers is alive: start one.")


def _find_unserved_agents(app: AppBacklog) -> Iterable[Problem]:
    for one in app.unserved:
        if one.oldest.seconds >= PATIENCE_SECONDS:
            title = (
                f"No worker of {app.app} serves agent {one.agent}, and {_count_text(one.due, 'step')} "
                f"{_waits_verb(one.due)}"
            )
            todo = f"Start a worker with --agent {one.agent}, or one that does all."
            yield _build_app_problem(app, NO_WORKER, title, f"{_describe_longest(one.oldest)} {todo}")


def _build_app_problem(app: AppBacklog, kind: str, title: str, detail: str) -> Problem:
    severity = Severity.ERROR if kind == NO_WORKER else Severity.WARNING
    return Problem(severity=severity, title=title, detail=detail, view=_WORKERS, params={"app": app.app}, kind=kind)


def _describe_longest(step: WaitingStep) -> str:
    return f"Step {step.step} of a run of {step.workflow} has waited the longest: {_format_duration(step.seconds)}."


def _explain_untaken(app: AppBacklog, oldest: WaitingStep) -> str:
    if oldest.agent:
        keys = [one for one in app.waiting_keys if one.agent == oldest.agent]
        longest = f" Of what takes turns by key, {keys[0].words} has waited the longest." if keys else ""
        return (
            f"It waits for a turn of agent {oldest.agent}: its limit is reached, or 0, or its workers are "
            f"busy.{longest} `causeline workers` says what they do."
        )
    slots = f"{app.slots} slots of {_count_text(app.workers, 'worker')}"
    if app.under_way >= app.slots:
        return f"All {slots} are taken, by {app.under_way} attempts that go on: {_MORE_SLOTS}"
    return (
        f"{app.slots - app.under_way} of {slots} are free: their code may not know this step of {oldest.workflow} (is "
        "it of another version?), or keep the event loop busy. See their logs, or start them again."
    )


def _find_group_problem(
    channel: ChannelBacklog, group: GroupBacklog, apps: Mapping[str, AppBacklog]
) -> Iterable[Problem]:
    waiting = group.pending + group.retrying
    if not waiting or group.is_ephemeral:
        return
    oldest = group.oldest_unprocessed_seconds or 0.0
    said = _describe_group(channel.channel, group, waiting, apps.get(group.app))
    kind = STANDSTILL if group.consumers else NO_CONSUMER
    if said is None and oldest >= OLD_SECONDS:
        kind = UNPROCESSED
        said = describe_late_event(channel.channel, group.group, oldest, waiting, group.retrying)
    if said is not None:
        title, detail = said
        where = {"channel": channel.channel, "group": group.group}
        yield Problem(severity=Severity.WARNING, title=title, detail=detail, view=_VIEW, params=where, kind=kind)


def _describe_group(channel: str, group: GroupBacklog, waiting: int, app: AppBacklog | None) -> tuple[str, str] | None:
    """Returns title and detail of what is wrong with a group that owes something; None where it moves."""
    if not group.consumers:
        return _describe_unserved(channel, group, waiting)
    oldest, unmoved = group.oldest_unprocessed_seconds or 0.0, group.unmoved_seconds or 0.0
    if not _is_standing(oldest, unmoved):
        return None
    since = (
        f"For {_format_duration(unmoved)} none has begun or ended, and the oldest has waited "
        f"{_format_duration(oldest)}."
    )
    unread = group.pending - group.under_way - group.suspects
    if unread > 0 or (group.overdue_seconds or 0.0) >= PATIENCE_SECONDS:
        title = (
            f"{_count_text(waiting, 'event')} on {channel} {_waits_verb(waiting)} for {group.group}, and nothing moves"
        )
        return title, f"{since} {_explain_unread(group, app)}"
    if group.suspects:
        title = (
            f"{_count_text(group.suspects, 'event')} on {channel} {_waits_verb(group.suspects)} for a cell of "
            f"{group.group}"
        )
        return title, f"{since} {_ALONE} The logs of its workers say why no cell takes them."
    return None


def _describe_unserved(channel: str, group: GroupBacklog, waiting: int) -> tuple[str, str] | None:
    silent, oldest = group.silent_seconds, group.oldest_unprocessed_seconds
    if silent is None and oldest is not None and oldest < PATIENCE_SECONDS:
        return None  # a worker that has said goodbye may be on its way back
    parts = [f"{_count_text(waiting, 'event')} {_waits_verb(waiting)}"]
    parts += [f"{group.retrying} of them between attempts"] if group.retrying else []
    parts += [f"the oldest for {_format_duration(oldest)}"] if oldest is not None else []
    heard = (
        "nobody remembers a worker of it"
        if silent is None
        else f"a worker was last heard of {_format_duration(silent)} ago"
    )
    todo = f"Start a worker of {group.app or 'its app'}, or retire the group if no code serves it any more."
    return f"Nobody serves {group.group} of {channel}", f"{', '.join(parts)}; {heard}. {todo}"


def _explain_unread(group: GroupBacklog, app: AppBacklog | None) -> str:
    if app is not None and app.slots and group.under_way >= app.slots:
        return f"All {app.slots} slots of its workers are taken, by handlers that go on: {_MORE_SLOTS}"
    alive = f"{_count_text(group.consumers, 'worker')} {'is' if group.consumers == 1 else 'are'} alive"
    return f"{alive}, but its breaker may be open, or code may keep the event loop busy: see the workers' logs."


def _is_standing(waited: float, unmoved: float | None) -> bool:
    return waited >= PATIENCE_SECONDS and unmoved is not None and unmoved >= PATIENCE_SECONDS


def _count_text(count: int, noun: str) -> str:
    return f"{count} {noun if count == 1 else noun + 's'}"


def _waits_verb(count: int) -> str:
    return "waits" if count == 1 else "wait"


def _format_duration(seconds: float) -> str:
    unit, size = next(((unit, size) for unit, size in _UNITS if seconds >= size), ("s", 1))
    return f"{seconds // size:.0f} {unit}"
