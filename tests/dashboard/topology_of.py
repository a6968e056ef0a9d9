"""Who talks to whom in a world of shipments, as a collector would tell it."""

from collections.abc import Iterable
from datetime import timedelta
from itertools import pairwise
from urllib.parse import quote

from collector import models as api
from tests.dashboard.world import World

CHANNEL = "shipment.delivered"
STEPS = ("pickup", "sorting", "transit", "delivery")
GROUPS = ("billing", "board", "sms")

Kind = api.SystemPartKind


def part(kind: Kind, name: str, of: str = "", app: str = "logistics", **more: object) -> api.SystemPart:
    """A part that did something, once a minute."""
    app = "" if kind == Kind.CHANNEL else app
    id_ = "/".join([kind.value, *(quote(each, safe="") for each in (app, of, name))])
    told = {"count": 60, "per_minute": 1.0, "p50_ms": None if kind == Kind.CHANNEL else 4.0, **more}
    return api.SystemPart.model_validate({"id": id_, "kind": kind, "name": name, "of": of, "app": app, **told})


def flow(cause: api.SystemPart, effect: api.SystemPart, **more: object) -> api.Flow:
    """What flows from one part to another, once a minute."""
    is_message = Kind.CHANNEL in (cause.kind, effect.kind)
    how = api.Coordination.REACTED if is_message else api.Coordination.COMMANDED
    told = {"count": 60, "per_minute": 1.0, "p50_ms": 12.0, "coordination": how, **more}
    return api.Flow.model_validate({"cause": cause.id, "effect": effect.id, **told})


def topology(world: World) -> api.Topology:
    """A workflow of four steps, an event that three groups react to, and a carrier that is called; letters of SMS. Of
    an empty world nothing."""
    window = api.Window(start=world.now - timedelta(hours=1), end=world.now)
    if not world.runs:
        return api.Topology(window=window, parts=[], flows=[], bus=api.BusState(connected=True))
    dead = len(world.letters)
    app = part(Kind.SERVICE, "logistics", count=0, per_minute=0, p50_ms=None)
    carrier = part(Kind.SERVICE, "carrier-api", app="carrier-api", errors=1)
    workflow = part(Kind.WORKFLOW, "shipment")
    steps = [part(Kind.STEP, name, "shipment", agent=name) for name in STEPS]
    channel, news = part(Kind.CHANNEL, CHANNEL), part(Kind.CHANNEL, "news")
    groups = [part(Kind.GROUP, name, CHANNEL, agent=name, errors=dead if name == "sms" else 0) for name in GROUPS]
    owed = api.Backlog(waiting=3, dead=dead, consumers=1, oldest_seconds=40)
    flows = [
        flow(app, workflow, p50_ms=None),
        flow(workflow, steps[0]),
        *(flow(before, after) for before, after in pairwise(steps)),
        flow(steps[2], carrier, errors=1),
        flow(steps[3], channel, p50_ms=None),
        flow(steps[3], news, p50_ms=None),
        *(flow(channel, group, errors=group.errors, backlog=owed if group.name == "sms" else None) for group in groups),
        flow(groups[0], channel, count=2, per_minute=0.03, p50_ms=None),
    ]
    drift = [
        api.Drift(
            kind=api.DriftKind.LOOP,
            parts=[channel.id, groups[0].id],
            says=f"work can come back to where it began: {CHANNEL} → billing of {CHANNEL} → {CHANNEL}. A loop is not "
            "always a fault",
        ),
        api.Drift(
            kind=api.DriftKind.UNREAD_CHANNEL,
            parts=[news.id],
            says="news was published to 60 times, and is read by nobody",
        ),
    ]
    return api.Topology(
        window=window,
        parts=[app, carrier, workflow, *steps, channel, news, *groups],
        flows=flows,
        drift=drift,
        bus=api.BusState(connected=True),
    )


def crowd(agents: int, steps: int, channels: int, groups: int) -> tuple[list[api.SystemPart], list[api.Flow]]:
    """An app of so many agents with so many steps each, of so many channels and so many groups each."""
    workflow = part(Kind.WORKFLOW, "flow", app="fleet")
    work = [
        part(Kind.STEP, f"step-{agent}-{number}", "flow", "fleet", agent=f"agent-{agent}")
        for agent in range(agents)
        for number in range(steps)
    ]
    topics = [part(Kind.CHANNEL, f"topic-{number}") for number in range(channels)]
    readers = [
        part(Kind.GROUP, f"group-{number}", topic.name, "fleet", agent=f"group-{number}")
        for topic in topics
        for number in range(groups)
    ]
    return [workflow, *work, *topics, *readers], list(_crowded(workflow, work, topics, readers))


def _crowded(
    workflow: api.SystemPart,
    work: list[api.SystemPart],
    topics: list[api.SystemPart],
    readers: list[api.SystemPart],
) -> Iterable[api.Flow]:
    yield flow(workflow, work[0])
    for before, after in pairwise(work):
        yield flow(before, after)
    for number, topic in enumerate(topics):
        yield flow(work[number % len(work)], topic)
    for reader in readers:
        yield flow(next(topic for topic in topics if topic.name == reader.of), reader)
