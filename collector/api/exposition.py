"""The collector's figures in Prometheus' text format. Labels come from data: escaped, and bounded in number."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from collector.alerts.engine import AlertEngine
from collector.models import AppBacklog, ChannelBacklog, GroupBacklog
from collector.otlp.intake import CountedReceiver

#: Groups that are told apart; of the others only the number is told.
GROUPS: Final = 1_000

_ESCAPES: Final = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n"})

Samples = Iterable[tuple[Mapping[str, str], float]]


def render_metrics(alerts: AlertEngine, receiver: CountedReceiver, version: str) -> str:
    """Returns all figures.

    Args:
        alerts: hold what the bus owed when they looked last.
        receiver: counts what comes in.
        version: of the collector.
    """
    families = [_family("causeline_build_info", "gauge", "The collector's version.", [({"version": version}, 1)])]
    families += _ingest(receiver)
    families += _bus(alerts)
    families += _alerts(alerts)
    return "".join(families)


def _ingest(receiver: CountedReceiver) -> list[str]:
    accepted, refused, requests, received = receiver.intake.counts()
    records, held = receiver.waiting
    by_reason = [({"signal": signal, "reason": reason}, count) for (signal, reason), count in sorted(refused.items())]
    by_outcome = [({"signal": signal, "outcome": how}, count) for (signal, how), count in sorted(requests.items())]
    return [
        _family(
            "causeline_ingest_records_total",
            "counter",
            "Spans, log records and data points that were accepted.",
            [({"signal": signal}, count) for signal, count in sorted(accepted.items())],
        ),
        _family(
            "causeline_ingest_refused_records_total",
            "counter",
            "Spans, log records and data points that were refused within requests that were taken.",
            by_reason,
        ),
        _family(
            "causeline_ingest_requests_total",
            "counter",
            "Requests by how they ended; only ok ones were stored.",
            by_outcome,
        ),
        _family(
            "causeline_ingest_bytes_total",
            "counter",
            "Bytes of requests as they were sent.",
            [({"signal": signal}, size) for signal, size in sorted(received.items())],
        ),
        _family("causeline_ingest_queue_records", "gauge", "Records that wait to be stored.", [({}, records)]),
        _family("causeline_ingest_queue_bytes", "gauge", "Bytes that requests under way hold.", [({}, held)]),
    ]


def _bus(alerts: AlertEngine) -> list[str]:
    picture, age = alerts.picture, alerts.picture_age
    is_up = picture is not None and alerts.sees_bus
    families = [_family("causeline_bus_up", "gauge", "Whether the bus answered at the last look.", [({}, int(is_up))])]
    if picture is None or age is None or not is_up:  # old figures of what waits would look like new ones
        return families
    groups = [(channel, group) for channel in picture.channels for group in channel.groups]
    told = groups[:GROUPS]
    families += [
        _family("causeline_bus_look_age_seconds", "gauge", "Age of what is said of the bus.", [({}, age)]),
        _family(
            "causeline_channel_published_total",
            "counter",
            "Events that a channel ever carried.",
            [({"channel": channel.channel}, channel.published) for channel in picture.channels[:GROUPS]],
        ),
        _family(
            "causeline_groups_left_out",
            "gauge",
            "Groups that are not told apart here.",
            [({}, len(groups) - len(told))],
        ),
    ]
    families += [
        _family(name, kind, says, [(_labels(channel, group), value(group)) for channel, group in told])
        for name, kind, says, value in _OF_GROUPS
    ]
    families.append(
        _family(
            "causeline_group_oldest_unprocessed_seconds",
            "gauge",
            "Age of the oldest event that is not processed.",
            [(_labels(channel, group), group.oldest_unprocessed_seconds or 0.0) for channel, group in told],
        )
    )
    families += [
        _family(name, "gauge", says, [({"app": app.app}, value(app)) for app in picture.apps[:GROUPS]])
        for name, says, value in _OF_APPS
    ]
    return families


_OF_APPS: Final[tuple[tuple[str, str, Callable[[AppBacklog], float]], ...]] = (
    ("causeline_workers", "Live workers of an app.", lambda app: app.workers),
    ("causeline_steps_due", "Steps that are due and not begun.", lambda app: app.due),
    ("causeline_steps_under_way", "Steps that are being worked on.", lambda app: app.under_way),
)

_OF_GROUPS: Final[tuple[tuple[str, str, str, Callable[[GroupBacklog], float]], ...]] = (
    ("causeline_group_pending", "gauge", "Events that a group owes and has not done.", lambda group: group.pending),
    ("causeline_group_retrying", "gauge", "Events that wait for another attempt.", lambda group: group.retrying),
    ("causeline_group_dead_letters", "gauge", "Dead letters that wait for somebody.", lambda group: group.dead),
    ("causeline_group_done_total", "counter", "Events that a group has done.", lambda group: group.done),
    (
        "causeline_group_expired_total",
        "counter",
        "Events that expired before a group did them.",
        lambda one: one.expired,
    ),
    ("causeline_group_consumers", "gauge", "Live consumers.", lambda group: group.consumers),
)


def _alerts(alerts: AlertEngine) -> list[str]:
    firing, silenced = alerts.count_by_severity()
    return [
        _family(
            "causeline_alerts_firing",
            "gauge",
            "Alerts that fire, by severity and whether they are silenced.",
            [
                ({"severity": severity, "silenced": word}, counts.get(severity, 0))
                for severity in ("error", "warning", "info")
                for word, counts in (("false", firing), ("true", silenced))
            ],
        ),
        _family(
            "causeline_rules_not_looking",
            "gauge",
            "Rules that are bad, or could not look the last time.",
            [({}, alerts.unusable_rule_count)],
        ),
    ]


def _labels(channel: ChannelBacklog, group: GroupBacklog) -> dict[str, str]:
    return {"channel": channel.channel, "group": group.group, "app": group.app}


def _family(name: str, kind: str, says: str, samples: Samples) -> str:
    lines = [f"# HELP {name} {says}", f"# TYPE {name} {kind}"]
    for labels, value in samples:
        inside = ",".join(f'{label}="{text.translate(_ESCAPES)}"' for label, text in labels.items())
        lines.append(f"{name}{f'{{{inside}}}' if inside else ''} {value}")
    return "\n".join(lines) + "\n"
