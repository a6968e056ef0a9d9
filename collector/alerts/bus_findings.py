"""What rules find on the live bus."""

from collections.abc import Iterator

from collector.alerts.evaluation_context import EvaluationContext
from collector.alerts.rule import Finding, Rule
from collector.questions import outages, standstill
from collector.store.queries import Query


def find_unprocessed_events(look: EvaluationContext, rule: Rule) -> Iterator[Finding]:
    """Events that have waited for longer than the threshold."""
    for row in look.query_groups(Query.ALERTS_UNPROCESSED, rule.window, threshold=rule.threshold):
        about = {"channel": row["channel"], "group": row["consumer_group"]}
        title, detail = standstill.describe_late_event(
            row["channel"], row["consumer_group"], row["value"], row["waiting"], row["retrying"]
        )
        served = "" if row["consumers"] else " No live worker serves it."
        yield Finding(about, row["value"], title, detail + served, "groups", about, {"app": row["app"]})


def find_dead_letters(look: EvaluationContext, rule: Rule) -> Iterator[Finding]:
    """Groups of which more letters died within the window than the threshold."""
    values = {**look.get_window_bounds(rule), "threshold": rule.threshold}
    for row in look.query_groups(Query.ALERTS_DEAD_LETTERS, rule.window, **values):
        about = {"channel": row["channel"], "group": row["consumer_group"]}
        count = int(row["value"])
        title = f"{count} {'delivery' if count == 1 else 'deliveries'} to {about['group']} on {about['channel']} died"
        detail = f"{row['dead']} in all {'waits' if row['dead'] == 1 else 'wait'} to be replayed or discarded."
        yield Finding(about, row["value"], title, detail, "dead-letters", about, {"app": row["app"]})


def find_unserved_groups(look: EvaluationContext, rule: Rule) -> Iterator[Finding]:
    """Groups that owe something and that nobody serves."""
    return _find_problems(look, standstill.NO_CONSUMER)


def find_unserved_apps(look: EvaluationContext, rule: Rule) -> Iterator[Finding]:
    """Apps whose steps wait and that nobody works for."""
    return _find_problems(look, standstill.NO_WORKER)


def find_standstills(look: EvaluationContext, rule: Rule) -> Iterator[Finding]:
    """Runs whose steps are due, and events, of which nothing moves although workers are there."""
    return _find_problems(look, standstill.STANDSTILL)


def find_open_breakers(look: EvaluationContext, rule: Rule) -> Iterator[Finding]:
    """Breakers that are not closed. Why is told where it stands: it holds words of users' errors."""
    for one in look.bus.breakers:
        about = {"breaker": one.name}
        failed = f" {one.failed_probes} probes have failed." if one.failed_probes else ""
        yield Finding(
            about, 1.0, outages.describe_breaker(one), outages.describe_waiting(one) + failed, "groups", about
        )


def find_unreachable_bus(look: EvaluationContext, rule: Rule) -> Iterator[Finding]:
    """The bus, if it does not answer."""
    if not look.bus.state.connected:
        detail = f"What waits, and who works, is not known until it is back. {look.bus.state.error}".strip()
        yield Finding({}, 1.0, "The bus can't be reached", detail, "overview")


def _find_problems(look: EvaluationContext, kind: str) -> Iterator[Finding]:
    apps = {(channel.channel, group.group): group.app for channel in look.bus.channels for group in channel.groups}
    for problem in look.find_standstills():
        if problem.kind == kind:
            about = problem.params
            app = apps.get((about.get("channel", ""), about.get("group", "")), about.get("app", ""))
            yield Finding(about, 1.0, problem.title, problem.detail, problem.view, about, {"app": app})
