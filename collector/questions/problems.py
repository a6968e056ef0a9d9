"""What is wrong now, in sentences, worst first. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from collector.models import (
    OWN_SOURCE,
    Accuracy,
    AppBacklog,
    Breaker,
    BusState,
    ChannelBacklog,
    DeadLetterGroup,
    Problem,
    ScoreFigures,
    Severity,
    StepFigures,
)
from collector.questions import standstill
from collector.store import early_times
from runtime.semconv import DeadLetterReason, NodeKind

#: Error rate from which a step is a warning, and from which an error.
ERROR_RATE_WARNING: Final = 0.02
ERROR_RATE_ERROR: Final = 0.10

#: Fewest nodes, and fewest scores, that make a rate significant.
FEWEST: Final = 20

#: A step whose accuracy lies below this with 95 % confidence is worth a look.
ACCURACY: Final = 0.95

_SEVERITIES: Final = (Severity.ERROR, Severity.WARNING, Severity.INFO)


def find_problems(
    bus: BusState,
    letters: Sequence[DeadLetterGroup],
    channels: Sequence[ChannelBacklog],
    apps: Sequence[AppBacklog],
    steps: Sequence[StepFigures],
    rejections: Sequence[Mapping[str, Any]],
    dropped: dict[str, int],
    breakers: Sequence[Breaker] = (),
) -> list[Problem]:
    """Returns everything that is wrong, worst first.

    Args:
        bus: whether the bus is there.
        letters: dead letters that wait, counted.
        channels: what groups owe.
        apps: what runs owe, and who works for them.
        steps: figures of the window.
        rejections: what was refused in the window, and what was taken without a value that was wrong with it (`kept`),
            counted by reason.
        dropped: spans that processes heard of in the window have lost, by service.
        breakers: those that are not closed; what they hold back does not stand still.
    """
    found = [
        *_find_bus_problem(bus),
        *standstill.find_standstills(channels, apps, breakers),
        *_find_dead_letters(letters, channels),
        *(problem for step in steps for problem in _find_step_problems(step)),
        *_find_rejections(rejections),
        *_find_early_spans(rejections),
        *_find_dropped_spans(dropped),
    ]
    return sort_worst_first(found)


def sort_worst_first(found: Iterable[Problem]) -> list[Problem]:
    """Returns problems by severity; those of one severity keep their order."""
    return sorted(found, key=lambda problem: _SEVERITIES.index(problem.severity))


def _find_bus_problem(bus: BusState) -> Iterable[Problem]:
    if not bus.connected:
        yield Problem(
            severity=Severity.WARNING,
            title="The bus can't be reached",
            detail=f"Backlog and dead letters are unknown until it is back. {bus.error}".strip(),
            view="overview",
        )


def _find_dead_letters(letters: Sequence[DeadLetterGroup], channels: Sequence[ChannelBacklog]) -> Iterable[Problem]:
    present = {(channel.channel, group.group) for channel in channels for group in channel.groups}
    groups: dict[tuple[str, str], list[DeadLetterGroup]] = {}
    for letter in letters:
        if letter.count:
            groups.setdefault((letter.channel, letter.group), []).append(letter)
    totals = {key: sum(entry.count for entry in entries) for key, entries in groups.items()}
    for (channel, group), total in sorted(totals.items(), key=lambda item: (-item[1], item[0])):
        reasons = sorted(groups[channel, group], key=lambda entry: -entry.count)
        yield Problem(
            severity=Severity.ERROR,
            title=f"{total} {group} {'delivery' if total == 1 else 'deliveries'} on {channel} "
            f"{'is' if total == 1 else 'are'} dead",
            detail="Reasons: "
            + ", ".join(f"{entry.count} {entry.reason.replace('_', ' ')}" for entry in reasons)
            + _explain_overflow(group, reasons)
            + ("" if (channel, group) in present else _explain_retired(group)),
            view="dead-letters",
            params={"channel": channel, "group": group},
        )


def _explain_retired(group: str) -> str:
    return f". {group} was retired: its letters can be read and discarded, and nobody would process a replay"


def _explain_overflow(group: str, letters: Sequence[DeadLetterGroup]) -> str:
    """Returns why some were given up that no attempt failed of; nothing where there are none."""
    count = sum(letter.count for letter in letters if letter.reason == DeadLetterReason.OVERFLOW)
    if not count:
        return ""
    return (
        f". {group} gave up {count} to make room: the channel was full, and {group} was behind all other groups, or "
        "served by nobody. Start workers that keep up, then replay them"
    )


def _find_step_problems(step: StepFigures) -> Iterable[Problem]:
    where = {"workflow": step.workflow, "step": step.step, "kind": step.kind.value}
    where |= {} if step.source == OWN_SOURCE else {"source": "others"}
    name = f"{step.step} ({step.workflow})"
    # Dead deliveries are reported from the bus, which knows whether they are settled by now.
    if step.kind == NodeKind.STEP and step.nodes >= FEWEST and step.error_rate >= ERROR_RATE_WARNING:
        yield Problem(
            severity=Severity.ERROR if step.error_rate >= ERROR_RATE_ERROR else Severity.WARNING,
            title=f"{_format_percent(step.error_rate)} of {name} failed",
            detail=f"{round(step.error_rate * step.nodes)} of {step.nodes} in the window.",
            view="steps",
            params=where,
        )
    for score in step.scores:
        yield from _find_accuracy_problem(name, where, score)


def _find_accuracy_problem(step: str, where: dict[str, str], score: ScoreFigures) -> Iterable[Problem]:
    accuracy = score.accuracy
    if accuracy.value is not None and accuracy.high is not None and is_below(accuracy, ACCURACY):
        under = f" by {score.name}" if score.name else ""
        yield Problem(
            severity=Severity.WARNING,
            title=f"{step} is right in only {_format_percent(accuracy.value)} of {accuracy.n} scored{under}",
            detail=f"95 % interval: {_format_percent(accuracy.low or 0.0)} to {_format_percent(accuracy.high)}.",
            view="steps",
            params={**where, "score": score.name},
        )


def is_below(accuracy: Accuracy, floor: float) -> bool:
    """Returns whether an accuracy lies below a share with 95 % confidence."""
    return accuracy.high is not None and accuracy.n >= FEWEST and accuracy.high < floor


def _find_rejections(rejections: Sequence[Mapping[str, Any]]) -> Iterable[Problem]:
    for kept, one, many, severity in (
        (
            False,
            "span, log record or data point was refused",
            "spans, log records or data points were refused",
            Severity.WARNING,
        ),
        (True, "value was left out or mended", "values were left out or mended", Severity.INFO),
    ):
        counts = {
            row["reason"]: row["records"]
            for row in rejections
            if row["kept"] is kept and not early_times.is_about_early_times(row["reason"])
        }
        total = sum(counts.values())
        if total:
            yield Problem(
                severity=severity,
                title=f"{total} {one if total == 1 else many}",
                detail="; ".join(f"{count}: {reason}" for reason, count in counts.items()),
                view="overview",
            )


def _find_early_spans(rejections: Sequence[Mapping[str, Any]]) -> Iterable[Problem]:
    for row in rejections:
        if early_times.is_about_early_times(row["reason"]):
            yield Problem(
                severity=Severity.WARNING,
                title=f"{row['records']} {row['reason']}",
                detail="They are stored, and kept by when they came, but no list of a time range shows spans at a time "
                "that can't be: ask for all time. OTLP has nanoseconds since 1970; mend what sends them.",
                view="traces",
                params={"service": early_times.service_of(row["reason"]), "range": "all"},
            )


def _find_dropped_spans(dropped: dict[str, int]) -> Iterable[Problem]:
    for service, lost in sorted(dropped.items(), key=lambda item: (-item[1], item[0])):
        if lost:
            yield Problem(
                severity=Severity.WARNING,
                title=f"{service or 'A service without a name'} dropped {lost} {'span' if lost == 1 else 'spans'}",
                detail="Its processes could neither send nor keep them, counted since each began. What they would have "
                "told is missing here; work on the bus is not affected.",
                view="overview",
            )


def _format_percent(share: float) -> str:
    return f"{share:.1%}".replace(".0%", "%").replace("%", " %")
