"""A schedule's rule as text, so that whoever has not its code can reckon with it."""

import json

from runtime.schedules.cron import Cron
from runtime.schedules.every import Every

When = Cron | Every
"""When a schedule is due."""


def encode_rule(when: When) -> str:
    """A rule as JSON text."""
    if isinstance(when, Cron):
        return json.dumps({"cron": when.expression, "zone": when.zone})
    return json.dumps({"every": when.interval_ms // 1000})


def decode_rule(text: str) -> When:
    """A rule from its text.

    Raises:
        DefinitionError: its zone is not known on this machine.
    """
    said = json.loads(text)
    return Cron(said["cron"], said["zone"]) if "cron" in said else Every(seconds=said["every"])
