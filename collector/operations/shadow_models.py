"""The bus's steps with a successor as the API gives them. Pure."""

from datetime import datetime

from collector.models import Accuracy, Difference, Disagreement, ShadowedStep, StepSwitch
from collector.times import MILLISECOND_NS, moment
from runtime import admin as records


def build_shadowed_step(record: records.ShadowRecord) -> ShadowedStep:
    """Returns a step, and how far its successor agrees."""
    place = record.place
    return ShadowedStep(
        app=place.app,
        workflow=place.workflow,
        step=place.step,
        mode=record.mode,
        since=_moment_of_ms(record.since_ms),
        by=record.by or None,
        reason=record.reason,
        channel=record.channel,
        group=record.group,
        version=record.version,
        counted_since=_moment_of_ms(record.counted_ms),
        agreement=_build_agreement(record),
        coverage=record.coverage,
        failed=record.failed,
        left_out=record.left_out,
        waiting=record.waiting,
        outdated=record.outdated,
        last=[_build_disagreement(one) for one in record.last],
        switches=[_build_switch(one) for one in record.switches],
    )


def _build_agreement(record: records.ShadowRecord) -> Accuracy:
    found = record.agreement
    if found is None:
        return Accuracy(n=0)
    return Accuracy(n=record.compared, value=found.share, low=found.low, high=found.high)


def _build_disagreement(found: records.Disagreement) -> Disagreement:
    one = found.comparison
    return Disagreement(
        at=moment(found.at_ms * MILLISECOND_NS),
        event_id=str(one.event),
        node_id=str(one.node) if one.node else None,
        subject=one.subject,
        differences=[
            Difference(field=each.field, step=each.step, successor=each.successor) for each in one.differences
        ],
        error=one.error,
    )


def _build_switch(found: records.ModeSwitch) -> StepSwitch:
    told = {"at": moment(found.at_ms * MILLISECOND_NS), "mode": found.mode, "by": found.by, "reason": found.reason}
    return StepSwitch.model_validate(told)


def _moment_of_ms(ms: int | None) -> datetime | None:
    return None if ms is None else moment(ms * MILLISECOND_NS)
