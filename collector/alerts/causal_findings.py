"""What rules find along causes: events in a loop, and effects that never came."""

from collections.abc import Iterator
from typing import Final

import pyarrow as pa

from collector.alerts.evaluation_context import EvaluationContext
from collector.alerts.measures import format_duration
from collector.alerts.rule import Finding, Rule
from collector.questions.problems import FEWEST
from collector.store.database import Row
from collector.store.queries import Query
from collector.times import SECOND_NS

#: Correlations whose events are walked, chains that are walked of each, and causes that are walked for each time that
#: the channel may come: event, delivery, run, step, and room for more.
_BUSIEST: Final = 20
_STARTS: Final = 5
_HOPS_EACH: Final = 8

#: Seconds of history from which is learned what usually follows, and newest events of each channel that are looked at.
HISTORY: Final = 86_400.0
_EVENTS: Final = 5_000

#: Spans among which effects are looked for; where there are more, a shorter time.
_SPANS: Final = 200_000

#: The share of events that must have had an effect before it is expected.
USUAL: Final = 0.95

_EFFECTS: Final = pa.schema([("channel", pa.string()), ("effect_kind", pa.string()), ("effect", pa.string())])


def find_loops(look: EvaluationContext, rule: Rule) -> Iterator[Finding]:
    """Channels that come more often along one chain of causes than the threshold."""
    hops = int(_HOPS_EACH * ((rule.threshold or 0) + 2))
    bounds = {"most": _BUSIEST, "starts": _STARTS, "hops": hops}
    for row in look.query_store(Query.ALERTS_LOOPS, threshold=rule.threshold, **look.get_window_bounds(rule), **bounds):
        title = f"Events on {row['channel']} cause each other in a loop"
        detail = (
            f"Along one chain of causes the channel comes {int(row['value'])} times or more, and may go on for ever."
        )
        where = {"id": str(row["event_id"])}
        about = {"channel": row["channel"]}
        yield Finding(about, row["value"], title, detail, "event", where, {"app": row["service"] or ""})


def find_missing_effects(look: EvaluationContext, rule: Rule) -> Iterator[Finding]:
    """Events that were not followed by what follows nearly all of their channel, or by what the rule declares."""
    declared = _declared_effects(rule)
    known = [*declared, *_missed_effects(look, rule)]
    window, history = _lookback_seconds(look, rule)
    rows = look.asking.query_rows(
        Query.ALERTS_MISSING_EFFECTS,
        {
            "first_ns": look.now_ns - int(window * SECOND_NS),
            "history_ns": look.now_ns - int(history * SECOND_NS),
            "ripe_ns": look.now_ns - int(rule.within * SECOND_NS),
            "within_ns": int(rule.within * SECOND_NS),
            "threshold": rule.threshold,
            "most": _EVENTS,
            "fewest": FEWEST,
            "usual": USUAL,
            "learns": not declared,
        },
        {"known_effects": pa.Table.from_pylist(known, schema=_EFFECTS)},
    )
    for row in rows:
        count, effect = int(row["value"]) - _count_done_without_span(look, row), row["effect"]
        if count <= (rule.threshold or 0):
            continue
        what = f"group {effect} has not done" if row["effect_kind"] == "group" else f"nothing on {effect} followed"
        title = f"{count} {'event' if count == 1 else 'events'} on {row['channel']}: {what}"
        usual = (
            "The rule expects it."
            if declared
            else f"It followed {row['followed']} of the {row['before']} events before."
        )
        detail = f"Not within {format_duration(rule.within)}. {usual} The handler may have swallowed an error."
        about = {"channel": row["channel"], f"effect_{row['effect_kind']}": effect}
        where = {"id": str(row["event_id"])}
        yield Finding(about, float(count), title, detail, "event", where, {"app": row["service"] or ""})


def _count_done_without_span(look: EvaluationContext, row: Row) -> int:
    """Returns how many of the events that no span says to be done are done, as the bus has it: spans of a worker that
    is killed are lost. What is not done is owed there, dead, discarded or expired. Of an event whose delivery is not
    told nobody knows what was published for it."""
    groups = [group for channel in look.bus.channels if channel.channel == row["channel"] for group in channel.groups]
    asked = [group for group in groups if row["effect_kind"] == "channel" or group.group == row["effect"]]
    if not asked:
        return 0
    open_ = sum(group.owed - group.done for group in asked)
    return max(0, int(row["untold"]) - open_)


def _lookback_seconds(look: EvaluationContext, rule: Rule) -> tuple[float, float]:
    """Returns the seconds to look back for what is missing, and for what is usual: less where more happens, because all
    of it is joined, and what was missed is looked for often."""
    history = max(HISTORY, 2 * rule.window)
    begin_ns = max(0, look.now_ns - int(history * SECOND_NS))
    (count,) = look.query_store(Query.LISTS_WITHIN, first_ns=begin_ns, end_ns=look.now_ns)
    if count["spans"] > _SPANS:
        history = max(history * _SPANS / count["spans"], 4 * rule.within)
    return min(rule.window, history / 2), history


def _declared_effects(rule: Rule) -> list[dict[str, str]]:
    """Returns what a rule expects by name; nothing where it expects what is usual."""
    return [
        {"channel": channel, "effect_kind": kind, "effect": effect}
        for kind in ("channel", "group")
        for effect in rule.filters.get(f"effect_{kind}", ())
        for channel in rule.filters.get("channel", ())
        if not set("*?[") & set(channel + effect)
    ]


def _missed_effects(look: EvaluationContext, rule: Rule) -> list[dict[str, str]]:
    """Returns what is missed now: expected until it comes again, however long ago it was usual."""
    return [
        {"channel": about["channel"], "effect_kind": kind, "effect": about[f"effect_{kind}"]}
        for about in look.firing.get(rule.name, ())
        for kind in ("channel", "group")
        if "channel" in about and f"effect_{kind}" in about
    ]
