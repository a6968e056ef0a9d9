"""How the hour of a world went: half as much happened in the one before, and less of it failed."""

from collector import models as api
from tests.dashboard import figures_of
from tests.dashboard.world import World


def trends(world: World) -> api.Trends:
    """What changed, and an agent with trouble."""
    answer = figures_of.overview(world)
    totals = answer.totals
    latest = api.TrendFigures(
        runs=totals.runs,
        events=totals.events,
        deliveries=totals.deliveries,
        attempts=totals.attempts,
        errors=totals.errors,
        dead_letters=len(world.letters),
        p95_ms=1_200.0 if totals.attempts else None,
    )
    before = api.TrendFigures(
        runs=totals.runs // 2, events=totals.events // 2, attempts=totals.attempts // 2, errors=1, p95_ms=2_400.0
    )
    points = [
        api.TrendPoint(
            start=point.start,
            runs=point.runs,
            events=point.events,
            attempts=point.deliveries,
            errors=point.errors,
            dead_letters=point.dead_letters,
        )
        for point in answer.activity
    ]
    trouble = api.AgentTrouble(
        agent="sms-agent", app="logistics", own=True, attempts=40, errors=20, retries=4, p95_ms=90.0
    )
    return api.Trends(
        window=answer.window,
        points=points,
        latest=latest,
        before=before if world.runs else None,
        before_window=api.Window(
            start=answer.window.start - (answer.window.end - answer.window.start), end=answer.window.start
        ),
        worst_agents=[trouble] if world.runs else [],
    )
