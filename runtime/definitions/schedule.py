"""Schedules as their authors declare them, and as workers read them once they are built."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from runtime.budgets.budget import Budget
from runtime.definitions.inputs import encode_inputs
from runtime.definitions.key_values import read_key_values
from runtime.definitions.options import checked_text
from runtime.definitions.steps import BuiltWorkflow
from runtime.definitions.workflow import Workflow
from runtime.errors import CauselineError, DefinitionError
from runtime.schedules.cron import Cron
from runtime.schedules.every import Every
from runtime.schedules.policies import Missed, Overlap, checked_missed, checked_overlap
from runtime.schedules.spec import When
from runtime.server.names import checked_name


@dataclass(frozen=True, slots=True)
class Schedule:
    """One declared schedule; see `Declarations.schedule`."""

    name: str
    workflow: Workflow
    when: When
    inputs: Mapping[str, Any]
    subject: str
    missed: Missed
    overlap: Overlap
    budget: Budget | None = None


@dataclass(frozen=True, slots=True)
class BuiltSchedule:
    """A schedule that can start runs: `inputs` are JSON, by name."""

    schedule: Schedule
    workflow: BuiltWorkflow
    inputs: Mapping[str, str] = field(hash=False)


def declare_schedule(
    name: str,
    workflow: Workflow,
    when: object,
    inputs: object,
    subject: object,
    missed: object,
    overlap: object,
    budget: object,
) -> Schedule:
    """A schedule, if it can be.

    Raises:
        DefinitionError: something can't be; names it.
    """
    what = f"schedule {checked_name('schedule', name)!r}"
    if not isinstance(when, Cron | Every):
        raise DefinitionError(
            f"{what} can't be due {when!r}: give Cron('0 9 * * 1-5', zone='Europe/Berlin') or Every(minutes=5)"
        )
    if not isinstance(inputs, Mapping | None):
        raise DefinitionError(f"the inputs of {what} can't be {inputs!r}: give a dict, by name")
    checked_text(f"subject of {what}", subject)
    if not isinstance(budget, Budget | None):
        raise DefinitionError(f"the budget of {what} can't be {budget!r}: give a Budget, such as Budget(usd=2)")
    given, overlap = dict(inputs or {}), checked_overlap(what, overlap)
    return Schedule(name, workflow, when, given, str(subject), checked_missed(what, missed), overlap, budget)


def build_schedule(schedule: Schedule, workflow: BuiltWorkflow) -> BuiltSchedule:
    """A schedule with its inputs as runs are given them.

    Raises:
        DefinitionError: inputs are missing, unknown, or don't fit, also as what a limit goes by.
    """
    try:
        inputs = encode_inputs(workflow, schedule.inputs)
        read_key_values(workflow, inputs)
        return BuiltSchedule(schedule, workflow, inputs)
    except CauselineError as error:
        raise DefinitionError(f"schedule {schedule.name!r}: {error}") from error
