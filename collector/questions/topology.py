"""Who talks to whom: the parts of a system, what flows between them, and what differs from what is declared."""

from collections.abc import Iterable, Sequence
from typing import Final

from collector.models import (
    AppBacklog,
    Backlog,
    ChannelBacklog,
    Flow,
    GroupBacklog,
    SystemPart,
    SystemPartKind,
    Topology,
    Window,
    Worker,
)
from collector.models.channels import BusState
from collector.models.runs import OWN_SOURCE
from collector.questions import drift, parts, topology_of_others
from collector.questions.parts import PartKey
from collector.questions.topology_of_others import ObservedTotals, OthersTopology
from collector.questions.windows import Range
from collector.store import work_in_range
from collector.store.database import Row, Session
from collector.store.queries import Query
from collector.times import moment
from runtime.semconv import Coordination

#: Parts, and flows, that an answer holds at most.
MOST_PARTS: Final = 1_000
MOST_FLOWS: Final = 3_000

#: Spans that are read, about: of more than a second of CPU's worth the newest.
MOST_SPANS: Final = 1_000_000
#: Parts of a window by which its newest spans are found.
_BUCKETS: Final = 128

_MINUTE_NS: Final = 60 * 10**9


class BusDeclarations:
    """What the live bus says: what is declared and owed, and who is there.

    Args:
        state: whether it was there.
        channels: all channels, with what their groups owe.
        workers: everybody who works.
        apps: what each app's runs owe, and which limits its agents have.
    """

    def __init__(
        self,
        state: BusState,
        channels: Sequence[ChannelBacklog] = (),
        workers: Sequence[Worker] = (),
        apps: Sequence[AppBacklog] = (),
    ) -> None:
        self.state = state
        self.channels = channels
        self.workers = workers
        self.apps = apps

    @property
    def groups(self) -> dict[tuple[str, str], GroupBacklog]:
        """What each group owes, by channel and name."""
        return {(channel.channel, group.group): group for channel in self.channels for group in channel.groups}


def build_topology(session: Session, window: Window, declared: BusDeclarations) -> Topology:
    """Returns who talks to whom.

    Args:
        session: the snapshot to read.
        window: when work began, was published or was asked for.
        declared: what the live bus says.
    """
    whole = Range.of(window)
    within = _newest_range(session, whole)
    bounds = {"first_ns": within.first_ns, "end_ns": within.end_ns}
    session.run(Query.TOPOLOGY_BEGUN, **work_in_range.stage_work_in_range(session, **bounds))
    own = session.rows(Query.TOPOLOGY_PARTS, **bounds)
    rows = session.rows(Query.TOPOLOGY_FLOWS, **bounds)
    others = topology_of_others.read_topology(session, within)
    minutes = (within.end_ns - within.first_ns) / _MINUTE_NS
    flows = [_build_flow(row, minutes) for row in rows] + _build_flows_of_others(others, within)
    found = _build_parts(own, rows, flows, minutes) | _build_parts_of_others(others, within)
    _add_declared(found, flows, declared, minutes)
    flows = [_add_backlog(flow, found, declared) for flow in flows]
    kept, kept_flows = _limit_size(list(found.values()), flows)
    known = declared.channels if declared.state.connected else None
    return Topology(
        window=window,
        parts=kept,
        flows=kept_flows,
        drift=drift.find_drift(list(found.values()), flows, known, declared.workers, declared.apps),
        bus=declared.state,
        since=moment(within.first_ns) if within != whole else None,
        others_since={name: moment(since) for name, since in sorted(others.since_ns.items())},
        truncated=len(kept) < len(found) or len(kept_flows) < len(flows),
    )


def _newest_range(session: Session, whole: Range) -> Range:
    """Returns the newest part of a range that does not hold too much; at least one bucket of it."""
    bucket_ns = whole.get_bucket_ns(_BUCKETS)
    rows = session.rows(Query.TOPOLOGY_CROWD, first_ns=whole.first_ns, end_ns=whole.end_ns, bucket_ns=bucket_ns)
    spans = 0
    for at, row in enumerate(rows):
        spans += row["spans"]
        if spans > MOST_SPANS and at:
            return Range(whole.first_ns + (row["bucket"] + 1) * bucket_ns, whole.end_ns, None)
    return whole


def _build_flow(row: Row, minutes: float) -> Flow:
    cause, effect = parts.read_flow_key(row, "cause"), parts.read_flow_key(row, "effect")
    return Flow(
        cause=cause.id,
        effect=effect.id,
        coordination=_choose_coordination(cause, effect),
        count=row["n"],
        per_minute=row["n"] / minutes,
        errors=row["bad"],
        p50_ms=row["p50_ms"],
    )


def _choose_coordination(cause: PartKey, effect: PartKey) -> Coordination:
    """Returns whether a cause tells its effect what to do, or something happened that the effect reacts to."""
    is_message = SystemPartKind.CHANNEL in (cause.kind, effect.kind)
    return Coordination.REACTED if is_message else Coordination.COMMANDED


def _build_parts(
    own: Iterable[Row], rows: Iterable[Row], flows: Sequence[Flow], minutes: float
) -> dict[str, SystemPart]:
    """Returns what worked, and whatever something flowed to or from."""
    found: dict[str, SystemPart] = {}
    for row in own:
        key = parts.read_work_key(row)
        found[key.id] = _build_part(
            key, row["n"], minutes, agent=row["agent"] or "", errors=row["bad"], p50_ms=row["p50_ms"]
        )
    for row in rows:
        for side in ("cause", "effect"):
            key = parts.read_flow_key(row, side)
            source = "" if row[f"{side}_kind"] == parts.RECEIVER else OWN_SOURCE
            found.setdefault(key.id, _build_part(key, 0, minutes, source=source))
    counted = {part.id for part in found.values() if part.count}
    for flow, row in zip(flows, rows, strict=False):
        part = found[flow.effect]
        if part.id in counted:
            continue
        took = row["worked_ms"] if row["worked_ms"] is not None else part.p50_ms
        told = {"count": part.count + flow.count, "errors": part.errors + flow.errors, "p50_ms": took}
        found[part.id] = part.model_copy(update={**told, "per_minute": part.per_minute + flow.per_minute})
    return found


def _build_part(key: PartKey, count: int, minutes: float, **more: object) -> SystemPart:
    told = {"id": key.id, "kind": key.kind, "name": key.name, "of": key.of, "app": key.app, "count": count}
    return SystemPart.model_validate({**told, "per_minute": count / minutes, **more})


def _observed_minutes(others: OthersTopology, app: str, within: Range) -> float:
    """Returns over how many minutes a service of others was looked at."""
    return max(within.end_ns - others.since_ns.get(app, within.first_ns), 1) / _MINUTE_NS


def _build_parts_of_others(others: OthersTopology, within: Range) -> dict[str, SystemPart]:
    found: dict[str, SystemPart] = {}
    for key, seen in others.parts.items():
        told = {"agent": seen.agent, "source": seen.source, "errors": seen.errors, "p50_ms": seen.p50_ms}
        found[key.id] = _build_part(key, seen.count, _observed_minutes(others, key.app, within), **told)
    for cause, _ in others.flows:
        found.setdefault(cause.id, _build_part(cause, 0, 1.0))
    return found


def _build_flows_of_others(others: OthersTopology, within: Range) -> list[Flow]:
    return [
        _build_flow_of_others(
            pair, seen, _observed_minutes(others, pair[1].app, within), is_inferred=pair in others.steps
        )
        for pair, seen in others.flows.items()
    ]


def _build_flow_of_others(
    pair: tuple[PartKey, PartKey], seen: ObservedTotals, minutes: float, *, is_inferred: bool
) -> Flow:
    return Flow(
        cause=pair[0].id,
        effect=pair[1].id,
        coordination=Coordination.COMMANDED,
        count=seen.count,
        per_minute=seen.count / minutes,
        errors=seen.errors,
        p50_ms=seen.p50_ms,
        is_inferred=is_inferred,
    )


def _add_declared(found: dict[str, SystemPart], flows: list[Flow], declared: BusDeclarations, minutes: float) -> None:
    """Adds what is declared on the bus and did nothing: channels, and groups that stand ready."""
    busy = {(part.of, part.name) for part in found.values() if part.kind == SystemPartKind.GROUP}
    for channel in declared.channels:
        whole = parts.make_channel_key(channel.channel)
        for group in channel.groups:
            if (channel.channel, group.group) in busy:
                continue
            ready = parts.make_group_key(group.app, channel.channel, group.group)
            found.setdefault(whole.id, _build_part(whole, 0, minutes))
            found[ready.id] = _build_part(ready, 0, minutes, agent=group.group)
            flows.append(
                Flow(cause=whole.id, effect=ready.id, coordination=Coordination.REACTED, count=0, per_minute=0.0)
            )


def _add_backlog(flow: Flow, found: dict[str, SystemPart], declared: BusDeclarations) -> Flow:
    """Returns what flows to a group, with what that owes now."""
    part = found[flow.effect]
    group = declared.groups.get((part.of, part.name)) if part.kind == SystemPartKind.GROUP else None
    if group is None:
        return flow
    owed = Backlog(
        waiting=group.pending + group.retrying,
        dead=group.dead,
        consumers=group.consumers,
        oldest_seconds=group.oldest_unprocessed_seconds,
    )
    return flow.model_copy(update={"backlog": owed})


def _limit_size(found: list[SystemPart], flows: list[Flow]) -> tuple[list[SystemPart], list[Flow]]:
    """Returns as many as an answer holds, those first that failed and did most."""
    kept = sorted(found, key=lambda part: (-part.errors, -part.count, part.id))[:MOST_PARTS]
    ids = {part.id for part in kept}
    ends = [flow for flow in flows if flow.cause in ids and flow.effect in ids]
    ends = sorted(ends, key=lambda flow: (-flow.errors, -flow.count, flow.cause, flow.effect))[:MOST_FLOWS]
    return sorted(kept, key=lambda part: part.id), sorted(ends, key=lambda flow: (flow.cause, flow.effect))
