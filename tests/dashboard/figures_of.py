"""What a collector would work out from a `World`: totals, steps, backlog, details of nodes."""

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from statistics import mean

from collector import models as api
from collector.models import NodeKind
from tests.dashboard.world import CHANNEL, GROUPS, STEPS, World


def window(world: World) -> api.Window:
    """The last hour."""
    return api.Window(start=world.now - timedelta(hours=1), end=world.now)


def channels(world: World) -> list[api.ChannelBacklog]:
    """The bus as it stands."""
    if not world.events:
        return []
    owed = len(world.events)
    dead = sum(letter.state == "dead" for letter in world.letters.values())
    pending = sum(letter.replay_outcome == "pending" for letter in world.letters.values())
    groups = [
        api.GroupBacklog(
            group=group,
            owed=owed,
            done=owed - (dead + pending) * (group == "sms"),
            pending=pending * (group == "sms"),
            retrying=0,
            dead=dead * (group == "sms"),
            discarded=0,
            consumers=2,
            app="logistics",
            silent_seconds=0.4,
            oldest_unprocessed_seconds=2_460.0 if group == "sms" and dead else None,
        )
        for group in GROUPS
    ]
    groups += [
        api.GroupBacklog(
            group=group,
            owed=owed,
            done=owed - waiting,
            pending=waiting,
            retrying=0,
            dead=0,
            discarded=0,
            consumers=0,
            app="logistics",
            silent_seconds=7_300.0,
            oldest_unprocessed_seconds=7_400.0,
        )
        for group, waiting in world.unserved.items()
    ]
    return [api.ChannelBacklog(channel=CHANNEL, published=owed, groups=groups)]


def workers(world: World) -> api.WorkerList:
    """Two workers, a cell, and an app that nobody works for."""
    if not world.events:
        return api.WorkerList(items=[], apps=[])
    items = [
        api.Worker(
            app="logistics",
            name=f"depot-{number}-7f3a",
            host="depot",
            process=4_000 + number,
            version="1.4",
            slots=16,
            is_cell=number == 3,
            started_at=world.now - timedelta(hours=number),
            silent_seconds=0.3 * number,
            agents=["research"] if number == 2 else [],
            serves=["research"],
            under_way=4 if number == 2 else 0,
            work=[
                api.UnderWay(name=f"shipment/sorting of run {run}", agent="research", run_id=run, seconds=70 - at)
                for at, run in enumerate(list(world.runs)[:2])
            ]
            if number == 2
            else [],
        )
        for number in (1, 2, 3)
    ]
    oldest = api.WaitingStep(run_id=next(iter(world.runs)), workflow="refund", step="pay", seconds=95)
    waits = api.AgentDue(agent="research", due=5, oldest=oldest.model_copy(update={"agent": "research"}))
    limit = api.AgentLimit(agent="research", at_once=2, at_once_used=2, calls_per_minute=60, calls_used=3)
    nobody = api.UnservedAgent(agent="review", due=2, oldest=oldest)
    apps = [
        api.AppBacklog(
            app="logistics",
            workers=2,
            slots=32,
            due=0,
            under_way=3,
            suspects=1,
            waiting_keys=[
                api.WaitingKey(
                    agent="sorters", by={"tenant": f"**t{number}**] ![x](http://evil.test)"}, due=7, seconds=number
                )
                for number in range(9)
            ],
            lanes=[waits, nobody],
            limits=[limit],
            unserved=[nobody],
        ),
        api.AppBacklog(app="refunds", workers=0, slots=0, due=4, under_way=0, suspects=0, oldest=oldest),
    ]
    return api.WorkerList(items=items, apps=apps)


def summary(world: World) -> api.DeadLetterSummary:
    """Dead letters that wait, by channel, group and reason."""
    waiting = [letter for letter in world.letters.values() if letter.state == "dead"]
    counts = Counter((letter.channel, letter.group, letter.reason) for letter in waiting)
    items = [
        api.DeadLetterGroup(
            channel=channel,
            group=group,
            reason=reason,
            count=count,
            oldest=min(letter.dead_at for letter in waiting if letter.reason == reason),
        )
        for (channel, group, reason), count in sorted(counts.items())
    ]
    return api.DeadLetterSummary(items=items, total=len(waiting))


def overview(world: World) -> api.Overview:
    """Whether anything is wrong now."""
    dead = summary(world).total
    problems = []
    if dead:
        problems.append(
            api.Problem(
                severity=api.Severity.ERROR,
                title=f"{dead} dead letters in sms",
                detail="Deliveries of shipment.delivered gave up; the group owes them until they are replayed.",
                view="dead-letters",
                params={"channel": CHANNEL, "group": "sms"},
            )
        )
    for group, owed in world.unserved.items():
        problems.append(
            api.Problem(
                severity=api.Severity.WARNING,
                title=f"Nobody serves {group} of {CHANNEL}",
                detail=f"{owed} events wait; a worker was last heard of 2 h ago. Start one, or retire the group.",
                view="groups",
                params={"channel": CHANNEL, "group": group},
            )
        )
    nodes = [node for picture in world.pictures.values() for node in picture.nodes.values()]
    totals = api.Totals(
        runs=len(world.runs),
        runs_failed=0,
        events=len(world.events),
        deliveries=sum(node.kind == NodeKind.DELIVERY for node in nodes),
        attempts=sum(node.attempts for node in nodes),
        errors=sum(bar.outcome != "ok" for node in nodes for bar in node.bars),
        dead_now=dead,
        oldest_unprocessed_seconds=2_460.0 if dead else None,
    )
    return api.Overview(
        window=window(world),
        problems=problems,
        totals=totals,
        activity=_activity(world),
        channels=channels(world),
        worst_steps=sorted(steps(world).items, key=lambda row: -row.error_rate)[:3] if nodes else [],
        bus=api.BusState(connected=True),
        spans_stored=len(nodes) * 2,
        spans_rejected=0,
        alerts_firing=len(world.fired),
        apps=workers(world).apps,
        apps_total=2,
    )


def _activity(world: World) -> list[api.ActivityPoint]:
    points = []
    for minute in range(0, 60, 2):
        start = world.now - timedelta(minutes=60 - minute)
        runs = sum(start <= detail.run.start < start + timedelta(minutes=2) for detail in world.runs.values())
        dead = sum(start <= letter.dead_at < start + timedelta(minutes=2) for letter in world.letters.values())
        points.append(
            api.ActivityPoint(
                start=start, runs=runs, events=runs, deliveries=3 * runs, errors=dead * 5, dead_letters=dead
            )
        )
    return points


def steps(world: World) -> api.StepList:
    """How each step and each group does."""
    if not world.runs:
        return api.StepList(window=window(world), items=[])
    items = [_figures(world, NodeKind.STEP, "shipment", step) for step in STEPS]
    items += [_figures(world, NodeKind.DELIVERY, CHANNEL, group) for group in GROUPS]
    return api.StepList(window=window(world), items=items)


def _nodes(world: World, kind: NodeKind, name: str) -> list[api.Node]:
    every = (node for picture in world.pictures.values() for node in picture.nodes.values())
    return [node for node in every if node.kind == kind and node.agent == name]


def _millis(bar: api.AttemptBar) -> float:
    return ((bar.end or bar.start) - bar.start) / timedelta(milliseconds=1)


def _figures(world: World, kind: NodeKind, workflow: str, step: str) -> api.StepFigures:
    nodes = _nodes(world, kind, step)
    if not nodes:
        raise KeyError(step)
    bars = [bar for node in nodes for bar in node.bars]
    took = sorted(map(_millis, bars))
    scores = [row.score for detail in world.runs.values() for row in detail.steps if row.step == step]
    known = [score for score in scores if score is not None]
    right = mean(known) if known else None
    accuracy = api.Accuracy(n=0)
    if right is not None:
        accuracy = api.Accuracy(n=len(known), value=right, low=max(0, right - 0.12), high=min(1, right + 0.05))
    return api.StepFigures(
        kind=kind,
        workflow=workflow,
        step=step,
        agent=step,
        nodes=len(nodes),
        attempts=len(bars),
        error_rate=sum(node.status == "dead" for node in nodes) / len(nodes),
        retry_rate=sum(bar.attempt > 1 for bar in bars) / len(bars),
        accuracy=accuracy,
        latency=api.Latency(p50_ms=took[len(took) // 2], p95_ms=took[-1], p99_ms=took[-1]),
    )


def step(world: World, workflow: str, name: str) -> api.StepDetail:
    """One step or group."""
    kind = NodeKind.STEP if name in STEPS else NodeKind.DELIVERY
    figures, nodes = _figures(world, kind, workflow, name), _nodes(world, kind, name)
    took = sorted(_millis(bar) for node in nodes for bar in node.bars)
    wide = max(1.0, (took[-1] - took[0]) / 12)
    bins = Counter(int((each - took[0]) / wide) for each in took)
    histogram = [
        api.LatencyBin(low_ms=took[0] + at * wide, high_ms=took[0] + (at + 1) * wide, count=bins[at])
        for at in range(max(bins) + 1)
    ]
    trend = [
        api.StepPoint(
            start=world.now - timedelta(minutes=60 - at * 5),
            attempts=5,
            errors=at % 4 == 0,
            p50_ms=took[0] + at,
            p95_ms=took[-1] + at * 2,
            accuracy=None if at == 3 else 0.9,
        )
        for at in range(12)
    ]
    by_id = {row.node_id: row.score for run in world.runs.values() for row in run.steps}
    worst = [node.model_copy(update={"score": by_id.get(node.id)}) for node in nodes]
    worst = [node for node in worst if node.attempts > 1 or node.score == 0 or node.status == "dead"][:5]
    worst = [*worst, *(node.model_copy(update={"slow": True}) for node in nodes[-1:])]
    return api.StepDetail(figures=figures, window=window(world), histogram=histogram, trend=trend, worst=worst)


def detail(world: World, node_id: str) -> api.NodeDetail:
    """Everything known of a node."""
    picture = world.picture_of(node_id)
    if picture is None:
        raise KeyError(node_id)
    node = picture.nodes[node_id]
    attempts = [_attempt(node, bar) for bar in node.bars]
    causes = [edge.cause for edge in picture.edges if edge.effect == node_id]
    event = world.events.get(node.event_id or "")
    rows = [row for run in world.runs.values() for row in run.steps if row.node_id == node_id]
    scores = [
        api.Evaluation(name="correct", score=row.score, label="pass" if row.score else "fail", at=world.now)
        for row in rows
        if row.score is not None
    ]
    return api.NodeDetail(
        node=node,
        causation_id=causes[0] if causes else None,
        causes=causes,
        attempts=attempts,
        evaluations=scores,
        nested=_model_calls(node) if node.name == "sorting" else [],
        payload=event.payload if event else None,
        keys_read=rows[0].keys_read if rows else [],
        keys_written=rows[0].keys_written if rows else [],
        key_sizes=[rows[0].context_size or 0] if rows else [],
        keys_unused=rows[0].keys_read if rows else [],
        context_size=rows[0].context_size if rows else None,
        attributes={"demo": node.name},
        inbox="already_applied" if node.name == "sorting" else None,
    )


def _attempt(node: api.Node, bar: api.AttemptBar) -> api.Attempt:
    failed = bar.outcome in ("retry", "failed", "dead_letter")
    text = "CarrierError: the carrier answered 503"
    return api.Attempt(
        attempt=bar.attempt,
        outcome=bar.outcome,
        start=bar.start,
        end=bar.end,
        trace_id=node.trace_id or "0" * 32,
        span_id=f"{bar.attempt:016x}",
        worker="worker-1",
        error_type="CarrierError" if failed else None,
        error_message="the carrier answered 503" if failed else None,
        traceback=f"Traceback (most recent call last):\n  in call\n{text}" if failed else None,
    )


def _model_calls(node: api.Node) -> list[api.SpanBrief]:
    start = node.start
    assert start is not None
    return [
        api.SpanBrief(
            trace_id=node.trace_id or "",
            span_id="00000000000000aa",
            name="chat simulated-small",
            start=start,
            end=start + timedelta(milliseconds=38),
            status="ok",
            model="simulated-small",
            input_tokens=212,
            output_tokens=17,
        )
    ]


def channel_list(world: World, params: Mapping[str, str]) -> api.ChannelList:
    """What groups owe: of a channel and of a group where these are asked for."""
    wanted, group = params.get("channel"), params.get("group")
    narrowed = [
        each.model_copy(update={"groups": [one for one in each.groups if group in (None, one.group)]})
        for each in channels(world)
        if wanted in (None, each.channel)
    ]
    return api.ChannelList(items=[each for each in narrowed if group is None or each.groups])


def one(world: World, params: dict[str, str]) -> api.StepDetail:
    """The step or group that is asked for."""
    return step(world, params["workflow"], params["step"])
