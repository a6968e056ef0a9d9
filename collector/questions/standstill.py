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


def find(
    channels: Sequence[ChannelBacklog], apps: Sequence[AppBacklog], breakers: Sequence[Breaker] = ()
) -> list[Problem]:
    """Returns what stands still: steps by app, then groups by channel. A group that is served and that one of the
    `breakers` holds back, which are not closed, does as it should: the breaker is the problem, and told of itself."""
    by_name = {app.app: app for app in apps}
    held = {words for breaker in breakers for guarded in breaker.guards.values() for words in guarded}
    return [
        *(problem for app in apps for problem in _steps(app)),
        *(
            problem
            for channel in channels
            for group in channel.groups
            if not group.consumers or f"group {group.group} of {channel.channel}" not in held
            for problem in _group(channel, group, by_name)
        ),
    ]


def late(channel: str, group: str, oldest: float, waiting: int, retrying: int) -> tuple[str, str]:
    """Returns title and detail of an event that has waited for too long.

    Args:
        channel: where it is.
        group: who owes it.
        oldest: for how many seconds it has waited.
        waiting: how many wait in all.
        retrying: how many of these wait for another attempt.
    """
    return (
        f"An event on {channel} has waited {_span(oldest)} for {group}",
        f"{waiting} unprocessed in all, {retrying} of them between attempts.",
    )


def _steps(app: AppBacklog) -> Iterable[Problem]:
    if not app.workers:
        yield from _unworked(app)
        return
    yield from _unserved_agents(app)
    if app.oldest is not None and not app.unserved and _stands(app.oldest.seconds, app.unmoved_seconds):
        title = f"{_many(app.due, 'step')} of {app.app} {_waits(app.due)}, and nobody takes the first"
        yield _of_app(app, STANDSTILL, title, f"{_longest(app.oldest)} {_why_untaken(app, app.oldest)}")
    suspect = app.oldest_suspect
    if suspect is not None and _stands(suspect.seconds, app.suspects_unmoved_seconds):
        title = f"{_many(app.suspects, 'step')} of {app.app} {_waits(app.suspects)} for a cell"
        why = "The logs of the workers say why no cell takes it; start one of them again."
        yield _of_app(app, STANDSTILL, title, f"{_ALONE} {_longest(suspect)} {why}")


def _unworked(app: AppBacklog) -> Iterable[Problem]:
    waiting = [step for step in (app.oldest, app.oldest_suspect) if step and step.seconds >= PATIENCE_SECONDS]
    if waiting:
        count = app.due + app.suspects
        title = f"Nobody works for {app.app}, and {_many(count, 'step')} {_waits(count)}"
        longest = _longest(max(waiting, key=lambda step: step.seconds))
        yield _of_app(app, NO_WORKER, title, f"{longest} None of its workers is alive: start one.")


def _unserved_agents(app: AppBacklog) -> Iterable[Problem]:
    for one in app.unserved:
        if one.oldest.seconds >= PATIENCE_SECONDS:
            title = f"No worker of {app.app} serves agent {one.agent}, and {_many(one.due, 'step')} {_waits(one.due)}"
            todo = f"Start a worker with --agent {one.agent}, or one that does all."
            yield _of_app(app, NO_WORKER, title, f"{_longest(one.oldest)} {todo}")


def _of_app(app: AppBacklog, kind: str, title: str, detail: str) -> Problem:
    severity = Severity.ERROR if kind == NO_WORKER else Severity.WARNING
    return Problem(severity=severity, title=title, detail=detail, view=_WORKERS, params={"app": app.app}, kind=kind)


def _longest(step: WaitingStep) -> str:
    return f"Step {step.step} of a run of {step.workflow} has waited the longest: {_span(step.seconds)}."


def _why_untaken(app: AppBacklog, oldest: WaitingStep) -> str:
    if oldest.agent:
        keys = [one for one in app.waiting_keys if one.agent == oldest.agent]
        longest = f" Of what takes turns by key, {keys[0].words} has waited the longest." if keys else ""
        return (
            f"It waits for a turn of agent {oldest.agent}: its limit is reached, or 0, or its workers are "
            f"busy.{longest} `causeline workers` says what they do."
        )
    slots = f"{app.slots} slots of {_many(app.workers, 'worker')}"
    if app.under_way >= app.slots:
        return f"All {slots} are taken, by {app.under_way} attempts that go on: {_MORE_SLOTS}"
    return (
        f"{app.slots - app.under_way} of {slots} are free: their code may not know this step of {oldest.workflow} (is "
        "it of another version?), or keep the event loop busy. See their logs, or start them again."
    )


def _group(channel: ChannelBacklog, group: GroupBacklog, apps: Mapping[str, AppBacklog]) -> Iterable[Problem]:
    waiting = group.pending + group.retrying
    if not waiting or group.is_ephemeral:
        return
    oldest = group.oldest_unprocessed_seconds or 0.0
    said = _of_group(channel.channel, group, waiting, apps.get(group.app))
    kind = STANDSTILL if group.consumers else NO_CONSUMER
    if said is None and oldest >= OLD_SECONDS:
        kind = UNPROCESSED
        said = late(channel.channel, group.group, oldest, waiting, group.retrying)
    if said is not None:
        title, detail = said
        where = {"channel": channel.channel, "group": group.group}
        yield Problem(severity=Severity.WARNING, title=title, detail=detail, view=_VIEW, params=where, kind=kind)


def _of_group(channel: str, group: GroupBacklog, waiting: int, app: AppBacklog | None) -> tuple[str, str] | None:
    """Returns title and detail of what is wrong with a group that owes something; None where it moves."""
    if not group.consumers:
        return _unserved(channel, group, waiting)
    oldest, unmoved = group.oldest_unprocessed_seconds or 0.0, group.unmoved_seconds or 0.0
    if not _stands(oldest, unmoved):
        return None
    since = f"For {_span(unmoved)} none has begun or ended, and the oldest has waited {_span(oldest)}."
    unread = group.pending - group.under_way - group.suspects
    if unread > 0 or (group.overdue_seconds or 0.0) >= PATIENCE_SECONDS:
        title = f"{_many(waiting, 'event')} on {channel} {_waits(waiting)} for {group.group}, and nothing moves"
        return title, f"{since} {_why_unread(group, app)}"
    if group.suspects:
        title = f"{_many(group.suspects, 'event')} on {channel} {_waits(group.suspects)} for a cell of {group.group}"
        return title, f"{since} {_ALONE} The logs of its workers say why no cell takes them."
    return None


def _unserved(channel: str, group: GroupBacklog, waiting: int) -> tuple[str, str] | None:
    silent, oldest = group.silent_seconds, group.oldest_unprocessed_seconds
    if silent is None and oldest is not None and oldest < PATIENCE_SECONDS:
        return None  # a worker that has said goodbye may be on its way back
    parts = [f"{_many(waiting, 'event')} {_waits(waiting)}"]
    parts += [f"{group.retrying} of them between attempts"] if group.retrying else []
    parts += [f"the oldest for {_span(oldest)}"] if oldest is not None else []
    heard = "nobody remembers a worker of it" if silent is None else f"a worker was last heard of {_span(silent)} ago"
    todo = f"Start a worker of {group.app or 'its app'}, or retire the group if no code serves it any more."
    return f"Nobody serves {group.group} of {channel}", f"{', '.join(parts)}; {heard}. {todo}"


def _why_unread(group: GroupBacklog, app: AppBacklog | None) -> str:
    if app is not None and app.slots and group.under_way >= app.slots:
        return f"All {app.slots} slots of its workers are taken, by handlers that go on: {_MORE_SLOTS}"
    alive = f"{_many(group.consumers, 'worker')} {'is' if group.consumers == 1 else 'are'} alive"
    return f"{alive}, but its breaker may be open, or code may keep the event loop busy: see the workers' logs."


def _stands(waited: float, unmoved: float | None) -> bool:
    return waited >= PATIENCE_SECONDS and unmoved is not None and unmoved >= PATIENCE_SECONDS


def _many(count: int, noun: str) -> str:
    return f"{count} {noun if count == 1 else noun + 's'}"


def _waits(count: int) -> str:
    return "waits" if count == 1 else "wait"


def _span(seconds: float) -> str:
    unit, size = next(((unit, size) for unit, size in _UNITS if seconds >= size), ("s", 1))
    return f"{seconds // size:.0f} {unit}"
