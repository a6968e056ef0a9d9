"""What differs between what is declared and what is done. Pure."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence

from collector.models import AppBacklog, ChannelBacklog, Drift, DriftKind, Flow, SystemPart, SystemPartKind, Worker
from collector.questions import loops, parts


def find_drift(
    found: Sequence[SystemPart],
    flows: Sequence[Flow],
    channels: Sequence[ChannelBacklog] | None,
    workers: Sequence[Worker],
    apps: Sequence[AppBacklog],
) -> list[Drift]:
    """Returns what differs, loops first.

    Args:
        found: what did something in a time range.
        flows: what flowed between that.
        channels: what is declared on the bus; None where the bus was not there: then nobody knows who reads.
        workers: who is there, and for which agents.
        apps: what apps declare of their agents.
    """
    drift = [*_find_loops(found, flows)]
    if channels is not None:
        drift += [
            *_find_unread_channels(found, flows, channels),
            *_find_unused_groups(found, channels),
            *_find_unused_agents(found, workers, apps),
            *_find_unused_workflows(found, apps),
        ]
    return drift


def _find_loops(found: Iterable[SystemPart], flows: Iterable[Flow]) -> Iterator[Drift]:
    names = {part.id: part for part in found}
    effects: dict[str, set[str]] = defaultdict(set)
    for flow in flows:
        effects[flow.cause].add(flow.effect)
    channels = {part.id for part in names.values() if part.kind == SystemPartKind.CHANNEL}
    for circle in loops.find_loops(effects, channels):
        way = " → ".join(_part_name(names[part]) for part in (*circle, circle[0]))
        says = f"work can come back to where it began: {way}. A loop is not always a fault"
        yield Drift(kind=DriftKind.LOOP, parts=circle, says=says)


def _find_unread_channels(
    found: Iterable[SystemPart], flows: Iterable[Flow], channels: Iterable[ChannelBacklog]
) -> Iterator[Drift]:
    """Yields the channels that were published to, and that no group is subscribed to, nor did anybody take from."""
    declared = {channel.channel for channel in channels if channel.groups}
    read = {flow.cause for flow in flows}
    for part in found:
        if part.kind == SystemPartKind.CHANNEL and part.count and part.id not in read and part.name not in declared:
            times = "once" if part.count == 1 else f"{part.count:,} times"
            yield Drift(
                kind=DriftKind.UNREAD_CHANNEL,
                parts=[part.id],
                says=f"{part.name} was published to {times}, and is read by nobody",
            )


def _find_unused_groups(found: Iterable[SystemPart], channels: Iterable[ChannelBacklog]) -> Iterator[Drift]:
    busy = {(part.of, part.name) for part in found if part.kind == SystemPartKind.GROUP and part.count}
    for channel in channels:
        for group in channel.groups:
            if (channel.channel, group.group) in busy or group.is_ephemeral:
                continue
            when = "in this time" if group.owed else "yet"
            yield Drift(
                kind=DriftKind.UNUSED_GROUP,
                parts=[parts.make_group_key(group.app, channel.channel, group.group).id],
                says=f"group {group.group} of {channel.channel} is subscribed, and has had nothing to do {when}",
            )


def _find_unused_agents(
    found: Iterable[SystemPart], workers: Iterable[Worker], apps: Iterable[AppBacklog]
) -> Iterator[Drift]:
    """Yields the agents that code names, by workers or limits, and that did nothing."""
    busy: dict[str, set[str]] = defaultdict(set)
    for part in found:
        busy[part.app].add(part.agent)
    declared = {(worker.app, agent): "served" for worker in workers for agent in (*worker.agents, *worker.serves)}
    declared |= {(app.app, limit.agent): "limited" for app in apps for limit in app.limits} | declared
    for (app, agent), how in sorted(declared.items()):
        if agent not in _agents_of_app(busy, app):
            says = f"agent {agent} of {app} is {how}, and has had nothing to do in this time"
            yield Drift(kind=DriftKind.UNUSED_AGENT, parts=[], says=says)


def _find_unused_workflows(found: Iterable[SystemPart], apps: Iterable[AppBacklog]) -> Iterator[Drift]:
    """Yields the workflows that code declares and that had no run, and of others the steps that no run has done. What
    was moved to its successor leads to a channel, and so it is there."""
    there = {(part.app, part.of, part.name) for part in found if part.kind == SystemPartKind.STEP}
    runs = {(part.app, part.name): part.id for part in found if part.kind == SystemPartKind.WORKFLOW}
    for app in apps:
        for workflow, steps in sorted(app.declared.items()):
            run = runs.get((app.app, workflow))
            if run is None and any((app.app, workflow, step) in there for step in steps):
                continue  # its runs began before
            if run is None:
                says = f"workflow {workflow} of {app.app} is declared, and has had no run in this time"
                yield Drift(kind=DriftKind.UNUSED_WORKFLOW, parts=[], says=says)
                continue
            for step in steps:
                if (app.app, workflow, step) not in there:
                    says = f"step {step} of {workflow} is declared, and no run has done it in this time"
                    yield Drift(kind=DriftKind.UNUSED_STEP, parts=[run], says=says)


def _agents_of_app(busy: dict[str, set[str]], app: str) -> Collection[str]:
    return busy.get(app, ())


def _part_name(part: SystemPart) -> str:
    return f"{part.name} of {part.of}" if part.of else part.name
