"""What tells the parts of a system apart, and their ids. Pure."""

from typing import Final, NamedTuple
from urllib.parse import quote

from collector.models import SystemPartKind
from collector.store.database import Row

#: A group of others, which no figures of ours tell of.
RECEIVER: Final = "receiver"

_KINDS: Final = {
    "service": SystemPartKind.SERVICE,
    "run": SystemPartKind.WORKFLOW,
    "step": SystemPartKind.STEP,
    "channel": SystemPartKind.CHANNEL,
    "delivery": SystemPartKind.GROUP,
    RECEIVER: SystemPartKind.GROUP,
}


class PartKey(NamedTuple):
    """What tells a part apart: its kind, its app (a channel has none), what it is of, and its name."""

    kind: SystemPartKind
    app: str
    of: str
    name: str

    @property
    def id(self) -> str:
        """The part's id: each name by itself, so that no other part has it."""
        return "/".join([self.kind.value, *(quote(part, safe="") for part in self[1:])])


def make_service_key(name: str) -> PartKey:
    """Returns a program."""
    return PartKey(SystemPartKind.SERVICE, name, "", name)


def make_channel_key(name: str) -> PartKey:
    """Returns a channel."""
    return PartKey(SystemPartKind.CHANNEL, "", "", name)


def make_workflow_key(app: str, name: str) -> PartKey:
    """Returns a workflow, of ours or of others."""
    return PartKey(SystemPartKind.WORKFLOW, app, "", name)


def make_step_key(app: str, of: str, name: str) -> PartKey:
    """Returns a step of a workflow."""
    return PartKey(SystemPartKind.STEP, app, of, name)


def make_group_key(app: str, of: str, name: str) -> PartKey:
    """Returns a group of a channel."""
    return PartKey(SystemPartKind.GROUP, app, of, name)


def read_flow_key(row: Row, side: str) -> PartKey:
    """Returns one side of a row of `topology/flows.sql`.

    Args:
        row: the row.
        side: `cause` or `effect`.
    """
    names = (row[f"{side}_{part}"] or "" for part in ("app", "of", "name"))
    return PartKey(_KINDS[row[f"{side}_kind"]], *names)


def read_work_key(row: Row) -> PartKey:
    """Returns the step, the group or the workflow that a row with `kind`, `service`, `workflow` and `step` is of."""
    kind = _KINDS[row["kind"]]
    app = row["service"] or ""
    return (
        make_workflow_key(app, row["workflow"])
        if kind == SystemPartKind.WORKFLOW
        else PartKey(kind, app, row["workflow"], row["step"])
    )
